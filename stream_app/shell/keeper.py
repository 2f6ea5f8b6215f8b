"""One worker as its agents, its transport and its pages see it: what is owned, what is shown, what comes and goes."""

import asyncio
import logging
from collections.abc import Set as AbstractSet
from typing import Any

from faust.types import TP

from stream_app.domain.board import Board
from stream_app.settings import Settings
from stream_app.shell.changelog import Changelog
from stream_app.shell.holdings import Holdings, Place, give_up, monotonic_ms, place, wall_ms
from stream_app.shell.intake import Intake
from stream_app.shell.restoring import Restoring
from stream_app.shell.settling import Settling
from stream_app.shell.stats import Stats
from stream_app.shell.transport import Batch
from stream_app.shell.writer import Writer

log = logging.getLogger(__name__)


class Keeper:
    """Everything one worker holds, and its ways in, out and back. Every method runs on the event loop."""

    def __init__(self, settings: Settings, stats: Stats, writer: Writer, changelog: Changelog) -> None:
        self.settings = settings
        self.stats = stats
        self.held = Holdings(settings, stats)
        self.max_batch = settings.delivery.max_batch
        self.settling = Settling(self.held, writer, changelog)
        self.intake = Intake(self.held)
        self._restoring = Restoring(self.held, changelog)

    # -- what a scrape sees

    def now_ms(self) -> int:
        """The clock of the numbers: the wall clock, or the latest event time applied (setting app.clock)."""
        return wall_ms() if self.settings.app.clock == "wall" else self.held.latest_ms

    def live(self) -> frozenset[Place]:
        """The source partitions that are owned and recovered."""
        return self.held.delivery.owned()

    def boards(self) -> list[Board]:
        """The boards of the partitions whose topics are all owned and recovered."""
        live = self.live()
        return [
            partition.board
            for number, partition in self.held.partitions.items()
            if all((topic, number) in live for topic in self.held.sources)
        ]

    def ready(self) -> bool:
        """Whether everything assigned is recovered; a worker with nothing assigned is not."""
        return bool(self.held.assigned) and self.held.assigned <= self.live()

    # -- ownership

    def heartbeat(self, sent_ms: int) -> None:
        """The group's coordinator answered a heartbeat."""
        self.held.delivery.heartbeat(sent_ms)

    def rejoined(self, assigned: AbstractSet[TP]) -> None:
        """A new generation of the group began: nothing is written until a heartbeat of it is answered."""
        self.held.assigned = frozenset(assigned)
        self.held.recovering_ms = monotonic_ms()
        self.held.delivery.rejoined()

    def positions(self) -> dict[TP, int]:
        """Where to fetch next, for partitions owned and recovered."""
        positions = {TP(*where): self.held.delivery.position(where) for where in self.live()}
        return {tp: position for tp, position in positions.items() if position is not None}

    async def revoke(self, partitions: AbstractSet[TP]) -> None:
        """Settle, then give these partitions up; rows that are settled are kept until the next assignment is known."""
        if not partitions:
            return
        self.held.failpoints.reach("revocation")
        try:
            await asyncio.wait_for(self.settle(), self.settings.delivery.session_timeout_seconds / 2)
        except TimeoutError:
            log.warning("not everything was committed before the partitions went: their new owner does it again")
        self.held.left_at |= self.held.delivery.revoked([place(tp) for tp in partitions])
        self._gave_up(partitions)
        self.held.assigned -= partitions

    def _gave_up(self, partitions: AbstractSet[TP]) -> None:
        self.held.keep({tp.partition for tp in partitions}, self.held.left_at)
        self.intake.gave_up(partitions)
        for tp in partitions:
            self.stats.gave_up(tp.topic, tp.partition)

    async def recover(self, consumer: Any, assigned: AbstractSet[TP]) -> None:
        """Take these partitions with their rows. Raises when that cannot be done."""
        self.held.consumer = consumer
        self.held.assigned = frozenset(assigned)
        self._check_clock()
        late = self.held.delivery.taken()  # by a recovery that a rebalance overtook
        self.held.delivery.revoked(late)
        self._gave_up({TP(*where) for where in late})
        self.held.keep(list(self.held.partitions), {place(tp) for tp in assigned})
        await self._restoring.restore(assigned)

    def _check_clock(self) -> None:
        """The event clock is one worker's: with partitions elsewhere its time would not be theirs."""
        wanted = self.settings.topics.partitions * len(self.held.sources)
        if self.settings.app.clock == "event" and 0 < len(self.held.assigned) < wanted:
            give_up("app.clock = event is for a single worker, but others of the group own partitions too")

    # -- the way in and out

    async def take(self, batch: Batch) -> None:
        """Absorb one batch; settle at once when too many dead letters wait."""
        await self.intake.take(batch)
        if len(self.held.letters) >= self.settings.delivery.max_dirty:
            await self.settle()

    async def settle(self) -> None:
        """Flush and commit what is absorbed by now."""
        await self.settling.settle()
