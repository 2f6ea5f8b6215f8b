"""What is made from the numbers of service levels."""

from typing import Final

from stream_app.catalogue.promql import ratio, whole
from stream_app.catalogue.records.record import Record

_JUDGED: Final = "support_sla_cases"
_AREA: Final = "service_levels"


def _attained(by: tuple[str, ...], judged: str = _JUDGED) -> str:
    return ratio(whole(judged, 'outcome="met"', by=by), whole(judged, by=by))


RECORDS: Final[tuple[Record, ...]] = (
    Record(
        "support:sla_attained:ratio", _attained(("window", "target", "tier")),
        "Share of the targets that were met among those met or breached in the window, by target and tier.",
        "ratio", _AREA, ("window", "target", "tier"),
    ),
    Record(
        "support:sla_attained_overall:ratio", _attained(("window", "target")),
        "Share of the targets that were met among those met or breached in the window, by target.",
        "ratio", _AREA, ("window", "target"),
    ),
    Record(
        "support:sla_attained_by_delivery:ratio",
        _attained(("window", "target", "delivered_by"), "support_sla_cases_by_delivery"),
        "Share of the targets that were met among those met or breached in the window, by who delivered.",
        "ratio", _AREA, ("window", "target", "delivered_by"),
    ),
    Record(
        "support:sla_breached:sum", whole(_JUDGED, 'outcome="breached"', by=("window", "target")),
        "Targets breached in the window.", "targets", _AREA, ("window", "target"),
    ),
    Record(
        "support:sla_due:sum", whole("support_sla_due", by=("target", "within")),
        "Targets of open cases that will be breached so soon unless something is done.", "targets", _AREA,
        ("target", "within"),
    ),
    Record(
        "support:sla_breached_open:sum", whole("support_sla_breached_open"),
        "Open cases with a breached target that can still be answered or solved.", "cases", _AREA,
    ),
)  # fmt: skip
