"""Cases: the facts a case-management system publishes, their moves, and what a case weighs.

Definitions. Open: not solved, closed, merged or gone. Reopen: a move from solved or closed to open.
Resolution first: creation to the first solve, for ever; full: creation to the latest solve, not
counted while the case is open again. Clock elapsed: all of it; net: without waiting on the customer
and without the time between a solve and a reopening. First response: creation by a customer to the
first public human reply of an agent. A case whose creation was never seen weighs nothing. Where the
sources leave it open: a merged case has no full resolution, it goes on as another one; a case closed
without a solve and reopened was idle since the close; a length of time that comes out negative, from
publishers whose clocks disagree, is 0.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta

from stream_app.domain.board import Weight
from stream_app.domain.fold import Fact, Folding, Key, Moves, Row, State
from stream_app.domain.rules import Rules
from stream_app.domain.words import (
    CHANNELS,
    MINUTE_MS,
    ORIGINS,
    PRIORITIES,
    bucket,
    closed,
    minute,
)

Label = Annotated[str, Meta(max_length=64)]
"""A word of a closed set; a word outside the set is counted as `other`."""

Instant = Annotated[int, Meta(title="instant")]
"""A time in ms since the epoch; 0 when there is none. Published like `at`; one later than its event counts as `at`."""

Duration = Annotated[int, Meta(ge=0, le=2**53)]
"""A length of time in ms."""

Side = Literal["customer", "agent"]
CaseState = Literal["new", "open", "waiting_customer", "waiting_vendor", "escalated", "solved", "closed", "merged"]


class Created(Fact, tag="created"):
    """A case was opened. `by`: who opened it; `origin` proactive when support did so on its own evidence."""

    by: Side = "customer"
    channel: Label = ""
    origin: Label = "reactive"
    priority: Label = ""
    tier: Label = ""


class Assigned(Fact, tag="assigned"):
    """A person or a team took or was given the case."""


class Replied(Fact, tag="replied"):
    """Somebody wrote or spoke. Internal notes are not `public`; a machine's answer is `automatic`."""

    by: Side
    public: bool = True
    automatic: bool = False


class Waiting(Fact, tag="waiting"):
    """Work stopped until the customer or a vendor does something."""

    on: Literal["customer", "vendor"]


class Resumed(Fact, tag="resumed"):
    """The waiting ended."""


class Escalated(Fact, tag="escalated"):
    """The case was handed on to a tier, team, department, engineering or vendor."""


class PriorityChanged(Fact, tag="priority_changed"):
    """The case has another priority from now on."""

    priority: Label


class Solved(Fact, tag="solved"):
    """The agent says it is done. A solve of a solved case changes nothing."""


class Closed(Fact, tag="closed"):
    """The case is final."""


class Reopened(Fact, tag="reopened"):
    """A solved or closed case is open again."""


class Merged(Fact, tag="merged"):
    """The case goes on as another one."""

    into: Annotated[str, Meta(min_length=1, max_length=128)]


class Snapshot(Fact, tag="snapshot"):
    """The full state of a case at a time; replaces what earlier facts say.

    A solved or closed snapshot without `solved_at` was solved at `first_solved_at`, without that at `at`;
    one without `created_at` was created at `at`. `waited_ms`: time spent waiting on the customer until `at`;
    `idle_ms`: time between solves and reopenings. What of both lay before the first solve is not known when
    the case was reopened: then the first resolution is as long net as it is elapsed.
    """

    state: CaseState
    by: Side = "customer"
    channel: Label = ""
    origin: Label = "reactive"
    priority: Label = ""
    tier: Label = ""
    created_at: Instant = 0
    replied_at: Instant = 0
    first_solved_at: Instant = 0
    solved_at: Instant = 0
    closed_at: Instant = 0
    reopened_at: tuple[Instant, ...] = ()
    waited_ms: Duration = 0
    idle_ms: Duration = 0


class Deleted(Fact, tag="deleted"):
    """Spam, a test, a mistake: the case leaves every number. A later snapshot brings it back."""


