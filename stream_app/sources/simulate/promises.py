"""What the service levels of a case must show, and its times by the business clock: part of the truth.

A deadline is found by asking of instants how long the clock ran until then, not by adding up intervals.
"""

from bisect import bisect_left

from stream_app.domain.calendars import ALWAYS, Calendar
from stream_app.domain.rules import Rules
from stream_app.domain.words import DUE, PRIORITIES
from stream_app.sources.simulate.numbers import Numbers, word_of
from stream_app.sources.simulate.standing import Standing
from stream_app.sources.simulate.things import DAY, MINUTE

_FAR = 4_000 * DAY


def served(numbers: Numbers, case: Standing, rules: Rules) -> None:
    """Count what was promised to a case, and its times in the hours of its region."""
    if rules.levels.policies:
        _promised(numbers, case, rules)
    if rules.levels.calendars:
        _in_hours(numbers, case, rules)


def _in_hours(numbers: Numbers, case: Standing, rules: Rules) -> None:
    hours = rules.levels.hours(word_of(case.opened.get("region"), rules.regions))
    priority, created = word_of(case.priority, PRIORITIES), case.created or 0
    if case.replied is not None and case.opened.get("by", "customer") == "customer":
        length = hours.open_between(created, case.replied)
        numbers.lasted("support_case_first_response_seconds", case.replied, length, "business", priority)
    ends = {"first": case.first_solved}
    if case.merged is None:
        ends |= {"full": case.solved, "closed": None if case.first_solved is None else case.closed}
    for kind, at in ends.items():
        if at is not None:
            length = hours.open_between(created, at)
            numbers.lasted("support_case_resolution_seconds", at, length, kind, "business", priority)


def _clocks(case: Standing) -> list[tuple[str, int, int | None]]:
    """Target, beginning and stop of every clock."""
    created, replied = case.created or 0, case.replied
    customers = case.opened.get("by", "customer") == "customer"
    found: list[tuple[str, int, int | None]] = [("first_response", created, replied)] if customers else []
    for asked, answered in case.questions():
        if not customers or (replied is not None and answered > replied):
            found.append(("next_response", asked, answered))
    if case.awaiting is not None and (not customers or replied is not None):
        found.append(("next_response", case.awaiting, None))
    found.append(("resolution", created, None if case.merged is not None else case.solved))
    if case.fixing is not None and not case.fixing_lost:
        found.append(("engineering", case.fixing, case.fixing_until))
    return found


def _promised(numbers: Numbers, case: Standing, rules: Rules) -> None:
    levels, spells = rules.levels, case.still()
    tier, delivered_by = word_of(case.opened.get("tier"), rules.tiers), word_of(case.delivered_by, rules.partners)
    overdue = False
    for target, begin, stop in _clocks(case):
        priority = word_of(case.priority if stop is None else case.priority_at(stop), PRIORITIES)
        in_force = [p for p in levels.policies.get((tier, priority), ()) if p.effective_from <= (case.created or 0)]
        promised = getattr(in_force[-1], target) if in_force else None
        if promised is None:
            continue
        region = word_of(case.opened.get("region"), rules.regions)
        hours = levels.hours(region) if promised.business else ALWAYS
        stood = spells if stop is None else [spell for spell in spells if spell[0] < stop]
        due = _deadline(hours, begin, promised.length, stood)
        judged = stop if due is None else due
        if judged is not None and judged < levels.counted_from:
            continue
        if stop is not None and (due is None or stop <= due):
            numbers.happened("support_sla_cases", stop, target, tier, priority, "met")
            numbers.happened("support_sla_cases_by_delivery", stop, target, delivered_by, "met")
        elif due is not None:
            over = (due + MINUTE - 1) // MINUTE * MINUTE
            numbers.happened("support_sla_cases", over, target, tier, priority, "breached")
            numbers.happened("support_sla_cases_by_delivery", over, target, delivered_by, "breached")
            if stop is None and case.open:
                overdue |= _running(numbers, over, target, tier, priority, had=case.assigned)
        elif case.open:
            numbers.count("support_sla_open", target, "paused")
    if overdue:
        numbers.count("support_sla_breached_open", word_of(case.team, rules.teams), word_of(case.priority, PRIORITIES))


def _running(numbers: Numbers, over: int, target: str, tier: str, priority: str, *, had: bool) -> bool:
    """Count a target of an open case that has not stopped; had: somebody has the case. True if it is overdue."""
    ahead = -numbers.minutes_since(over)
    numbers.count("support_sla_open", target, "running" if ahead > 0 else "breached")
    for within, minutes in DUE.items():
        if 0 < ahead <= minutes:
            numbers.count("support_sla_due", target, within, tier, priority)
            if not had:
                numbers.count("support_sla_due_unassigned", target, within, priority)
    return ahead <= 0


def _deadline(hours: Calendar, begin: int, length: int, spells: list[tuple[int, int | None]]) -> int | None:
    """The first instant by which the clock ran for `length` ms; None if it stands still before."""

    def ran(until: int) -> int:
        stood = (
            hours.open_between(max(start, begin), until if end is None else min(end, until)) for start, end in spells
        )
        return hours.open_between(begin, until) - sum(stood)

    if ran(begin + _FAR) < length:
        return None
    return begin + bisect_left(range(_FAR), length, key=lambda after: ran(begin + after))
