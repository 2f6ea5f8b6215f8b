"""Amounts by minute, kept by time in 16 bytes each: most numbers of a board are a few amounts in many minutes."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, MutableSequence
from typing import Final

_AT_ONCE: Final = 200_000
"""Amounts times those already there beyond which all are laid out anew instead of moved aside one by one."""


class Minutes:
    """Amounts by minute; a minute whose amounts come to nothing is forgotten."""

    __slots__ = ("_amounts", "_minutes")

    def __init__(self) -> None:
        self._minutes: array[int] = array("q")
        self._amounts: MutableSequence[int] = array("q")

    def __len__(self) -> int:
        """How many minutes hold something."""
        return len(self._minutes)

    def items(self) -> Iterator[tuple[int, int]]:
        """(minute, amount), by time."""
        return zip(self._minutes, self._amounts, strict=True)

    def take(self, more: Mapping[int, int]) -> None:
        """Add amounts to their minutes."""
        if len(more) * len(self._minutes) > _AT_ONCE:
            amounts = dict(self.items())
            for minute, amount in more.items():
                amounts[minute] = amounts.get(minute, 0) + amount
            self._lay_out(sorted(item for item in amounts.items() if item[1]))
            return
        for minute, amount in more.items():
            if amount:
                self._add(minute, amount)

    def _lay_out(self, items: list[tuple[int, int]]) -> None:
        amounts = [amount for _, amount in items]
        try:
            self._amounts = array("q", amounts)
        except OverflowError:
            self._amounts = amounts
        self._minutes = array("q", (minute for minute, _ in items))

    def _add(self, minute: int, amount: int) -> None:
        minutes = self._minutes
        at = len(minutes) if not minutes or minute > minutes[-1] else bisect_left(minutes, minute)
        try:
            if at == len(minutes) or minutes[at] != minute:
                self._amounts.insert(at, amount)
                minutes.insert(at, minute)
                return
            self._amounts[at] += amount
        except OverflowError:  # sums beyond 64 bits come of absurd lengths only; they are kept all the same
            self._amounts = list(self._amounts)
            self._add(minute, amount)
            return
        if not self._amounts[at]:
            del self._amounts[at], minutes[at]

    def between(self, first: int, last: int) -> int:
        """The sum over the minutes from the first to the last, both included."""
        minutes = self._minutes
        return sum(self._amounts[bisect_left(minutes, first) : bisect_right(minutes, last)])

    def until(self, last: int) -> int:
        """The sum over every minute up to the last, that one included."""
        return sum(self._amounts[: bisect_right(self._minutes, last)])

    def first(self) -> int | None:
        """The first minute that holds something; None when none does."""
        return self._minutes[0] if self._minutes else None
