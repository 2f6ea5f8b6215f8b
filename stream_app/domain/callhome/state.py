"""What the facts of a device add up to."""

from typing import Final, NamedTuple

from stream_app.domain.fold import State

LIVE: Final = "live"
GONE: Final = "gone"

ACTIVE: Final = 256
"""Active faults that a device has at most; what it raises beyond is left out."""

KEPT: Final = 64
"""Faults that are over, and outages, that a device keeps: the latest ones of each."""


class Fault(NamedTuple):
    """An active fault. raised: ms, 0 when only a snapshot said that it is active."""

    code: str
    severity: str
    raised: int = 0


class Over(NamedTuple):
    """A fault that is over. raised: ms, 0 when it is not known. healed: the device mended it by itself."""

    code: str
    severity: str
    raised: int
    cleared: int
    healed: bool


class Device(State):
    """What the facts of a device add up to, but for its latest sign of life, which is the row's `seen`.

    retired: when it was put out of service, ms. interval: minutes between its heartbeats, 0 as its product's.
    outages: (began, ended) in ms, in the order they began; ended is 0 in the last one while it lasts.
    """

    phase: str = LIVE
    registered: bool = False
    product: str = ""
    retired: int = 0
    faults: tuple[Fault, ...] = ()
    interval: int = 0
    software: str = ""
    over: tuple[Over, ...] = ()
    outages: tuple[tuple[int, int], ...] = ()
