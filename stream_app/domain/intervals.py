"""Whether something lasted within a window that moves: spans of minutes, and when the answer changes.

A span is (first, last) in minutes, both within; `FOREVER` as the last one while it lasts. A span lies in the
window W at t when first <= t and last > t - W, so from its first minute on, up to W minutes after its last.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

Span = tuple[int, int]

FOREVER: Final = 2**62


def edges(spans: Iterable[Span], window: int) -> Iterator[tuple[int, int]]:
    """The minutes from which on some span lies in the window (1), and from which on none does (-1).

    spans: in the order of their first minutes.
    """
    ends = -FOREVER
    for first, last in spans:
        if first > ends:
            if ends > -FOREVER:
                yield ends, -1
            yield first, 1
            ends = last + window
        else:
            ends = max(ends, last + window)
    if -FOREVER < ends < FOREVER:
        yield ends, -1


class Union:
    """Spans of many things, and the spans in which at least one of them lasts. Counted, so that they may go again.

    lasting: the latter, in order; two of them never touch.
    """

    __slots__ = ("_counts", "_order", "lasting")

    def __init__(self) -> None:
        self.lasting: list[Span] = []
        self._counts: Counter[Span] = Counter()
        self._order: list[Span] = []

    def move(self, gone: Iterable[Span], come: Iterable[Span]) -> Iterator[tuple[Sequence[Span], Sequence[Span]]]:
        """Take spans away and add some; yields what lasts as it was and as it is around each change."""
        for span in come:
            self._counts[span] += 1
            if self._counts[span] == 1:
                insort(self._order, span)
                yield self._again(*span)
        for span in gone:
            self._counts[span] -= 1
            if not self._counts[span]:
                del self._counts[span]
                del self._order[bisect_left(self._order, span)]
                yield self._again(*span)

    def _again(self, first: int, last: int) -> tuple[Sequence[Span], Sequence[Span]]:
        """Put together anew what lasts where a span was added or taken away; with a neighbour on each side."""
        lasting = self.lasting
        low = bisect_left(lasting, first - 1, key=lambda span: span[1])
        high = bisect_right(lasting, last + 1, key=lambda span: span[0])
        touched = lasting[low:high]
        begin = min(first, touched[0][0]) if touched else first
        end = max(last, touched[-1][1]) if touched else last
        inside = self._order[bisect_left(self._order, (begin, 0)) : bisect_right(self._order, (end, FOREVER))]
        before, after = lasting[max(low - 1, 0) : low], lasting[high : high + 1]
        lasting[low:high] = again = list(_joined(inside))
        return [*before, *touched, *after], [*before, *again, *after]


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in order as those in which at least one lasts."""
    begin = end = -FOREVER
    for first, last in spans:
        if first > end + 1:
            if end > -FOREVER:
                yield begin, end
            begin, end = first, last
        else:
            end = max(end, last)
    if end > -FOREVER:
        yield begin, end
