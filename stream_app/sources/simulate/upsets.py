"""What incidents change in the story of a case or a survey that was planned without them.

A story with a snapshot stays as it is: what the snapshot says would no longer fit the steps before it.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, Final

from stream_app.sources.simulate.cases import TEAMS, Life
from stream_app.sources.simulate.incidents import Incidents, Span
from stream_app.sources.simulate.things import DAY, HOUR, MINUTE, Step

_REOPENED: Final = 0.7
_ESCALATED: Final = 0.7
_SOUR: Final = 0.9
_HANDED_ON: Final = 0.8
_DROPPED: Final = 5
"""Calls given up for every case that comes while they are dropped."""

_CATCH_UP: Final = (0, 6 * HOUR)
"""How long after a shortage its work gets done."""

_SLOW: Final = (4 * HOUR, 12 * HOUR)
_DAYS_LATER: Final = (4 * DAY, 7 * DAY)
_NOT_STAFF: Final = frozenset({"created", "closed", "reopened", "deleted", "transferred_out", "merged", "snapshot"})
"""Kinds of events of a case that no agent at work makes."""


class Upsets:
    """Bends stories to the incidents of a plan, with draws of its own so that all else stays as it was."""

    def __init__(self, incidents: Incidents, seed: int) -> None:
        self._rng = Random(f"upsets {seed}")
        self._of = incidents.of
        bends: dict[str, Callable[[Life, Span], Life]] = {
            "staff-shortage": self._unattended, "replies-slow": self._replied_late,
            "reopen-wave": self._reopened, "escalation-wave": self._escalated,
            "first-contact-fails": self._asked_again, "handoff-wave": self._handed_on, "solves-slow": self._solved_late,
        }  # fmt: skip
        self._bends = [(bend, span) for kind, bend in bends.items() for span in incidents.of(kind)]

    def case(self, life: Life) -> Life:
        """The life of a case under the incidents."""
        if life.moved or any(step.kind == "snapshot" for step in life.steps):
            return life
        for bend, span in self._bends:
            if life.steps[-1].at >= span.begin and life.steps[0].at < span.end:
                life = bend(life, span)
        return life

    def calls(self, now: int) -> int:
        """How many calls are given up beside a case that comes, more than usual."""
        return _DROPPED * sum(span.lasts(now) for span in self._of("calls-dropped"))

    def survey(self, steps: list[Step]) -> list[Step]:
        """The steps of a survey under the incidents."""
        if any(step.kind == "snapshot" for step in steps):
            return steps
        for span in self._of("csat-collapse"):
            for step in steps:
                if step.kind == "answered" and span.lasts(step.at) and self._rng.random() < _SOUR:
                    step.fields = _soured(step.fields)
        for span in self._of("survey-silence"):
            lost = next((n for n, step in enumerate(steps) if step.kind == "answered" and span.lasts(step.at)), None)
            steps = steps[:lost]
        return steps

    def _between(self, least: int, most: int) -> int:
        return least + int(self._rng.random() * (most - least))

    def _unattended(self, life: Life, span: Span) -> Life:
        def wait(step: Step, at: int) -> int:
            return span.end - at + self._between(*_CATCH_UP) if _by_staff(step) and span.lasts(at) else 0

        return _pushed(life, wait)

    def _replied_late(self, life: Life, span: Span) -> Life:
        first = next((step for step in life.steps if _is_reply(step)), None)

        def wait(step: Step, at: int) -> int:
            return self._between(*_SLOW) if step is first and span.lasts(at) else 0

        return _pushed(life, wait)

    def _solved_late(self, life: Life, span: Span) -> Life:
        last = _last(life.steps, "solved")
        last_solve = None if last is None else life.steps[last]

        def wait(step: Step, at: int) -> int:
            return self._between(*_DAYS_LATER) if step is last_solve and span.lasts(at) else 0

        return _pushed(life, wait)

    def _asked_again(self, life: Life, span: Span) -> Life:
        place = _first_reply(life, span)
        if place is None:
            return life
        again = Step(life.steps[place].at + self._between(MINUTE, HOUR), "replied", {"by": "customer"})
        answer = Step(again.at + self._between(MINUTE, HOUR), "replied", {"by": "agent", "public": True})
        return _inserted(life, place, [again, answer])

    def _reopened(self, life: Life, span: Span) -> Life:
        place = _last(life.steps, "solved")
        if place is None or not span.lasts(life.steps[place].at) or self._rng.random() > _REOPENED:
            return life
        solved = life.steps[place]
        opened = Step(solved.at + self._between(10 * MINUTE, 2 * HOUR), "reopened", {})
        replied = Step(opened.at + self._between(MINUTE, HOUR), "replied", {"by": "agent", "public": True})
        again = Step(replied.at + self._between(4 * HOUR, 24 * HOUR), "solved", dict(solved.fields))
        return _inserted(life, place, [opened, replied, again])._replace(solves=[again.at])

    def _escalated(self, life: Life, span: Span) -> Life:
        place = _first_reply(life, span)
        if place is None or self._rng.random() > _ESCALATED:
            return life
        at = life.steps[place].at + self._between(MINUTE, 20 * MINUTE)
        return _inserted(
            life, place, [Step(at, "escalated", {"to": "engineering"})], self._between(24 * HOUR, 60 * HOUR)
        )

    def _handed_on(self, life: Life, span: Span) -> Life:
        place = _first_reply(life, span)
        if place is None or self._rng.random() > _HANDED_ON:
            return life
        had = [step.fields["team"] for step in life.steps[:place] if step.kind == "assigned"]
        others = [team for team in TEAMS if team not in had[-1:]]
        team = others[int(self._rng.random() * len(others))]
        at = life.steps[place].at + self._between(MINUTE, 20 * MINUTE)
        return _inserted(life, place, [Step(at, "assigned", {"team": team})], self._between(HOUR, 6 * HOUR))


def _first_reply(life: Life, span: Span) -> int | None:
    """The place of the first reply of a person, if that comes while an incident lasts."""
    place = next((n for n, step in enumerate(life.steps) if _is_reply(step)), None)
    return place if place is not None and span.lasts(life.steps[place].at) else None


def _inserted(life: Life, place: int, more: list[Step], wait: int = 0) -> Life:
    """The life with steps after the one at a place, and all that followed that one as much later, and a wait (ms)."""
    before = life.steps[place].at
    later = more[-1].at - before + wait
    rest = [_moved(step, later) for step in life.steps[place + 1 :]]
    solves = [at + later if at > before else at for at in life.solves]
    return life._replace(steps=[*life.steps[: place + 1], *more, *rest], solves=solves)


def _by_staff(step: Step) -> bool:
    return step.kind not in _NOT_STAFF and step.fields.get("by") != "customer" and not step.fields.get("automatic")


def _is_reply(step: Step) -> bool:
    return step.kind == "replied" and bool(step.fields.get("public", True)) and _by_staff(step)


def _pushed(life: Life, wait: Callable[[Step, int], int]) -> Life:
    """The life with some steps later, and all that follow them as much later. wait: (step, its time by then) -> ms."""
    later, moved, steps = 0, {}, []
    for step in life.steps:
        later += wait(step, step.at + later)
        moved[step.at] = step.at + later
        steps.append(_moved(step, later))
    return life._replace(steps=steps, solves=[moved.get(at, at + later) for at in life.solves])


def _moved(step: Step, later: int) -> Step:
    return Step(step.at + later, step.kind, step.fields) if later else step


def _last(steps: Iterable[Step], kind: str) -> int | None:
    return max((place for place, step in enumerate(steps) if step.kind == kind), default=None)


def _soured(said: Any) -> dict[str, Any]:
    """An answer that says the worst, on the same scale."""
    worst = {name: value for name, value in said.items() if name != "aspects"}
    return worst | {"score": said.get("least", 0 if said["survey_type"] == "nps" else 1)}
