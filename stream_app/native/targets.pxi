# Service levels: `domain.cases.targets`, and times by the business clock.

cdef int weigh_hours(Case *case, CaseCounts counts, vector[Entry]& into) except -1:
    hours = counts.hours[case.region]
    if case.replied and case.by == CUSTOMER:
        lasted(
            into, counts.first_response, counts.first_response_sum, BUSINESS * N_PRIORITIES + case.priority, case.replied,
            open_between(hours, case.created, case.replied),
        )
    if case.first_solved:
        resolved(case, counts, into, AT_FIRST, BUSINESS, case.first_solved, open_between(hours, case.created, case.first_solved))
    if case.solved:
        resolved(case, counts, into, AT_FULL, BUSINESS, case.solved, open_between(hours, case.created, case.solved))
    if case.first_solved and case.closed:
        resolved(case, counts, into, AT_CLOSED, BUSINESS, case.closed, open_between(hours, case.created, case.closed))
    return 0


cdef int64_t open_between(hours, int64_t begin, int64_t end) except? -2:
    if end <= begin:
        return 0
    return end - begin if hours is None else <int64_t>hours.open_between(begin, end)


cdef int64_t passed(hours, int64_t begin, int64_t length) except? -2:
    if length <= 0:
        return begin
    return begin + length if hours is None else <int64_t>hours.advance(begin, length)


cdef int64_t due_at(hours, Case *case, int64_t begin, int64_t length, int64_t stop) except? -2:
    """When a clock will have run, or would have, for `length` ms of open time; -1 while it stands still."""
    cdef int64_t at = begin, left = length, ran, still = halted(case)
    for pause in case.pauses:
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


cdef int weigh_targets(Case *case, CaseCounts counts, vector[Entry]& into) except -1:
    cdef int64_t overdue = LEVEL  # the minute of the first deadline that an open case has behind it; LEVEL for none
    cdef bint by_customer = case.by == CUSTOMER
    if by_customer:
        judge(case, counts, into, TO_RESPOND, case.created, case.replied, case.replied_priority if case.replied else case.priority, overdue)
    for answer in case.answers:
        if not by_customer or 0 < case.replied < answer.at:
            judge(case, counts, into, TO_RESPOND_NEXT, answer.asked, answer.at, answer.priority, overdue)
    if case.awaiting and (case.replied or not by_customer):
        judge(case, counts, into, TO_RESPOND_NEXT, case.awaiting, 0, case.priority, overdue)
    judge(case, counts, into, TO_RESOLVE, case.created, case.solved, case.solved_priority if case.solved else case.priority, overdue)
    if case.fixing_until > 0:
        judge(case, counts, into, TO_ENGINEER, case.fixing, case.fixing_until, case.fixing_priority, overdue)
    elif case.engineering and not case.fixing_until:
        judge(case, counts, into, TO_ENGINEER, case.fixing, 0, case.priority, overdue)
    if overdue != LEVEL:
        put(into, counts.sla_open + case.team_code * N_PRIORITIES + case.priority, overdue, 1)
    return 0


cdef int judge(
    Case *case, CaseCounts counts, vector[Entry]& into, int target, int64_t begin, int64_t stop, int priority,
    int64_t& overdue,
) except -1:
    cdef Promise promise
    cdef int64_t due, at
    cdef int of = target * counts.n_tiers + case.tier
    of = of * N_PRIORITIES + priority
    promise.length, promise.business = -1, False
    for policy in counts.policies[case.tier * N_PRIORITIES + priority]:
        if policy.effective_from <= case.created:
            promise = policy.of[target]
    if promise.length < 0:
        return 0
    if stop and stop - begin <= promise.length and stop >= counts.counted_from:
        judged(case, counts, into, target, of, 0, stop // MINUTE)
        return 0
    due = due_at(counts.hours[case.region] if promise.business else None, case, begin, promise.length, stop)
    if 0 < (stop if due < 0 else due) < counts.counted_from:
        return 0
    if stop and (due < 0 or stop <= due):
        judged(case, counts, into, target, of, 0, stop // MINUTE)
    elif due >= 0:
        at = (due + MINUTE - 1) // MINUTE
        judged(case, counts, into, target, of, 1, at)
        if not stop and case.phase == IN_OPEN:
            put(into, counts.sla_due + of, at, 1)
            if not case.assigned:
                put(into, counts.sla_unassigned + target * N_PRIORITIES + priority, at, 1)
            overdue = at if overdue == LEVEL else min(overdue, at)
    elif case.phase == IN_OPEN:
        put(into, counts.sla_paused + target, LEVEL, 1)
    return 0


cdef void judged(Case *case, CaseCounts counts, vector[Entry]& into, int target, int of, int kept, int64_t at) noexcept:
    put(into, counts.sla_cases + of * 2 + kept, at, 1)
    put(into, counts.sla_delivery + (target * counts.n_partners + case.delivered_by) * 2 + kept, at, 1)
