# How facts move a row: `domain.cases.moves`.

cdef int described(LiveRow row, fact, Cells cells) except -1:
    cdef str signal = fact.signal
    row.origin = ORIGIN.of("proactive" if signal else fact.origin)
    row.device, row.signal, row.product = fact.device, signal, cells.shared(fact.product)
    row.tier, row.issue = cells.tier.of(fact.tier), ISSUE.of(fact.issue_type)
    row.product_code, row.region = cells.product.of(row.product), cells.region.of(fact.region)
    row.access, row.device_class = ACCESS.of(fact.access_point), DEVICE_CLASS.of(fact.device_class)
    complete = fact.complete
    row.complete = 2 if complete is None else 0 if complete else 1
    row.stamp = stamp(row.created, fact.tier, cells.rules)
    return 0


cdef LiveRow created_row(fact, Cells cells):
    cdef LiveRow row = LiveRow.__new__(LiveRow)
    row.facts = b""
    row.offset, row.created = -1, fact.at
    row.agent = row.bug = row.known_topic = ""
    row.effort = -1
    row.vendor = row.knowledge = row.recorded = -1
    row.by, row.channel = CUSTOMER if fact.by == "customer" else AGENT, CHANNEL.of(fact.channel)
    described(row, fact, cells)
    row.priority, row.team = PRIORITY.of(fact.priority), cells.shared(fact.team)
    row.team_code, row.delivered_by = cells.team.of(row.team), cells.partner.of(fact.delivered_by)
    row.escalated_to = WHERE_TO.unknown
    row.interactions.push_back(Spoken(row.created // MINUTE, row.by, -1))
    if row.by == CUSTOMER:
        row.awaiting = row.created
    return row


cdef void end_waiting(LiveRow row, int64_t at) noexcept:
    if row.waiting == ON_CUSTOMER:
        row.paused += at - row.waiting_since
        paused(row, row.waiting_since, at)
    row.waiting, row.waiting_since = NOT_WAITING, 0


cdef void paused(LiveRow row, int64_t begin, int64_t end) noexcept:
    if begin < end:
        row.pauses.push_back(Pause(begin, end))


cdef void answered(LiveRow row, int64_t at) noexcept:
    if row.awaiting:
        row.answers.push_back(Answered(row.awaiting, at, row.priority))
        row.awaiting = 0


cdef void left_engineering(LiveRow row, int64_t at) noexcept:
    if row.engineering and not row.fixing_until:
        row.fixing_until, row.fixing_priority = at, row.priority


cdef int64_t halted(LiveRow row) noexcept:
    """Since when the clocks of a case stand still; below 0 while they run."""
    if row.phase == IN_OPEN:
        return row.waiting_since if row.waiting == ON_CUSTOMER else -1
    if row.solved and row.closed:
        return min(row.solved, row.closed)
    return row.solved or row.closed


cdef void solve(LiveRow row, int64_t at) noexcept:
    end_waiting(row, at)
    row.solved, row.solved_paused = at, row.paused
    row.solved_priority = row.priority
    row.solved_touches, row.solved_later = row.touches, row.contact_ended > 0
    row.solved_spoken = 0
    for spoken in row.interactions:
        row.solved_spoken += spoken.side == CUSTOMER
    answered(row, at)
    left_engineering(row, at)
    if not row.first_solved:
        row.first_solved, row.first_paused = at, row.paused


cdef int recorded(LiveRow row, fact) except -1:
    said = fact.recorded
    if said is not None:
        row.recorded = 0 if said else 1
    return 0


cdef int reply(LiveRow row, fact, int64_t at) except -1:
    if not fact.public or fact.automatic:
        return 0
    cdef int side = CUSTOMER if fact.by == "customer" else AGENT
    cdef str channel
    if row.interactions.back().side != side:
        channel = fact.channel
        row.interactions.push_back(Spoken(at // MINUTE, side, CHANNEL.of(channel) if channel else -1))
    if side == CUSTOMER:
        row.asking = False
        row.awaiting = row.awaiting or at
        if row.replied:
            row.contact_ended = row.contact_ended or at
        return 0
    answered(row, at)
    row.touches += 1
    if not row.replied:
        row.replied, row.replied_priority = at, row.priority
    return 0


cdef int assign(LiveRow row, fact, Cells cells) except -1:
    cdef str team = fact.team, agent = fact.agent, partner = fact.delivered_by
    row.assigned = True
    if partner:
        row.delivered_by = cells.partner.of(partner)
    if team and team != row.team:
        if row.team and not row.stepped_up and row.phase == IN_OPEN:
            row.handoffs += 1
        row.team, row.agent, row.team_code = cells.shared(team), cells.shared(agent), cells.team.of(team)
    elif agent and agent != row.agent:
        if row.agent and row.phase == IN_OPEN:
            row.reassignments += 1
        row.agent = cells.shared(agent)
    if team:
        row.stepped_up = False
    return 0


cdef int escalate(LiveRow row, fact, int64_t at) except -1:
    row.escalated = row.handed_on = row.stepped_up = True
    row.escalated_to = WHERE_TO.of(fact.to)
    if row.escalated_to == ENGINEERING_WORD:
        row.engineering = row.engineering or at
        row.fixing = row.fixing or at
    else:
        left_engineering(row, at)
        row.engineering = 0
    return 0


cdef int work_with(LiveRow row, fact) except -1:
    cdef int word = COLLABORATOR.of(fact.who), said
    row.collaborated = True
    if not row.worked_with >> word & 1:
        row.worked_with |= 1 << word
        row.worked_order.push_back(word)
    if word == VENDOR_WORD:
        authorised = fact.authorised
        said = 1 if authorised is None else 2 if authorised else 0
        row.vendor = said if row.vendor < 0 else min(<int>row.vendor, said)
    return 0


cdef int link(LiveRow row, fact) except -1:
    cdef str what = fact.what
    cdef int done
    if what == "topic":
        row.known_topic, row.topic_made = fact.target, fact.action == "made"
    elif what == "bug":
        row.bug = fact.target
    else:
        done = KNOWN_.of(fact.action)
        row.knowledge = max(<int>row.knowledge, done)
    return 0


cdef int attempt(LiveRow row, fact, int64_t at) except -1:
    cdef str channel = fact.channel
    wait = fact.wait_ms
    row.attempts.push_back(Attempted(
        at // MINUTE, -1 if wait is None else <int64_t>wait, CHANNEL.of(channel) if channel else -1,
        ATTEMPT.of(fact.outcome),
    ))
    return 0


cdef int advance(LiveRow row, int kind, fact, int64_t at, Cells cells) except -1:
    """Move a row by a fact that is the latest; in another phase than those it acts in it changes nothing."""
    cdef int8_t phase = row.phase
    if kind == ASSIGNED:
        assign(row, fact, cells)
    elif kind == REPLIED:
        reply(row, fact, at)
    elif kind == PRIORITY_CHANGED:
        row.priority = PRIORITY.of(fact.priority)
    elif kind == EFFORT_LOGGED:
        row.effort = max(row.effort, <int64_t>0) + <int64_t>fact.minutes
    elif kind == LINKED:
        link(row, fact)
    elif kind == CONTACT_ATTEMPT:
        attempt(row, fact, at)
    elif kind == AUTOMATION_:
        row.automated.push_back(Stepped(at // MINUTE, STEP.of(fact.step), AUTOMATED_.of(fact.outcome)))
    elif kind == SOLVED:
        if phase == IN_CLOSED and not row.solved:
            solve(row, at)
            recorded(row, fact)
        elif phase == IN_OPEN:
            solve(row, at)
            recorded(row, fact)
            row.phase, row.escalated = IN_SOLVED, False
    elif kind == CLOSED:
        if phase != IN_CLOSED:
            recorded(row, fact)
            end_waiting(row, at)
            row.closed, row.phase, row.escalated = at, IN_CLOSED, False
    elif kind == REOPENED_:
        if phase != IN_OPEN:
            row.paused += at - (row.solved or row.closed)
            paused(row, halted(row), at)
            row.reopened.push_back(at)
            row.solved = row.solved_paused = row.closed = 0
            left_engineering(row, at)
            row.engineering, row.phase = 0, IN_OPEN
    elif phase == IN_OPEN:
        if kind == WAITING:
            wanted = ON_CUSTOMER if fact.on == "customer" else ON_VENDOR
            if row.waiting != wanted:
                end_waiting(row, at)
                row.waiting, row.waiting_since = wanted, at
        elif kind == RESUMED:
            end_waiting(row, at)
        elif kind == ESCALATED_:
            escalate(row, fact, at)
        elif kind == COLLABORATED:
            work_with(row, fact)
        elif kind == INFORMATION_ASKED and not row.asking:
            row.asking = True
            row.rounds += 1
    return 0