class TransferredOut(Fact, tag="transferred_out"):
    """The case goes on under another account, where it arrives as a snapshot."""


CaseFact = (
    Created | Assigned | Replied | Waiting | Resumed | Escalated | PriorityChanged | Solved | Closed
    | Reopened | Merged | Snapshot | Deleted | TransferredOut
)  # fmt: skip

OPEN: Final = "open"
SOLVED: Final = "solved"
CLOSED: Final = "closed"
MERGED: Final = "merged"
GONE: Final = "gone"


class Case(State):
    """What the facts of a case add up to. Times in ms, 0 when it has not happened.

    paused: waiting on the customer plus solved-to-reopened, until now, ms.
    first_paused, solved_paused: `paused` as it stood at the first and at the latest solve.
    """

    phase: str = OPEN
    created: int = 0
    by: str = "customer"
    channel: str = ""
    origin: str = "reactive"
    priority: str = ""
    tier: str = ""
    assigned: bool = False
    escalated: bool = False
    waiting: str = ""
    waiting_since: int = 0
    replied: int = 0
    first_solved: int = 0
    first_paused: int = 0
    solved: int = 0
    solved_paused: int = 0
    closed: int = 0
    paused: int = 0
    reopened: tuple[int, ...] = ()


def _created(case: Case, fact: Created) -> None:
    if case.created:
        return
    case.created = fact.at
    case.by, case.channel, case.origin = fact.by, fact.channel, fact.origin
    case.tier = fact.tier
    case.priority = case.priority or fact.priority


def _assigned(case: Case, _fact: Assigned) -> None:
    case.assigned = True


def _replied(case: Case, fact: Replied) -> None:
    if fact.by == "agent" and fact.public and not fact.automatic and not case.replied:
        case.replied = fact.at


def _end_waiting(case: Case, at: int) -> None:
    if case.waiting == "customer":
        case.paused += at - case.waiting_since
    case.waiting, case.waiting_since = "", 0


def _waiting(case: Case, fact: Waiting) -> None:
    if case.waiting != fact.on:
        _end_waiting(case, fact.at)
        case.waiting, case.waiting_since = fact.on, fact.at


def _resumed(case: Case, fact: Resumed) -> None:
    _end_waiting(case, fact.at)


def _escalated(case: Case, _fact: Escalated) -> None:
    case.escalated = True


def _priority_changed(case: Case, fact: PriorityChanged) -> None:
    case.priority = fact.priority


def _solve(case: Case, at: int) -> None:
    _end_waiting(case, at)
    case.solved, case.solved_paused = at, case.paused
    if not case.first_solved:
        case.first_solved, case.first_paused = at, case.paused


def _solved(case: Case, fact: Solved) -> None:
    if case.phase == CLOSED:
        if not case.solved:
            _solve(case, fact.at)
        return
    _solve(case, fact.at)
    case.phase = SOLVED
    case.escalated = False


def _closed(case: Case, fact: Closed) -> None:
    _end_waiting(case, fact.at)
    case.closed = fact.at
    case.phase = CLOSED
    case.escalated = False


def _reopened(case: Case, fact: Reopened) -> None:
    case.paused += fact.at - (case.solved or case.closed)
    case.reopened = (*case.reopened, fact.at)
    case.solved = case.solved_paused = case.closed = 0
    case.phase = OPEN


def _merged(case: Case, fact: Merged) -> None:
    _end_waiting(case, fact.at)
    case.phase = MERGED


def _snapshot(case: Case, fact: Snapshot) -> None:
    terminal = fact.state in {"solved", "closed"}
    waits = {"waiting_customer": "customer", "waiting_vendor": "vendor"}.get(fact.state, "")
    case.phase = fact.state if terminal or fact.state == "merged" else OPEN
    case.created = fact.created_at or fact.at
    case.by, case.channel, case.origin = fact.by, fact.channel, fact.origin
    case.priority, case.tier = fact.priority, fact.tier
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


