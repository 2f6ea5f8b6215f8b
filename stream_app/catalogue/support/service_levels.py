"""The numbers of service levels: promises to customers that were kept, broken, or are about to be."""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.reads import clocks, due, past, windows
from stream_app.catalogue.sets import PRIORITY, PROMISE, PROMISED, TARGET, WINDOW, WITHIN, partner, team, tier

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "support_sla_cases",
        "Targets of service levels that were met or breached in the window.",
        "targets",
        {"window": WINDOW, "target": TARGET, "tier": tier, "priority": PRIORITY, "outcome": PROMISE},
        "met: the clock stopped at its deadline or before, in the minute it did. breached: it did not, in the first "
        "minute with the deadline behind it, also while the case is open. Priority: at the stop, else the present one. "
        "Target engineering: from the first escalation to engineering to the first of a solve and leaving it.",
        windows("sla_cases"),
    ),
    Metric(
        "support_sla_cases_by_delivery",
        "Targets of service levels that were met or breached in the window, by who delivered the support.",
        "targets",
        {"window": WINDOW, "target": TARGET, "delivered_by": partner, "outcome": PROMISE},
        "As support_sla_cases, by who was said last to deliver. Partners are a setting.",
        windows("sla_cases_by_delivery"),
    ),
    Metric(
        "support_sla_due",
        "Targets of open cases that are not breached yet, by how soon they will be.",
        "targets",
        {"target": TARGET, "within": WITHIN, "tier": tier, "priority": PRIORITY},
        "Running clocks with a deadline ahead, by minutes of the clock; within 24h counts those within 1h too.",
        due("sla_due"),
    ),
    Metric(
        "support_sla_due_unassigned",
        "Targets of open cases nobody has that are not breached yet, by how soon they will be.",
        "targets",
        {"target": TARGET, "within": WITHIN, "priority": PRIORITY},
        "As support_sla_due, of cases that were given to neither a person nor a team.",
        due("sla_due_unassigned"),
    ),
    Metric(
        "support_sla_open",
        "Targets of open cases by what their clock does.",
        "targets",
        {"target": TARGET, "state": PROMISED},
        "Clocks that did not stop yet. breached: the deadline is behind, whatever the clock does; else paused: the "
        "case waits on the customer; else running, out of opening hours too.",
        clocks,
        zeros=True,
    ),
    Metric(
        "support_sla_breached_open",
        "Open cases with a breached target that can still be answered or solved, by team and priority.",
        "cases",
        {"team": team, "priority": PRIORITY},
        "Open cases with at least one clock that did not stop and whose deadline is behind. One late answer that was "
        "given at last is no reason to be here.",
        past("sla_breached_open"),
    ),
)
