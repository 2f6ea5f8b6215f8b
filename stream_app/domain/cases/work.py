"""What a case adds to the board by who worked on it, and how."""

from typing import Final

from stream_app.domain.board import Weight
from stream_app.domain.cases.state import Case
from stream_app.domain.observed import duration
from stream_app.domain.rules import Rules
from stream_app.domain.words import MINUTE_MS, UNKNOWN, closed, minute

_TIMES: Final = ((), ("one",), ("two",), ("multi",))
_OTHERS: Final = frozenset({"team", "vendor"})


def contact(case: Case) -> str:
    """Whether first contact was enough for a solved case: first, later, or unknown without a reply of a person."""
    return ("later" if case.solved_later else "first") if case.replied else UNKNOWN


def path(case: Case, contact: str) -> str:
    """The way a solved case went, first match: first_contact, escalated, team, coached, unknown."""
    if contact == "first":
        return "first_contact"
    if case.handed_on:
        return "escalated"
    if case.collaborated:
        return "coached" if _OTHERS.isdisjoint(case.worked_with) else "team"
    return UNKNOWN


def solved(case: Case, contact: str, rules: Rules, weights: list[Weight]) -> None:
    """What the latest solve of a case that is not open again adds by how it was worked on."""
    at, length, way = case.solved // MINUTE_MS, case.solved - case.created, (path(case, contact),)
    weights += duration("resolution_by_path", way, case.solved, length)
    weights += duration("resolution_by_delivery", (closed(case.delivered_by, rules.partners),), case.solved, length)
    weights += duration("resolution_by_tier", (closed(case.tier, rules.tiers),), case.solved, length)
    if case.handoffs:
        weights.append(("cases_solved_handoffs", _TIMES[min(case.handoffs, 3)], at, 1))
    if case.reassignments:
        weights.append(("cases_solved_reassignments", _TIMES[min(case.reassignments, 3)], at, 1))
    for who in case.worked_with:
        weights.append(("cases_solved_collaborated_with", (who,), at, 1))
    if case.vendor:
        weights.append(("cases_solved_vendor", (case.vendor,), at, 1))
    if case.effort is not None:
        weights += duration("effort", way, case.solved, case.effort * MINUTE_MS)
    if case.fixing:
        weights += duration("engineering", (), case.solved, case.solved - case.fixing)


def with_engineering(case: Case, priority: str, weights: list[Weight]) -> None:
    """What an open case that is with engineering adds."""
    since = minute(case.engineering)
    weights.append(("cases_open_engineering_age", (priority,), since, 1))
    weights.append(("cases_open_engineering_age:start", (priority,), since, since))
