"""The board of the fleet: which devices are there, which have fallen silent, what is broken."""

from typing import Final

from stream_app.operate.boards import trust
from stream_app.operate.boards.panel import GrafanaBoard, Row, area, bars, lines, number
from stream_app.operate.boards.queries import PRODUCT, WINDOW, quantile, recorded, whole

_DEVICES: Final = "support_devices"
_FAULTS: Final = "support_device_faults_active"
_SILENT: Final = ("SupportDevicesSilent",)

_NOW: Final = (
    number("In use", whole(_DEVICES, 'state!="retired"', PRODUCT)),
    number("Fresh", whole(_DEVICES, 'state="fresh"', PRODUCT)),
    number("Late", whole(_DEVICES, 'state="late"', PRODUCT), runbooks=("SupportDevicesLate",)),
    number("Silent", whole(_DEVICES, 'state="silent"', PRODUCT), runbooks=_SILENT),
    number("Active faults", whole(_FAULTS, PRODUCT), nothing="0"),
    number("Open cases, account with a silent device", whole("support_cases_open_silent_device")),
)

_SIGNS: Final = (
    area("Devices by state", whole(_DEVICES, 'state!="retired"', PRODUCT, by=("state",)), runbooks=_SILENT),
    area("Devices by product", whole(_DEVICES, 'state!="retired"', PRODUCT, by=("product",))),
    bars("Devices by product and state", whole(_DEVICES, PRODUCT, by=("product", "state"))),
    lines("Share of silent devices", recorded("support:devices_silent:ratio", PRODUCT), runbooks=_SILENT),
    lines("Silent, surely at least", recorded("support:devices_silent:surely", PRODUCT), runbooks=_SILENT),
    area(
        "Open cases of accounts with a silent device", whole("support_cases_open_silent_device", by=("priority",)),
        runbooks=_SILENT,
    ),
)  # fmt: skip

_BROKEN: Final = (
    area("Active faults by severity", whole(_FAULTS, PRODUCT, by=("severity",)), runbooks=("SupportFaultsSurge",)),
    area("Active faults by product", whole(_FAULTS, PRODUCT, by=("product",))),
    bars("Active faults by product and severity", whole(_FAULTS, PRODUCT, by=("product", "severity"))),
)

_RAISED: Final = (
    number("Raised", whole("support_device_faults", WINDOW, PRODUCT, 'change="raised"'), nothing="0"),
    number("Ended without a case", recorded("support:device_faults_self_healed:ratio", WINDOW)),
    number(
        "Reactive cases that a signal came before",
        recorded("support:cases_missed_signal:ratio", WINDOW),
        runbooks=("SupportSignalsMissed",),
    ),
    number("Signal to case: median", quantile(0.5, "support_case_missed_signal_lead_seconds", WINDOW)),
    number(
        "Need a case and have none",
        whole("support_proactive_candidates", PRODUCT),
        nothing="0",
        runbooks=("SupportProactiveWaiting",),
    ),
    area("Raised and cleared", whole("support_device_faults", WINDOW, PRODUCT, by=("change",))),
    bars("How faults ended", whole("support_device_faults_ended", WINDOW, PRODUCT, by=("outcome",))),
    bars("Fault storms by product", recorded("support:fault_storms:sum", PRODUCT)),
    bars("Need a case and have none, by reason", whole("support_proactive_candidates", PRODUCT, by=("reason",))),
)

_UP: Final = (
    number("In outage", whole("support_devices_in_outage", PRODUCT), nothing="0"),
    number("Customers without an outage", recorded("support:customers_available:ratio", WINDOW)),
    area("In outage by product", whole("support_devices_in_outage", PRODUCT, by=("product",))),
    bars("Devices without an outage", recorded("support:devices_available:ratio", WINDOW, PRODUCT)),
    bars("Uptime", recorded("support:device_uptime:ratio", WINDOW, PRODUCT)),
    bars("Behind the current release", recorded("support:devices_behind:ratio", PRODUCT)),
    bars("Devices by version", whole("support_devices_by_version", PRODUCT, by=("product", "version"))),
    bars("Devices by release", whole("support_devices_by_release", PRODUCT, by=("product", "release"))),
)

BOARD: Final = GrafanaBoard(
    "fleet",
    "Support: fleet",
    "Devices in the field: signs of life, silence, faults, and the cases of their accounts.",
    (
        trust.ROW,
        Row("Now", _NOW),
        Row("Signs of life", _SIGNS),
        Row("Faults", _BROKEN),
        Row("Faults and cases of the last $window", _RAISED),
        Row("Outages of the last $window, versions", _UP),
    ),
)
