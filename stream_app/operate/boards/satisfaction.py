"""The board of satisfaction and health: what customers answer, how many do, and how they are."""

from typing import Final

from stream_app.operate.boards import trust
from stream_app.operate.boards.panel import GrafanaBoard, Panel, Row, area, bars, lines, number
from stream_app.operate.boards.queries import WINDOW, benchmark, recorded, whole

_ANSWERS: Final = "support_survey_responses"
_OVERALL: Final = 'aspect="overall"'

_NOW: Final = (
    number("CSAT", recorded("support:csat:ratio", WINDOW, _OVERALL)),
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

HEALTH: Final[tuple[Panel, ...]] = ()
"""How customers are: a row of the board as soon as the catalogue has it."""

BOARD: Final = GrafanaBoard(
    "satisfaction",
    "Support: satisfaction and health",
    "What customers answer when they are asked, how many answer, and how that moves.",
    (
        trust.ROW,
        Row("Answers of the last $window", _NOW),
        Row("How it moves", _TREND),
        Row("What was answered", _MIX),
        Row("Health of customers", HEALTH),
    ),
)
