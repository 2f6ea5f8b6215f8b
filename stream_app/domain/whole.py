"""The boards of several partitions read as the board of the whole, without copying what they count."""

from collections.abc import Iterable
from typing import Self

from stream_app.domain.board import Board, Labels, Tally
from stream_app.domain.names import Names, Together


class Whole(Board):
    """What some boards add up to, made for one reading: an index of their tallies, and the sums of their levels."""

    __slots__ = ()

    def __init__(self, boards: Iterable[Board]) -> None:
        super().__init__(_no_spans)
        found: dict[str, dict[Labels, list[Tally]]] = {}
        named: dict[str, list[Names]] = {}
        self.ledgers = ()
        for board in boards:
            self.ledgers += board.ledgers
            for series, names in board.names.items():
                named.setdefault(series, []).append(names)
            for series, counts in board.levels.items():
                levels = self.levels.setdefault(series, {})
                for labels, amount in counts.items():
                    levels[labels] = levels.get(labels, 0) + amount
            for series, tallies in board.tallies.items():
                parts = found.setdefault(series, {})
                for labels, tally in tallies.items():
                    if labels in parts:
                        parts[labels].append(tally)
                    else:
                        parts[labels] = [tally]
        self.names = {series: Together(parts) for series, parts in named.items()}
        for series, by_labels in found.items():
            self.tallies[series] = {
                labels: parts[0] if len(parts) == 1 else _Together(parts) for labels, parts in by_labels.items()
            }


def _no_spans(_series: str, _labels: Labels) -> tuple[int, ...]:
    return ()


class _Together(Tally):
    """Tallies of one series and labels, of several boards, read as one."""

    __slots__ = ("_parts",)

    def __init__(self, parts: list[Tally]) -> None:
        super().__init__(())
        self._parts = parts

    def settled(self) -> Self:
        """Itself, with everything counted in `total`."""
        self.total = sum(part.settled().total for part in self._parts)
        return self

    def read(self, now_minute: int) -> list[int]:
        """The sum over each span at `now_minute`."""
        sums = list(map(sum, zip(*(part.read(now_minute) for part in self._parts), strict=True)))
        self.total = sum(part.total for part in self._parts)
        return sums

    def first(self) -> int | None:
        """The first minute that holds something."""
        return min((first for part in self._parts if (first := part.first()) is not None), default=None)
