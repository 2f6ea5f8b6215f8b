"""What a file of thresholds may say: a table of it is one of these."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Length = Annotated[str, Meta(pattern=r"^[0-9]+[smhd]$")]
"""A duration as Prometheus writes it, with one unit."""

Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(gt=0, lt=1)]
Window = Literal["15m", "1h", "24h", "7d", "30d"]
"""A window of the numbers of support."""

Channel = Literal["phone", "web", "email", "chat", "community", "in_product", "social", "api"]
"""A channel that cases are opened by."""

Bound = Literal[1, 2, 4, 8, 24, 48, 72, 168]
"""Hours that are a bound of the buckets of durations."""


class Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A table of the file. A key that is not named here is a fault."""


class Cost(Part, frozen=True, kw_only=True):
    """What work costs. hour: in the currency you count in; 0 when it is not to be shown."""

    hour: Annotated[float, Meta(ge=0)]


class Channels(Part, frozen=True, kw_only=True):
    """Shares of the cases opened by channel that are expected."""

    expected: dict[Channel, Share]

    def __post_init__(self) -> None:
        """Refuse shares that are more than all."""
        if sum(self.expected.values()) > 1 + 1e-9:
            raise ValueError("the expected shares of channels add up to more than 1")


class Firing(Part, rename={"hold": "for"}, frozen=True, kw_only=True):
    """When a condition becomes an alert, and how long it stays one."""

    severity: Literal["critical", "warning", "info"]
    hold: Length
    keep: Length


class Belief(Part, frozen=True, kw_only=True):
    """When numbers may be believed."""

    max_lag_seconds: Positive


class BacklogSurge(Firing, frozen=True, kw_only=True):
    """More cases than support gets done, and more than chance brings."""

    window: Literal["15m", "1h", "24h"]
    base: Literal["24h", "7d"]
    busy_hour: Positive
    same_hour: list[Length]
    dispersion: Annotated[float, Meta(ge=1)]
    minimum: Positive
    level: Length
    ago: Length


class NoData(Firing, frozen=True, kw_only=True):
    """A topic that should have brought events brought none."""

    window: Length
    base: Length
    same_time: list[Length]
    expected: Positive


class Lag(Firing, frozen=True, kw_only=True):
    """The numbers fall behind."""

    seconds: Positive
    growing: Length
    limit: Positive


class RejectsHigh(Firing, frozen=True, kw_only=True):
    """Most records of a partition cannot be used."""

    share: Share
    minimum: Positive
    window: Length


class Within(Firing, frozen=True, kw_only=True):
    """Something that must not happen at all, in a window."""

    window: Length


class LevelHigh(Firing, frozen=True, kw_only=True):
    """A number that stands higher than chance makes of what is usual."""

    base: Length
    same_time: list[Length]
    dispersion: Annotated[float, Meta(ge=1)]
    minimum: Positive


class LevelOverdue(LevelHigh, frozen=True, kw_only=True):
    """How many have waited for longer than some hours."""

    hours: Bound


class ShareHigh(Firing, frozen=True, kw_only=True):
    """A share of what happened in a long window that is surely too high, and not surely over in a short one."""

    share: Share
    long: Window
    short: Window
    minimum: Positive


class SlowHigh(ShareHigh, frozen=True, kw_only=True):
    """A share of what took longer than some hours."""

    hours: Bound


class StreamDry(Firing, frozen=True, kw_only=True):
    """Fewer than chance leaves of what is to be expected."""

    window: Window
    base: Window
    same_time: Annotated[list[Length], Meta(min_length=1)]
    dispersion: Annotated[float, Meta(ge=1)]
    expected: Positive


class DevicesShare(Firing, frozen=True, kw_only=True):
    """Too many devices of a product."""

    share: Share
    minimum: Positive


class FaultStorms(Part, frozen=True, kw_only=True):
    """One cause that hits many devices of a product: the share that is surely passed, and their least number."""

    share: Share
    minimum: Positive


class EventsShare(Firing, frozen=True, kw_only=True):
    """Too many of a topic's events, and the least number of them."""

    window: Length
    share: Share
    minimum: Positive


class Stalls(Firing, frozen=True, kw_only=True):
    """An event loop that stood still too often. seconds: a bound of its buckets."""

    window: Length
    seconds: Positive
    minimum: Positive


class RepliesStopped(Firing, frozen=True, kw_only=True):
    """Fewer replies in some hours than chance leaves of those of other days."""

    hours: Annotated[int, Meta(ge=1, le=12)]
    same_time: Annotated[list[Length], Meta(min_length=1)]
    dispersion: Annotated[float, Meta(ge=1)]
    expected: Positive
