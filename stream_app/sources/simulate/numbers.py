"""Adding up what the gauges must show: counts by window, cumulative histograms, closed label sets."""

from collections.abc import Collection
from typing import Final

from stream_app.domain.words import DURATION_BOUNDS, WINDOWS

Series = dict[tuple[str, tuple[str, ...]], float]
"""(metric name with its suffix, label values in the metric's order, `le` last) -> number."""

_MINUTE: Final = 60_000


def word_of(value: str | None, allowed: Collection[str]) -> str:
    """The label value for a published word: `unknown` if absent, `other` if not on the list."""
    if not value or value == "unknown":
        return "unknown"
    return value if value in allowed else "other"


class Numbers:
    """The numbers at one instant. Durations are added in ms and shown in seconds."""

    def __init__(self, now_ms: int) -> None:
        self._now = now_ms // _MINUTE
        self._found: dict[tuple[str, tuple[str, ...]], int] = {}

    def count(self, name: str, *labels: str) -> None:
        """One more, whenever it happened."""
        place = (name, labels)
        self._found[place] = self._found.get(place, 0) + 1

    def minutes_since(self, at_ms: int) -> int:
        """Whole minutes of the clock since a time."""
        return self._now - at_ms // _MINUTE

    def _windows(self, at_ms: int) -> list[str]:
        since = self.minutes_since(at_ms)
        return [window for window, minutes in WINDOWS.items() if 0 <= since < minutes]

    def happened(self, name: str, at_ms: int, *labels: str) -> None:
        """One more in each window its minute lies in."""
        for window in self._windows(at_ms):
            self.count(name, window, *labels)

    def lasted(self, name: str, at_ms: int, length_ms: int, *labels: str) -> None:
        """A duration observed at a time, in each window its minute lies in."""
        for window in self._windows(at_ms):
            self._observe(name, (window, *labels), length_ms)

    def aged(self, name: str, since_ms: int, *labels: str) -> None:
        """The age of what began at a time, in whole minutes of the clock."""
        self._observe(name, labels, self.minutes_since(since_ms) * _MINUTE)

    def _observe(self, name: str, labels: tuple[str, ...], length_ms: int) -> None:
        for bound in DURATION_BOUNDS:
            if length_ms <= bound * 1000:
                self.count(name + "_bucket", *labels, str(float(bound)))
        self.count(name + "_bucket", *labels, "+Inf")
        self.count(name + "_gcount", *labels)
        total = (name + "_gsum", labels)
        self._found[total] = self._found.get(total, 0) + length_ms

    def series(self) -> Series:
        """Every number that is not zero."""
        return {
            (name, labels): value / 1000 if name.endswith("_gsum") else value
            for (name, labels), value in self._found.items()
            if value
        }
