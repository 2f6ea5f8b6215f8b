# What a row weighs: `domain.cases.weights`, group by group in its order.

cdef inline void lasted(vector[Entry]& into, int counts, int sums, int index, int64_t at, int64_t length) noexcept:
    """A length of time at a time, both in ms; one that comes out negative is 0."""
    length = max(length, <int64_t>0)
    put(into, counts + index * N_BUCKETS + bucket(length), at // MINUTE, 1)
    put(into, sums + index, at // MINUTE, length)


cdef inline void numbered(vector[Entry]& into, int counts, int sums, int64_t at, int64_t number) noexcept:
    put(into, counts + count_bucket(number), at // MINUTE, 1)
    put(into, sums, at // MINUTE, number)


cdef int weigh(Case *case, CaseCounts counts, int64_t of, vector[Entry]& into) except -1:
    if of & OPENED:
        weigh_opened(case, counts, into)
    if of & SPOKEN:
        for spoken in case.interactions:
            put(into, counts.interactions + (case.channel if spoken.channel < 0 else spoken.channel) * 2 + spoken.side, spoken.minute, 1)
    if of & FIRST:
        weigh_first(case, counts, into)
    if of & TOLD:
        weigh_told(case, counts, into)
    if of & SERVED:
        if counts.promised[case.tier]:
            weigh_targets(case, counts, into)
        if counts.calendars:
            weigh_hours(case, counts, into)
    if of & DONE:
        if case.solved:
            weigh_solved(case, counts, into)
        if case.closed:
            weigh_closed(case, counts, into)
    if case.phase == IN_OPEN:
        if of & BACKLOG:
            weigh_open(case, counts, into)
        if of & ALWAYS:
            put(into, counts.untouched + case.priority, (case.at // DAY + 1 + counts.untouched_days) * 1440, 1)
    return 0

cdef void weigh_opened(Case *case, CaseCounts counts, vector[Entry]& into) noexcept:
    cdef int64_t at = case.created // MINUTE
    cdef int p = case.priority, c = case.channel
    put(into, counts.opened + c * ORIGINS_ + case.origin, at, 1)
    put(into, counts.by_issue + case.issue, at, 1)
    put(into, counts.by_access + case.access * DEVICE_CLASSES_ + case.device_class, at, 1)
    put(into, counts.by_product + case.product_code, at, 1)
    put(into, counts.by_region + case.region, at, 1)
    put(into, counts.complete + c * 3 + case.complete, at, 1)
    put(into, counts.by_priority + c * N_PRIORITIES + p, at, 1)
    if not case.bug.empty():
        put(into, counts.bug_cases, at, 1)

cdef int ORIGINS_ = len(ORIGIN.words), DEVICE_CLASSES_ = len(DEVICE_CLASS.words), CHANNELS_ = len(CHANNEL.words)


cdef void weigh_first(Case *case, CaseCounts counts, vector[Entry]& into) noexcept:
    cdef int p = case.priority
    cdef int64_t length
    if case.replied and case.by == CUSTOMER:
        length = case.replied - case.created
        lasted(into, counts.first_response, counts.first_response_sum, ELAPSED * N_PRIORITIES + p, case.replied, length)
        lasted(into, counts.first_by_channel, counts.first_by_channel_sum, case.channel, case.replied, length)
    if case.first_solved:
        length = case.first_solved - case.created
        resolved(case, counts, into, AT_FIRST, ELAPSED, case.first_solved, length)
        resolved(case, counts, into, AT_FIRST, NET, case.first_solved, length - case.first_paused)


cdef inline void resolved(
    Case *case, CaseCounts counts, vector[Entry]& into, int end, int clock, int64_t at, int64_t length
) noexcept:
    lasted(into, counts.resolution, counts.resolution_sum, (end * 3 + clock) * N_PRIORITIES + case.priority, at, length)


cdef void weigh_told(Case *case, CaseCounts counts, vector[Entry]& into) noexcept:
    cdef int where, came_to
    for at in case.reopened:
        put(into, counts.reopened, at // MINUTE, 1)
    for tried in case.attempts:
        where = case.channel if tried.channel < 0 else tried.channel
        put(into, counts.attempts + where * ATTEMPTS_ + tried.outcome, tried.minute, 1)
        if tried.wait >= 0:
            lasted(into, counts.wait, counts.wait_sum, where, tried.minute * MINUTE, tried.wait)
    for taken in case.automated:
        came_to = REASSIGNED if taken.step == ROUTED and (case.handoffs or case.reassignments) else taken.outcome
        put(into, counts.automation + taken.step * AUTOMATED_WORDS + came_to, taken.minute, 1)

cdef int ATTEMPTS_ = len(ATTEMPT.words), AUTOMATED_WORDS = len(AUTOMATED_.words)


cdef inline int contact(Case *case) noexcept:
    return (1 if case.solved_later else 0) if case.replied else 2


cdef int path(Case *case, int contact) noexcept:
    if contact == 0:
        return 0
    if case.handed_on:
        return 1
    if case.collaborated:
        return 2 if case.worked_with & (1 << TEAM_WORD | 1 << VENDOR_WORD) else 3
    return 4


cdef void weigh_solved(Case *case, CaseCounts counts, vector[Entry]& into) noexcept:
    cdef int64_t length = case.solved - case.created, when = case.solved, at = case.solved // MINUTE
    cdef int met = contact(case)
    cdef int way = path(case, met)
    resolved(case, counts, into, AT_FULL, ELAPSED, when, length)
    resolved(case, counts, into, AT_FULL, NET, when, length - case.solved_paused)
    lasted(into, counts.by_channel, counts.by_channel_sum, case.channel, when, length)
    put(into, counts.solved + met * CHANNELS_ + case.channel, at, 1)
    if case.handed_on:
        put(into, counts.solved_escalated + case.escalated_to * 3 + met, at, 1)
    if case.collaborated:
        put(into, counts.solved_collaborated + met, at, 1)
    put(into, counts.solved_touches + min(case.solved_touches, 3), at, 1)
    lasted(into, counts.by_path, counts.by_path_sum, way, when, length)
    lasted(into, counts.by_delivery, counts.by_delivery_sum, case.delivered_by, when, length)
    lasted(into, counts.by_tier, counts.by_tier_sum, case.tier, when, length)
    if case.handoffs:
        put(into, counts.handoffs + min(case.handoffs, 3), at, 1)
    if case.reassignments:
        put(into, counts.reassignments + min(case.reassignments, 3), at, 1)
    for who in case.worked_order:
        put(into, counts.collaborated_with + who, at, 1)
    if case.vendor >= 0:
        put(into, counts.vendor + case.vendor, at, 1)
    if case.effort >= 0:
        lasted(into, counts.effort, counts.effort_sum, way, when, case.effort * MINUTE)
    if case.fixing:
        lasted(into, counts.engineering, counts.engineering_sum, 0, when, when - case.fixing)
    numbered(into, counts.spoken, counts.spoken_sum, when, case.solved_spoken)
    if case.rounds:
        numbered(into, counts.rounds, counts.rounds_sum, when, case.rounds)
    if case.recorded >= 0:
        put(into, counts.recorded + case.recorded, at, 1)
    if not case.known_topic.empty():
        put(into, counts.known + (1 if case.topic_made else 0), at, 1)
    if case.knowledge >= 0:
        put(into, counts.knowledge + case.knowledge, at, 1)


cdef void weigh_closed(Case *case, CaseCounts counts, vector[Entry]& into) noexcept:
    if not case.first_solved:
        put(into, counts.closed_unsolved, case.closed // MINUTE, 1)
        return
    cdef int64_t length = case.closed - case.created
    resolved(case, counts, into, AT_CLOSED, ELAPSED, case.closed, length)
    resolved(case, counts, into, AT_CLOSED, NET, case.closed, length - case.paused)


cdef inline void aged(vector[Entry]& into, int ages, int starts, int p, int64_t since) noexcept:
    put(into, ages + p, since, 1)
    put(into, starts + p, since, since)


cdef void weigh_open(Case *case, CaseCounts counts, vector[Entry]& into) noexcept:
    cdef int p = case.priority, state
    cdef int64_t since
    if case.waiting:
        state = WAITS_CUSTOMER if case.waiting == ON_CUSTOMER else WAITS_VENDOR
    elif case.escalated:
        state = IS_ESCALATED
    else:
        state = OPENED_ if case.assigned or case.replied else NEW
    put(into, counts.cases_open + (p * 5 + state) * counts.n_tiers + case.tier, LEVEL, 1)
    aged(into, counts.open_age, counts.open_start, p, case.created // MINUTE)
    put(into, counts.by_team + case.team_code * N_PRIORITIES + p, LEVEL, 1)
    if not case.assigned:
        put(into, counts.unassigned, LEVEL, 1)
    if case.engineering:
        aged(into, counts.engineering_age, counts.engineering_start, p, case.engineering // MINUTE)
    if case.awaiting:
        aged(into, counts.awaiting_age, counts.awaiting_start, p, case.awaiting // MINUTE)
    if case.contact_ended and not case.handed_on and not case.collaborated:
        since = case.contact_ended // MINUTE
        aged(into, counts.next_age, counts.next_start, p, since)
        put(into, counts.stuck + p, since + counts.stuck_minutes, 1)
