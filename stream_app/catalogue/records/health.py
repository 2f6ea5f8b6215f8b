"""What is made from the health of customers."""

from typing import Final

from stream_app.catalogue.promql import ratio, whole
from stream_app.catalogue.records.record import Record

_CUSTOMERS: Final = "support_customers_by_health"
_TIER: Final = ("tier",)

RECORDS: Final[tuple[Record, ...]] = (
    Record(
        "support:customers_at_risk:ratio", ratio(whole(_CUSTOMERS, 'band="red"'), whole(_CUSTOMERS)),
        "Share of customers at risk, in the red band, among those with a health score.", "ratio", "health",
    ),
    Record(
        "support:customers_at_risk_by_tier:ratio",
        ratio(whole(_CUSTOMERS, 'band="red"', by=_TIER), whole(_CUSTOMERS, by=_TIER)),
        "Share of customers at risk among those of the tier with a health score.", "ratio", "health", _TIER,
    ),
    Record(
        "support:customers_without_health:ratio",
        ratio(
            whole("support_customers_without_health"),
            f"({whole('support_customers_without_health')} + ({whole(_CUSTOMERS)} or vector(0)))",
        ),
        "Share of customers of whom too little is known for a score.", "ratio", "health",
    ),
)  # fmt: skip
