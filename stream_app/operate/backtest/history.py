"""What scrapes found, step after step, and the same as the series of a test for promtool."""

from array import array
from collections.abc import Iterator, Mapping
from math import isnan, nan

Labels = tuple[tuple[str, str], ...]
Scrape = Mapping[tuple[str, Labels], float]
"""(name, labels in order) -> value."""


class History:
    """Series of equally spaced steps; a step at which a series was not there is a gap."""

    def __init__(self) -> None:
        self.steps = 0
        self._values: dict[tuple[str, Labels], array[float]] = {}

    def __len__(self) -> int:
        return len(self._values)

    def add(self, scrape: Scrape) -> None:
        """The next step."""
        values = self._values
        for place, value in scrape.items():
            column = values.get(place)
            if column is None:
                column = values[place] = array("d", [nan]) * self.steps
            column.append(value)
        self.steps += 1
        for column in values.values():
            if len(column) < self.steps:
                column.append(nan)

    def series(self) -> Iterator[tuple[str, str]]:
        """Each series as promtool writes it: the selector, and the values with gaps and repetitions."""
        for (name, labels), column in sorted(self._values.items()):
            inside = ", ".join(f'{label}="{value}"' for label, value in labels)
            yield f"{name}{{{inside}}}", " ".join(_written(column))


def _written(column: "array[float]") -> Iterator[str]:
    """Runs of a value as `value x repeats`. A series that ends is marked stale, as the next scrape would mark it."""
    place, last = 0, len(column)
    while place < last:
        end = place + 1
        if isnan(column[place]):
            while end < last and isnan(column[end]):
                end += 1
            gap = end - place
            if place:
                yield "stale"
                gap -= 1
            if gap:
                yield f"_x{gap}"
        else:
            while end < last and column[end] == column[place]:
                end += 1
            yield _number(column[place]) + (f"x{end - place - 1}" if end - place > 1 else "")
        place = end


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.9f}"
