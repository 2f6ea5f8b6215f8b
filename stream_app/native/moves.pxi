# How facts move a case: `domain.cases.moves`.

cdef void created(Case *case, const Fact& fact, CaseCounts counts) noexcept:
    """Begin a case with its creation."""
    cdef const Value *said = fact.says()
    case.clear()
    case.created = case.at = fact.at
    case.by, case.channel = CUSTOMER if said[BY].text == BY_CUSTOMER else AGENT, CHANNEL.of(said[BY_CHANNEL].text)
    case.device, case.signal, case.product = said[OF_DEVICE].text, said[OF_SIGNAL].text, said[OF_PRODUCT].text
    case.origin = ORIGIN.of(said[OF_ORIGIN].text) if case.signal.empty() else PROACTIVE
    case.tier, case.issue = counts.tier.of(said[OF_TIER].text), ISSUE.of(said[OF_ISSUE].text)
    case.product_code, case.region = counts.product.of(case.product), counts.region.of(said[OF_REGION].text)
    case.access, case.device_class = ACCESS.of(said[OF_ACCESS].text), DEVICE_CLASS.of(said[OF_CLASS].text)
    case.complete = 2 if said[IS_COMPLETE].none() else 0 if said[IS_COMPLETE].yes() else 1
    case.stamp = counts.stamp(case)
    case.priority, case.team = PRIORITY.of(said[OF_PRIORITY].text), said[OF_TEAM].text
    case.team_code, case.delivered_by = counts.team.of(case.team), counts.partner.of(said[DELIVERED_BY].text)
    case.escalated_to = WHERE_TO.unknown
    case.interactions.push_back(Spoken(case.created // MINUTE, case.by, -1))
    if case.by == CUSTOMER:
        case.awaiting = case.created

cdef bytes _CUSTOMER = b"customer", _TOPIC = b"topic", _BUG = b"bug", _MADE = b"made"
cdef Text BY_CUSTOMER = text(_CUSTOMER), TOPIC = text(_TOPIC), BUG = text(_BUG), MADE = text(_MADE)
cdef int PROACTIVE = ORIGIN.number("proactive")


cdef void end_waiting(Case *case, int64_t at) noexcept:
    if case.waiting == ON_CUSTOMER:
        case.paused += at - case.waiting_since
        paused(case, case.waiting_since, at)
    case.waiting, case.waiting_since = NOT_WAITING, 0


cdef void paused(Case *case, int64_t begin, int64_t end) noexcept:
    if begin < end:
        case.pauses.push_back(Pause(begin, end))


cdef void answered(Case *case, int64_t at) noexcept:
    if case.awaiting:
        case.answers.push_back(Answered(case.awaiting, at, case.priority))
        case.awaiting = 0


cdef void left_engineering(Case *case, int64_t at) noexcept:
    if case.engineering and not case.fixing_until:
        case.fixing_until, case.fixing_priority = at, case.priority


cdef int64_t halted(Case *case) noexcept:
    """Since when the clocks of a case stand still; below 0 while they run."""
    if case.phase == IN_OPEN:
        return case.waiting_since if case.waiting == ON_CUSTOMER else -1
    if case.solved and case.closed:
        return min(case.solved, case.closed)
    return case.solved or case.closed


cdef void solve(Case *case, int64_t at) noexcept:
    end_waiting(case, at)
    case.solved, case.solved_paused = at, case.paused
    case.solved_priority = case.priority
    case.solved_touches, case.solved_later = case.touches, case.contact_ended > 0
    case.solved_spoken = 0
    for spoken in case.interactions:
        case.solved_spoken += spoken.side == CUSTOMER
    answered(case, at)
    left_engineering(case, at)
    if not case.first_solved:
        case.first_solved, case.first_paused = at, case.paused


cdef void recorded(Case *case, const Value *said) noexcept:
    if not said[0].none():
        case.recorded = 0 if said[0].yes() else 1


cdef void reply(Case *case, const Value *said, int64_t at) noexcept:
    cdef int side = CUSTOMER if said[0].text == BY_CUSTOMER else AGENT
    cdef bint public = said[1].yes(), automatic = said[2].yes()
    cdef Text channel = said[3].text
    if not public or automatic:
        return
    if case.interactions.back().side != side:
        case.interactions.push_back(Spoken(at // MINUTE, side, -1 if channel.empty() else CHANNEL.of(channel)))
    if side == CUSTOMER:
        case.asking = False
        case.awaiting = case.awaiting or at
        if case.replied:
            case.contact_ended = case.contact_ended or at
        return
    answered(case, at)
    case.touches += 1
    if not case.replied:
        case.replied, case.replied_priority = at, case.priority


cdef void assign(Case *case, const Value *said, CaseCounts counts) noexcept:
    cdef Text team = said[0].text, agent = said[1].text, partner = said[2].text
    case.assigned = True
    if not partner.empty():
        case.delivered_by = counts.partner.of(partner)
    if not team.empty() and team != case.team:
        if not case.team.empty() and not case.stepped_up and case.phase == IN_OPEN:
            case.handoffs += 1
        case.team, case.agent, case.team_code = team, agent, counts.team.of(team)
    elif not agent.empty() and agent != case.agent:
        if not case.agent.empty() and case.phase == IN_OPEN:
            case.reassignments += 1
        case.agent = agent
    if not team.empty():
        case.stepped_up = False


cdef void escalate(Case *case, const Value *said, int64_t at) noexcept:
    case.escalated = case.handed_on = case.stepped_up = True
    case.escalated_to = WHERE_TO.of(said[0].text)
    if case.escalated_to == ENGINEERING_WORD:
        case.engineering = case.engineering or at
        case.fixing = case.fixing or at
    else:
        left_engineering(case, at)
        case.engineering = 0


cdef void work_with(Case *case, const Value *said) noexcept:
    cdef int word = COLLABORATOR.of(said[0].text), agreed
    case.collaborated = True
    if not case.worked_with >> word & 1:
        case.worked_with |= 1 << word
        case.worked_order.push_back(word)
    if word == VENDOR_WORD:
        agreed = 1 if said[1].none() else 2 if said[1].yes() else 0
        case.vendor = agreed if case.vendor < 0 else min(<int>case.vendor, agreed)


cdef void link(Case *case, const Value *said) noexcept:
    cdef Text what = said[0].text, target = said[1].text, action = said[2].text
    if what == TOPIC:
        case.known_topic, case.topic_made = target, action == MADE
    elif what == BUG:
        case.bug = target
    else:
        case.knowledge = max(<int>case.knowledge, KNOWN_.of(action))


cdef void attempt(Case *case, const Value *said, int64_t at) noexcept:
    cdef Text outcome = said[0].text, channel = said[1].text
    case.attempts.push_back(Attempted(
        at // MINUTE, -1 if said[2].none() else said[2].number, -1 if channel.empty() else CHANNEL.of(channel),
        ATTEMPT.of(outcome),
    ))


cdef void advance(Case *case, const Fact& fact, CaseCounts counts) noexcept:
    """Move a case by a fact that is the latest; in another phase than those it acts in it changes nothing."""
    cdef const Value *said = fact.says()
    cdef int kind = fact.kind, wanted
    cdef int64_t at = fact.at
    cdef int8_t phase = case.phase
    case.at = at
    if kind == ASSIGNED:
        assign(case, said, counts)
    elif kind == REPLIED:
        reply(case, said, at)
    elif kind == PRIORITY_CHANGED:
        case.priority = PRIORITY.of(said[0].text)
    elif kind == EFFORT_LOGGED:
        case.effort = max(case.effort, <int64_t>0) + said[0].number
    elif kind == LINKED:
        link(case, said)
    elif kind == CONTACT_ATTEMPT:
        attempt(case, said, at)
    elif kind == AUTOMATION_:
        case.automated.push_back(Stepped(at // MINUTE, STEP.of(said[0].text), AUTOMATED_.of(said[1].text)))
    elif kind == SOLVED:
        if phase == IN_CLOSED and not case.solved:
            solve(case, at)
            recorded(case, said)
        elif phase == IN_OPEN:
            solve(case, at)
            recorded(case, said)
            case.phase, case.escalated = IN_SOLVED, False
    elif kind == CLOSED:
        if phase != IN_CLOSED:
            recorded(case, said)
            end_waiting(case, at)
            case.closed, case.phase, case.escalated = at, IN_CLOSED, False
    elif kind == REOPENED_:
        if phase != IN_OPEN:
            case.paused += at - (case.solved or case.closed)
            paused(case, halted(case), at)
            case.reopened.push_back(at)
            case.solved = case.solved_paused = case.closed = 0
            left_engineering(case, at)
            case.engineering, case.phase = 0, IN_OPEN
    elif phase == IN_OPEN:
        if kind == WAITING:
            wanted = ON_CUSTOMER if said[0].text == BY_CUSTOMER else ON_VENDOR
            if case.waiting != wanted:
                end_waiting(case, at)
                case.waiting, case.waiting_since = wanted, at
        elif kind == RESUMED:
            end_waiting(case, at)
        elif kind == ESCALATED_:
            escalate(case, said, at)
        elif kind == COLLABORATED:
            work_with(case, said)
        elif kind == INFORMATION_ASKED and not case.asking:
            case.asking = True
            case.rounds += 1
