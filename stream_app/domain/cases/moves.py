"""How each fact moves a case, and in which phases it does."""

from stream_app.domain.cases.facts import (
    Assigned,
    Automation,
    Closed,
    Collaborated,
    ContactAttempt,
    Created,
    Deleted,
    EffortLogged,
    Escalated,
    InformationAsked,
    Linked,
    Merged,
    PriorityChanged,
    Reopened,
    Replied,
    Resumed,
    Snapshot,
    Solved,
    TransferredOut,
    Waiting,
)
from stream_app.domain.cases.state import (
    ANSWERS,
    CLOSED,
    GONE,
    INTERACTIONS,
    MERGED,
    NOT_SAID,
    OPEN,
    PAUSES,
    SOLVED,
    Case,
    halted,
)
from stream_app.domain.fold import Fact, Folding, Key, Moves
from stream_app.domain.words import COLLABORATORS, KNOWLEDGE, UNKNOWN, closed, minute


def _described(case: Case, fact: Created | Snapshot) -> None:
    """What is said of a case once, at its creation; one opened from a signal is proactive, whatever it says."""
    case.origin = "proactive" if fact.signal else fact.origin
    case.device, case.signal = fact.device, fact.signal
    case.tier, case.issue_type, case.product, case.region = fact.tier, fact.issue_type, fact.product, fact.region
    case.access_point, case.device_class, case.complete = fact.access_point, fact.device_class, fact.complete


def _spoke(case: Case, at: int, side: str, channel: str) -> bool:
    """A public message of a person; consecutive ones by one side are one interaction. Whether this began one."""
    begins = not case.interactions or case.interactions[-1][1] != side
    if begins:
        case.interactions = (*case.interactions, (minute(at), side, channel))[-INTERACTIONS:]
    return begins


def _paused(case: Case, begin: int | None, end: int) -> None:
    """The clocks of the case stood still for a while."""
    if begin is not None and begin < end:
        case.pauses = (*case.pauses, (begin, end))[-PAUSES:]


def _answered(case: Case, at: int) -> None:
    """What the customer asked is answered, if there was anything."""
    if case.awaiting:
        case.answers = (*case.answers, (case.awaiting, at, case.priority))[-ANSWERS:]
        case.awaiting = 0


def _created(case: Case, fact: Created) -> None:
    if case.created:
        return
    case.created = fact.at
    case.by, case.channel = fact.by, fact.channel
    _described(case, fact)
    case.priority = case.priority or fact.priority
    case.team = case.team or fact.team
    case.delivered_by = case.delivered_by or fact.delivered_by
    _spoke(case, fact.at, fact.by, "")
    if fact.by == "customer":
        case.awaiting = case.awaiting or fact.at


def _assigned(case: Case, fact: Assigned) -> None:
    case.assigned = True
    case.delivered_by = fact.delivered_by or case.delivered_by
    if fact.team and fact.team != case.team:
        if case.team and not case.stepped_up and case.phase == OPEN:
            case.handoffs += 1
        case.team, case.agent = fact.team, fact.agent
    elif fact.agent and fact.agent != case.agent:
        if case.agent and case.phase == OPEN:
            case.reassignments += 1
        case.agent = fact.agent
    if fact.team:
        case.stepped_up = False


def _replied(case: Case, fact: Replied) -> None:
    if not fact.public or fact.automatic:
        return
    _spoke(case, fact.at, fact.by, fact.channel)
    if fact.by == "customer":
        case.asking = False
        case.awaiting = case.awaiting or fact.at
        if case.replied:
            case.contact_ended = case.contact_ended or fact.at
        return
    _answered(case, fact.at)
    case.touches += 1
    if not case.replied:
        case.replied, case.replied_priority = fact.at, case.priority


def _end_waiting(case: Case, at: int) -> None:
    if case.waiting == "customer":
        case.paused += at - case.waiting_since
        _paused(case, case.waiting_since, at)
    case.waiting, case.waiting_since = "", 0


def _waiting(case: Case, fact: Waiting) -> None:
    if case.waiting != fact.on:
        _end_waiting(case, fact.at)
        case.waiting, case.waiting_since = fact.on, fact.at


def _resumed(case: Case, fact: Resumed) -> None:
    _end_waiting(case, fact.at)


def _escalated(case: Case, fact: Escalated) -> None:
    case.escalated = case.handed_on = case.stepped_up = True
    case.escalated_to = fact.to
    if fact.to == _ENGINEERING:
        case.engineering = case.engineering or fact.at
        case.fixing = case.fixing or fact.at
    else:
        _left_engineering(case, fact.at)
        case.engineering = 0


def _left_engineering(case: Case, at: int) -> None:
    """The case is solved, or no longer with engineering; only the first time matters."""
    if case.engineering and not case.fixing_until:
        case.fixing_until, case.fixing_priority = at, case.priority


_ENGINEERING = "engineering"
_VENDOR = "vendor"
_AGREED = {True: "yes", False: "no", None: UNKNOWN}


