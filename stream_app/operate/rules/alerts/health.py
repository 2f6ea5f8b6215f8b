"""Customers at risk."""

from stream_app.catalogue import Record
from stream_app.catalogue.promql import whole
from stream_app.operate.rules.alert import Alert
from stream_app.operate.rules.shapes import Level
from stream_app.operate.rules.thresholds import Thresholds

_AREA = "health"


def _at_risk(thresholds: Thresholds) -> Level:
    return Level(
        "support:customers_at_risk", whole("support_customers_by_health", 'band="red"'), "Customers in the red band",
        "customers", _AREA, thresholds.customers_at_risk,
    )  # fmt: skip


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """What the alert rests on."""
    return _at_risk(thresholds).records()


def alerts(thresholds: Thresholds) -> tuple[Alert, ...]:
    """The alert. Scores are made at full hours and may flap: it waits for more than two of them."""
    return (
        Alert(
            "SupportCustomersAtRisk", _AREA, "support", _at_risk(thresholds).too_high, thresholds.customers_at_risk,
            "Many more customers than usual are at risk.",
            "{{ $value | humanize }} customers have a health score in the red band, many more than at this time of "
            "other days.",
            gated=True,
        ),
    )  # fmt: skip
