"""Counts by minute of names, of which there may be any number, summed over windows.

By minute stands what rows say. The sums of a window hold the names of that window and no other: a name that fell out
of every window costs neither a reading nor a tally of its own.
"""

from typing import Final

Counts = dict[str, int]

_FAR: Final = 240
"""Minutes the clock may move before summing anew is cheaper than moving the sums."""


class Names:
    """Counts by minute and name, with running sums over windows that the clock moves on.

    spans: the windows in minutes; a window W at `now` holds the minutes m with now - W < m <= now.
    """

    __slots__ = ("_edge", "_spans", "_sums", "minutes")

    def __init__(self, spans: tuple[int, ...]) -> None:
        self.minutes: dict[int, Counts] = {}
        self._spans = spans
        self._sums: list[Counts] = [{} for _ in spans]
        self._edge: int | None = None

    def add(self, minute: int, name: str, amount: int) -> None:
        """Add an amount to a name in a minute; what comes to nothing is forgotten."""
        _add(self.minutes.setdefault(minute, {}), name, amount)
        if not self.minutes[minute]:
            del self.minutes[minute]
        edge = self._edge
        if edge is not None and minute <= edge:
            for span, sums in zip(self._spans, self._sums, strict=True):
                if minute > edge - span:
                    _add(sums, name, amount)

    def read(self, now_minute: int) -> list[Counts]:
        """The counts of each window at `now_minute`, by name."""
        edge = self._edge
        if edge is not None and 0 <= now_minute - edge <= _FAR:
            self._move(edge, now_minute)
        else:  # the clock went back, or so far that summing anew is cheaper
            self._sums = [self.within(now_minute, span) for span in self._spans]
        self._edge = now_minute
        return self._sums

    def _move(self, edge: int, now_minute: int) -> None:
        for span, sums in zip(self._spans, self._sums, strict=True):
            for sign, first, last in ((1, edge, now_minute), (-1, edge - span, now_minute - span)):
                for minute in range(first + 1, last + 1):
                    for name, amount in self.minutes.get(minute, {}).items():
                        _add(sums, name, sign * amount)

    def within(self, now_minute: int, span: int) -> Counts:
        """The plain counts of one window, read minute by minute (the oracle of the running sums)."""
        found: Counts = {}
        for minute, counts in self.minutes.items():
            if now_minute - span < minute <= now_minute:
                for name, amount in counts.items():
                    _add(found, name, amount)
        return found


def _add(counts: Counts, name: str, amount: int) -> None:
    left = counts.get(name, 0) + amount
    if left:
        counts[name] = left
    else:
        counts.pop(name, None)


class Together(Names):
    """Names of one series, of several boards, read as one."""

    __slots__ = ("_parts",)

    def __init__(self, parts: list[Names]) -> None:
        super().__init__(())
        self._parts = parts

    def read(self, now_minute: int) -> list[Counts]:
        """The counts of each window at `now_minute`, by name."""
        whole: list[Counts] = []
        for parts in zip(*(part.read(now_minute) for part in self._parts), strict=True):
            found: Counts = {}
            for counts in parts:
                for name, amount in counts.items():
                    _add(found, name, amount)
            whole.append(found)
        return whole