def _worked_with(case: Case, who: str, *, authorised: bool | None) -> None:
    """Somebody else worked on the case; of what customers said of several vendors the worst counts."""
    word = closed(who, COLLABORATORS)
    if word not in case.worked_with:
        case.worked_with = (*case.worked_with, word)
    if word == _VENDOR:
        said = (case.vendor, _AGREED[authorised])
        case.vendor = next(worse for worse in ("no", UNKNOWN, "yes") if worse in said)


def _collaborated(case: Case, fact: Collaborated) -> None:
    case.collaborated = True
    _worked_with(case, fact.who, authorised=fact.authorised)


def _effort_logged(case: Case, fact: EffortLogged) -> None:
    case.effort = (case.effort or 0) + fact.minutes


def _priority_changed(case: Case, fact: PriorityChanged) -> None:
    case.priority = fact.priority


def _solve(case: Case, at: int) -> None:
    _end_waiting(case, at)
    case.solved, case.solved_paused = at, case.paused
    case.solved_priority = case.priority
    case.solved_touches, case.solved_later = case.touches, case.contact_ended > 0
    case.solved_spoken = sum(side == "customer" for _, side, _ in case.interactions)
    _answered(case, at)
    _left_engineering(case, at)
    if not case.first_solved:
        case.first_solved, case.first_paused = at, case.paused


def _solved(case: Case, fact: Solved) -> None:
    if case.phase == CLOSED:
        if not case.solved:
            _solve(case, fact.at)
            _recorded(case, fact)
        return
    _solve(case, fact.at)
    _recorded(case, fact)
    case.phase = SOLVED
    case.escalated = False


def _recorded(case: Case, fact: Solved | Closed) -> None:
    if fact.recorded is not None:
        case.recorded = fact.recorded


def _closed(case: Case, fact: Closed) -> None:
    _recorded(case, fact)
    _end_waiting(case, fact.at)
    case.closed = fact.at
    case.phase = CLOSED
    case.escalated = False


def _reopened(case: Case, fact: Reopened) -> None:
    case.paused += fact.at - (case.solved or case.closed)
    _paused(case, halted(case), fact.at)
    case.reopened = (*case.reopened, fact.at)[-INTERACTIONS:]
    case.solved = case.solved_paused = case.closed = 0
    _left_engineering(case, fact.at)
    case.engineering = 0
    case.phase = OPEN


def _merged(case: Case, fact: Merged) -> None:
    _end_waiting(case, fact.at)
    case.merged = case.went_on = fact.at
    case.phase = MERGED


_SIDES = ("customer", "agent")


def _snapshot(case: Case, fact: Snapshot) -> None:
    terminal = fact.state in {"solved", "closed"}
    waits = {"waiting_customer": "customer", "waiting_vendor": "vendor"}.get(fact.state, "")
    case.phase = fact.state if terminal or fact.state == "merged" else OPEN
    case.created = fact.created_at or fact.at
    case.by, case.channel = fact.by, fact.channel
    case.priority = fact.priority
    _described(case, fact)
    case.assigned = fact.state != "new"
    case.escalated = fact.state == "escalated"
    case.waiting, case.waiting_since = waits, fact.at if waits else 0
    case.replied = fact.replied_at
    case.solved = (fact.solved_at or fact.first_solved_at or fact.at) if terminal else 0
    case.first_solved = fact.first_solved_at or case.solved
    case.closed = (fact.closed_at or fact.at) if fact.state == "closed" else 0
    case.paused = fact.waited_ms + fact.idle_ms
    case.first_paused = 0 if fact.reopened_at else case.paused
    case.solved_paused = case.paused if case.solved else 0
    case.reopened = fact.reopened_at
    case.team = fact.team
    case.awaiting = 0 if terminal else fact.awaiting_since
    case.interactions = ()
    _spoke(case, case.created, fact.by, "")
    spoken = [*((at, 0) for at in fact.customer_spoke_at if at), *((at, 1) for at in fact.agent_spoke_at if at)]
    case.solved_spoken = int(fact.by == "customer")
    for at, turn in sorted(spoken):
        if _spoke(case, at, _SIDES[turn], "") and not turn and at <= case.solved:
            case.solved_spoken += 1
    case.handed_on = case.escalated or fact.escalated_to != ""
    case.escalated_to = fact.escalated_to
    _handled(case, fact)
    case.rounds, case.asking, case.recorded = fact.information_rounds, False, fact.recorded
    case.known_topic, case.topic_made = fact.known_topic, fact.topic_made
    case.bug, case.knowledge = fact.bug, fact.knowledge
    case.touches = sum(turn for _, turn in spoken)
    case.contact_ended = min((at for at, turn in spoken if not turn and 0 < case.replied < at), default=0)
    case.solved_touches = sum(turn for at, turn in spoken if at <= case.solved)
    case.solved_later = 0 < case.contact_ended < case.solved
    case.replied_priority = case.solved_priority = fact.priority
    case.merged = fact.at if fact.state == "merged" else 0
    until = min((at for at in (case.solved, case.closed) if at), default=fact.at)
    case.pauses = ((until - case.paused, until),) if case.paused else ()
    case.answers = _answers(case, spoken)


