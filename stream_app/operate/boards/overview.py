"""The board one looks at first: the backlog, what comes and goes, what customers say, the fleet, the pipeline."""

from typing import Final

from stream_app.operate.boards import trust
from stream_app.operate.boards.panel import GrafanaBoard, Panel, Row, area, lines, number
from stream_app.operate.boards.queries import (
    PRODUCT,
    TIER,
    WINDOW,
    alerts,
    benchmark,
    quantile,
    rate,
    recorded,
    whole,
)

_ELAPSED: Final = 'clock="elapsed"'
_FULL: Final = ('kind="full"', 'clock="elapsed"')

_NOW: Final = (
    number("Open cases", whole("support_cases_open", TIER), runbooks=("SupportBacklogSurge",)),
    number("Awaiting reply", whole("support_cases_awaiting_reply")),
    number("Oldest open case", whole("support_cases_open_oldest_seconds"), nothing="no case is open"),
    number("Unassigned", whole("support_cases_unassigned")),
    number("Stuck", whole("support_cases_stuck")),
    number(
        "Silent devices", whole("support_devices", 'state="silent"', PRODUCT),
        description="Devices without a sign of life for longer than the setting rules.silent_after allows.",
        runbooks=("SupportDevicesSilent",), nothing="0",
    ),
)  # fmt: skip

_WINDOW: Final = (
    number("Opened", recorded("support:cases_opened:sum", WINDOW)),
    number("Solved", recorded("support:cases_solved:sum", WINDOW)),
    number("Time to resolution, median", recorded("support:case_resolution_seconds:p50", WINDOW, *_FULL)),
    number("First response, median", recorded("support:case_first_response_seconds:p50", WINDOW, _ELAPSED)),
    number("CSAT", recorded("support:csat:ratio", WINDOW, 'aspect="overall"')),
    number("NPS", recorded("support:nps:score", WINDOW)),
)

_WORK: Final = (
    lines(
        "Backlog", recorded("support:cases_open:sum", legend="open"),
        recorded("support:cases_open:surely", legend="a surge above"),
        description="Open cases, and the number that chance passes once in a thousand times. The second line needs the "
        "history that its alert compares with.",
        runbooks=("SupportBacklogSurge",),
    ),
    lines(
        "Opened and solved", recorded("support:cases_opened:sum", WINDOW, legend="opened"),
        recorded("support:cases_solved:sum", WINDOW, legend="solved"),
        description="Cases opened in the window, and those solved in it and not open again.",
    ),
    lines(
        "Awaiting reply: how long", quantile(0.5, "support_cases_awaiting_reply_age_seconds", legend="median"),
        quantile(0.9, "support_cases_awaiting_reply_age_seconds", legend="90th percentile"),
    ),
    lines(
        "Time to resolution", recorded("support:case_resolution_seconds:p50", WINDOW, *_FULL, legend="median"),
        recorded("support:case_resolution_seconds:p90", WINDOW, *_FULL, legend="90th percentile"),
        description="Creation to the latest solve of cases solved in the window and not open again.",
    ),
    lines(
        "First response", recorded("support:case_first_response_seconds:p50", WINDOW, _ELAPSED, legend="median"),
        recorded("support:case_first_response_seconds:p90", WINDOW, _ELAPSED, legend="90th percentile"),
        description="A customer's creation of a case to the first public reply of a person, replies of the window.",
    ),
    lines(
        "Solved at first contact", recorded("support:cases_solved_first_contact:ratio", WINDOW, legend="share"),
        benchmark("support:cases_solved_first_contact:ratio"),
    ),
)  # fmt: skip

_CUSTOMERS: Final = (
    lines(
        "CSAT", recorded("support:csat:ratio", WINDOW, 'aspect="overall"', legend="satisfied"),
        benchmark("support:csat:ratio"), width=12,
    ),
    lines("NPS", recorded("support:nps:score", WINDOW, legend="NPS"), benchmark("support:nps:score"), width=12),
)  # fmt: skip

_FLEET: Final = (
    lines(
        "Share of silent devices", recorded("support:devices_silent:ratio", PRODUCT),
        width=12, runbooks=("SupportDevicesSilent",),
    ),
    area("Active faults", whole("support_device_faults_active", PRODUCT, by=("severity",)), width=12),
)  # fmt: skip

_PIPELINE: Final = (
    lines("Behind by", recorded("stream_app:lag_seconds:max"), width=6, runbooks=("SupportPipelineLag",)),
    area(
        "Events by outcome", rate("stream_app_events_total", by=("outcome",)), width=6,
        runbooks=("SupportPipelineNoData",),
    ),
    lines(
        "Records not used", rate("stream_app_rejects_total", by=("topic",), legend="rejected: {{topic}}"),
        rate("stream_app_records_lost_total", legend="lost"), width=6,
        description="Records that could not be used and went to dead letters, and those that left the log before they "
        "were read.",
        runbooks=("SupportRejectsHigh", "SupportRecordsMisrouted", "SupportRecordsLost"),
    ),
    Panel(
        "Alerts", "table", (alerts(("alertname", "severity", "team")),), "Alerts that fire now.", width=6,
        runbooks=("Watchdog",), nothing="no alert fires",
    ),
)  # fmt: skip

BOARD: Final = GrafanaBoard(
    "overview",
    "Support: overview",
    "Open cases, how long customers wait, what they say, the fleet, and whether the numbers may be believed.",
    (
        trust.ROW,
        Row("Now", _NOW),
        Row("In the last $window", _WINDOW),
        Row("How work goes", _WORK),
        Row("What customers say", _CUSTOMERS),
        Row("Devices in the field", _FLEET),
        Row("Pipeline", _PIPELINE),
    ),
)
