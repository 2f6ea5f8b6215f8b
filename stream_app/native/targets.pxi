# Service levels: `domain.cases.targets`, and times by the business clock.

cdef int weigh_hours(LiveRow row, Cells cells, vector[Entry]& into) except -1:
    hours = cells.hours[row.region]
    if row.replied and row.by == CUSTOMER:
        lasted(
            into, cells.first_response, cells.first_response_sum, BUSINESS * N_PRIORITIES + row.priority, row.replied,
            open_between(hours, row.created, row.replied),
        )
    if row.first_solved:
        resolved(row, cells, into, AT_FIRST, BUSINESS, row.first_solved, open_between(hours, row.created, row.first_solved))
    if row.solved:
        resolved(row, cells, into, AT_FULL, BUSINESS, row.solved, open_between(hours, row.created, row.solved))
    if row.first_solved and row.closed:
        resolved(row, cells, into, AT_CLOSED, BUSINESS, row.closed, open_between(hours, row.created, row.closed))
    return 0


cdef int64_t open_between(hours, int64_t begin, int64_t end) except? -2:
    if end <= begin:
        return 0
    return end - begin if hours is None else <int64_t>hours.open_between(begin, end)


cdef int64_t passed(hours, int64_t begin, int64_t length) except? -2:
    if length <= 0:
        return begin
    return begin + length if hours is None else <int64_t>hours.advance(begin, length)


cdef int64_t due_at(hours, LiveRow row, int64_t begin, int64_t length, int64_t stop) except? -2:
    """When a clock will have run, or would have, for `length` ms of open time; -1 while it stands still."""
    cdef int64_t at = begin, left = length, ran, still = halted(row)
    for pause in row.pauses:
        if stop and pause.begin >= stop:
            break
        if pause.end <= at:
            continue
        if pause.begin > at:
            ran = open_between(hours, at, pause.begin)
            if ran >= left:
                return passed(hours, at, left)
            left -= ran
        at = pause.end
    if still < 0 or (stop and still >= stop) or open_between(hours, at, still) >= left:
        return passed(hours, at, left)
    return -1


cdef int weigh_targets(LiveRow row, Cells cells, vector[Entry]& into) except -1:
    cdef int64_t overdue = LEVEL  # the minute of the first deadline that an open case has behind it; LEVEL for none
    cdef bint by_customer = row.by == CUSTOMER
    if by_customer:
        judge(row, cells, into, TO_RESPOND, row.created, row.replied, row.replied_priority if row.replied else row.priority, overdue)
    for answer in row.answers:
        if not by_customer or 0 < row.replied < answer.at:
            judge(row, cells, into, TO_RESPOND_NEXT, answer.asked, answer.at, answer.priority, overdue)
    if row.awaiting and (row.replied or not by_customer):
        judge(row, cells, into, TO_RESPOND_NEXT, row.awaiting, 0, row.priority, overdue)
    judge(row, cells, into, TO_RESOLVE, row.created, row.solved, row.solved_priority if row.solved else row.priority, overdue)
    if row.fixing_until > 0:
        judge(row, cells, into, TO_ENGINEER, row.fixing, row.fixing_until, row.fixing_priority, overdue)
    elif row.engineering and not row.fixing_until:
        judge(row, cells, into, TO_ENGINEER, row.fixing, 0, row.priority, overdue)
    if overdue != LEVEL:
        put(into, cells.sla_open + row.team_code * N_PRIORITIES + row.priority, overdue, 1)
    return 0


cdef int judge(
    LiveRow row, Cells cells, vector[Entry]& into, int target, int64_t begin, int64_t stop, int priority,
    int64_t& overdue,
) except -1:
    cdef Promise promise
    cdef int64_t due, at
    cdef int of = target * cells.n_tiers + row.tier
    of = of * N_PRIORITIES + priority
    promise.length, promise.business = -1, False
    for policy in cells.policies[row.tier * N_PRIORITIES + priority]:
        if policy.effective_from <= row.created:
            promise = policy.of[target]
    if promise.length < 0:
        return 0
    if stop and stop - begin <= promise.length and stop >= cells.counted_from:
        judged(row, cells, into, target, of, 0, stop // MINUTE)
        return 0
    due = due_at(cells.hours[row.region] if promise.business else None, row, begin, promise.length, stop)
    if 0 < (stop if due < 0 else due) < cells.counted_from:
        return 0
    if stop and (due < 0 or stop <= due):
        judged(row, cells, into, target, of, 0, stop // MINUTE)
    elif due >= 0:
        at = (due + MINUTE - 1) // MINUTE
        judged(row, cells, into, target, of, 1, at)
        if not stop and row.phase == IN_OPEN:
            put(into, cells.sla_due + of, at, 1)
            if not row.assigned:
                put(into, cells.sla_unassigned + target * N_PRIORITIES + priority, at, 1)
            overdue = at if overdue == LEVEL else min(overdue, at)
    elif row.phase == IN_OPEN:
        put(into, cells.sla_paused + target, LEVEL, 1)
    return 0


cdef void judged(LiveRow row, Cells cells, vector[Entry]& into, int target, int of, int kept, int64_t at) noexcept:
    put(into, cells.sla_cases + of * 2 + kept, at, 1)
    put(into, cells.sla_delivery + (target * cells.n_partners + row.delivered_by) * 2 + kept, at, 1)
