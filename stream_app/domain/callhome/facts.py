"""What products in the field publish of a device."""

from typing import Annotated

import msgspec
from msgspec import Meta

from stream_app.domain.cases import Instant, Label
from stream_app.domain.fold import Fact

Code = Annotated[str, Meta(min_length=1, max_length=64)]

Interval = Annotated[int, Meta(ge=0, le=10_080)]
"""Minutes expected between two heartbeats; 0 when nothing is said."""

Software = Annotated[str, Meta(max_length=32, pattern=r"^[0-9A-Za-z._+-]*$")]
"""The version of a device's software. It becomes a label, so it is no free text."""


class Registered(Fact, tag="registered"):
    """A device of a product was installed at the account, and is in service from now on.

    `heartbeat_minutes`: how often this device sends, if not as often as its product does. `software`: its version.
    """

    product: Label
    heartbeat_minutes: Interval = 0
    software: Software = ""


class Heartbeat(Fact, tag="heartbeat"):
    """A sign of life. Only the latest one matters, so none is kept."""


class FaultRaised(Fact, tag="fault_raised"):
    """The device found something wrong. Raising an active fault again changes nothing but its severity."""

    code: Code
    severity: Label = ""


class FaultCleared(Fact, tag="fault_cleared"):
    """The fault is over. Clearing one that is not active changes nothing."""

    code: Code


class SelfHealed(Fact, tag="self_healed"):
    """The device mended the fault by itself; it is over. Mending one that is not active changes nothing."""

    code: Code


class OutageBegan(Fact, tag="outage_began"):
    """The device no longer does what it is there for. Who says so may be somebody else: it is no sign of life."""


class OutageEnded(Fact, tag="outage_ended"):
    """The device works again."""


class SoftwareVersion(Fact, tag="software_version"):
    """The device runs this version from now on."""

    software: Software


class Decommissioned(Fact, tag="decommissioned"):
    """The device is out of service."""


class PastFault(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A fault that a snapshot tells of: since when, and when it was over. `self_healed`: the device mended it.

    Without `cleared_at` it is about one of the active `faults`, and only says since when.
    """

    code: Code
    raised_at: Instant
    severity: Label = ""
    cleared_at: Instant = 0
    self_healed: bool = False


class PastOutage(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An outage that a snapshot tells of. Without `ended_at` it lasts."""

    began_at: Instant
    ended_at: Instant = 0


Faults = Annotated[dict[Code, Label], Meta(max_length=64)]
History = Annotated[tuple[PastFault, ...], Meta(max_length=64)]
Outages = Annotated[tuple[PastOutage, ...], Meta(max_length=64)]


class Snapshot(Fact, tag="snapshot"):
    """The full state of a device at a time; replaces what earlier facts say. faults: code -> severity.

    With `decommissioned_at` the device is out of service, and so it stays until a sign of life after the snapshot.
    `heartbeat_minutes`, `software`: as at the registration. `history`: its faults with their times, `outages`: its
    outages; what is left out never happened.
    """

    product: Label
    faults: Faults = {}  # noqa: RUF012  msgspec copies an empty default for every value
    decommissioned_at: Instant = 0
    heartbeat_minutes: Interval = 0
    software: Software = ""
    history: History = ()
    outages: Outages = ()


class Deleted(Fact, tag="deleted"):
    """The device leaves every number. A later snapshot brings it back."""


class TransferredOut(Fact, tag="transferred_out"):
    """The device goes on under another account, where it arrives as a snapshot."""


DeviceFact = (
    Registered | Heartbeat | FaultRaised | FaultCleared | SelfHealed | OutageBegan | OutageEnded | SoftwareVersion
    | Decommissioned | Snapshot | Deleted | TransferredOut
)  # fmt: skip
