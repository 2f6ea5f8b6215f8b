"""Figures of several runs: the median with its spread."""

from collections.abc import Iterable
from statistics import median
from typing import NamedTuple


class Spread(NamedTuple):
    """The median of some runs, the lowest and the highest."""

    median: float
    low: float
    high: float

    def rounded(self, digits: int) -> "Spread":
        """The same with so many significant digits."""
        return Spread(*(float(f"{value:.{digits}g}") for value in self))


def spread(values: Iterable[float]) -> Spread:
    """Median, lowest and highest; raises StatisticsError of nothing."""
    known = sorted(values)
    return Spread(median(known), known[0], known[-1]).rounded(4)


def quantile(values: list[float], share: float) -> float:
    """The value below which `share` of the sorted values lie (nearest rank)."""
    return values[min(int(len(values) * share), len(values) - 1)]
