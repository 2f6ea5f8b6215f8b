"""The service levels of a case: its clocks, and what each adds to the board.

Definitions. A case is judged by the policy of its tier that was in force at its creation. first_response:
creation by a customer to the first public reply of a person. next_response: a later question of the customer to
the next public reply of a person or solve. resolution: creation to the latest solve. engineering: the first
escalation to engineering to the first of a solve and leaving engineering. A target is that of the present
priority, counted from the beginning of its clock; a clock that stopped keeps the priority of that time. Clocks
stand still while the case waits on the customer and while it is not open. A stop no later than the deadline is
met, in its minute; otherwise it is breached, in the first minute that begins with the deadline behind it,
whether the clock stops later or never.

Where the sources leave it open: the question that opened a case is answered by the first response and is no
next response; on a case that support opened every question is one. A breach stays when the case is reopened,
merged or closed unsolved, a met resolution leaves with the solve. A clock that stands still in a case that is
not open, and was not breached before, is no promise any more: it counts nowhere. A lower priority may undo the
breach of a clock that still runs, a higher one may bring it, then in the minute it would have come. A clock
that stood still when it stopped has no deadline but its stop. What a snapshot says was waited lies before the
snapshot, or before the solve it tells of; its stops have its priority. Of the pauses and of the answered
questions a case keeps the latest 64 each. A case leaves engineering when it is escalated elsewhere, or reopened
after a close without a solve; engineering is judged once for each case, and what it met stays met, whatever
follows. Of a case that left when nobody knows, nothing is judged.
"""

from stream_app.domain.board import Weight
from stream_app.domain.calendars import ALWAYS
from stream_app.domain.cases.state import MERGED, OPEN, Case, halted
from stream_app.domain.rules import Rules
from stream_app.domain.service_levels import ENGINEERING, FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, deadline
from stream_app.domain.words import MINUTE_MS, PRIORITIES, closed, minute

Clock = tuple[str, int, int, str]
"""(target, beginning, stop or 0, priority it is judged by)."""


def clocks(case: Case) -> list[Clock]:
    """The clocks that ever ran for a case."""
    by_customer, replied, priority = case.by == "customer", case.replied, case.priority
    found: list[Clock] = []
    if by_customer:
        found.append((FIRST_RESPONSE, case.created, replied, case.replied_priority if replied else priority))
    for asked, answered, said in case.answers:
        if not by_customer or 0 < replied < answered:
            found.append((NEXT_RESPONSE, asked, answered, said))
    if case.awaiting and (replied or not by_customer):
        found.append((NEXT_RESPONSE, case.awaiting, 0, priority))
    if case.solved and case.phase != MERGED:
        found.append((RESOLUTION, case.created, case.solved, case.solved_priority))
    else:
        found.append((RESOLUTION, case.created, 0, priority))
    if case.fixing_until > 0:
        found.append((ENGINEERING, case.fixing, case.fixing_until, case.fixing_priority))
    elif case.engineering and not case.fixing_until:
        found.append((ENGINEERING, case.fixing, 0, priority))
    return found


def _runs(case: Case, of: tuple[str, str, str], at: int, weights: list[Weight]) -> None:
    """What a clock of an open case adds that has not stopped; of: target, tier, priority; at: its deadline's minute."""
    weights.append(("sla_due", of, at, 1))
    if not case.assigned:
        weights.append(("sla_due_unassigned", (of[0], of[2]), at, 1))


def weigh(case: Case, rules: Rules) -> list[Weight]:
    """What the clocks of a case add; a clock without a target adds nothing."""
    levels = rules.levels
    tier, delivered_by = closed(case.tier, rules.tiers), closed(case.delivered_by, rules.partners)
    weights: list[Weight] = []
    overdue: int | None = None
    for target, begin, stop, said in clocks(case):
        priority = closed(said, PRIORITIES)
        promised = getattr(levels.policy(tier, priority, case.created), target)
        if promised is None:
            continue
        if stop and stop - begin <= promised.length and stop >= levels.counted_from:
            weights.append(("sla_cases", (target, tier, priority, "met"), minute(stop), 1))
            weights.append(("sla_cases_by_delivery", (target, delivered_by, "met"), minute(stop), 1))
            continue
        hours = levels.hours(closed(case.region, rules.regions)) if promised.business else ALWAYS
        due = deadline(hours, begin, promised.length, case.pauses, halted(case), stop)
        if 0 < (stop if due is None else due) < levels.counted_from:
            continue
        if stop and (due is None or stop <= due):
            weights.append(("sla_cases", (target, tier, priority, "met"), minute(stop), 1))
            weights.append(("sla_cases_by_delivery", (target, delivered_by, "met"), minute(stop), 1))
        elif due is not None:
            at = -(-due // MINUTE_MS)
            weights.append(("sla_cases", (target, tier, priority, "breached"), at, 1))
            weights.append(("sla_cases_by_delivery", (target, delivered_by, "breached"), at, 1))
            if not stop and case.phase == OPEN:
                _runs(case, (target, tier, priority), at, weights)
                overdue = at if overdue is None else min(overdue, at)
        elif case.phase == OPEN:
            weights.append(("sla_paused", (target,), None, 1))
    if overdue is not None:
        where = (closed(case.team, rules.teams), closed(case.priority, PRIORITIES))
        weights.append(("sla_breached_open", where, overdue, 1))
    return weights
