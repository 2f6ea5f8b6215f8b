"""Adding up what the gauges must show: counts by window, cumulative histograms, closed label sets."""

from bisect import bisect_right
from collections.abc import Collection
from typing import Final

from stream_app.domain.words import COUNT_BOUNDS, DURATION_BOUNDS, WINDOWS

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
        self._spent: dict[tuple[str, tuple[str, ...]], int] = {}
        self._counts: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        self._lengths: dict[tuple[str, tuple[str, ...]], list[int]] = {}

    def count(self, name: str, *labels: str) -> None:
        """One more, whenever it happened."""
        place = (name, labels)
        self._found[place] = self._found.get(place, 0) + 1

    def state(self, name: str, value: int, *labels: str) -> None:
        """A number as it is."""
        self._found[name, labels] = value

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

    def within(self, begin_ms: int, end_ms: int | None) -> list[str]:
        """The windows of which a stretch of time touches a minute; without an end it goes on."""
        first, last = begin_ms // _MINUTE, self._now if end_ms is None else end_ms // _MINUTE
        return [window for window, minutes in WINDOWS.items() if first <= self._now < last + minutes]

    def spent(self, name: str, begin_ms: int, end_ms: int | None, *labels: str) -> None:
        """What of a stretch of time lies in the minutes of each window."""
        for window, minutes in WINDOWS.items():
            until = (self._now + 1) * _MINUTE
            since = until - minutes * _MINUTE
            ms = min(until, until if end_ms is None else end_ms) - max(since, begin_ms)
            if ms > 0:
                place = (name, (window, *labels))
                self._spent[place] = self._spent.get(place, 0) + ms

    def lasted(self, name: str, at_ms: int, length_ms: int, *labels: str) -> None:
        """A duration observed at a time, in each window its minute lies in."""
        for window in self._windows(at_ms):
            self._observe(name, (window, *labels), length_ms)

    def counted(self, name: str, at_ms: int, number: int, *labels: str) -> None:
        """How many were observed at a time, in each window its minute lies in."""
        for window in self._windows(at_ms):
            self._counts.setdefault((name, (window, *labels)), []).append(number)

    def aged(self, name: str, since_ms: int, *labels: str) -> None:
        """The age of what began at a time, in whole minutes of the clock."""
        self._observe(name, labels, self.minutes_since(since_ms) * _MINUTE)

    def oldest(self, name: str, since_ms: int, *labels: str) -> None:
        """The greatest age, in seconds of whole minutes of the clock."""
        age = self.minutes_since(since_ms) * 60
        self._found[name, labels] = max(self._found.get((name, labels), 0), age)

    def _observe(self, name: str, labels: tuple[str, ...], length_ms: int) -> None:
        self._lengths.setdefault((name, labels), []).append(length_ms)

    def most(self, name: str, keep: int) -> None:
        """Leave the most frequent names of each window and add up the others; ties by name."""
        for window in WINDOWS:
            found = {labels[1]: n for (of, labels), n in self._found.items() if of == name and labels[0] == window}
            for rank, word in enumerate(sorted(found, key=lambda word: (-found[word], word))):
                if rank >= keep:
                    del self._found[name, (window, word)]
                    rest = (name, (window, "other"))
                    self._found[rest] = self._found.get(rest, 0) + found[word]

    def series(self) -> Series:
        """Every number that is not zero; a bucket holds the lengths up to its bound."""
        found: Series = {**self._found, **{place: ms / 1000 for place, ms in self._spent.items()}}
        for (name, labels), lengths in self._lengths.items():
            lengths.sort()
            for bound in DURATION_BOUNDS:
                found[name + "_bucket", (*labels, str(float(bound)))] = bisect_right(lengths, bound * 1000)
            found[name + "_bucket", (*labels, "+Inf")] = found[name + "_gcount", labels] = len(lengths)
            found[name + "_gsum", labels] = sum(lengths) / 1000
        for (name, labels), numbers in self._counts.items():
            for bound in COUNT_BOUNDS:
                found[name + "_bucket", (*labels, str(float(bound)))] = sum(number <= bound for number in numbers)
            found[name + "_bucket", (*labels, "+Inf")] = found[name + "_gcount", labels] = len(numbers)
            found[name + "_gsum", labels] = sum(numbers)
        return {place: value for place, value in found.items() if value}
