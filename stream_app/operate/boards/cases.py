"""The board of cases and service levels: backlog, what needs attention, demand, times, how cases were solved."""

from typing import Final

from stream_app.operate.boards import trust, work
from stream_app.operate.boards.panel import GrafanaBoard, Row, area, bars, lines, number
from stream_app.operate.boards.queries import TEAM, TIER, WINDOW, benchmark, mean, quantile, recorded, whole

_SURGE: Final = ("SupportBacklogSurge",)
_PRIORITY: Final = ("priority",)
_OPEN_AGE: Final = "support_cases_open_age_seconds"
_REPLY_AGE: Final = "support_cases_awaiting_reply_age_seconds"
_STEP_AGE: Final = "support_cases_next_step_due_age_seconds"
_VALUE: Final = "support_cases_open_by_value"
_RESOLUTION: Final = "support_case_resolution_seconds"
_ELAPSED: Final = 'clock="elapsed"'
_FULL: Final = ('kind="full"', 'clock="elapsed"')

_BACKLOG: Final = (
    area("Open by priority", whole("support_cases_open", TIER, by=_PRIORITY), runbooks=_SURGE),
    area(
        "Open by state", whole("support_cases_open", TIER, by=("state",)),
        runbooks=(*_SURGE, "SupportEscalationsSurge"),
    ),
    area("Open by tier", whole("support_cases_open", TIER, by=("tier",))),
    bars("Open by team", whole("support_cases_open_by_team", TEAM, by=("team",))),
    area(
        "Open by team and priority", whole("support_cases_open_by_team", TEAM, by=("team", "priority")),
        runbooks=("SupportTargetsBreached",),
    ),
    lines(
        "How the backlog moves", recorded("support:cases_net_opened:sum", WINDOW, legend="opened less solved"),
        runbooks=_SURGE,
    ),
)  # fmt: skip

_ATTENTION: Final = (
    number(
        "Awaiting reply", whole("support_cases_awaiting_reply"),
        runbooks=("SupportRepliesOverdue", "SupportRepliesStopped"),
    ),
    number(
        "Awaiting reply: 90th percentile", quantile(0.9, _REPLY_AGE), nothing="nobody waits",
    ),
    number("Next step due", whole("support_cases_next_step_due")),
    number("Stuck", whole("support_cases_stuck"), runbooks=("SupportCasesStuck",)),
    number("Unassigned", whole("support_cases_unassigned"), runbooks=("SupportCasesUntaken",)),
    number("Open, account with a silent device", whole("support_cases_open_silent_device")),
    area("Awaiting reply by priority", whole("support_cases_awaiting_reply", by=_PRIORITY)),
    area("Next step due by priority", whole("support_cases_next_step_due", by=_PRIORITY)),
    area("Stuck by priority", whole("support_cases_stuck", by=_PRIORITY)),
    lines(
        "Age of open cases", quantile(0.5, _OPEN_AGE, legend="median"),
        quantile(0.9, _OPEN_AGE, legend="90th percentile"), mean(_OPEN_AGE, legend="mean"),
    ),
    lines("Oldest open case", whole("support_cases_open_oldest_seconds", by=_PRIORITY)),
    lines(
        "How long the next step has been due", quantile(0.5, _STEP_AGE, legend="median"),
        quantile(0.9, _STEP_AGE, legend="90th percentile"),
    ),
    bars("Open, customer at risk", whole(_VALUE, 'health="red"', TIER, by=("tier", "priority"))),
    area("Open by health of the customer", whole(_VALUE, TIER, by=("health",))),
)  # fmt: skip

_DEMAND: Final = (
    number("Opened", recorded("support:cases_opened:sum", WINDOW)),
    number("Growth", recorded("support:cases_opened:growth", WINDOW), nothing="needs history"),
    number("By phone", recorded("support:cases_opened_phone:ratio", WINDOW)),
    number("Electronic", recorded("support:cases_opened_electronic:ratio", WINDOW)),
    number("Interactions by phone", recorded("support:interactions_phone:ratio", WINDOW)),
    number("Urgent of phone and chat", recorded("support:cases_interactive_urgent:ratio", WINDOW)),
    number("Phone and chat of urgent", recorded("support:cases_urgent_interactive:ratio", WINDOW)),
    number("Forms of what is written", recorded("support:cases_written_structured:ratio", WINDOW)),
    number("With enough information", recorded("support:cases_opened_complete:ratio", WINDOW)),
    lines(
        "Share of each channel", recorded("support:cases_opened_by_channel:ratio", WINDOW),
        recorded("support:cases_opened_expected:ratio", legend="{{channel}} (expected)"),
    ),
    bars("Opened by channel", whole("support_cases_opened", WINDOW, by=("channel",))),
    bars("Opened by issue", whole("support_cases_opened_by_issue", WINDOW, by=("issue_type",))),
    bars("Opened by product", whole("support_cases_opened_by_product", WINDOW, by=("product",))),
    bars("Opened by region", whole("support_cases_opened_by_region", WINDOW, by=("region",))),
    bars("Opened by priority", whole("support_cases_opened_by_priority", WINDOW, by=_PRIORITY)),
    bars("Opened by origin", whole("support_cases_opened", WINDOW, by=("origin",))),
    bars("Opened by access", whole("support_cases_opened_by_access", WINDOW, by=("access_point", "device_class"))),
    bars("Interactions by channel", whole("support_interactions", WINDOW, by=("channel", "direction"))),
    lines(
        "Share of phone", recorded("support:cases_opened_phone:ratio", WINDOW, legend="phone"),
        benchmark("support:cases_opened_phone:ratio"),
    ),
    lines(
        "Share of electronic channels", recorded("support:cases_opened_electronic:ratio", WINDOW, legend="electronic"),
        benchmark("support:cases_opened_electronic:ratio"),
    ),
    lines(
        "Cases with enough information", recorded("support:cases_opened_complete:ratio", WINDOW, legend="complete"),
        benchmark("support:cases_opened_complete:ratio"),
    ),
)  # fmt: skip

