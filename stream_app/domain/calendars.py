"""Opening hours as plain sorted intervals: how long it is open between two instants, and when so much has passed.

A calendar knows no zone and no holiday: both are in its intervals. Outside of them, before the first opening
and after the last close, it is always open, so every question has an answer.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final


class Calendar:
    """Times of being open. opens, closes: beginning and end of each interval in ms, sorted, none touching another.

    Raises ValueError for intervals that are empty, out of order or overlap. Questions cost a bisection.
    """

    __slots__ = ("_before", "closes", "opens")

    def __init__(self, opens: Sequence[int] = (), closes: Sequence[int] = ()) -> None:
        edges = [edge for pair in zip(opens, closes, strict=True) for edge in pair]
        if any(later <= earlier for earlier, later in pairwise(edges)):
            raise ValueError("intervals must be sorted, apart from each other and not empty")
        self.opens, self.closes = tuple(opens), tuple(closes)
        lengths = (close - begin for begin, close in zip(self.opens, self.closes, strict=True))
        self._before = (0, *accumulate(lengths))  # open time of the intervals before the n-th one

    def _passed(self, at: int) -> int:
        """Open time from the first opening to an instant; negative before it."""
        opens = self.opens
        if not opens:
            return at
        place = bisect_right(opens, at) - 1
        if place < 0:
            return at - opens[0]
        close = self.closes[place]
        if at <= close:
            return self._before[place] + at - opens[place]
        total = self._before[place + 1]
        return total if place + 1 < len(opens) else total + at - close

    def open_between(self, begin: int, end: int) -> int:
        """The open time between two instants, ms; 0 when the end is not after the beginning."""
        return self._passed(end) - self._passed(begin) if end > begin else 0

    def advance(self, begin: int, length: int) -> int:
        """The first instant, ms, by which `length` ms of open time have passed since `begin`."""
        if length <= 0:
            return begin
        opens, before = self.opens, self._before
        if not opens:
            return begin + length
        wanted = self._passed(begin) + length
        if wanted <= 0:
            return opens[0] + wanted
        if wanted > before[-1]:
            return self.closes[-1] + wanted - before[-1]
        place = bisect_right(before, wanted - 1) - 1
        return opens[place] + wanted - before[place]

    def opening(self, at: int) -> int:
        """When it is open next: the instant itself while it is."""
        if not self.opens or at < self.opens[0] or at >= self.closes[-1]:
            return at
        return max(at, self.opens[bisect_right(self.closes, at)])

    def closing(self, at: int) -> int | None:
        """When it closes next, for an instant at which it is open; None when it never does."""
        place = bisect_right(self.closes, at)
        return self.closes[place] if place + 1 < len(self.closes) else None


ALWAYS: Final = Calendar()
"""Always open: business time is elapsed time."""
