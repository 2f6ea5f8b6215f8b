"""What the facts of a case add up to."""

from typing import Final

from stream_app.domain.fold import State

OPEN: Final = "open"
SOLVED: Final = "solved"
CLOSED: Final = "closed"
MERGED: Final = "merged"
GONE: Final = "gone"

INTERACTIONS: Final = 256
"""Interactions, and reopenings, a case keeps: the latest ones."""

PAUSES: Final = 64
"""Pauses a case keeps, the latest ones."""

ANSWERS: Final = 64
"""Answered questions a case keeps, the latest ones."""


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
    replied_priority: str = ""
    solved_priority: str = ""
    merged: int = 0
    pauses: tuple[tuple[int, int], ...] = ()
    answers: tuple[tuple[int, int, str], ...] = ()


def halted(case: Case) -> int | None:
    """Since when, ms, the clocks of a case stand still; None while they run."""
    if case.phase == OPEN:
        return case.waiting_since if case.waiting == "customer" else None
    return min(at for at in (case.solved, case.closed, case.merged) if at)
