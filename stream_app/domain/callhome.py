"""Call-home: what products in the field publish, and what a device weighs.

Definitions. A device is fresh until `late_after` expected intervals have passed without a sign of life,
then late, and silent after `silent_after`; intervals are counted in whole minutes of the clock. It is
retired from its decommissioning on, until a later sign of life. A fault is active from its raising to
its clearing. A device that was never registered weighs nothing.
"""

from typing import Annotated, Final

from msgspec import Meta

from stream_app.domain.board import Weight
from stream_app.domain.cases import Instant, Label
from stream_app.domain.fold import Fact, Folding, Moves, Row, State
from stream_app.domain.rules import Rules
from stream_app.domain.words import SEVERITIES, closed, minute

Code = Annotated[str, Meta(min_length=1, max_length=64)]


class Registered(Fact, tag="registered"):
    """A device of a product was installed at the account."""

    product: Label


class Heartbeat(Fact, tag="heartbeat"):
    """A sign of life. Only the latest one matters, so none is kept."""


class FaultRaised(Fact, tag="fault_raised"):
    """The device found something wrong. Raising an active fault again changes nothing but its severity."""

    code: Code
    severity: Label = ""


class FaultCleared(Fact, tag="fault_cleared"):
    """The fault is over."""

    code: Code


class Decommissioned(Fact, tag="decommissioned"):
    """The device is out of service."""


class Snapshot(Fact, tag="snapshot"):
    """The full state of a device at a time; replaces what earlier facts say. faults: code -> severity.

    With `decommissioned_at` the device is out of service, and so it stays until a sign of life after the snapshot.
    """

    product: Label
    faults: dict[Code, Label] = {}  # noqa: RUF012  msgspec copies an empty default for every value
    decommissioned_at: Instant = 0


class Deleted(Fact, tag="deleted"):
    """The device leaves every number. A later snapshot brings it back."""


class TransferredOut(Fact, tag="transferred_out"):
    """The device goes on under another account, where it arrives as a snapshot."""


DeviceFact = Registered | Heartbeat | FaultRaised | FaultCleared | Decommissioned | Snapshot | Deleted | TransferredOut

LIVE: Final = "live"
GONE: Final = "gone"


class Device(State):
    """What the facts of a device add up to, but for its latest sign of life, which is the row's `seen`."""

    phase: str = LIVE
    registered: bool = False
    product: str = ""
    retired: int = 0
    faults: tuple[tuple[str, str], ...] = ()


def _registered(device: Device, fact: Registered) -> None:
    device.registered = True
    device.product = fact.product


def _fault_raised(device: Device, fact: FaultRaised) -> None:
    device.faults = tuple(sorted({**dict(device.faults), fact.code: fact.severity}.items()))


def _fault_cleared(device: Device, fact: FaultCleared) -> None:
    device.faults = tuple(item for item in device.faults if item[0] != fact.code)


def _decommissioned(device: Device, fact: Decommissioned) -> None:
    device.retired = fact.at


def _snapshot(device: Device, fact: Snapshot) -> None:
    device.phase = LIVE
    device.registered = True
    device.product = fact.product
    device.retired = fact.at if fact.decommissioned_at else 0
    device.faults = tuple(sorted(fact.faults.items()))


def _gone(device: Device, _fact: Fact) -> None:
    device.phase = GONE


_IS_LIVE = frozenset({LIVE})

MOVES: Moves = {
    Registered: (_IS_LIVE, _registered),
    FaultRaised: (_IS_LIVE, _fault_raised),
    FaultCleared: (_IS_LIVE, _fault_cleared),
    Decommissioned: (_IS_LIVE, _decommissioned),
    Snapshot: (frozenset({LIVE, GONE}), _snapshot),
    Deleted: (_IS_LIVE, _gone),
    TransferredOut: (_IS_LIVE, _gone),
}

FOLDING = Folding(
    empty=Device,
    moves=MOVES,
    signs=frozenset({Registered, Heartbeat, FaultRaised, FaultCleared, Snapshot}),
    maxima=frozenset({Heartbeat}),
)


def _retired(row: Row) -> bool:
    device: Device = row.state
    return bool(device.retired) and device.retired >= row.seen


def weigh(row: Row, rules: Rules) -> list[Weight]:
    """What a device adds to the board: its last sign of life by product, or that it is retired; its faults."""
    device: Device = row.state
    if device.phase == GONE:
        return []
    if not device.registered:
        return [("rows_incomplete", ("callhome",), None, 1)]
    product = closed(device.product, rules.products)
    if _retired(row):
        return [("devices_retired", (product,), None, 1)]
    weights: list[Weight] = [("devices_seen", (product,), minute(row.seen), 1)]
    weights += [
        ("device_faults_active", (product, closed(severity, SEVERITIES)), None, 1) for _code, severity in device.faults
    ]
    return weights


def silent_from(row: Row, rules: Rules) -> int | None:
    """The part of a device in the joins of its account: the minute it falls silent, None if it does not count."""
    device: Device = row.state
    if device.phase == GONE or not device.registered or _retired(row):
        return None
    return minute(row.seen) + rules.silent_minutes(closed(device.product, rules.products))
