"""The numbers of who works on cases, and how."""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.reads import ages, every, past, window_histogram, windows
from stream_app.catalogue.sets import AUTHORISED, COLLABORATOR, PATH, PRIORITY, TIMES, WINDOW, partner, tier

_BY_SOLVE: Final = "Cases by their latest solve, not while open again; "

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "support_cases_solved_handoffs",
        "Cases solved in the window that had gone to another team, by how often.",
        "cases",
        {"window": WINDOW, "times": TIMES},
        _BY_SOLVE
        + "assignments of the open case to another team than the one that had it count, but for the first that "
        "names a team after an escalation. multi is three and more.",
        windows("cases_solved_handoffs"),
        zeros=True,
    ),
    Metric(
        "support_cases_solved_reassignments",
        "Cases solved in the window that had gone to another agent of the same team, by how often.",
        "cases",
        {"window": WINDOW, "times": TIMES},
        _BY_SOLVE + "assignments of the open case to another agent than the one who had it count, when the team stayed "
        "or was not named. multi is three and more.",
        windows("cases_solved_reassignments"),
        zeros=True,
    ),
    Metric(
        "support_case_resolution_by_path_seconds",
        "Time to the latest solve of cases solved in the window, by the path they took.",
        "seconds",
        {"window": WINDOW, "path": PATH},
        "Creation to the latest solve, all of it, not while the case is open again. path, first match: first_contact "
        "(solved at first contact, whoever helped), escalated, team (a team or a vendor worked on it too), coached "
        "(anybody else did), unknown.",
        window_histogram("resolution_by_path"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_cases_solved_collaborated_with",
        "Cases solved in the window that somebody else worked on too, by who.",
        "cases",
        {"window": WINDOW, "who": COLLABORATOR},
        _BY_SOLVE + "a case counts once under each kind of collaborator it had.",
        windows("cases_solved_collaborated_with"),
        zeros=True,
    ),
    Metric(
        "support_cases_solved_vendor",
        "Cases solved in the window that a vendor worked on too, by whether the customer agreed to that.",
        "cases",
        {"window": WINDOW, "authorised": AUTHORISED},
        _BY_SOLVE + "no: not to one of the vendors; unknown: of one it was not said; yes: to each.",
        windows("cases_solved_vendor"),
        zeros=True,
    ),
    Metric(
        "support_case_effort_seconds",
        "Effort of everybody who worked on the cases solved in the window, by path.",
        "seconds",
        {"window": WINDOW, "path": PATH},
        _BY_SOLVE + "all the time that was logged on a case, whenever it was; cases without any are left out. Paths as "
        "in support_case_resolution_by_path_seconds.",
        window_histogram("effort"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_case_resolution_by_delivery_seconds",
        "Time to the latest solve of cases solved in the window, by who delivered the support.",
        "seconds",
        {"window": WINDOW, "delivered_by": partner},
        "Creation to the latest solve, all of it, not while the case is open again; by who was said last to deliver. "
        "Partners are a setting.",
        window_histogram("resolution_by_delivery"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_case_resolution_by_tier_seconds",
        "Time to the latest solve of cases solved in the window, by tier of the account.",
        "seconds",
        {"window": WINDOW, "tier": tier},
        "Creation to the latest solve, all of it, not while the case is open again; by the tier that the case states.",
        window_histogram("resolution_by_tier"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_cases_open_engineering",
        "Open cases that are with engineering, by priority.",
        "cases",
        {"priority": PRIORITY},
        "Open cases whose latest escalation since they were opened, or opened again, went to engineering.",
        every("cases_open_engineering_age"),
        zeros=True,
    ),
    Metric(
        "support_cases_open_engineering_age_seconds",
        "How long open cases have been with engineering, in whole minutes of the clock.",
        "seconds",
        {"priority": PRIORITY},
        "now - the first of the escalations to engineering that no other escalation came between.",
        ages("cases_open_engineering_age"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_case_engineering_seconds",
        "Time from the first escalation to engineering to the latest solve of cases solved in the window.",
        "seconds",
        {"window": WINDOW},
        _BY_SOLVE + "those that were ever escalated to engineering.",
        window_histogram("engineering"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_cases_merged",
        "Cases of the window that went on as another one.",
        "cases",
        {"window": WINDOW},
        "Cases by the minute they were merged into another.",
        windows("cases_merged"),
        zeros=True,
    ),
    Metric(
        "support_cases_untouched",
        "Open cases of which nothing was heard for too long, by priority.",
        "cases",
        {"priority": PRIORITY},
        "Open cases whose latest event of any kind is `untouched_days` (a setting, 180) old, from the first midnight "
        "(UTC) on.",
        past("cases_untouched"),
        zeros=True,
    ),
)
