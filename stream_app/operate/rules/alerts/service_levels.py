"""Service levels: targets that are missed, and those about to be."""

from stream_app.catalogue import Record
from stream_app.catalogue.promql import whole
from stream_app.operate.rules.alert import Alert
from stream_app.operate.rules.shapes import Level, WindowShare
from stream_app.operate.rules.thresholds import Thresholds

_AREA = "service_levels"


def _missed(thresholds: Thresholds) -> WindowShare:
    def targets(window: str, *conditions: str) -> str:
        return whole("support_sla_cases", f'window="{window}"', *conditions)

    return WindowShare(
        "support:targets_missed", lambda window: targets(window, 'outcome="breached"'), targets,
        "Targets of service levels that were breached", _AREA, thresholds.targets_missed,
    )  # fmt: skip


def _due(thresholds: Thresholds) -> Level:
    return Level(
        "support:targets_due", whole("support_sla_due_unassigned", 'within="1h"', 'target="first_response"'),
        "First responses due within the hour of cases nobody has", "targets", _AREA, thresholds.targets_due,
    )  # fmt: skip


def _breached(thresholds: Thresholds) -> Level:
    return Level(
        "support:targets_breached", whole("support_sla_breached_open", 'priority=~"p1|p2"'),
        "Open cases of p1 and p2 with a breached target", "cases", _AREA, thresholds.targets_breached,
    )  # fmt: skip


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """What the alerts rest on."""
    return tuple(record for shape in (_missed, _breached, _due) for record in shape(thresholds).records())


def alerts(thresholds: Thresholds) -> tuple[Alert, ...]:
    """The alerts."""
    missed, breached = thresholds.targets_missed, thresholds.targets_breached
    return (
        Alert(
            "SupportTargetsDue", _AREA, "support", _due(thresholds).too_high, thresholds.targets_due,
            "Many promised first responses are due and nobody has the cases.",
            "{{ $value | humanize }} cases that nobody has taken have a first response due within the hour, many more "
            "than at this time of other days.",
            gated=True,
        ),
        Alert(
            "SupportTargetsBreached", _AREA, "support", _breached(thresholds).too_high, breached,
            "Many urgent cases are open beyond what was promised.",
            "{{ $value | humanize }} open cases of p1 and p2 have a breached target of their service level, many more "
            "than at this time of other days.",
            gated=True,
        ),
        Alert(
            "SupportTargetsMissed", _AREA, "support", _missed(thresholds).too_high, missed,
            "Many targets of service levels are missed.",
            f"{{{{ $value | humanizePercentage }}}} of the targets met or breached in the last {missed.long} were "
            f"breached; surely more than {missed.share:.0%}.",
            gated=True,
        ),
    )  # fmt: skip
