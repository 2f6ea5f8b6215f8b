"""Counts by series. A board is a sum of weights, so boards of partitions and workers add up.

A weight is (series, labels, minute, amount). Without a minute it is a plain count. With one it
belongs to that minute of event time, and a reader asks how much lies in a span of minutes that
ends now: windows, ages and deadlines are all that one question, and no timer is needed.
"""

from collections.abc import Callable, Iterable
from typing import Final, Self

from stream_app.domain.health.ledger import EVIDENCE, TIER, Ledger
from stream_app.domain.minutes import Minutes
from stream_app.domain.names import Names

Labels = tuple[str | int, ...]
Weight = tuple[str, Labels, int | None, int]
"""(series, labels, minute or None, amount); amounts are integers, so sums are exact in any order."""

Spans = Callable[[str, Labels], tuple[int, ...]]
"""The spans in minutes that will be asked of a series; `PAST` asks for every minute up to now, `up_to` for more."""

PAST: Final = -1

ANY: Final = ":any"
"""Ends the name of a series whose last label is any word, such as a version. Its zeros are forgotten: it would grow.

By minute such a series has that label and no other, and is asked for windows; see `names`.
"""


def up_to(ahead: int) -> int:
    """The span that asks for every minute up to `ahead` minutes after now; none ahead is `PAST`."""
    return PAST - ahead


_MANY: Final = 128
"""Minutes that may wait for a reading: a dictionary holds each in about 90 bytes, `Minutes` in 16."""


class Tally:
    """Amounts by minute, with running sums over spans of minutes that the clock moves on.

    Its spans are windows and `PAST`, or `PAST` and spans `up_to` minutes ahead. Raises ValueError for both together.
    total: the sum of every minute, those ahead of the clock included. pending: amounts by minute that were counted
    since the last reading; events come far more often than readings, so counting is one step and summing waits.
    """

    __slots__ = ("_edge", "_reach", "_spans", "_sums", "minutes", "pending", "total")

    def __init__(self, spans: tuple[int, ...]) -> None:
        self.minutes = Minutes()
        self.pending: dict[int, int] = {}
        self.total = 0
        self._spans = spans
        self._sums = [0] * len(spans)
        self._edge: int | None = None
        self._reach = PAST - min((*spans, PAST))
        if self._reach and max(spans) > 0:
            raise ValueError("a tally is asked for windows or for minutes ahead, not for both")

    def add(self, minute: int, amount: int) -> None:
        """Count an amount in a minute."""
        pending = self.pending
        pending[minute] = pending.get(minute, 0) + amount

    def lay_out(self) -> None:
        """Count what waits for a reading where there is much of it, so that it waits in little memory."""
        if len(self.pending) > _MANY:
            self.settled()

    def items(self) -> Iterable[tuple[int, int]]:
        """(minute, amount) of everything counted, by time."""
        return self.settled().minutes.items()

    def settled(self) -> Self:
        """Itself, with everything counted in `minutes`, `total` and the sums."""
        pending = self.pending
        if pending:
            self.total += sum(pending.values())
            edge = self._edge
            if edge is not None:
                for minute, amount in pending.items():
                    if amount and minute <= edge + self._reach:
                        self._sum_up(minute, amount, edge)
            self.minutes.take(pending)
            pending.clear()
        return self

    def _sum_up(self, minute: int, amount: int, edge: int) -> None:
        """Add an amount to the sums of the spans that its minute lies in."""
        sums = self._sums
        for index, span in enumerate(self._spans):
            if (minute <= edge + PAST - span) if span < 0 else (minute > edge - span):
                sums[index] += amount

    def read(self, now_minute: int) -> list[int]:
        """The sum over each span at `now_minute`: minutes m with now - span < m <= now, or up to so many ahead."""
        if self.pending:
            self.settled()
        edge = self._edge
        if edge != now_minute:
            if edge is None or now_minute < edge:
                self._sums = [self.within(now_minute, span) for span in self._spans]
            else:
                self._move(edge, now_minute)
            self._edge = now_minute
        return self._sums

    def first(self) -> int | None:
        """The first minute that holds something; None when none does."""
        return self.settled().minutes.first()

    def _move(self, edge: int, now_minute: int) -> None:
        between, sums = self.minutes.between, self._sums
        entered = between(edge + 1, now_minute)
        for index, span in enumerate(self._spans):
            if span < PAST:
                ahead = PAST - span
                sums[index] += between(edge + ahead + 1, now_minute + ahead)
                continue
            left = 0 if span == PAST else between(edge - span + 1, now_minute - span)
            sums[index] += entered - left

    def within(self, now_minute: int, span: int) -> int:
        """The plain sum over one span (what the running sums must come to)."""
        if span < 0:
            return self.minutes.until(now_minute + PAST - span)
        return self.minutes.between(now_minute - span + 1, now_minute)


