"""What is made from the numbers of what was recorded of cases, of attempts to reach support, and of knowledge."""

from typing import Final

from stream_app.catalogue.promql import mean, ratio, whole
from stream_app.catalogue.records.record import Record
from stream_app.catalogue.records.times import times

_ATTEMPTS: Final = "support_contact_attempts"
_RECORDED: Final = "support_cases_solved_recorded"
_KNOWN: Final = "support_cases_solved_known"
_WINDOW: Final = ("window",)


RECORDS: Final[tuple[Record, ...]] = (
    Record(
        "support:contact_abandoned:ratio",
        ratio(
            whole(_ATTEMPTS, 'outcome="abandoned"', by=_WINDOW),
            whole(_ATTEMPTS, 'outcome=~"connected|abandoned|cut_off"', by=_WINDOW),
        ),
        "Share that customers abandoned among the attempts to reach support that ended in the window.",
        "ratio", "cases", _WINDOW,
    ),
    *times(
        "support:contact_wait_seconds", "support_contact_wait_seconds",
        "wait to speak to somebody, attempts of the window", ("window", "channel"),
    ),
    Record(
        "support:case_customer_interactions:mean", mean("support_case_customer_interactions", by=_WINDOW),
        "Mean number of customers' interactions of cases solved in the window.", "interactions", "cases", _WINDOW,
    ),
    Record(
        "support:case_information_rounds:mean", mean("support_case_information_rounds", by=_WINDOW),
        "Mean rounds of asking for missing information, of cases solved in the window that had any.",
        "rounds", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved_recorded:ratio",
        ratio(whole(_RECORDED, 'recorded="yes"', by=_WINDOW), whole(_RECORDED, by=_WINDOW)),
        "Share with the required fields filled among the cases solved in the window of which that is known.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved_known:ratio", ratio(whole(_KNOWN, 'known="yes"', by=_WINDOW), whole(_KNOWN, by=_WINDOW)),
        "Share of known topics among the cases solved in the window of which the topic is recorded.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved_knowledge:ratio",
        ratio(whole("support_cases_solved_knowledge", by=_WINDOW), whole("support_cases_solved", by=_WINDOW)),
        "Share that linked, changed or made an article among the cases solved in the window.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:bug_cases:ratio",
        ratio(whole("support_bug_cases", by=_WINDOW), whole("support_cases_opened", by=_WINDOW)),
        "Share tied to a product issue among the cases opened in the window.", "ratio", "cases", _WINDOW,
    ),
)  # fmt: skip
