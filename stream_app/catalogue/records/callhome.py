"""What is made from the numbers of the fleet."""

from typing import Final

from stream_app.catalogue.promql import quantile, ratio, surely_share, whole
from stream_app.catalogue.records.record import Record
from stream_app.domain.words import WINDOWS

_DEVICES: Final = "support_devices"
_ENDED: Final = "support_device_faults_ended"
_REACTIVE: Final = "support_cases_reactive_device"
_LEAD: Final = "support_case_missed_signal_lead_seconds"
_RELEASE: Final = "support_devices_by_release"
_CAUSE: Final = ("product", "cause")
_WINDOW: Final = ("window",)
_BY: Final = ("window", "product")


def _uptime() -> str:
    """Each window has a length of its own to compare with."""
    lost = {w: whole("support_device_outage_seconds", f'window="{w}"', by=_BY) for w in WINDOWS}
    return "\nor ".join(
        f"1 - {seconds} / on(product) group_left() ({WINDOWS[window] * 60} * support:devices:sum > 0)"
        for window, seconds in lost.items()
    )


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
    Record(
        "support:device_faults_self_healed:ratio",
        ratio(
            whole(_ENDED, 'outcome=~"self_healed|cleared"', by=_WINDOW),
            whole(_ENDED, 'outcome!="unknown"', by=_WINDOW),
        ),
        "Share that needed no case among the faults that ended in the window of which that is known.",
        "ratio", "callhome", _WINDOW,
    ),
    Record(
        "support:devices_available:ratio",
        f"1 - {whole('support_devices_with_outage', by=_BY)} / on(product) group_left() (support:devices:sum > 0)",
        "Share of devices without an outage in the window among those in use.", "ratio", "callhome", _BY,
    ),
    Record(
        "support:customers_available:ratio",
        f"1 - {whole('support_customers_with_outage', by=_WINDOW)}"
        f" / on() group_left() ({whole('support_customers_with_devices')} > 0)",
        "Share of customers without an outage of any device in the window among those with a device in use.",
        "ratio", "callhome", _WINDOW,
    ),
    Record(
        "support:device_uptime:ratio", _uptime(),
        "Share of the window in which the devices in use were not in outage; one newer than the window counts as if it "
        "had been there.",
        "ratio", "callhome", _BY,
    ),
    Record(
        "support:cases_missed_signal:ratio",
        ratio(whole(_REACTIVE, 'signal="missed"', by=_WINDOW), whole(_REACTIVE, by=_WINDOW)),
        "Share that a signal of the device came before among the reactive cases about a device opened in the window.",
        "ratio", "callhome", _WINDOW,
    ),
    Record(
        "support:case_missed_signal_lead_seconds:p50", quantile(0.5, _LEAD, by=_WINDOW),
        "Median time that a missed signal came before its case.", "seconds", "callhome", _WINDOW,
    ),
    Record(
        "support:devices_behind:ratio",
        ratio(
            whole(_RELEASE, 'release="behind"', by=("product",)),
            whole(_RELEASE, 'release!="unknown"', by=("product",)),
        ),
        "Share behind the current release among the devices of which that is known.", "ratio", "callhome", ("product",),
    ),
    Record(
        "support:device_fault_causes:sum", whole("support_device_fault_causes", by=_CAUSE),
        "Devices in which a cause raised a fault of late.", "devices", "callhome", _CAUSE,
    ),
    Record(
        "support:device_fault_causes:fleet",
        "0 * support:device_fault_causes:sum + on(product) group_left() (support:devices:sum > 0)",
        "Devices in use of the product, beside each cause.", "devices", "callhome", _CAUSE,
    ),
    Record(
        "support:device_fault_causes:ratio",
        "clamp_max(support:device_fault_causes:sum / support:device_fault_causes:fleet, 1)",
        "The devices hit as a share of those in use; one that was hit may have retired since.",
        "ratio", "callhome", _CAUSE,
    ),
    Record(
        "support:device_fault_causes:surely",
        surely_share("support:device_fault_causes:ratio", "support:device_fault_causes:fleet"),
        "The least that this share is with 98 % confidence (Wilson).", "ratio", "callhome", _CAUSE,
    ),
)  # fmt: skip
