"""The numbers of support: every `support_*` metric, read from boards.

A metric over a series already counted is one row more.
"""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.reads import ages, every, fleet, levels, oldest, past, window_histogram, windows
from stream_app.catalogue.sets import (
    ANSWER,
    AREA,
    ASPECT,
    CHANNEL,
    CLOCK,
    FLEET,
    KIND,
    ORIGIN,
    PRIORITY,
    SEVERITY,
    STATE,
    SURVEY,
    WINDOW,
    exactly,
    product,
    team,
    tier,
)

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "support_cases_open",
        "Open cases by priority, exclusive state and tier of the account.",
        "cases",
        {"priority": PRIORITY, "state": STATE, "tier": tier},
        "Cases created and not solved, closed, merged, deleted or transferred. State, first match: waiting_customer, "
        "waiting_vendor, escalated, new (no assignment, no human reply), open.",
        levels("cases_open"),
    ),
    Metric(
        "support_cases_open_age_seconds",
        "Age of open cases by priority, in whole minutes of the clock.",
        "seconds",
        {"priority": PRIORITY},
        "now - creation, for every open case.",
        ages("cases_open_age"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_cases_open_oldest_seconds",
        "Age of the oldest open case by priority, in whole minutes of the clock.",
        "seconds",
        {"priority": PRIORITY},
        "now - creation, the greatest of all open cases; absent while none is open.",
        oldest("cases_open_age"),
        aggregation="max",
    ),
    Metric(
        "support_cases_open_by_team",
        "Open cases by the team that has them and priority.",
        "cases",
        {"team": team, "priority": PRIORITY},
        "Open cases by the team named last, at the creation or by an assignment; teams are a setting.",
        levels("cases_open_by_team"),
    ),
    Metric(
        "support_cases_unassigned",
        "Open cases that neither a person nor a team was given.",
        "cases",
        {},
        "Open cases without an assignment; a snapshot in any state but new counts as assigned.",
        levels("cases_unassigned"),
        zeros=True,
    ),
    Metric(
        "support_cases_awaiting_reply",
        "Open cases whose customer waits for an answer, by priority.",
        "cases",
        {"priority": PRIORITY},
        "Open cases with a customer's message, the creation by a customer among them, that neither a public reply of a "
        "person nor a solve followed. Automatic messages are nobody's.",
        every("cases_awaiting_reply_age"),
        zeros=True,
    ),
    Metric(
        "support_cases_awaiting_reply_age_seconds",
        "How long the customers of open cases have been waiting for an answer, in whole minutes of the clock.",
        "seconds",
        {"priority": PRIORITY},
        "now - the first message since the last answer, for every open case that awaits a reply.",
        ages("cases_awaiting_reply_age"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_cases_opened",
        "Cases created in the window by channel and origin.",
        "cases",
        {"window": WINDOW, "channel": CHANNEL, "origin": ORIGIN},
        "Cases whose creation lies in the window. origin: reactive (the customer came) or proactive (we did).",
        windows("cases_opened"),
    ),
    Metric(
        "support_case_resolution_seconds",
        "Time to resolution of cases solved in the window.",
        "seconds",
        {
            "window": WINDOW,
            "kind": KIND,
            "clock": CLOCK,
            "priority": PRIORITY,
        },
        "kind first: creation to the first solve, for ever in that minute; full: creation to the latest solve, "
        "not while the case is open again. clock elapsed: all of it; net: without waiting on the customer and without "
        "the time from a solve to a reopening.",
        window_histogram("resolution"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_case_first_response_seconds",
        "Time from a customer's creation of a case to the first public reply of a person, replies of the window.",
        "seconds",
        {"window": WINDOW, "clock": exactly("elapsed"), "priority": PRIORITY},
        "Automatic answers and internal notes never count; a reopening does not start it again.",
        window_histogram("first_response"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_cases_reopened",
        "Moves from solved or closed back to open in the window.",
        "moves",
        {"window": WINDOW},
        "Reopenings, each in the minute it happened.",
        windows("cases_reopened"),
        zeros=True,
    ),
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
    Metric(
        "support_devices",
        "Devices by product and state.",
        "devices",
        {"product": product, "state": FLEET},
        "fresh: a sign of life within `late_after` expected intervals; late: within `silent_after`; silent: longer ago;"
        " retired: decommissioned and no sign of life since.",
        fleet,
    ),
    Metric(
        "support_device_faults_active",
        "Faults raised and not cleared by product and severity, of devices not retired.",
        "faults",
        {"product": product, "severity": SEVERITY},
        "One for each device and fault code.",
        levels("device_faults_active"),
    ),
    Metric(
        "support_cases_open_silent_device",
        "Open cases of accounts that have a silent device.",
        "cases",
        {"priority": PRIORITY},
        "Open cases of every account of which at least one device is silent now.",
        past("cases_open_silent_device"),
        zeros=True,
    ),
    Metric(
        "stream_app_rows_incomplete",
        "Rows whose creation was never seen; they count in no other number.",
        "rows",
        {"topic": AREA},
        "Cases without a creation, devices without a registration.",
        levels("rows_incomplete"),
        zeros=True,
    ),
)
"""The numbers that are read from boards."""
