"""Measures lag, flushes in time, mends dropped batches, and ends a worker that no longer gets anywhere."""

import asyncio
import logging
import time
from typing import Any, Final

from faust.types import TP
from mode import Service

from stream_app.shell.keeper import Keeper, give_up, monotonic_ms

log = logging.getLogger(__name__)

TICK_S: Final = 0.05
LOOK_S: Final = 5.0
STRAYS_S: Final = 300.0


class Watch(Service):
    """The worker's own clockwork, started last and stopped first."""

    def __init__(self, keeper: Keeper, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._keeper = keeper
        self._moved: dict[tuple[str, int], tuple[int, float]] = {}
        self._said = 0.0

    @Service.task
    async def _settle_when_due(self) -> None:
        while not self.should_stop:
            if self._keeper.delivery.due(monotonic_ms()):
                await self._keeper.settle()
            await self.sleep(TICK_S)

    @Service.task
    async def _look(self) -> None:
        while not self.should_stop:
            await self.sleep(LOOK_S)
            if not self.should_stop and self._keeper.consumer is not None and self._keeper.ready():
                await self._measure()

    @Service.task
    async def _look_for_strays(self) -> None:
        while not self.should_stop:
            await self.sleep(STRAYS_S)
            if not self.should_stop and self._keeper.ready():
                await self._keeper.look_for_strays()

    async def _measure(self) -> None:
        keeper = self._keeper
        positions = keeper.positions()
        try:
            ends = await asyncio.wait_for(keeper.consumer.highwaters(*positions), LOOK_S)
        except Exception as error:  # noqa: BLE001  whatever keeps the broker from answering, lag is unknown now
            log.warning("the broker does not tell its log ends (%s): lag is unknown", type(error).__name__)
            ends = {}
        lag = {tp: max((ends.get(tp) or position) - position, 0) for tp, position in positions.items()}
        self._export(lag)
        for tp in positions:
            await self._mend(tp)
        self._check_progress(positions, lag)

    def _export(self, lag: dict[TP, int]) -> None:
        stats, by_topic = self._keeper.stats, dict.fromkeys(self._keeper.sources, 0)
        for tp, records in lag.items():
            by_topic[tp.topic] += records
        for topic, records in by_topic.items():
            stats.lag.labels(topic).set(records)
            stats.lag_seconds.labels(topic).set(self._keeper.lag_seconds(topic) if records else 0)
        now = time.monotonic()
        if now - self._said > 60:
            self._said = now
            log.info("lag: %s", ", ".join(f"{topic} {records:,}" for topic, records in by_topic.items()))

    async def _mend(self, tp: TP) -> None:
        """Fetch again what was dropped on the way when nothing follows it that would show the hole."""
        position = self._keeper.delivery.position((tp.topic, tp.partition))
        fetching = self._keeper.consumer.fetch_positions([tp]).get(tp)
        seen = self._moved.get(tp)
        if position is None or fetching is None or fetching <= position:
            return
        if seen is not None and seen[0] == position and time.monotonic() - seen[1] > LOOK_S:
            await self._keeper.go_back(tp)

    def _check_progress(self, positions: dict[TP, int], lag: dict[TP, int]) -> None:
        now, patience = time.monotonic(), self._keeper.settings.delivery.progress_timeout_seconds
        for tp in set(self._moved) - set(positions):
            del self._moved[tp]
        for tp, position in positions.items():
            seen = self._moved.get(tp)
            if seen is None or seen[0] != position or not lag[tp]:
                self._moved[tp] = (position, now)
            elif now - seen[1] > patience:
                give_up(f"{tp.topic}/{tp.partition}: no progress for {patience:.0f} s with {lag[tp]} records to read")
