"""How each fact moves a device, and in which phases it does."""

from stream_app.domain.callhome.facts import (
    Decommissioned,
    Deleted,
    FaultCleared,
    FaultRaised,
    Heartbeat,
    OutageBegan,
    OutageEnded,
    Registered,
    SelfHealed,
    Snapshot,
    SoftwareVersion,
    TransferredOut,
)
from stream_app.domain.callhome.state import ACTIVE, GONE, KEPT, LIVE, Device, Fault, Over
from stream_app.domain.fold import Fact, Folding, Moves


def _registered(device: Device, fact: Registered) -> None:
    device.registered = True
    device.product = fact.product
    device.retired = 0
    device.interval = fact.heartbeat_minutes
    device.software = fact.software or device.software


def _fault_raised(device: Device, fact: FaultRaised) -> None:
    raised, others = fact.at, []
    for fault in device.faults:
        if fault.code == fact.code:
            raised = fault.raised
        else:
            others.append(fault)
    if len(others) < ACTIVE:
        device.faults = tuple(sorted((*others, Fault(fact.code, fact.severity, raised))))


def _ended(device: Device, fact: FaultCleared | SelfHealed, *, healed: bool) -> None:
    for fault in device.faults:
        if fault.code == fact.code:
            device.over = (*device.over, Over(*fault, fact.at, healed))[-KEPT:]
            device.faults = tuple(other for other in device.faults if other is not fault)


def _fault_cleared(device: Device, fact: FaultCleared) -> None:
    _ended(device, fact, healed=False)


def _self_healed(device: Device, fact: SelfHealed) -> None:
    _ended(device, fact, healed=True)


def _outage_began(device: Device, fact: OutageBegan) -> None:
    if not device.outages or device.outages[-1][1]:
        device.outages = (*device.outages, (fact.at, 0))[-KEPT:]


def _outage_ended(device: Device, fact: OutageEnded) -> None:
    if device.outages and not device.outages[-1][1]:
        device.outages = (*device.outages[:-1], (device.outages[-1][0], fact.at))


def _software_version(device: Device, fact: SoftwareVersion) -> None:
    device.software = fact.software


def _decommissioned(device: Device, fact: Decommissioned) -> None:
    device.retired = fact.at


def _snapshot(device: Device, fact: Snapshot) -> None:
    device.phase = LIVE
    device.registered = True
    device.product = fact.product
    device.retired = fact.at if fact.decommissioned_at else 0
    device.interval, device.software = fact.heartbeat_minutes, fact.software
    since = {past.code: past.raised_at for past in fact.history if not past.cleared_at}
    device.faults = tuple(sorted(Fault(code, word, since.get(code, 0)) for code, word in fact.faults.items()))
    over = sorted((past for past in fact.history if past.cleared_at), key=lambda past: past.cleared_at)
    device.over = tuple(Over(p.code, p.severity, p.raised_at, p.cleared_at, p.self_healed) for p in over[-KEPT:])
    device.outages = _disjoint([(outage.began_at, outage.ended_at) for outage in fact.outages if outage.began_at])


def _disjoint(outages: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Outages in the order they began; what overlaps is one, and one that lasts is the last."""
    found: list[tuple[int, int]] = []
    for began, ended in sorted(outages):
        ends = max(began, ended) if ended else 0
        if not found or 0 < found[-1][1] < began:
            found.append((began, ends))
        else:
            first, last = found[-1]
            found[-1] = (first, max(last, ends) if last and ends else 0)
    return tuple(found[-KEPT:])


def _gone(device: Device, _fact: Fact) -> None:
    device.phase = GONE


_IS_LIVE = frozenset({LIVE})

MOVES: Moves = {
    Registered: (_IS_LIVE, _registered),
    FaultRaised: (_IS_LIVE, _fault_raised),
    FaultCleared: (_IS_LIVE, _fault_cleared),
    SelfHealed: (_IS_LIVE, _self_healed),
    OutageBegan: (_IS_LIVE, _outage_began),
    OutageEnded: (_IS_LIVE, _outage_ended),
    SoftwareVersion: (_IS_LIVE, _software_version),
    Decommissioned: (_IS_LIVE, _decommissioned),
    Snapshot: (frozenset({LIVE, GONE}), _snapshot),
    Deleted: (_IS_LIVE, _gone),
    TransferredOut: (_IS_LIVE, _gone),
}

FOLDING = Folding(
    empty=Device,
    moves=MOVES,
    signs=frozenset({
        Registered, Heartbeat, FaultRaised, FaultCleared, SelfHealed, OutageEnded, SoftwareVersion, Snapshot,
    }),
    maxima=frozenset({Heartbeat}),
)  # fmt: skip