def _answers(case: Case, spoken: list[tuple[int, int]]) -> tuple[tuple[int, int, str], ...]:
    """The answered questions of a snapshot: what was said (time, 1 for support's side), with its solves."""
    turns = [*spoken, *((at, 1) for at in (case.first_solved, case.solved) if at)]
    if case.by == "customer":
        turns.append((case.created, 0))
    found, asked = [], 0
    for at, turn in sorted(turns):
        if not turn:
            asked = asked or at
        elif asked:
            found.append((asked, at, case.priority))
            asked = 0
    return tuple(found[-ANSWERS:])


def _information_asked(case: Case, _fact: InformationAsked) -> None:
    if not case.asking:
        case.asking = True
        case.rounds += 1


def _linked(case: Case, fact: Linked) -> None:
    if fact.what == "topic":
        case.known_topic, case.topic_made = fact.target, fact.action == "made"
    elif fact.what == "bug":
        case.bug = fact.target
    elif not case.knowledge or KNOWLEDGE.index(fact.action) > KNOWLEDGE.index(case.knowledge):
        case.knowledge = fact.action


def _contact_attempt(case: Case, fact: ContactAttempt) -> None:
    case.attempted += 1
    case.attempts = (*case.attempts, (minute(fact.at), fact.channel, fact.outcome, fact.wait_ms))[-INTERACTIONS:]


def _automation(case: Case, fact: Automation) -> None:
    case.automated = (*case.automated, (minute(fact.at), fact.step, fact.outcome))[-INTERACTIONS:]


def _handled(case: Case, fact: Snapshot) -> None:
    """What a snapshot says of how the case was worked on."""
    case.agent, case.delivered_by, case.effort = fact.agent, fact.delivered_by, fact.effort_minutes
    case.handoffs, case.reassignments, case.stepped_up = fact.handoffs, fact.reassignments, case.escalated
    case.worked_with, case.vendor = (), ""
    for who in fact.collaborated_with or ("",) * fact.collaborated:
        _worked_with(case, who, authorised=fact.vendor_authorised)
    case.collaborated = bool(case.worked_with)
    case.went_on = (fact.merged_at or fact.at) if case.phase == MERGED else 0
    here = case.escalated and fact.escalated_to == _ENGINEERING
    case.engineering = (fact.engineering_at or fact.at) if here else 0
    case.fixing = fact.engineering_at or case.engineering
    case.fixing_until = _fixed(case, fact, here=here) if case.fixing else 0
    case.fixing_priority = fact.priority if case.fixing_until > 0 else ""


def _fixed(case: Case, fact: Snapshot, *, here: bool) -> int:
    """When the case of a snapshot first left engineering."""
    if fact.engineering_until or fact.escalated_to != _ENGINEERING:
        return fact.engineering_until or NOT_SAID
    solves = [at for at in (case.first_solved, case.solved) if at >= case.fixing]
    return min(solves, default=0 if here else NOT_SAID)


def _gone(case: Case, _fact: Fact) -> None:
    case.phase = GONE


_LIVE = frozenset({OPEN, SOLVED, CLOSED})
_KNOWN = frozenset({OPEN, SOLVED, CLOSED, MERGED})
_EVER = _KNOWN | {GONE}

MOVES: Moves = {
    Created: (_KNOWN, _created),
    Assigned: (_LIVE, _assigned),
    Replied: (_KNOWN, _replied),
    Waiting: (frozenset({OPEN}), _waiting),
    Resumed: (frozenset({OPEN}), _resumed),
    Escalated: (frozenset({OPEN}), _escalated),
    Collaborated: (frozenset({OPEN}), _collaborated),
    PriorityChanged: (_LIVE, _priority_changed),
    Solved: (frozenset({OPEN, CLOSED}), _solved),
    Closed: (frozenset({OPEN, SOLVED}), _closed),
    Reopened: (frozenset({SOLVED, CLOSED}), _reopened),
    Merged: (_LIVE, _merged),
    Snapshot: (_EVER, _snapshot),
    Deleted: (_KNOWN, _gone),
    TransferredOut: (_KNOWN, _gone),
    EffortLogged: (_LIVE, _effort_logged),
    InformationAsked: (frozenset({OPEN}), _information_asked),
    Linked: (_LIVE, _linked),
    ContactAttempt: (_EVER, _contact_attempt),
    Automation: (_EVER, _automation),
}


def _merged_into_itself(key: Key, fact: Fact) -> bool:
    return isinstance(fact, Merged) and fact.into == key[1]


FOLDING = Folding(
    empty=Case, moves=MOVES, forbidden=_merged_into_itself, resting=frozenset({SOLVED, CLOSED, MERGED, GONE})
)
