"""The plan: everything that will happen, from one seed, in the order it is published."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from random import Random
from typing import Final

from stream_app.domain.rules import Rules
from stream_app.sources.simulate.demand import Demand, cases_for
from stream_app.sources.simulate.fleet import Fleet
from stream_app.sources.simulate.incidents import Incident, Incidents, Span
from stream_app.sources.simulate.population import Population
from stream_app.sources.simulate.profile import InputFaults, Life
from stream_app.sources.simulate.schedule import Schedule
from stream_app.sources.simulate.things import MINUTE, NEVER, SECOND, Step
from stream_app.sources.simulate.upsets import Upsets
from stream_app.sources.simulate.wire import payload
from stream_app.sources.simulate.world import World

Record = tuple[str, bytes, bytes, int]
"""(topic, key, value, when it is published, ms)."""

_CHUNK: Final = 10 * SECOND


class Plan:
    """A seeded plan of support life: `events` publishes it, the truth reads `things`, `devices` and `schedule`.

    These are complete up to `planned_until`, and empty without `keep`. incidents: what goes wrong, and when. sent: what
    `events` gave out so far, by topic and kind.
    """

    def __init__(self, world: World, faults: InputFaults, seed: int, begin_ms: int, end_ms: int) -> None:
        self.start_ms, self.begin_ms, self.end_ms = world.start_ms, begin_ms, end_ms
        self.rules, self.schedule = world.rules, world.schedule
        self.incidents: tuple[Span, ...] = world.incidents.spans
        self.planned_until = begin_ms - 1
        self.sent: Counter[tuple[str, str]] = Counter()
        token = f"{Random(f'{seed} {world.start_ms}').getrandbits(24):06x}"
        demand, fleet = Demand(world, cases_for(world, faults, seed), token), Fleet(world)
        self.things, self.devices = demand.things, fleet.devices
        for number in range(world.life.devices):
            account = world.population.anyone(world.rng)
            world.schedule.later(begin_ms + number * MINUTE // world.life.devices, partial(fleet.install, account))
        world.schedule.later(begin_ms, demand.arrive)
        for surge in world.incidents.of("backlog-surge"):
            world.schedule.later(max(surge.begin, begin_ms), partial(demand.surge, surge))

    def events(self) -> Iterator[Record]:
        """Every event of the plan in the order it is published; what happened before the start comes at once."""
        until = self.planned_until
        while until < self.end_ms:
            until += _CHUNK
            yield from self.due(until)

    def due(self, until_ms: int) -> Iterator[Record]:
        """The events published up to a time that were not given out yet; all count as sent, so take them all."""
        self.advance(until_ms)
        sent, start = self.sent, self.start_ms
        queue, self.schedule.queue = self.schedule.queue, []
        for when, thing, step in queue:
            topic = thing.topic
            sent[topic, step.kind if type(step) is Step else "spoiled"] += 1
            yield topic, thing.account.key, payload(thing, step), max(when, start)

    def advance(self, until_ms: int) -> None:
        """Plan all that is published up to a time."""
        until = min(until_ms, self.end_ms)
        if until > self.planned_until:
            self.schedule.advance(until)
            self.planned_until = until


def plan(
    seed: int, start_ms: int, duration_ms: int | None = None, *,
    life: Life | None = None, faults: InputFaults | None = None, incidents: Iterable[Incident] = (),
    rules: Rules | None = None, backfill_ms: int = 0, keep: bool = True,
) -> Plan:  # fmt: skip
    """Plan support life from `start_ms`, for `duration_ms` or without end; the same arguments give the same bytes.

    backfill_ms: how much life before the start is published at once at the start. keep: remember all that
    happens, as the truth needs; without it memory does not grow with time. Raises ValueError for settings
    that contradict each other.
    """
    life, faults, rules, rng = life or Life(), faults or InputFaults(), rules or Rules(), Random(seed)
    begin_ms = start_ms - backfill_ms
    end_ms = NEVER if duration_ms is None else start_ms + duration_ms
    wrong = Incidents(incidents, start_ms, rules.products)
    world = World(
        rng=rng, life=life, rules=rules, incidents=wrong, upsets=Upsets(wrong, seed),
        population=Population(rng, life.accounts),
        schedule=Schedule(rng, faults, wrong, end_ms, keep=keep), start_ms=start_ms,
        live_from=max(begin_ms, start_ms - life.warmup_ms), keep=keep,
    )  # fmt: skip
    return Plan(world, faults, seed, begin_ms, end_ms)
