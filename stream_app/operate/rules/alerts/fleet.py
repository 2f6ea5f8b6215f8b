"""Devices in the field."""

from stream_app.catalogue import Record
from stream_app.catalogue.promql import ratio, surely_share, whole
from stream_app.operate.rules.alert import Alert
from stream_app.operate.rules.parts import FaultStorms
from stream_app.operate.rules.shapes import Level, WindowShare
from stream_app.operate.rules.thresholds import Thresholds

_AREA = "callhome"
_BY = ("product",)


def _faults(thresholds: Thresholds) -> Level:
    return Level(
        "support:critical_faults", whole("support_device_faults_active", 'severity="critical"', by=_BY),
        "Critical faults that are active", "faults", _AREA, thresholds.faults_surge, _BY,
    )  # fmt: skip


def _waiting(thresholds: Thresholds) -> Level:
    return Level(
        "support:proactive_waiting", whole("support_proactive_candidates", by=_BY),
        "Devices that call for a case and have none open", "devices", _AREA, thresholds.proactive_waiting, _BY,
    )  # fmt: skip


def _missed(thresholds: Thresholds) -> WindowShare:
    def cases(window: str, *conditions: str) -> str:
        return whole("support_cases_reactive_device", f'window="{window}"', *conditions)

    return WindowShare(
        "support:signals_missed", lambda window: cases(window, 'signal="missed"'), cases,
        "Reactive cases about a device that a signal came before", _AREA, thresholds.signals_missed,
    )  # fmt: skip


def _storms(limits: FaultStorms) -> Record:
    return Record(
        "support:fault_storms:sum",
        "count by (product) (\n"
        f"  support:device_fault_causes:surely > {limits.share:g}\n"
        f"  and support:device_fault_causes:sum >= {limits.minimum:g}\n"
        ")\nor 0 * support:devices:sum",
        f"Causes that hit many devices of a product at once: surely more than {limits.share:.0%} of those in use, and "
        f"{limits.minimum:g} at least; each counts once, however many devices it hits.",
        "causes", _AREA, _BY,
    )  # fmt: skip


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """What the alerts rest on."""
    late = whole("support_devices", 'state="late"', by=_BY)
    return (
        Record("support:devices_late:sum", late, "Devices that are late.", "devices", _AREA, _BY),
        Record(
            "support:devices_late:ratio", ratio("support:devices_late:sum", "support:devices:sum"),
            "Share of late devices among those in use.", "ratio", _AREA, _BY,
        ),
        Record(
            "support:devices_late:surely", surely_share("support:devices_late:ratio", "support:devices:sum"),
            "The least that the share of late devices is with 98 % confidence (Wilson).", "ratio", _AREA, _BY,
        ),
        *_faults(thresholds).records(),
        _storms(thresholds.fault_storms),
        *_waiting(thresholds).records(),
        *_missed(thresholds).records(),
    )  # fmt: skip


def alerts(thresholds: Thresholds) -> tuple[Alert, ...]:
    """The alerts."""
    silent, late, faults = thresholds.devices_silent, thresholds.devices_late, thresholds.faults_surge
    missed = thresholds.signals_missed
    return (
        Alert(
            "SupportDevicesSilent", _AREA, "fleet",
            f"support:devices_silent:surely > {silent.share:g}\n"
            f"and on(product) support:devices_silent:sum >= {silent.minimum:g}",
            silent,
            "Many devices of one product have fallen silent.",
            "Surely more than {{ $value | humanizePercentage }} of the devices of product {{ $labels.product }} sent "
            "no sign of life for as many intervals as the setting rules.silent_after says.",
            gated=True,
        ),
        Alert(
            "SupportDevicesLate", _AREA, "fleet",
            f"support:devices_late:surely > {late.share:g}\n"
            f"and on(product) support:devices_late:sum >= {late.minimum:g}",
            late,
            "Many devices of one product send late.",
            "Surely more than {{ $value | humanizePercentage }} of the devices of product {{ $labels.product }} sent "
            "no sign of life for as many intervals as the setting rules.late_after says, but are not silent yet.",
            gated=True,
        ),
        Alert(
            "SupportFaultsSurge", _AREA, "fleet", _faults(thresholds).too_high, faults,
            "Critical faults of one product surge.",
            "{{ $value | humanize }} critical faults of product {{ $labels.product }} are active, many more than "
            "chance makes of what is usual.",
            gated=True,
        ),
        Alert(
            "SupportProactiveWaiting", _AREA, "fleet", _waiting(thresholds).too_high, thresholds.proactive_waiting,
            "Devices call for a case and nobody opens one.",
            "{{ $value | humanize }} devices of product {{ $labels.product }} have a critical or major fault, or are "
            "silent, and no case about them is open, many more than usual.",
            gated=True,
        ),
        Alert(
            "SupportSignalsMissed", _AREA, "fleet", _missed(thresholds).too_high, missed,
            "Customers report what their devices had told us before.",
            f"{{{{ $value | humanizePercentage }}}} of the cases about a device that customers opened in the last "
            f"{missed.long} came after a fault that the device had raised; surely more than {missed.share:.0%}.",
            gated=True,
        ),
    )  # fmt: skip
