"""Demand: cases arrive, with the surveys that follow their solves, and now and then a relationship survey."""

from random import Random
from typing import Final

from stream_app.sources.simulate import cases, surveys
from stream_app.sources.simulate.fleet import EVENTS_AN_OCCURRENCE, OCCURS_EVERY
from stream_app.sources.simulate.incidents import Span
from stream_app.sources.simulate.profile import InputFaults, Life
from stream_app.sources.simulate.rhythm import PEAK, demand
from stream_app.sources.simulate.things import CASES, DAY, MINUTE, SECOND, SURVEYS, Account, Fields, Step, Thing
from stream_app.sources.simulate.world import World

_NPS: Final = 0.05
"""Relationship surveys sent for every case opened."""

_MOVED: Final = 0.01
"""Share of the surveys that move to another account."""

_ABOUT_A_DEVICE: Final = 0.4
_SICK: Final = 0.8
"""Share of the cases of customers with devices that are about one, and of these about one that has a fault."""

_SURGE: Final = 3.0
_SURGE_LEAST: Final = 5 / MINUTE
"""A surge brings this many times the usual cases, and at least that many a ms."""

_SAMPLE: Final = 400


class Demand:
    """Plans cases as they arrive. things: the cases and surveys planned so far, if the world keeps them.

    natural, rate: cases a ms before and from `live_from` on, before the rhythm. token: what the names of this
    plan's cases and surveys begin with, so that two plans do not tell of the same ones.
    """

    def __init__(self, world: World, rate: float, token: str) -> None:
        self.things: list[Thing] = []
        self._world, self._rng, self._token = world, world.rng, token
        self._natural = natural(world.life)
        self._rate = rate
        self._cases = self._surveys = self._calls = 0
        self._choice = Random(f"devices {token}")
        self._lives = Random(f"lives {token}")  # what a case draws must not move the fleet
        self._dropped = Random(f"dropped {token}")

    def arrive(self, now: int) -> None:
        """The next case, at the pace and rhythm of its time."""
        world, rng = self._world, self._rng
        live = now >= world.live_from
        rate, rhythm = (self._rate, world.life.rhythm) if live else (self._natural, True)
        if not rate:
            return
        following = now + round(rng.expovariate(rate * (PEAK if rhythm else 1.0)))
        world.schedule.later(following if live else min(following, world.live_from), self.arrive)
        if rhythm and rng.random() * PEAK > sum(demand(now).values()):
            return
        self._open(now, world.population.caller(rng, now), None)
        if rng.random() < cases.ABANDONED:
            self._give_up(rng, now)
        for _ in range(world.upsets.calls(now)):
            self._give_up(self._dropped, now)
        if rng.random() < _NPS:
            account = world.population.anyone(rng)
            self._survey(now, world.pace(now), account, "nps", {"tier": account.tier})

    def _give_up(self, rng: Random, now: int) -> None:
        """A call of which no case comes."""
        self._calls += 1
        call = cases.given_up(rng, self._world.pace(now), now)
        self._tell(Thing(CASES, f"call-{self._token}-{self._calls}", self._world.population.anyone(rng), call))

    def surge(self, span: Span, now: int) -> None:
        """The next case about the product that broke."""
        if now >= span.end:
            return
        rate = max(self._rate * _SURGE, _SURGE_LEAST)
        self._world.schedule.later(now + round(self._rng.expovariate(rate)), lambda then: self.surge(span, then))
        self._open(now, self._world.population.anyone(self._rng), cases.Surge(span.target, span.end))

    def _open(self, now: int, account: Account, surge: cases.Surge | None) -> None:
        rng, pace, products = self._rng, self._world.pace(now), self._world.rules.products
        product = products[int(rng.random() * len(products))] if surge is None else surge.product
        device = self._device(account, now) if surge is None else None
        planned = self._world.upsets.case(cases.live(self._lives, pace, account, now, product, surge, device))
        self._cases += 1
        name = f"case-{self._token}-{self._cases}"
        self._tell(Thing(CASES, name, account, planned.steps))
        other = self._world.population.other(rng, account) if planned.moved else None
        if other is not None:
            self._tell(Thing(CASES, name, other, planned.moved))
        about = {"case": name, "tier": account.tier}
        if "channel" in planned.steps[0].fields:
            about["channel"] = planned.steps[0].fields["channel"]
        for solve in planned.solves:
            if rng.random() < surveys.SENT:
                self._survey(solve + int(10 * MINUTE / pace) + 1, pace, account, surveys.asked(rng), about)

    def _device(self, account: Account, now: int) -> cases.Device | None:
        """The device a case is about, if any: rather one that has a fault."""
        draw = self._choice.random
        if not account.devices or draw() > _ABOUT_A_DEVICE:
            return None
        sick = [device for device in account.devices if device.faults(now)] if draw() < _SICK else []
        found: list[cases.Device] = sick or account.devices
        return found[int(draw() * len(found))]

    def _survey(self, at: int, pace: float, account: Account, survey_type: str, about: Fields) -> None:
        rng = self._rng
        story = surveys.live(rng, pace, at, survey_type, about)
        self._surveys += 1
        name = f"survey-{self._token}-{self._surveys}"
        other = self._world.population.other(rng, account) if rng.random() < _MOVED else None
        arrival: list[Step] = []
        if other is not None and story.steps[-1].kind != "deleted":
            arrival = surveys.moved(rng, pace, story)
        steps = story.steps if arrival else self._world.upsets.survey(story.steps)
        self._tell(Thing(SURVEYS, name, account, steps))
        if other is not None and arrival:
            self._tell(Thing(SURVEYS, name, other, arrival))

    def _tell(self, thing: Thing) -> None:
        if self._world.keep:
            self.things.append(thing)
        post = self._world.schedule.post
        for step in thing.steps:
            post(thing, step)


def natural(life: Life) -> float:
    """Cases a ms that these accounts have."""
    return life.accounts * life.cases_per_account_day / DAY


def cases_for(world: World, faults: InputFaults, seed: int) -> float:
    """Cases a ms that make the rate asked for, together with the fleet. Raises ValueError if the fleet makes more."""
    life, rules, rng = world.life, world.rules, Random(seed)
    if life.rate is None:
        return natural(life)
    minutes = [rules.heartbeat_minutes.get(product, rules.default_heartbeat_minutes) for product in rules.products]
    beat = life.beat_ms or sum(minutes) / len(minutes) * MINUTE
    fleet = life.devices * (1 / beat + EVENTS_AN_OCCURRENCE / OCCURS_EVERY)
    wanted = life.rate / SECOND / (1 + faults.bad + faults.duplicate)
    if wanted <= fleet:
        raise ValueError(f"the fleet alone makes {fleet * SECOND:.1f} events a second: ask for more, or fewer devices")
    account = world.population.accounts[0]
    events = _NPS * (1 + 1.1 * surveys.ANSWERED) + 2 * cases.ABANDONED
    for _ in range(_SAMPLE):
        planned = cases.live(rng, life.pace, account, world.start_ms, rules.products[0])
        events += (len(planned.steps) + len(planned.moved)) / _SAMPLE
        events += len(planned.solves) * surveys.SENT * (1 + 1.1 * surveys.ANSWERED) / _SAMPLE
    return (wanted - fleet) / events
