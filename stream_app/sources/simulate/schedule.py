"""What happens when, and when it is published: a queue in time, and what goes wrong between the two."""

from collections.abc import Callable
from heapq import heappop, heappush
from random import Random
from typing import Final, TypeVar

from stream_app.sources.simulate.faults import WAYS, Spoiled
from stream_app.sources.simulate.incidents import Incidents
from stream_app.sources.simulate.profile import InputFaults
from stream_app.sources.simulate.things import HOUR, NEVER, Step, Thing

T = TypeVar("T")

_SPOILED: Final = 0.9
_LATE: Final = 0.5
_LATE_MS: Final = (HOUR, 3 * HOUR)
"""Shares of a topic's events that a burst of bad records spoils, and one of late ones holds back, and how long."""

Call = Callable[[int], None]
"""What is planned when its time comes; it is told the time, ms."""


class Schedule:
    """Everything still to come, in the order of its time of publishing, up to `end_ms`.

    queue: what `advance` found due: (when it is published, thing, step). rejects, duplicates, late: what went
    wrong: (published, topic, reason), (published, topic, kind), (published, topic); remembered with `keep`.
    """

    def __init__(self, rng: Random, faults: InputFaults, incidents: Incidents, end_ms: int, *, keep: bool) -> None:
        self.queue: list[tuple[int, Thing, Step | Spoiled]] = []
        self.rejects: list[tuple[int, str, str]] = []
        self.duplicates: list[tuple[int, str, str]] = []
        self.late: list[tuple[int, str]] = []
        self._end_ms, self._keep = end_ms, keep
        self._rng, self._draw = rng, rng.random
        self._faults, self._incidents = faults, incidents
        self._trouble = faults.bad + faults.late + faults.duplicate + faults.disordered
        self._ways = tuple(WAYS)
        self._heap: list[tuple[int, int, Thing | None, Step | Spoiled | Call]] = []
        self._number = 0
        self._upset = Random("bursts")

    def later(self, when: int, call: Call) -> None:
        """Plan on when it is `when`."""
        self._push(when, None, call)

    def post(self, thing: Thing, step: Step) -> None:
        """Decide when a step is published, and what goes wrong on its way."""
        draw = self._draw() if self._trouble else 1.0
        when = self._troubled(draw, thing, step) if draw < self._trouble else step.at
        if self._incidents.bursts:
            when = self._burst(thing, step, when)
        if self._incidents.mute and when < NEVER:
            when = self._incidents.released(thing.topic, when)
        step.published = when
        self._push(when, thing, step)

    def advance(self, until_ms: int) -> None:
        """Plan all that is published up to a time, and put it on the queue."""
        heap, queue = self._heap, self.queue
        while heap and heap[0][0] <= until_ms:
            when, _, thing, what = heappop(heap)
            if thing is None:
                what(when)  # type: ignore[operator]  # without a thing it is a call
            else:
                queue.append((when, thing, what))  # type: ignore[arg-type]  # with one it is a step

    def _push(self, when: int, thing: Thing | None, what: Step | Spoiled | Call) -> None:
        if when <= self._end_ms:
            self._number += 1
            heappush(self._heap, (when, self._number, thing, what))

    def _troubled(self, draw: float, thing: Thing, step: Step) -> int:
        """Do what goes wrong with a step; returns when the step itself is published."""
        faults, at, topic = self._faults, step.at, thing.topic
        if draw < faults.bad:
            way = self._ways[int(self._draw() * len(self._ways))]
            when = self._incidents.released(topic, at)
            self._push(when, thing, Spoiled(step, way))
            self._remember(self.rejects, (when, topic, WAYS[way][0]))
            return at
        draw -= faults.bad
        if draw < faults.late:
            when = at + self._rng.randint(*faults.late_ms)
            self._remember(self.late, (self._incidents.released(topic, when), topic))
            return when
        draw -= faults.late
        if draw < faults.duplicate:
            when = self._incidents.released(topic, at + self._rng.randint(1, faults.again_ms))
            self._push(when, thing, step)
            self._remember(self.duplicates, (when, topic, step.kind))
            return at
        return at + self._rng.randint(1, faults.shuffle_ms)

    def _burst(self, thing: Thing, step: Step, when: int) -> int:
        """What a topic's publisher does to a step in a burst of its own; returns when the step itself is published."""
        topic, upset = thing.topic, self._upset
        kind = self._incidents.burst(topic, step.at)
        if kind == "bad-records" and upset.random() < _SPOILED:
            way = self._ways[int(upset.random() * len(self._ways))]
            self._push(when, thing, Spoiled(step, way))
            self._remember(self.rejects, (when, topic, WAYS[way][0]))
            return NEVER
        if kind == "duplicates":
            again = when + upset.randint(1, self._faults.again_ms)
            self._push(again, thing, step)
            self._remember(self.duplicates, (again, topic, step.kind))
        if kind == "late-data" and upset.random() < _LATE:
            when += upset.randint(*_LATE_MS)
            self._remember(self.late, (when, topic))
        return when

    def _remember(self, where: list[T], what: T) -> None:
        if self._keep:
            where.append(what)
