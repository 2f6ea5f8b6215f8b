"""What is simulated: how long, from which seed, and what goes wrong meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from stream_app.sources.simulate.incidents import KINDS, Incident
from stream_app.sources.simulate.profile import InputFaults, Life
from stream_app.sources.simulate.things import DAY, HOUR, MINUTE

BEGIN_MS: Final = 1_767_571_200_000
"""Monday, 2026-01-05, 00:00 UTC: a period's first instant."""

STEP_SECONDS: Final = 300
"""Between two scrapes, and two evaluations of the rules."""

ORDINARY: Final = InputFaults(bad=0.001, late=0.003, duplicate=0.003, disordered=0.01)
"""What publishers get wrong on every day."""

ORDINARY_LIFE: Final = Life()
"""An organisation of 200 customers and 600 devices, with 120 cases a day."""

_LASTS: Final = {
    "no-data": 4 * HOUR, "worker-down": HOUR, "worker-slow": 3 * HOUR, "unowned": HOUR, "fault-storm": 6 * HOUR,
    "backlog-surge": 4 * HOUR, "bad-records": 3 * HOUR, "late-data": 8 * HOUR, "duplicates": 8 * HOUR,
    "silent-fleet": 6 * HOUR, "late-fleet": 8 * HOUR,
}  # fmt: skip
"""Incident -> how long it lasts when it is spread over a period; the others last a working day and a half."""

_ELSE: Final = 36 * HOUR


@dataclass(frozen=True, slots=True)
class Period:
    """A seeded period of support life. warm_up_days: life before it, to compare with, that is not judged."""

    days: float = 30
    warm_up_days: float = 8
    seed: int = 1
    incidents: tuple[Incident, ...] = ()
    life: Life = ORDINARY_LIFE
    faults: InputFaults = ORDINARY

    @property
    def warm_up_ms(self) -> int:
        """How long nothing is judged, ms."""
        return round(self.warm_up_days * DAY)

    @property
    def steps(self) -> int:
        """How many times the rules are evaluated, the warm-up included."""
        return round((self.warm_up_ms + self.days * DAY) / STEP_SECONDS / 1000)


def _apart() -> tuple[str, ...]:
    """Every kind; those of handling, which linger, with others between them."""
    handling = [kind for kind, what in KINDS.items() if not what.subject and not kind.startswith("worker")]
    others = [kind for kind in KINDS if kind not in handling]
    return tuple(kind for pair in zip_longest(handling, others) for kind in pair if kind is not None)


def spread(days: float, kinds: Sequence[str] = _apart()) -> tuple[Incident, ...]:
    """One incident of each kind, one after the other over a period; weekends and nights get their share."""
    stride = days * DAY / len(kinds)
    return tuple(
        Incident(
            kind, round((number + 0.1) * stride / MINUTE) * MINUTE, round(min(_LASTS.get(kind, _ELSE), stride * 0.8))
        )
        for number, kind in enumerate(kinds)
    )
