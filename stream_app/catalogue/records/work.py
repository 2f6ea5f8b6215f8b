"""What is made from the numbers of who works on cases, and how."""

from typing import Final

from stream_app.catalogue.promql import ratio, whole
from stream_app.catalogue.records.record import Record
from stream_app.catalogue.records.times import times

_SOLVED: Final = "support_cases_solved"
_VENDOR: Final = "support_cases_solved_vendor"
_WINDOW: Final = ("window",)


def _share(name: str, metric: str, what: str) -> Record:
    """The share of the cases solved that a metric counts."""
    expr = ratio(whole(metric, by=_WINDOW), whole(_SOLVED, by=_WINDOW))
    return Record(name, expr, f"Share {what} among the cases solved in the window.", "ratio", "cases", _WINDOW)


RECORDS: Final[tuple[Record, ...]] = (
    _share("support:cases_solved_handoffs:ratio", "support_cases_solved_handoffs", "that had gone to another team"),
    _share(
        "support:cases_solved_reassignments:ratio", "support_cases_solved_reassignments",
        "that had gone to another agent of the same team",
    ),
    Record(
        "support:cases_solved_vendor_authorised:ratio",
        ratio(
            whole(_VENDOR, 'authorised="yes"', by=_WINDOW), whole(_VENDOR, 'authorised!="unknown"', by=_WINDOW),
        ),
        "Share whose customer agreed among the cases solved in the window that a vendor worked on and of which that is "
        "known.", "ratio", "cases", _WINDOW,
    ),
    *times(
        "support:case_resolution_by_path_seconds", "support_case_resolution_by_path_seconds",
        "time to resolution of cases solved in the window, by path", ("window", "path"),
    ),
    *times(
        "support:case_resolution_by_delivery_seconds", "support_case_resolution_by_delivery_seconds",
        "time to resolution of cases solved in the window, by who delivered", ("window", "delivered_by"),
    ),
    *times(
        "support:case_resolution_by_tier_seconds", "support_case_resolution_by_tier_seconds",
        "time to resolution of cases solved in the window, by tier", ("window", "tier"),
    ),
    *times(
        "support:case_effort_seconds", "support_case_effort_seconds", "effort on cases solved in the window", _WINDOW,
    ),
    *times(
        "support:case_effort_by_path_seconds", "support_case_effort_seconds",
        "effort on cases solved in the window, by path", ("window", "path"),
    ),
    *times(
        "support:case_engineering_seconds", "support_case_engineering_seconds",
        "time from the first escalation to engineering to the solve of cases solved in the window", _WINDOW,
    ),
)  # fmt: skip