def _gone(case: Case, _fact: Fact) -> None:
    case.phase = GONE


_LIVE = frozenset({OPEN, SOLVED, CLOSED})
_KNOWN = frozenset({OPEN, SOLVED, CLOSED, MERGED})

MOVES: Moves = {
    Created: (_KNOWN, _created),
    Assigned: (_LIVE, _assigned),
    Replied: (_KNOWN, _replied),
    Waiting: (frozenset({OPEN}), _waiting),
    Resumed: (frozenset({OPEN}), _resumed),
    Escalated: (frozenset({OPEN}), _escalated),
    PriorityChanged: (_LIVE, _priority_changed),
    Solved: (frozenset({OPEN, CLOSED}), _solved),
    Closed: (frozenset({OPEN, SOLVED}), _closed),
    Reopened: (frozenset({SOLVED, CLOSED}), _reopened),
    Merged: (_LIVE, _merged),
    Snapshot: (_KNOWN | {GONE}, _snapshot),
    Deleted: (_KNOWN, _gone),
    TransferredOut: (_KNOWN, _gone),
}


def _merged_into_itself(key: Key, fact: Fact) -> bool:
    return isinstance(fact, Merged) and fact.into == key[1]


FOLDING = Folding(empty=Case, moves=MOVES, forbidden=_merged_into_itself)


def open_state(case: Case) -> str:
    """The exclusive state of an open case, first match."""
    if case.waiting:
        return "waiting_" + case.waiting
    if case.escalated:
        return "escalated"
    return "open" if case.assigned or case.replied else "new"


def _duration(series: str, labels: tuple[str, ...], at: int, length_ms: int) -> list[Weight]:
    """One observation of a windowed histogram: its bucket and its length in ms, in the minute of `at`."""
    length_ms = max(length_ms, 0)
    when = minute(at)
    return [
        (series, (*labels, bucket(length_ms / 1000)), when, 1),
        (series + ":sum", labels, when, length_ms),
    ]


def weigh(row: Row, rules: Rules) -> list[Weight]:
    """What a case adds to the board of its partition."""
    case: Case = row.state
    if case.phase == GONE:
        return []
    if not case.created:
        return [("rows_incomplete", ("cases",), None, 1)]
    priority = closed(case.priority, PRIORITIES)
    opened = minute(case.created)
    weights: list[Weight] = [
        ("cases_opened", (closed(case.channel, CHANNELS), closed(case.origin, ORIGINS)), opened, 1)
    ]
    if case.phase == OPEN:
        labels = (priority, open_state(case), closed(case.tier, rules.tiers))
        weights.append(("cases_open", labels, None, 1))
        weights.append(("cases_open_age", (priority,), opened, 1))
        weights.append(("cases_open_age:start", (priority,), opened, opened))
    if case.replied and case.by == "customer":
        weights += _duration("first_response", ("elapsed", priority), case.replied, case.replied - case.created)
    if case.first_solved:
        length = case.first_solved - case.created
        weights += _duration("resolution", ("first", "elapsed", priority), case.first_solved, length)
        weights += _duration("resolution", ("first", "net", priority), case.first_solved, length - case.first_paused)
    if case.solved and case.phase != MERGED:
        length = case.solved - case.created
        weights += _duration("resolution", ("full", "elapsed", priority), case.solved, length)
        weights += _duration("resolution", ("full", "net", priority), case.solved, length - case.solved_paused)
    weights += [("cases_reopened", (), minute(at), 1) for at in case.reopened]
    return weights


def open_priority(row: Row) -> str | None:
    """The part of a case in the joins of its account: its priority while it is open, else None."""
    case: Case = row.state
    if case.phase == OPEN and case.created:
        return closed(case.priority, PRIORITIES)
    return None


def age_minutes(now_ms: int, created_ms: int) -> int:
    """The age of an open case as its gauges count it: whole minutes of the clock."""
    return now_ms // MINUTE_MS - minute(created_ms)
