"""The numbers of what was recorded of cases, of attempts to reach support, and of what machines did."""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.reads import most, names, window_histogram, windows
from stream_app.catalogue.sets import (
    ARTICLE,
    ATTEMPT,
    AUTOMATIC_OUTCOME,
    AUTOMATIC_STEP,
    CHANNEL,
    WINDOW,
    YES_NO,
    bug,
    known_topic,
)
from stream_app.domain.words import COUNT_BOUNDS

_BY_SOLVE: Final = "Cases by their latest solve, not while open again; "

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "support_contact_attempts",
        "Turns of attempts to speak to somebody in the window, by channel and outcome.",
        "turns",
        {"window": WINDOW, "channel": CHANNEL, "outcome": ATTEMPT},
        "queued: the customer waits; connected, abandoned and cut_off end that. Each in its minute, whether or not a "
        "case came of it; without a channel under that of the case.",
        windows("contact_attempts"),
    ),
    Metric(
        "support_contact_wait_seconds",
        "How long customers waited to speak to somebody, by channel.",
        "seconds",
        {"window": WINDOW, "channel": CHANNEL},
        "The waits that were told of with an attempt, in the minute of the attempt.",
        window_histogram("contact_wait"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_case_customer_interactions",
        "Customers' interactions of cases solved in the window.",
        "interactions",
        {"window": WINDOW},
        _BY_SOLVE + "interactions of the customer before that solve, the creation by a customer among them; of "
        "consecutive messages of one side the first counts.",
        window_histogram("case_interactions", COUNT_BOUNDS),
        kind="gaugehistogram",
        bounds=COUNT_BOUNDS,
    ),
    Metric(
        "support_case_information_rounds",
        "Rounds of asking for missing information in cases solved in the window that had any.",
        "rounds",
        {"window": WINDOW},
        _BY_SOLVE + "asking again before the customer has spoken is the same round.",
        window_histogram("case_rounds", COUNT_BOUNDS),
        kind="gaugehistogram",
        bounds=COUNT_BOUNDS,
    ),
    Metric(
        "support_cases_solved_recorded",
        "Cases solved in the window by whether the required fields of their record are filled.",
        "cases",
        {"window": WINDOW, "recorded": YES_NO},
        _BY_SOLVE + "as the last solve or close that speaks of it says; cases without a word on it are left out.",
        windows("cases_solved_recorded"),
        zeros=True,
    ),
    Metric(
        "support_cases_solved_known",
        "Cases solved in the window by whether their topic was known.",
        "cases",
        {"window": WINDOW, "known": YES_NO},
        _BY_SOLVE + "by the latest link to a topic, no: the topic was made for the case; cases without a link are left "
        "out.",
        windows("cases_solved_known"),
        zeros=True,
    ),
    Metric(
        "support_known_topic_cases_top",
        "Cases solved in the window by their topic, the most frequent ones.",
        "cases",
        {"window": WINDOW, "known_topic": known_topic},
        "Cases as in support_cases_solved_known, new topics too, by the name of the topic as it was published: of each "
        "window the `top_known_topics` (a setting, 10) most frequent ones of a worker's cases; the rest are `other`. "
        "With 0 nothing is counted by name.",
        names("known_topic_cases:any"),
        cut=most(0, lambda rules: rules.top_known_topics),
    ),
    Metric(
        "support_cases_solved_knowledge",
        "Cases solved in the window with an article of the knowledge base, by the most that was done with one.",
        "cases",
        {"window": WINDOW, "action": ARTICLE},
        _BY_SOLVE + "made comes before changed, changed before linked; links after the solve count too.",
        windows("cases_solved_knowledge"),
        zeros=True,
    ),
    Metric(
        "support_bug_cases",
        "Cases created in the window that are tied to a product issue.",
        "cases",
        {"window": WINDOW},
        "Cases whose creation lies in the window with a link to a bug, whenever that was made.",
        windows("bug_cases"),
        zeros=True,
    ),
    Metric(
        "support_bug_cases_top",
        "Cases created in the window that are tied to a product issue, by the most frequent issues.",
        "cases",
        {"window": WINDOW, "bug": bug},
        "Cases as in support_bug_cases, by the latest issue as it was published: of each window the `top_bugs` (a "
        "setting, 10) most frequent ones of a worker's cases; the rest are `other`. With 0 nothing is counted by name.",
        names("bug_cases:any"),
        cut=most(0, lambda rules: rules.top_bugs),
    ),
    Metric(
        "support_case_automation",
        "Steps that machines did in the window, by outcome.",
        "steps",
        {"window": WINDOW, "step": AUTOMATIC_STEP, "outcome": AUTOMATIC_OUTCOME},
        "Each in its minute. What was routed in a case that was handed off or reassigned has the outcome reassigned.",
        windows("case_automation"),
    ),
)