class Board:
    """The sum of the weights of some rows, by series and labels.

    names: series of any word by minute. ledgers: what rows say of their accounts' health.
    """

    __slots__ = ("_new_tally", "_spans", "ledgers", "levels", "names", "tallies")

    def __init__(self, spans: Spans, new_tally: Callable[[tuple[int, ...]], Tally] = Tally) -> None:
        self.levels: dict[str, dict[Labels, int]] = {}
        self.tallies: dict[str, dict[Labels, Tally]] = {}
        self.names: dict[str, Names] = {}
        self.ledgers: tuple[Ledger, ...] = (Ledger(),)
        self._spans = spans
        self._new_tally = new_tally

    def tally(self, series: str, labels: Labels) -> Tally:
        """Where a count by minute is kept."""
        tallies = self.tallies.setdefault(series, {})
        found = tallies.get(labels)
        if found is None:
            found = tallies[labels] = self._new_tally(self._spans(series, labels))
        return found

    def add(self, weights: Iterable[Weight], sign: int = 1) -> None:
        """Add weights, or take them away with sign -1. A count once seen stays, as a zero."""
        for series, labels, minute, amount in weights:
            if minute is None:
                levels = self.levels.get(series)
                if levels is None:
                    levels = self.levels[series] = {}
                left = levels[labels] = levels.get(labels, 0) + sign * amount
                if not left and series.endswith(ANY):
                    del levels[labels]
            elif amount:
                tallies = self.tallies.get(series)
                if tallies is None:
                    if series.endswith(ANY):
                        self._name(series, labels, minute, sign * amount)
                        continue
                    tallies = self.tallies[series] = {}
                tally = tallies.get(labels)
                if tally is None:
                    tally = tallies[labels] = self._new_tally(self._spans(series, labels))
                tally.add(minute, sign * amount)

    def settle(self) -> None:
        """Lay out what was counted where much of it waits for a reading, so that it waits in little memory."""
        for tallies in self.tallies.values():
            for tally in tallies.values():
                tally.lay_out()

    def _name(self, series: str, labels: Labels, minute: int, amount: int) -> None:
        names = self.names.get(series)
        if names is None:
            names = self.names[series] = Names(self._spans(series, labels))
        names.add(minute, str(labels[0]), amount)

    def contents(self) -> dict[tuple[str, Labels, int | None], int]:
        """Everything that is not zero, for comparing boards: (series, labels, minute) -> amount."""
        found: dict[tuple[str, Labels, int | None], int] = {
            (series, labels, None): amount
            for series, levels in self.levels.items()
            for labels, amount in levels.items()
            if amount
        }
        for series, tallies in self.tallies.items():
            for labels, tally in tallies.items():
                for minute, amount in tally.items():
                    found[(series, labels, minute)] = amount
        for series, names in self.names.items():
            for minute, counts in names.minutes.items():
                for name, amount in counts.items():
                    found[(series, (name,), minute)] = amount
        for ledger in self.ledgers:
            found.update(ledger.contents())
        return found


def combined(boards: Iterable[Board], spans: Spans) -> Board:
    """The board of the whole, given the boards of its parts."""
    whole = Board(spans)
    for board in boards:
        contents = board.contents()
        whole.add((s, labels, m, a) for (s, labels, m), a in contents.items() if s not in {EVIDENCE, TIER})
        whole.ledgers[0].take(contents)
    return whole
