"""Panels of who works on cases, what is recorded of them, and attempts to reach support."""

from typing import Final

from stream_app.operate.boards.panel import Panel, area, bars, lines, number
from stream_app.operate.boards.queries import WINDOW, benchmark, quantile, recorded, whole

_ENGINEERING_AGE: Final = "support_cases_open_engineering_age_seconds"

WORK: Final[tuple[Panel, ...]] = (
    number(
        "Gone to another team",
        recorded("support:cases_solved_handoffs:ratio", WINDOW),
        runbooks=("SupportHandoffsHigh",),
    ),
    number("Gone to another agent", recorded("support:cases_solved_reassignments:ratio", WINDOW)),
    number("Mean effort", recorded("support:case_effort_seconds:mean", WINDOW)),
    number("With engineering", whole("support_cases_open_engineering")),
    number("Untouched", whole("support_cases_untouched")),
    number("Merged", whole("support_cases_merged", WINDOW)),
    bars("Mean time to resolution by path", recorded("support:case_resolution_by_path_seconds:mean", WINDOW)),
    number("Cost of a case", recorded("support:case_cost:mean", WINDOW), nothing="no effort or no rate"),
    bars("Cost of a case by path", recorded("support:case_cost_by_path:mean", WINDOW)),
    bars("Mean effort by path", recorded("support:case_effort_by_path_seconds:mean", WINDOW)),
    bars(
        "Mean time to resolution by who delivered", recorded("support:case_resolution_by_delivery_seconds:mean", WINDOW)
    ),
    bars("Mean time to resolution by tier", recorded("support:case_resolution_by_tier_seconds:mean", WINDOW)),
    bars("Worked on too", whole("support_cases_solved_collaborated_with", WINDOW, by=("who",))),
    bars("Vendors the customer agreed to", whole("support_cases_solved_vendor", WINDOW, by=("authorised",))),
    lines("Time to fix by engineering", recorded("support:case_engineering_seconds:p50", WINDOW, legend="median")),
    area("With engineering by priority", whole("support_cases_open_engineering", by=("priority",))),
    lines("How long engineering has had them", quantile(0.9, _ENGINEERING_AGE, legend="90th percentile")),
    bars(
        "Agreed targets met by engineering, by tier",
        recorded("support:sla_attained:ratio", WINDOW, 'target="engineering"'),
    ),
)

RECORDED: Final[tuple[Panel, ...]] = (
    number(
        "Attempts abandoned", recorded("support:contact_abandoned:ratio", WINDOW),
        runbooks=("SupportContactAbandoned",),
    ),
    number("Known topics", recorded("support:cases_solved_known:ratio", WINDOW)),
    number("Tied to a product issue", recorded("support:bug_cases:ratio", WINDOW)),
    number("Interactions of the customer", recorded("support:case_customer_interactions:mean", WINDOW)),
    number("Rounds of asking", recorded("support:case_information_rounds:mean", WINDOW)),
    bars("Attempts to reach support", whole("support_contact_attempts", WINDOW, by=("outcome",))),
    bars("90th percentile of the wait", recorded("support:contact_wait_seconds:p90", WINDOW)),
    bars("Automatic steps", whole("support_case_automation", WINDOW, by=("step", "outcome"))),
    lines(
        "Complete records", recorded("support:cases_solved_recorded:ratio", WINDOW, legend="share"),
        benchmark("support:cases_solved_recorded:ratio"),
    ),
    lines(
        "Cases that used knowledge", recorded("support:cases_solved_knowledge:ratio", WINDOW, legend="share"),
        benchmark("support:cases_solved_knowledge:ratio"),
    ),
    bars("Product issues with most cases", whole("support_bug_cases_top", WINDOW, by=("bug",))),
    bars("Topics with most cases", whole("support_known_topic_cases_top", WINDOW, by=("known_topic",))),
    bars("Done with articles", whole("support_cases_solved_knowledge", WINDOW, by=("action",))),
)  # fmt: skip
