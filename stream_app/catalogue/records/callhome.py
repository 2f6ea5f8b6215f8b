"""What is made from the numbers of the fleet."""

from typing import Final

from stream_app.catalogue.promql import ratio, surely_share, whole
from stream_app.catalogue.records.record import Record

_DEVICES: Final = "support_devices"


RECORDS: Final[tuple[Record, ...]] = (
    Record(
        "support:devices:sum", whole(_DEVICES, 'state!="retired"', by=("product",)), "Devices in use.",
        "devices", "callhome", ("product",),
    ),
    Record(
        "support:devices_silent:sum", whole(_DEVICES, 'state="silent"', by=("product",)), "Devices that are silent.",
        "devices", "callhome", ("product",),
    ),
    Record(
        "support:devices_silent:ratio", ratio("support:devices_silent:sum", "support:devices:sum"),
        "Share of silent devices among those in use.", "ratio", "callhome", ("product",),
    ),
    Record(
        "support:devices_silent:surely", surely_share("support:devices_silent:ratio", "support:devices:sum"),
        "The least that the share of silent devices is with 98 % confidence (Wilson).",
        "ratio", "callhome", ("product",),
    ),
)  # fmt: skip
