"""The figures of a whole log, from the rows of its cases: what a person checks an import by."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec

from stream_app.domain import cases
from stream_app.domain.cases import GONE, OPEN, Case, Closed
from stream_app.domain.fold import Key, Row, kept_facts, state_of


class Durations(NamedTuple):
    """Figures of some durations in seconds; percentiles by linear interpolation."""

    mean: float
    median: float
    p90: float
    p95: float
    max: float


class Summary(NamedTuple):
    """The figures of some rows. `closed`: cases ever closed. `channels`: as published, of the first record."""

    cases: int
    solved: int
    closed: int
    reopenings: int
    reopened_cases: int
    open: int
    peak_open: int
    peak_at_ms: int
    first_resolution_seconds: Durations | None
    channels: dict[str, int]


@dataclass(slots=True)
class Course:
    """How many cases were open when, and which were ever closed.

    changes: time in ms -> by how much the number of open cases changed then.
    """

    open: set[Key] = field(default_factory=set)
    closed: set[Key] = field(default_factory=set)
    changes: Counter[int] = field(default_factory=Counter)

    def note(self, key: Key, state: Case, at: int) -> None:
        """A case has come to this state at this time."""
        is_open = state.phase == OPEN and state.created > 0
        if is_open and key not in self.open:
            self.open.add(key)
            self.changes[at] += 1
        elif not is_open and key in self.open:
            self.open.remove(key)
            self.changes[at] -= 1

    def peak(self) -> tuple[int, int]:
        """The highest number of open cases at the end of an instant, and the first such instant in ms."""
        times = sorted(self.changes)
        levels = accumulate(self.changes[at] for at in times)
        return max(zip(levels, (-at for at in times), strict=True), default=(0, 0))


def course_of(rows: Mapping[Key, Row]) -> Course:
    """The course of cases from the facts their rows keep.

    Of facts that have left a row's memory only what its base tells is known: a case with more than
    fold.MEMORY facts that was reopened among the oldest ones counts as open from its creation till then.
    """
    course = Course()
    for key, row in rows.items():
        state: Any = cases.FOLDING.empty() if row.base is None else msgspec.structs.replace(row.base)
        if row.base is not None:
            _past(course, key, state)
        for fact in kept_facts(cases.FOLDING, row):
            move = cases.MOVES.get(type(fact))
            if move is not None and state.phase in move[0]:
                move[1](state, fact)
                course.note(key, state, fact.at)
            if state.closed:
                course.closed.add(key)
    return course


def _past(course: Course, key: Key, base: Case) -> None:
    """What a base tells: when the case was opened and, if it was not open at the end, when that began."""
    if not base.created:
        return
    course.open.add(key)
    course.changes[base.created] += 1
    if base.closed:
        course.closed.add(key)
    if base.phase != OPEN:
        course.note(key, base, min(filter(None, (base.solved, base.closed)), default=base.created))


def summary(rows: Mapping[Key, Row], course: Course | None = None) -> Summary:
    """The figures of the rows of the topic cases; without a `course` it is made from the rows."""
    course = course_of(rows) if course is None else course
    states: list[Case] = [state_of(cases.FOLDING, row) for row in rows.values()]
    states = [state for state in states if state.created and state.phase != GONE]
    peak, when = course.peak()
    return Summary(
        cases=len(states),
        solved=sum(1 for state in states if state.first_solved),
        closed=len(course.closed),
        reopenings=sum(len(state.reopened) for state in states),
        reopened_cases=sum(1 for state in states if state.reopened),
        open=sum(1 for state in states if state.phase == OPEN),
        peak_open=peak,
        peak_at_ms=-when,
        first_resolution_seconds=_durations(s.first_solved - s.created for s in states if s.first_solved),
        channels=dict(Counter(state.channel for state in states).most_common()),
    )


def is_close(fact: object) -> bool:
    """Whether a fact closes a case."""
    return isinstance(fact, Closed)


def _durations(lengths_ms: Iterable[int]) -> Durations | None:
    ordered = sorted(length / 1000 for length in lengths_ms)
    if not ordered:
        return None
    mean = math.fsum(ordered) / len(ordered)
    return Durations(mean, _at(ordered, 50), _at(ordered, 90), _at(ordered, 95), ordered[-1])


def _at(ordered: list[float], percent: int) -> float:
    below, rest = divmod((len(ordered) - 1) * percent, 100)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rest / 100)
