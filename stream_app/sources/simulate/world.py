"""What every part of a plan needs: the seeded draw, the settings, the customers, and the schedule."""

from dataclasses import dataclass
from random import Random

from stream_app.domain.rules import Rules
from stream_app.sources.simulate.incidents import Incidents
from stream_app.sources.simulate.population import Population
from stream_app.sources.simulate.profile import Life
from stream_app.sources.simulate.schedule import Schedule
from stream_app.sources.simulate.upsets import Upsets


@dataclass(frozen=True, slots=True)
class World:
    """One simulated world. start_ms: when live traffic begins; live_from: since when life runs at its own pace."""

    rng: Random
    life: Life
    rules: Rules
    incidents: Incidents
    upsets: Upsets
    population: Population
    schedule: Schedule
    start_ms: int
    live_from: int
    keep: bool

    def pace(self, now: int) -> float:
        """How many times faster than real life things happen that begin now: history runs at the pace of life."""
        return self.life.pace if now >= self.live_from else 1.0
