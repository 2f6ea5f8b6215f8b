"""The numbers of surveys."""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.reads import ages, every, windows
from stream_app.catalogue.sets import (
    ABOUT,
    ANSWER,
    ASPECT,
    CHANNEL,
    OPINION,
    PATH,
    SURVEY,
    SURVEY_OF_CASE,
    WINDOW,
    dissatisfaction,
    partner,
    tier,
)

_OF_CASE: Final = (
    "The overall answer of each CSAT or effort survey that names a case, as in support_survey_responses, beside that "
    "case by its latest solve; unknown while it is not solved, and when it is not known. NPS is held against no case."
)

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "support_surveys_sent",
        "Surveys put to customers in the window, by what they are about.",
        "surveys",
        {"window": WINDOW, "survey": SURVEY, "about": ABOUT},
        "Surveys by the minute they were sent; about a case when one is named, else about the account.",
        windows("surveys_sent"),
        zeros=True,
    ),
    Metric(
        "support_surveys_sent_by_channel",
        "Surveys put to customers in the window by the channel of the case they are about.",
        "surveys",
        {"window": WINDOW, "survey": SURVEY, "channel": CHANNEL},
        "Surveys by the minute they were sent, by the latest channel named in their events.",
        windows("surveys_sent_by_channel"),
    ),
    Metric(
        "support_surveys_sent_by_tier",
        "Surveys put to customers in the window by the tier of the account.",
        "surveys",
        {"window": WINDOW, "survey": SURVEY, "tier": tier},
        "Surveys by the minute they were sent, by the latest tier named in their events.",
        windows("surveys_sent_by_tier"),
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
    Metric(
        "support_survey_responses_by_channel",
        "Answers of the window by the channel of the case they are about.",
        "answers",
        {"window": WINDOW, "survey": SURVEY, "channel": CHANNEL, "answer": ANSWER},
        "The overall answer of each survey, as in support_survey_responses, by the latest channel named in its events.",
        windows("survey_responses_by_channel"),
    ),
    Metric(
        "support_survey_responses_by_tier",
        "Answers of the window by the tier of the account.",
        "answers",
        {"window": WINDOW, "survey": SURVEY, "tier": tier, "answer": ANSWER},
        "The overall answer of each survey, as in support_survey_responses, by the latest tier named in its events.",
        windows("survey_responses_by_tier"),
    ),
    Metric(
        "support_survey_responses_by_delivery",
        "Answers of the window about cases, by who delivered the support.",
        "answers",
        {"window": WINDOW, "survey": SURVEY_OF_CASE, "delivered_by": partner, "answer": OPINION},
        _OF_CASE + " Partners are a setting.",
        windows("survey_responses_by_delivery"),
    ),
    Metric(
        "support_survey_responses_by_path",
        "Answers of the window about cases, by the path they took.",
        "answers",
        {"window": WINDOW, "survey": SURVEY_OF_CASE, "path": PATH, "answer": OPINION},
        _OF_CASE + " Paths as in support_case_resolution_by_path_seconds.",
        windows("survey_responses_by_path"),
    ),
    Metric(
        "support_dissatisfaction",
        "Reasons given with dissatisfied answers of the window.",
        "answers",
        {"window": WINDOW, "reason": dissatisfaction},
        "CSAT and effort surveys whose latest overall answer is dissatisfied, in its minute: once under each reason "
        "given, under unknown without any. NPS makes nobody dissatisfied.",
        windows("dissatisfaction"),
        zeros=True,
    ),
    Metric(
        "support_dissatisfied_contacted",
        "Contacts in the window to customers who had answered that they are dissatisfied.",
        "contacts",
        {"window": WINDOW, "tier": tier},
        "The first contact after each dissatisfied answer to a CSAT or effort survey, in its minute.",
        windows("dissatisfied_contacted"),
        zeros=True,
    ),
    Metric(
        "support_dissatisfied_awaiting_contact",
        "Dissatisfied answers that nobody has spoken to the customer about yet.",
        "surveys",
        {"tier": tier},
        "CSAT and effort surveys whose latest overall answer is dissatisfied, without a contact after it.",
        every("dissatisfied_awaiting_contact_age"),
        zeros=True,
    ),
    Metric(
        "support_dissatisfied_awaiting_contact_age_seconds",
        "How long ago these customers answered, in whole minutes of the clock.",
        "seconds",
        {"tier": tier},
        "now - the latest answer, for every survey in support_dissatisfied_awaiting_contact.",
        ages("dissatisfied_awaiting_contact_age"),
        kind="gaugehistogram",
    ),
)
