"""A log through the same core as the worker's, without a broker: the numbers at any instant."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from stream_app.domain.fold import state_of
from stream_app.domain.rules import Rules
from stream_app.exposition import render
from stream_app.pipeline import AREAS, Partition
from stream_app.sources.log import Log, Ready
from stream_app.sources.summary import Course, Summary, is_close, summary


class Reading(NamedTuple):
    """The metrics text at an instant (ms)."""

    at_ms: int
    text: str


class Replay:
    """The rows and the board a log adds up to, instant after instant."""

    def __init__(self, log: Log, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.partition = Partition(self.rules)
        self._course = Course()
        self._steps = groupby(log.ready(), key=lambda ready: ready.message.at)
        self._next: tuple[int, list[Ready]] | None = self._read()

    def _read(self) -> tuple[int, list[Ready]] | None:
        step = next(self._steps, None)
        return None if step is None else (step[0], list(step[1]))

    def until(self, at_ms: int | None) -> None:
        """Apply every event no later than `at_ms`; None: all there are."""
        area = AREAS["cases"]
        rows, course = self.partition.rows[area.topic], self._course
        while self._next is not None and (at_ms is None or self._next[0] <= at_ms):
            at, step = self._next
            events = [ready.event for ready in step]
            for key in self.partition.absorb(area, events).changed:
                course.note(key, state_of(area.folding, rows[key]), at)
            course.closed.update(event.key for event in events if is_close(event.fact))
            self._next = self._read()

    def readings(self, instants: Sequence[int]) -> Iterator[Reading]:
        """The metrics text at each instant, earliest first; later events are not applied yet."""
        for at_ms in sorted(instants):
            self.until(at_ms)
            yield Reading(at_ms, render([self.partition.board], at_ms, self.rules).decode())

    def summary(self) -> Summary:
        """The figures of everything applied so far."""
        return summary(self.partition.rows["cases"], self._course)
