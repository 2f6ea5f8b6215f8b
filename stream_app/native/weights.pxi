# What a row weighs: `domain.cases.weights`, group by group in its order.

cdef inline void put(vector[Entry]& into, int cell, int64_t minute, int64_t amount) noexcept:
    into.push_back(Entry(cell, minute, amount))


cdef inline void lasted(vector[Entry]& into, int cells, int sums, int index, int64_t at, int64_t length) noexcept:
    """A length of time at a time, both in ms; one that comes out negative is 0."""
    length = max(length, <int64_t>0)
    put(into, cells + index * N_BUCKETS + bucket(length), at // MINUTE, 1)
    put(into, sums + index, at // MINUTE, length)


cdef inline void numbered(vector[Entry]& into, int cells, int sums, int64_t at, int64_t number) noexcept:
    put(into, cells + count_bucket(number), at // MINUTE, 1)
    put(into, sums, at // MINUTE, number)


cdef int weigh(LiveRow row, Cells cells, int64_t of, vector[Entry]& into) except -1:
    if of & OPENED:
        weigh_opened(row, cells, into)
    if of & SPOKEN:
        for spoken in row.interactions:
            put(into, cells.interactions + (row.channel if spoken.channel < 0 else spoken.channel) * 2 + spoken.side, spoken.minute, 1)
    if of & FIRST:
        weigh_first(row, cells, into)
    if of & TOLD:
        weigh_told(row, cells, into)
    if of & SERVED:
        if cells.promised[row.tier]:
            weigh_targets(row, cells, into)
        if cells.calendars:
            weigh_hours(row, cells, into)
    if of & DONE:
        if row.solved:
            weigh_solved(row, cells, into)
        if row.closed:
            weigh_closed(row, cells, into)
    if row.phase == IN_OPEN:
        if of & BACKLOG:
            weigh_open(row, cells, into)
        if of & ALWAYS:
            put(into, cells.untouched + row.priority, (row.at // DAY + 1 + cells.untouched_days) * 1440, 1)
    return 0

cdef void weigh_opened(LiveRow row, Cells cells, vector[Entry]& into) noexcept:
    cdef int64_t at = row.created // MINUTE
    cdef int p = row.priority, c = row.channel
    put(into, cells.opened + c * ORIGINS_ + row.origin, at, 1)
    put(into, cells.by_issue + row.issue, at, 1)
    put(into, cells.by_access + row.access * DEVICE_CLASSES_ + row.device_class, at, 1)
    put(into, cells.by_product + row.product_code, at, 1)
    put(into, cells.by_region + row.region, at, 1)
    put(into, cells.complete + c * 3 + row.complete, at, 1)
    put(into, cells.by_priority + c * N_PRIORITIES + p, at, 1)
    if row.bug:
        put(into, cells.bug_cases, at, 1)

cdef int ORIGINS_ = len(ORIGIN.words), DEVICE_CLASSES_ = len(DEVICE_CLASS.words), CHANNELS_ = len(CHANNEL.words)


cdef void weigh_first(LiveRow row, Cells cells, vector[Entry]& into) noexcept:
    cdef int p = row.priority
    cdef int64_t length
    if row.replied and row.by == CUSTOMER:
        length = row.replied - row.created
        lasted(into, cells.first_response, cells.first_response_sum, ELAPSED * N_PRIORITIES + p, row.replied, length)
        lasted(into, cells.first_by_channel, cells.first_by_channel_sum, row.channel, row.replied, length)
    if row.first_solved:
        length = row.first_solved - row.created
        resolved(row, cells, into, AT_FIRST, ELAPSED, row.first_solved, length)
        resolved(row, cells, into, AT_FIRST, NET, row.first_solved, length - row.first_paused)


cdef inline void resolved(
    LiveRow row, Cells cells, vector[Entry]& into, int end, int clock, int64_t at, int64_t length
) noexcept:
    lasted(into, cells.resolution, cells.resolution_sum, (end * 3 + clock) * N_PRIORITIES + row.priority, at, length)


cdef void weigh_told(LiveRow row, Cells cells, vector[Entry]& into) noexcept:
    cdef int where, came_to
    for at in row.reopened:
        put(into, cells.reopened, at // MINUTE, 1)
    for tried in row.attempts:
        where = row.channel if tried.channel < 0 else tried.channel
        put(into, cells.attempts + where * ATTEMPTS_ + tried.outcome, tried.minute, 1)
        if tried.wait >= 0:
            lasted(into, cells.wait, cells.wait_sum, where, tried.minute * MINUTE, tried.wait)
    for taken in row.automated:
        came_to = REASSIGNED if taken.step == ROUTED and (row.handoffs or row.reassignments) else taken.outcome
        put(into, cells.automation + taken.step * AUTOMATED_WORDS + came_to, taken.minute, 1)

cdef int ATTEMPTS_ = len(ATTEMPT.words), AUTOMATED_WORDS = len(AUTOMATED_.words)


cdef inline int contact(LiveRow row) noexcept:
    return (1 if row.solved_later else 0) if row.replied else 2


cdef int path(LiveRow row, int contact) noexcept:
    if contact == 0:
        return 0
    if row.handed_on:
        return 1
    if row.collaborated:
        return 2 if row.worked_with & (1 << TEAM_WORD | 1 << VENDOR_WORD) else 3
    return 4


cdef void weigh_solved(LiveRow row, Cells cells, vector[Entry]& into) noexcept:
    cdef int64_t length = row.solved - row.created, when = row.solved, at = row.solved // MINUTE
    cdef int met = contact(row)
    cdef int way = path(row, met)
    resolved(row, cells, into, AT_FULL, ELAPSED, when, length)
    resolved(row, cells, into, AT_FULL, NET, when, length - row.solved_paused)
    lasted(into, cells.by_channel, cells.by_channel_sum, row.channel, when, length)
    put(into, cells.solved + met * CHANNELS_ + row.channel, at, 1)
    if row.handed_on:
        put(into, cells.solved_escalated + row.escalated_to * 3 + met, at, 1)
    if row.collaborated:
        put(into, cells.solved_collaborated + met, at, 1)
    put(into, cells.solved_touches + min(row.solved_touches, 3), at, 1)
    lasted(into, cells.by_path, cells.by_path_sum, way, when, length)
    lasted(into, cells.by_delivery, cells.by_delivery_sum, row.delivered_by, when, length)
    lasted(into, cells.by_tier, cells.by_tier_sum, row.tier, when, length)
    if row.handoffs:
        put(into, cells.handoffs + min(row.handoffs, 3), at, 1)
    if row.reassignments:
        put(into, cells.reassignments + min(row.reassignments, 3), at, 1)
    for who in row.worked_order:
        put(into, cells.collaborated_with + who, at, 1)
    if row.vendor >= 0:
        put(into, cells.vendor + row.vendor, at, 1)
    if row.effort >= 0:
        lasted(into, cells.effort, cells.effort_sum, way, when, row.effort * MINUTE)
    if row.fixing:
        lasted(into, cells.engineering, cells.engineering_sum, 0, when, when - row.fixing)
    numbered(into, cells.spoken, cells.spoken_sum, when, row.solved_spoken)
    if row.rounds:
        numbered(into, cells.rounds, cells.rounds_sum, when, row.rounds)
    if row.recorded >= 0:
        put(into, cells.recorded + row.recorded, at, 1)
    if row.known_topic:
        put(into, cells.known + (1 if row.topic_made else 0), at, 1)
    if row.knowledge >= 0:
        put(into, cells.knowledge + row.knowledge, at, 1)


cdef void weigh_closed(LiveRow row, Cells cells, vector[Entry]& into) noexcept:
    if not row.first_solved:
        put(into, cells.closed_unsolved, row.closed // MINUTE, 1)
        return
    cdef int64_t length = row.closed - row.created
    resolved(row, cells, into, AT_CLOSED, ELAPSED, row.closed, length)
    resolved(row, cells, into, AT_CLOSED, NET, row.closed, length - row.paused)


cdef inline void aged(vector[Entry]& into, int ages, int starts, int p, int64_t since) noexcept:
    put(into, ages + p, since, 1)
    put(into, starts + p, since, since)


cdef void weigh_open(LiveRow row, Cells cells, vector[Entry]& into) noexcept:
    cdef int p = row.priority, state
    cdef int64_t since
    if row.waiting:
        state = WAITS_CUSTOMER if row.waiting == ON_CUSTOMER else WAITS_VENDOR
    elif row.escalated:
        state = IS_ESCALATED
    else:
        state = OPENED_ if row.assigned or row.replied else NEW
    put(into, cells.cases_open + (p * 5 + state) * cells.n_tiers + row.tier, LEVEL, 1)
    aged(into, cells.open_age, cells.open_start, p, row.created // MINUTE)
    put(into, cells.by_team + row.team_code * N_PRIORITIES + p, LEVEL, 1)
    if not row.assigned:
        put(into, cells.unassigned, LEVEL, 1)
    if row.engineering:
        aged(into, cells.engineering_age, cells.engineering_start, p, row.engineering // MINUTE)
    if row.awaiting:
        aged(into, cells.awaiting_age, cells.awaiting_start, p, row.awaiting // MINUTE)
    if row.contact_ended and not row.handed_on and not row.collaborated:
        since = row.contact_ended // MINUTE
        aged(into, cells.next_age, cells.next_start, p, since)
        put(into, cells.stuck + p, since + cells.stuck_minutes, 1)