_TIMES: Final = (
    lines(
        "Time to resolution", recorded("support:case_resolution_seconds:p50", WINDOW, *_FULL, legend="median"),
        recorded("support:case_resolution_seconds:p90", WINDOW, *_FULL, legend="90th percentile"),
        recorded("support:case_resolution_seconds:mean", WINDOW, *_FULL, legend="mean"),
        runbooks=("SupportResolutionSlow",),
    ),
    lines(
        "Median time to resolution by priority", quantile(0.5, _RESOLUTION, WINDOW, *_FULL, by=_PRIORITY),
    ),
    bars("Mean time to resolution by kind and clock", recorded("support:case_resolution_seconds:mean", WINDOW)),
    lines(
        "First response", recorded("support:case_first_response_seconds:p50", WINDOW, _ELAPSED, legend="median"),
        recorded("support:case_first_response_seconds:p90", WINDOW, _ELAPSED, legend="90th percentile"),
        recorded("support:case_first_response_seconds:mean", WINDOW, _ELAPSED, legend="mean"),
        runbooks=("SupportFirstResponseSlow",),
    ),
    bars(
        "Median first response by channel",
        quantile(0.5, "support_case_first_response_by_channel_seconds", WINDOW, by=("channel",)),
    ),
    bars(
        "Median time to resolution by channel",
        quantile(0.5, "support_case_resolution_by_channel_seconds", WINDOW, by=("channel",)),
    ),
)  # fmt: skip

_SOLVED: Final = (
    number("Solved", recorded("support:cases_solved:sum", WINDOW)),
    number("One touch", recorded("support:cases_solved_one_touch:ratio", WINDOW)),
    number("Handed on", recorded("support:cases_solved_escalated:ratio", WINDOW)),
    number("Collaborated", recorded("support:cases_solved_collaborated:ratio", WINDOW)),
    number("Reopened", whole("support_cases_reopened", WINDOW), runbooks=("SupportReopensHigh",)),
    number("Closed unsolved", whole("support_cases_closed_unsolved", WINDOW)),
    lines(
        "Solved at first contact", recorded("support:cases_solved_first_contact:ratio", WINDOW, legend="share"),
        benchmark("support:cases_solved_first_contact:ratio"), runbooks=("SupportFirstContactLow",),
    ),
    lines(
        "Handed on after first contact", recorded("support:cases_solved_escalated:ratio", WINDOW, legend="share"),
        benchmark("support:cases_solved_escalated:ratio"),
    ),
    bars("Solved by touches", whole("support_cases_solved_touches", WINDOW, by=("touches",))),
    bars("Handed on to", whole("support_cases_solved_escalated", WINDOW, by=("to",))),
    bars("Solved by channel and contact", whole("support_cases_solved", WINDOW, by=("channel", "contact"))),
    lines("Reopened", whole("support_cases_reopened", WINDOW, legend="moves")),
)  # fmt: skip

SERVICE_LEVELS: Final = (
    number(
        "Solved in time",
        recorded("support:sla_attained_overall:ratio", WINDOW, 'target="resolution"'),
        width=6,
    ),
    number("Open cases with a breached target", whole("support_sla_breached_open", TEAM), width=6, nothing="0"),
    number(
        "Due within an hour",
        whole("support_sla_due", 'within="1h"', TIER),
        width=6,
        nothing="0",
    ),
    number("Clocks that stand still", whole("support_sla_open", 'state="paused"'), width=6, nothing="0"),
    lines(
        "Targets met, by target and tier",
        recorded("support:sla_attained:ratio", WINDOW, TIER),
        runbooks=("SupportTargetsMissed",),
    ),
    area(
        "Breached and open, by team",
        whole("support_sla_breached_open", TEAM, by=("team",)),
        runbooks=("SupportTargetsBreached",),
    ),
    bars("Due soon", whole("support_sla_due", TIER, by=("within", "target"))),
    bars(
        "Due soon and nobody has the case",
        whole("support_sla_due_unassigned", by=("within", "target")),
        runbooks=("SupportTargetsDue",),
    ),
    bars("Clocks of open cases", whole("support_sla_open", by=("target", "state"))),
    area("Met and breached", whole("support_sla_cases", WINDOW, TIER, by=("outcome",))),
    lines(
        "First response in opening hours",
        recorded("support:case_first_response_seconds:p50", WINDOW, 'clock="business"', legend="median"),
        recorded("support:case_first_response_seconds:p90", WINDOW, 'clock="business"', legend="90th percentile"),
    ),
    bars("Targets met, by who delivered", recorded("support:sla_attained_by_delivery:ratio", WINDOW)),
    bars("Breached, by priority", whole("support_sla_cases", WINDOW, TIER, 'outcome="breached"', by=("priority",))),
)
"""Targets met, missed and due."""

BOARD: Final = GrafanaBoard(
    "cases",
    "Support: cases and service levels",
    "What is open and needs attention, what comes in and how, how long it takes, how it is solved.",
    (
        trust.ROW,
        Row("Backlog", _BACKLOG),
        Row("What needs attention", _ATTENTION),
        Row("Service levels", SERVICE_LEVELS),
        Row("Demand of the last $window", _DEMAND),
        Row("Times of the last $window", _TIMES),
        Row("How cases of the last $window were solved", _SOLVED),
        Row("Who worked on cases of the last $window", work.WORK),
        Row("Reaching support, records and knowledge of the last $window", work.RECORDED),
    ),
)
