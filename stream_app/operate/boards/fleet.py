"""The board of the fleet: which devices are there, which have fallen silent, what is broken."""

from typing import Final

from stream_app.operate.boards import trust
from stream_app.operate.boards.panel import GrafanaBoard, Row, area, bars, lines, number
from stream_app.operate.boards.queries import PRODUCT, recorded, whole

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

BOARD: Final = GrafanaBoard(
    "fleet",
    "Support: fleet",
    "Devices in the field: signs of life, silence, faults, and the cases of their accounts.",
    (
        trust.ROW,
        Row("Now", _NOW),
        Row("Signs of life", _SIGNS),
        Row("Faults", _BROKEN),
    ),
)
