"""What a row says of the health of its account."""

from typing import Final

from stream_app.domain import callhome, cases, surveys
from stream_app.domain.cases import Case
from stream_app.domain.fold import Row
from stream_app.domain.health.tiers import stamp
from stream_app.domain.health.words import (
    ANSWERS,
    CASE,
    ESCALATED,
    FAULT_OTHER,
    FAULTS,
    HOUR_MS,
    KNOWN,
    NOTHING,
    OPEN,
    OPEN_LONG,
    OPEN_OTHER,
    REOPENED,
    SILENT,
    Evidence,
    Item,
    open_case,
)
from stream_app.domain.rules import Rules
from stream_app.domain.surveys import Response
from stream_app.domain.words import PRIORITIES, closed

_KNOWN: Final[Evidence] = (((KNOWN, 0),), 0)
_CASE: Final = ((CASE, 0),)


def first_hour(at_ms: int) -> int:
    """The first full hour at or after a time."""
    return -(-at_ms // HOUR_MS)


def of_case(row: Row, rules: Rules) -> Evidence:
    """What a case says."""
    case: Case = row.state
    if case.phase == cases.GONE:
        return NOTHING
    if not case.created:
        return _KNOWN
    tier = stamp(case.created, case.tier, rules)
    if case.phase != cases.OPEN:
        if not case.reopened:
            return _CASE, tier
        return (*_CASE, *_reopened(case)), tier
    opened = first_hour(case.created)
    items = [
        (open_case(closed(case.tier, rules.tiers), closed(case.priority, PRIORITIES)), 0),
        (OPEN.get(case.priority, OPEN_OTHER), opened),
        (OPEN_LONG, first_hour(case.created + rules.health_long_days * 24 * HOUR_MS)),
    ]
    if case.escalated:
        items.append((ESCALATED, opened))
    return (*items, *_reopened(case)), tier


def _reopened(case: Case) -> tuple[Item, ...]:
    return tuple((REOPENED, first_hour(at)) for at in case.reopened)


def of_survey(row: Row, _rules: Rules) -> Evidence:
    """What a survey says: its latest answer."""
    response: Response = row.state
    if response.phase == surveys.GONE:
        return NOTHING
    if not response.answered:
        return _KNOWN
    return ((ANSWERS[dict(response.answers)["overall"]], first_hour(response.answered)),), 0


def of_device(row: Row, rules: Rules) -> Evidence:
    """What a device says: when it falls silent, and its faults. Nothing when it is out of service."""
    silent = callhome.silent_from(row, rules)
    if silent is None:
        return NOTHING if row.state.phase == callhome.GONE else _KNOWN
    items = of_silence(silent)[0]
    if row.state.faults:
        faults = ((FAULTS.get(fault.severity, FAULT_OTHER), first_hour(fault.raised)) for fault in row.state.faults)
        return (*items, *faults), 0
    return items, 0


def of_silence(minute: int | None) -> Evidence:
    """What the minute says at which a device in service falls silent; nothing when there is none."""
    return NOTHING if minute is None else (((SILENT, silent_hour(minute)),), 0)


def silent_hour(minute: int) -> int:
    """The first full hour at which a device that falls silent in a minute is silent."""
    return -(-minute // 60)
