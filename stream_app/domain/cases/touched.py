"""Which of the numbers of a case each fact can move."""

from typing import Final

from stream_app.domain.cases.facts import (
    Assigned,
    Automation,
    Closed,
    Collaborated,
    ContactAttempt,
    EffortLogged,
    Escalated,
    InformationAsked,
    Linked,
    PriorityChanged,
    Reopened,
    Replied,
    Resumed,
    Solved,
    Waiting,
)
from stream_app.domain.touched import EVIDENCE, FIRST_GROUP, PART, TOGETHER, Touched

ALWAYS: Final = FIRST_GROUP
"""What any fact may move: since when nothing was heard, and that a creation was never seen."""

OPENED: Final = FIRST_GROUP << 1
SPOKEN: Final = FIRST_GROUP << 2
FIRST: Final = FIRST_GROUP << 3
"""The first response and the first solve."""

TOLD: Final = FIRST_GROUP << 4
"""What is counted whenever it happens: reopenings, a merging, attempts to speak to somebody, automatic steps."""

SERVED: Final = FIRST_GROUP << 5
"""Targets, and times by the business clock."""

DONE: Final = FIRST_GROUP << 6
"""The latest solve and the final close."""

BACKLOG: Final = FIRST_GROUP << 7

TOUCHED: Final[Touched] = {
    Assigned: ALWAYS | TOLD | SERVED | DONE | BACKLOG | TOGETHER,
    Replied: ALWAYS | SPOKEN | FIRST | SERVED | DONE | BACKLOG | TOGETHER,
    Waiting: ALWAYS | SERVED | BACKLOG,
    Resumed: ALWAYS | SERVED | BACKLOG,
    Escalated: ALWAYS | SERVED | BACKLOG | EVIDENCE,
    Collaborated: ALWAYS | BACKLOG,
    PriorityChanged: ALWAYS | OPENED | FIRST | SERVED | DONE | BACKLOG | PART | EVIDENCE,
    Solved: ALWAYS | FIRST | SERVED | DONE | BACKLOG | PART | EVIDENCE | TOGETHER,
    Closed: ALWAYS | SERVED | DONE | BACKLOG | PART | EVIDENCE,
    Reopened: ALWAYS | TOLD | SERVED | DONE | BACKLOG | PART | EVIDENCE | TOGETHER,
    EffortLogged: ALWAYS | DONE,
    InformationAsked: ALWAYS,
    Linked: ALWAYS | OPENED | DONE,
    ContactAttempt: ALWAYS | TOLD,
    Automation: ALWAYS | TOLD,
}
"""A creation, a snapshot, a merging and an end may move all."""
