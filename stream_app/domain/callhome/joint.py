"""What a device and the cases about it weigh together, and what its latest sign of life tells."""

from collections.abc import Collection

from stream_app.domain.board import Weight
from stream_app.domain.callhome.state import Device
from stream_app.domain.callhome.weights import counts, interval, retired
from stream_app.domain.cases import Part as Case
from stream_app.domain.fold import Row
from stream_app.domain.observed import duration
from stream_app.domain.rules import Rules
from stream_app.domain.words import SEVERITIES, UNKNOWN, closed, minute

_DAY_MS = 24 * 60 * 60_000


def together(row: Row | None, cases: Collection[Case], rules: Rules) -> list[Weight]:
    """What a device and the cases about it add; no row for a device nobody has heard of. The pulse comes last."""
    weights: list[Weight] = []
    known = row if row is not None and counts(row) else None
    for case in cases:
        if case.reactive:
            _signal(known, case, rules, weights)
    if known is None:
        return weights
    device: Device = known.state
    product = closed(device.product, rules.products)
    for over in device.over:
        labels = (product, _ended(over.code, over.raised, over.cleared, cases, healed=over.healed))
        weights.append(("device_faults_ended", labels, minute(over.cleared), 1))
    reason = _evidence(device)
    if reason and not retired(known, rules) and not _cared_for(cases):
        weights.append(("proactive_candidates", (product, reason), None, 1))
    return weights + pulse(known, rules, cases)


def _signal(row: Row | None, case: Case, rules: Rules, weights: list[Weight]) -> None:
    """A reactive case about a device: whether a signal of the device came before it, and how long before."""
    product, when = closed(case.product, rules.products), minute(case.created)
    since = case.created - rules.signal_days * _DAY_MS
    times = [] if row is None else [fault.raised for fault in (*row.state.faults, *row.state.over)]
    signals = [raised for raised in times if raised and since <= raised <= case.created]
    weights.append(("cases_reactive_device", (product, "missed" if signals else "none"), when, 1))
    if signals:
        weights += duration("missed_signal_lead", (), case.created, case.created - min(signals))


def _ended(code: str, raised: int, cleared: int, cases: Collection[Case], *, healed: bool) -> str:
    """How a fault ended: with a case, mended by the device, cleared by itself; unknown without its raising."""
    if not raised:
        return UNKNOWN
    for case in cases:
        if raised <= case.created <= cleared and case.signal in {"", code}:
            return "case"
    return "self_healed" if healed else "cleared"


def _evidence(device: Device) -> str:
    """The gravest active fault that calls for a case, as a reason."""
    words = {closed(fault.severity, SEVERITIES) for fault in device.faults}
    return "critical_fault" if "critical" in words else "major_fault" if "major" in words else ""


def _cared_for(cases: Collection[Case]) -> bool:
    return any(case.open for case in cases)


def pulse(row: Row, rules: Rules, cases: Collection[Case]) -> list[Weight]:
    """What the latest sign of life of a device adds: when it was, and whether its silence will need no case.

    Silent devices are counted from the former; few have a case or a grave fault, so these are counted apart.
    """
    device: Device = row.state
    if not counts(row) or (device.retired and retired(row, rules)):
        return []
    product = closed(device.product, rules.products)
    minutes = interval(device, product, rules)
    seen = minute(row.seen)
    weights: list[Weight] = [("devices_seen", (product, minutes), seen, 1)]
    if (device.faults and _evidence(device)) or (cases and _cared_for(cases)):
        weights.append(("devices_silent_excused", (product,), seen + rules.silent_after * minutes, 1))
    return weights
