"""What the facts of a case add up to."""

from typing import Final

from stream_app.domain.fold import State

OPEN: Final = "open"
SOLVED: Final = "solved"
CLOSED: Final = "closed"
MERGED: Final = "merged"
GONE: Final = "gone"

INTERACTIONS: Final = 256
"""Interactions, reopenings, attempts and automatic steps a case keeps: the latest ones of each."""

PAUSES: Final = 64
"""Pauses a case keeps, the latest ones."""

ANSWERS: Final = 64
"""Answered questions a case keeps, the latest ones."""

NOT_SAID: Final = -1
"""A time of something that happened, but nobody said when."""


class Case(State):
    """What the facts of a case add up to. Times in ms, 0 when it has not happened.

    paused: waiting on the customer plus solved-to-reopened, until now, ms.
    first_paused, solved_paused: `paused` as it stood at the first and at the latest solve.
    interactions: (minute, side, channel) of public messages of people; of consecutive ones by one side the
    first. The creation is a message of who opened the case; channel empty: the case's own.
    touches: public replies of agents in person. contact_ended: when the customer first spoke after the first of them.
    solved_touches, solved_later: `touches`, and whether contact had ended, as they stood at the latest solve.
    handed_on: ever escalated; escalated_to: where to the last time. collaborated: a second person ever worked on it.
    device: the one the case is about; signal: the code of its fault that the case was opened from.
    awaiting: the first customer message that neither a person's public reply nor a solve followed.
    agent: who has the case, empty if unknown. stepped_up: escalated since an assignment last named a team.
    handoffs, reassignments: while the case was open. worked_with: words of who collaborated. vendor: whether the
    customer agreed to the vendors who did: no, unknown or yes; empty without a vendor. effort: minutes, None if nobody
    logged any. went_on: when it was merged, which a snapshot may tell of later.
    engineering: since when it is with engineering; fixing: when it was first escalated there. fixing_until: when it
    first left engineering, 0 if it has not, NOT_SAID if it did and nobody said when; fixing_priority: as it stood then.
    solved_spoken: interactions of the customer as they stood at the latest solve. rounds: of asking for information;
    asking: the customer has not spoken since the last one. recorded: whether the record is complete, None if unknown.
    known_topic, bug: names, empty without; topic_made: the topic was new. knowledge: the most done with an article.
    attempts: (minute, channel, outcome, wait in ms or None), channel empty: the case's own; attempted: how many
    were told of, ever. automated: (minute, step, outcome).
    replied_priority, solved_priority: the priority as it stood at `replied` and at the latest solve. merged: when.
    pauses: (from, to) of waiting on the customer and of not being open until a reopening, what is over, by time.
    answers: (first message, reply or solve, priority then) of customer messages that were answered, by time.
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
    team: str = ""
    awaiting: int = 0
    issue_type: str = ""
    access_point: str = ""
    device_class: str = ""
    product: str = ""
    region: str = ""
    complete: bool | None = None
    interactions: tuple[tuple[int, str, str], ...] = ()
    touches: int = 0
    contact_ended: int = 0
    solved_touches: int = 0
    solved_later: bool = False
    handed_on: bool = False
    escalated_to: str = ""
    collaborated: bool = False
    device: str = ""
    signal: str = ""
    agent: str = ""
    stepped_up: bool = False
    handoffs: int = 0
    reassignments: int = 0
    worked_with: tuple[str, ...] = ()
    vendor: str = ""
    merged: int = 0
    effort: int | None = None
    delivered_by: str = ""
    engineering: int = 0
    fixing: int = 0
    solved_spoken: int = 0
    rounds: int = 0
    asking: bool = False
    recorded: bool | None = None
    known_topic: str = ""
    topic_made: bool = False
    bug: str = ""
    knowledge: str = ""
    attempts: tuple[tuple[int, str, str, int | None], ...] = ()
    attempted: int = 0
    automated: tuple[tuple[int, str, str], ...] = ()
    replied_priority: str = ""
    solved_priority: str = ""
    pauses: tuple[tuple[int, int], ...] = ()
    answers: tuple[tuple[int, int, str], ...] = ()
    went_on: int = 0
    fixing_until: int = 0
    fixing_priority: str = ""


def halted(case: Case) -> int | None:
    """Since when, ms, the clocks of a case stand still; None while they run."""
    if case.phase == OPEN:
        return case.waiting_since if case.waiting == "customer" else None
    return min(at for at in (case.solved, case.closed, case.merged) if at)
