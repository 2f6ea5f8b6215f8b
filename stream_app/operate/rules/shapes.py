"""Conditions that many alerts share: a level above what is usual, a share surely too high, a stream run dry."""

from collections.abc import Callable
from dataclasses import dataclass

from stream_app.catalogue import Record
from stream_app.catalogue.promql import grouped, surely_less, surely_more, surely_share
from stream_app.operate.rules.alert import BELIEVED, each
from stream_app.operate.rules.parts import LevelHigh, RepliesStopped, ShareHigh, StreamDry


@dataclass(frozen=True, slots=True)
class Level:
    """A number that stands at a level, such as cases that wait. name: of its recorded series, before the colon.

    It is too high above what chance makes of the most of: its mean over `base`, and itself `same_time` ago.
    """

    name: str
    expr: str
    help: str
    unit: str
    area: str
    limits: LevelHigh
    by: tuple[str, ...] = ()

    def records(self) -> tuple[Record, ...]:
        """The number while it is believed, what is usual, and what chance makes of that."""
        limits, now = self.limits, f"{self.name}:believed"
        gated = f"{self.name}:sum\n{BELIEVED}"
        usual = each(
            ("mean", f"avg_over_time({now}[{limits.base}])"),
            *((length, f"{now} offset {length}") for length in limits.same_time),
        )
        return (
            Record(f"{self.name}:sum", self.expr, f"{self.help}.", self.unit, self.area, self.by),
            Record(now, gated, f"{self.help}, while the number may be believed.", self.unit, self.area, self.by),
            Record(f"{self.name}:usual", f"max{grouped(self.by)}(\n{usual}\n)",
                   f"{self.help}: the most of their mean over {limits.base} and the same time of other days.",
                   self.unit, self.area, self.by),
            Record(f"{self.name}:surely", surely_more(f"{self.name}:usual", limits.dispersion),
                   "What chance makes of that once in a thousand times.", self.unit, self.area, self.by),
        )  # fmt: skip

    @property
    def too_high(self) -> str:
        """The condition; its value is the number."""
        return f"{self.name}:sum > {self.name}:surely\nand {self.name}:sum >= {self.limits.minimum:g}"


@dataclass(frozen=True, slots=True)
class WindowShare:
    """A share of what happened in a window. part, total: window -> expression, without the label `window`.

    It is too high if Wilson's lower bound is in the long window, unless his upper bound says that in the short
    one it is over.
    """

    name: str
    part: Callable[[str], str]
    total: Callable[[str], str]
    help: str
    area: str
    limits: ShareHigh

    def records(self) -> tuple[Record, ...]:
        """Counts of both windows, the share, and its bounds."""
        limits, name = self.limits, self.name
        windows = (("long", limits.long), ("short", limits.short))
        found = []
        for which, window in windows:
            text = f"in {window}"
            found += [
                Record(f"{name}:{which}_total", self.total(window), f"How many there were {text}.", "", self.area),
                Record(
                    f"{name}:{which}_ratio",
                    f"clamp_max((({self.part(window)}) or 0 * {name}:{which}_total)\n/ ({name}:{which}_total > 0), 1)",
                    f"{self.help}: their share {text}.", "ratio", self.area,
                ),
            ]  # fmt: skip
        lower = surely_share(f"{name}:long_ratio", f"{name}:long_total")
        upper = surely_share(f"{name}:short_ratio", f"{name}:short_total", upper=True)
        return (
            *found,
            Record(f"{name}:surely", lower, "The least that the share of the long window is with 98 % confidence.",
                   "ratio", self.area),
            Record(f"{name}:at_most", upper, "The most that the share of the short window is with 98 % confidence.",
                   "ratio", self.area),
        )  # fmt: skip

    @property
    def too_high(self) -> str:
        """The condition; its value is the share of the long window."""
        limits, name = self.limits, self.name
        return (
            f"{name}:long_ratio\n"
            f"and on() {name}:surely > {limits.share:g}\n"
            f"and on() {name}:long_total >= {limits.minimum:g}\n"
            f"unless on() {name}:at_most < {limits.share:g}"
        )


@dataclass(frozen=True, slots=True)
class Stream:
    """What keeps coming, such as answers. count: how many came lately; mean: how many that should be, if one may say.

    It has run dry if none, or fewer, came than chance leaves of the least of: the mean, and as many as at the same time
    of other days.
    """

    name: str
    count: str
    help: str
    unit: str
    area: str
    limits: StreamDry | RepliesStopped
    mean: str | None = None

    def records(self) -> tuple[Record, ...]:
        """How many came, how many were to be expected, and what chance leaves of those."""
        limits, now = self.limits, f"{self.name}:sum"
        before = [(length, f"{now} offset {length}") for length in limits.same_time]
        if self.mean is not None:
            before.insert(0, ("mean", self.mean))
        return (
            Record(now, self.count, f"{self.help}.", self.unit, self.area),
            Record(f"{self.name}:expected", f"min(\n{each(*before)}\n)",
                   f"{self.help}, to be expected: the least of the times it is compared with.",
                   self.unit, self.area),
            Record(f"{self.name}:surely", f"clamp_min({surely_less(f'{self.name}:expected', limits.dispersion)}, 1)",
                   "What chance leaves of them once in a thousand times, one at least.", self.unit, self.area),
        )  # fmt: skip

    @property
    def dry(self) -> str:
        """The condition; its value is how many came."""
        limits = self.limits
        return f"{self.name}:sum < {self.name}:surely\nand on() {self.name}:expected >= {limits.expected:g}"
