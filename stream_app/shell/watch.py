"""Measures lag, flushes in time, mends dropped batches, and ends a worker that no longer gets anywhere."""

import asyncio
import logging
import time
from typing import Any, Final

from faust.types import TP
from mode import Service

from stream_app import native
from stream_app.domain.behind import Behind
from stream_app.domain.delivery import SeekBack
from stream_app.domain.progress import Progress
from stream_app.shell.holdings import give_up, monotonic_ms, wall_ms
from stream_app.shell.keeper import Keeper

log = logging.getLogger(__name__)

TICK_S: Final = 0.05
STALL_S: Final = 0.01
LOOK_S: Final = 1.0
SAY_S: Final = 60.0
GIVE_BACK_S: Final = 5.0
STRAYS_S: Final = 60.0
"""Well within the changelogs' min.compaction.lag.ms."""


class Watch(Service):
    """The worker's own clockwork, started last and stopped first."""

    def __init__(self, keeper: Keeper, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._keeper = keeper
        self._patience_s = keeper.settings.delivery.progress_timeout_seconds
        self._progress = Progress(int(self._patience_s * 1000))
        self._behind = Behind()
        self._said = -SAY_S
        self._unheard = False
        self._held_up: dict[TP, float] = {}

    @Service.task
    async def _settle_when_due(self) -> None:
        while not self.should_stop:
            if self._keeper.held.delivery.due(monotonic_ms()):
                await self._keeper.settle()
            await self.sleep(TICK_S)

    @Service.task
    async def _look(self) -> None:
        while True:
            await self.sleep(LOOK_S)
            if self.should_stop:
                return
            if self._keeper.held.consumer is not None and self._keeper.ready():
                await self._measure()
            else:
                self._forget()
                self._look_at_recovery()

    @Service.task
    async def _look_for_strays(self) -> None:
        while not self.should_stop:
            await self.sleep(STRAYS_S)
            if not self.should_stop and self._keeper.ready():
                await self._keeper.settling.look_for_strays()

    @Service.task
    async def _give_back(self) -> None:
        while native.ENABLED and not self.should_stop:
            await self.sleep(GIVE_BACK_S)
            native.give_back()

    @Service.task
    async def _feel_stalls(self) -> None:
        observe = self._keeper.stats.loop_stall_seconds.observe
        while not self.should_stop:
            due = time.monotonic() + STALL_S
            await asyncio.sleep(STALL_S)
            observe(max(time.monotonic() - due, 0.0))

    async def _measure(self) -> None:
        ends = await self._log_ends()
        positions = self._keeper.positions()
        readable = {tp: max(ends[tp][0] - at, 0) if tp in ends else 0 for tp, at in positions.items()}
        if ends:
            lag = {tp: max(ends[tp][1] - at, 0) if tp in ends else 0 for tp, at in positions.items()}
            self._export(lag)
            self._say_what_is_held_up(lag, readable)
        else:
            self._forget()
        now = monotonic_ms()
        self._progress.note({(tp.topic, tp.partition): p for tp, p in positions.items()}, _by_place(readable), now)
        for topic, partition in self._progress.slow(now):
            await self._mend(TP(topic, partition))
        stuck = self._progress.stuck(now)
        if stuck:
            topic, partition = stuck[0]
            give_up(
                f"{topic}/{partition}: no progress for {self._patience_s:.0f} s with "
                f"{readable[TP(topic, partition)]} records to read"
            )

    def _look_at_recovery(self) -> None:
        """End a worker whose recovery stands still: what it owns is counted by nobody."""
        held = self._keeper.held
        if held.assigned and monotonic_ms() - held.recovering_ms > self._patience_s * 1000:
            give_up(
                f"{len(held.assigned)} partitions are assigned, but recovery stands still for {self._patience_s:.0f} s"
            )

    def _say_what_is_held_up(self, lag: dict[TP, int], readable: dict[TP, int]) -> None:
        """Warn of partitions whose records nobody may read because a publisher's transaction does not end.

        No restart would help against it, so the worker goes on; lag counts those records.
        """
        now = time.monotonic()
        waits = {tp for tp, records in lag.items() if records and not readable[tp]}
        self._held_up = {tp: self._held_up.get(tp, now) for tp in waits}
        for tp, since in self._held_up.items():
            if now - since >= self._patience_s:
                log.warning(
                    "%s/%d: %d records wait for the end of a transaction of their publisher",
                    tp.topic, tp.partition, lag[tp],
                )  # fmt: skip
                self._held_up[tp] = now

    async def _log_ends(self) -> dict[TP, tuple[int, int]]:
        """How far logs can be read and how far they go; nothing when the broker does not tell, which is said once."""
        try:
            ends: dict[TP, tuple[int, int]] = await asyncio.wait_for(
                self._keeper.held.consumer.log_ends(self._keeper.positions()), self._patience_s
            )
        except Exception as error:  # noqa: BLE001  whatever keeps the broker from answering, lag is unknown now
            if not self._unheard:
                log.warning("the broker does not tell where its logs end (%s): lag is unknown", type(error).__name__)
            self._unheard = True
            return {}
        self._unheard = False
        return ends

    def _export(self, lag: dict[TP, int]) -> None:
        stats, by_topic = self._keeper.stats, dict.fromkeys(self._keeper.held.sources, 0)
        for tp, records in lag.items():
            by_topic[tp.topic] += records
        self._forget()
        for topic, records in by_topic.items():
            stats.lag.labels(topic).set(records)
        for topic, behind in self._behind.seconds(_by_place(lag), self._keeper.intake.stamps, wall_ms()).items():
            stats.lag_seconds.labels(topic).set(behind)
        now = time.monotonic()
        if now - self._said > SAY_S:
            self._said = now
            log.info("lag: %s", ", ".join(f"{topic} {records:,}" for topic, records in by_topic.items()))

    def _forget(self) -> None:
        """Say nothing of lag: what is not known must not be believed."""
        self._keeper.stats.lag.clear()
        self._keeper.stats.lag_seconds.clear()

    async def _mend(self, tp: TP) -> None:
        """Fetch again what was dropped on the way when nothing follows it that would show the hole."""
        fetching = self._keeper.held.consumer.fetch_positions([tp]).get(tp)
        if fetching is not None:
            verdict = self._keeper.held.delivery.offered((tp.topic, tp.partition), fetching, fetching)
            if isinstance(verdict, SeekBack):
                await self._keeper.intake.go_back(tp)


def _by_place(lag: dict[TP, int]) -> dict[tuple[str, int], int]:
    return {(tp.topic, tp.partition): records for tp, records in lag.items()}
