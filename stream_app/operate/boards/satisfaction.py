"""The board of satisfaction and health: what customers answer, how many do, and how they are."""

from typing import Final

from stream_app.operate.boards import trust
from stream_app.operate.boards.panel import GrafanaBoard, Row, area, bars, lines, number
from stream_app.operate.boards.queries import TIER, WINDOW, benchmark, quantile, recorded, whole

_ANSWERS: Final = "support_survey_responses"
_OVERALL: Final = 'aspect="overall"'

_NOW: Final = (
    number("CSAT", recorded("support:csat:ratio", WINDOW, _OVERALL), runbooks=("SupportCustomersAtRisk",)),
    number("NPS", recorded("support:nps:score", WINDOW)),
    number("Found it easy", recorded("support:effort:ratio", WINDOW)),
    number("Surveys sent", whole("support_surveys_sent", WINDOW)),
    number("Answers", whole(_ANSWERS, WINDOW, _OVERALL), nothing="0", runbooks=("SupportAnswersMissing",)),
    number("CSAT surveys answered", recorded("support:survey_response:ratio", WINDOW, 'survey="csat"')),
)

_TREND: Final = (
    lines(
        "CSAT", recorded("support:csat:ratio", WINDOW, _OVERALL, legend="satisfied"), benchmark("support:csat:ratio")
    ),
    lines("NPS", recorded("support:nps:score", WINDOW, legend="NPS"), benchmark("support:nps:score")),
    lines("Found it easy", recorded("support:effort:ratio", WINDOW, legend="easy")),
    lines("CSAT by aspect", recorded("support:csat:ratio", WINDOW)),
    lines("Surveys answered", recorded("support:survey_response:ratio", WINDOW)),
    area("Surveys sent", whole("support_surveys_sent", WINDOW, by=("survey",))),
)  # fmt: skip

_MIX: Final = (
    bars(
        "CSAT answers",
        whole(_ANSWERS, WINDOW, 'survey="csat"', _OVERALL, by=("answer",)),
        runbooks=("SupportDissatisfiedHigh", "SupportDissatisfiedWaiting"),
    ),
    bars("NPS answers", whole(_ANSWERS, WINDOW, 'survey="nps"', _OVERALL, by=("answer",))),
    bars("Effort answers", whole(_ANSWERS, WINDOW, 'survey="effort"', _OVERALL, by=("answer",))),
    bars("CSAT by window", recorded("support:csat:ratio", _OVERALL)),
    bars("NPS by window", recorded("support:nps:score")),
    bars("Surveys answered, by window", recorded("support:survey_response:ratio", 'survey="csat"')),
)

_AWAITING: Final = "support_dissatisfied_awaiting_contact"

_DISSATISFIED: Final = (
    number("Dissatisfied, nobody spoke to them", whole(_AWAITING, TIER), nothing="0"),
    number(
        "Waiting: 90th percentile", quantile(0.9, f"{_AWAITING}_age_seconds", TIER), nothing="nobody waits",
    ),
    number("Contacted", recorded("support:dissatisfied_contacted:ratio", WINDOW)),
    number("Solved cases surveyed", recorded("support:survey_coverage:ratio", WINDOW)),
    area(
        "Dissatisfied, nobody spoke to them, by tier", whole(_AWAITING, TIER, by=("tier",)),
        runbooks=("SupportDissatisfiedWaiting",),
    ),
    bars("Reasons of dissatisfaction", whole("support_dissatisfaction", WINDOW, by=("reason",))),
    bars("CSAT by channel", recorded("support:csat_by_channel:ratio", WINDOW)),
    bars("CSAT by tier", recorded("support:csat_by_tier:ratio", WINDOW, TIER)),
    bars("CSAT by who delivered", recorded("support:csat_by_delivery:ratio", WINDOW)),
    bars("CSAT by path of the case", recorded("support:csat_by_path:ratio", WINDOW)),
)  # fmt: skip

_DIVIDED: Final = (
    *(
        bars(f"{name} surveys answered, by {by}", recorded(f"support:survey_response_by_{by}:ratio", WINDOW, *chosen))
        for by, tier in (("channel", ()), ("tier", (TIER,)))
        for name, *chosen in (
            ("CSAT", 'survey="csat"', *tier),
            ("NPS", 'survey="nps"', *tier),
            ("Effort", 'survey="effort"', *tier),
        )
    ),
    bars("NPS by channel", recorded("support:nps_by_channel:score", WINDOW)),
    bars("NPS by tier", recorded("support:nps_by_tier:score", WINDOW, TIER)),
    bars("Found it easy, by channel", recorded("support:effort_by_channel:ratio", WINDOW)),
    bars("Found it easy, by tier", recorded("support:effort_by_tier:ratio", WINDOW, TIER)),
)
"""Who answers, and what, by the channel of the case and the tier of the account."""

_CUSTOMERS: Final = "support_customers_by_health"

HEALTH: Final = (
    number("Customers at risk", whole(_CUSTOMERS, 'band="red"', TIER), nothing="0"),
    number("Share at risk", recorded("support:customers_at_risk:ratio")),
    number("Too little known for a score", whole("support_customers_without_health")),
    number("Scores are this old", whole("support_customer_health_age_seconds")),
    lines(
        "Share of customers at risk", recorded("support:customers_at_risk:ratio", legend="at risk"),
        benchmark("support:customers_at_risk:ratio"),
    ),
    area("Customers by health", whole(_CUSTOMERS, TIER, by=("band",))),
    bars("At risk by reason", whole("support_customers_at_risk", TIER, by=("reason",))),
    bars("Share at risk by tier", recorded("support:customers_at_risk_by_tier:ratio", TIER)),
    bars("Lowest scores", whole("support_customer_health_score", by=("account",))),
    bars("Inputs with nothing new", whole("support_customers_health_stale", by=("input",))),
)  # fmt: skip
"""How customers are, and why."""

BOARD: Final = GrafanaBoard(
    "satisfaction",
    "Support: satisfaction and health",
    "What customers answer when they are asked, how many answer, and how that moves.",
    (
        trust.ROW,
        Row("Answers of the last $window", _NOW),
        Row("How it moves", _TREND),
        Row("What was answered", _MIX),
        Row("By channel and tier", _DIVIDED),
        Row("Dissatisfied customers of the last $window", _DISSATISFIED),
        Row("Health of customers", HEALTH),
    ),
)
