"""The numbers of surveys."""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.reads import windows
from stream_app.catalogue.sets import ANSWER, ASPECT, SURVEY, WINDOW

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "support_surveys_sent",
        "Surveys put to customers in the window.",
        "surveys",
        {"window": WINDOW, "survey": SURVEY},
        "Surveys by the minute they were sent.",
        windows("surveys_sent"),
        zeros=True,
    ),
    Metric(
        "support_survey_responses",
        "Answers of the window by survey, aspect and word of the answer.",
        "answers",
        {"window": WINDOW, "survey": SURVEY, "aspect": ASPECT, "answer": ANSWER},
        "CSAT and effort: satisfied 4-5 of 5, 6-7 of 7, 9-10 of ten; dissatisfied 1-2 of 5, 1-3 of 7, up to 4 of ten. "
        "NPS: promoter 9-10, detractor 0-6. The latest answer of a survey counts, in its minute.",
        windows("survey_responses"),
    ),
)
