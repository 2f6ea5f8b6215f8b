"""The kinds of evidence, and the words for what they make."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

Item = tuple[str, int]
"""(kind of evidence, the first full hour since the epoch at which it counts)."""

Evidence = tuple[tuple[Item, ...], int]
"""What a row says: items, and the stamp of the tier it states, 0 for none; see `tiers`."""

NOTHING: Final[Evidence] = ((), 0)

CASE: Final = "case"
KNOWN: Final = "known"
"""What rows add that take no points: a case there is, a row that says nothing of health."""

OPEN: Final = {"p1": "open_p1", "p2": "open_p2", "p3": "open_p3", "p4": "open_p4"}
OPEN_OTHER: Final = "open_other"
OPEN_LONG: Final = "open_long"
ESCALATED: Final = "escalated"
REOPENED: Final = "reopened"
SILENT: Final = "silent_device"
FAULTS: Final = {
    "critical": "fault_critical", "major": "fault_major", "minor": "fault_minor", "info": "fault_info",
}  # fmt: skip
FAULT_OTHER: Final = "fault_other"
ANSWERS: Final = {
    "satisfied": "satisfied", "dissatisfied": "dissatisfied", "promoter": "promoter", "detractor": "detractor",
    "neutral": "neutral", "passive": "neutral",
}  # fmt: skip
"""Word of a survey's latest overall answer -> kind of evidence."""

POINTS: Final[Mapping[str, int]] = {
    "open_p1": 15, "open_p2": 8, "open_p3": 3, "open_p4": 1, "open_other": 3, "open_long": 6, "escalated": 12,
    "reopened": 6, "dissatisfied": 20, "detractor": 15, "neutral": 0, "satisfied": -5, "promoter": -10,
    "silent_device": 5, "fault_critical": 10, "fault_major": 5, "fault_minor": 1, "fault_info": 0, "fault_other": 1,
}  # fmt: skip
"""Kind of evidence -> the points it usually takes, each time; below 0 it gives back."""

EVENTS: Final = frozenset({REOPENED, *ANSWERS.values()})
"""Kinds that are over when they happened, and fade."""

INPUTS: Final[Mapping[str, str]] = {**dict.fromkeys(ANSWERS.values(), "surveys"), SILENT: "callhome"}
"""Kind that tells when its input was last heard of -> the input."""

RED: Final = "red"
YELLOW: Final = "yellow"
GREEN: Final = "green"
BANDS: Final = (RED, YELLOW, GREEN)

_OPEN_CASE: Final = "open:"


@lru_cache(maxsize=4096)
def open_case(tier: str, priority: str) -> str:
    """The kind of evidence that an open case is besides what takes points: it tells its tier and priority."""
    return f"{_OPEN_CASE}{priority}:{tier}"


def of_open_case(kind: str) -> tuple[str, str] | None:
    """The tier and the priority that a kind of evidence tells; None for any other kind."""
    if not kind.startswith(_OPEN_CASE):
        return None
    _, priority, tier = kind.split(":", 2)
    return tier, priority


HOUR_MS: Final = 3_600_000
