"""Restores rows from the changelogs after an assignment: of each key the record with the highest row offset."""

import asyncio
import gc
import logging
import time
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from aiokafka import TopicPartition
from faust.types import TP

from stream_app.domain.fold import Key, Row
from stream_app.pipeline import Partition
from stream_app.shell.changelog import Changelog, Range
from stream_app.shell.holdings import CHUNK, Holdings, Place, place

log = logging.getLogger(__name__)


class Restoring:
    """The way back of one worker."""

    def __init__(self, holdings: Holdings, changelog: Changelog) -> None:
        self._held = holdings
        self._changelog = changelog

    async def restore(self, assigned: AbstractSet[TP]) -> None:
        """Take these source partitions: where the group stands, and every row. Raises when that cannot be done."""
        began, held, tps = time.monotonic(), self._held, sorted(assigned)
        committed = await held.consumer.committed_offsets(tps)
        starts = await held.consumer.earliest_offsets(*tps) if tps else {}
        for tp in tps:
            held.lost(place(tp), held.delivery.assigned(place(tp), committed[tp], starts[tp] or 0))
        count = await self._read(tps)
        gc.collect()
        gc.freeze()
        seconds = time.monotonic() - began
        held.stats.recovery_seconds.set(seconds)
        log.info("own %d partitions (%s); %d rows recovered in %.1f s", len(tps), _named(tps), count, seconds)

    async def _read(self, tps: list[TP]) -> int:
        """Read the changelogs of these source partitions and weigh their rows; returns how many there are."""
        held = self._held
        places = {TopicPartition(held.sources[tp.topic].changelog, tp.partition): place(tp) for tp in tps}
        best: dict[Place, dict[Key, tuple[int, bytes]]] = {where: {} for where in places.values()}

        def judge(tp: TopicPartition, key: Key, offset: int, value: bytes | None) -> None:
            held.failpoints.reach("recovery")
            where = places[tp]
            rows = best[where]
            kept = rows.get(key)
            if held.delivery.restored(where, key, offset, kept[0] if kept else None, tombstone=value is None):
                if value is None:
                    rows.pop(key, None)
                else:
                    rows[key] = (offset, value)

        ends = await self._changelog.read({tp: Range() for tp in places}, judge)
        for tp, where in places.items():
            await self._weigh(where, best[where])
            held.delivery.recovered(where, ends[tp])
        return sum(map(len, best.values()))

    async def _weigh(self, where: Place, best: Mapping[Key, tuple[int, bytes]]) -> None:
        source = self._held.sources[where[0]]
        partition = self._held.partitions.setdefault(where[1], Partition(self._held.rules))
        rows: dict[Key, Row] = {}
        for key, (_offset, value) in best.items():
            rows[key] = source.rows.read(value)
            if len(rows) >= CHUNK:
                partition.restore(source.area, rows)
                rows = {}
                await asyncio.sleep(0)
        partition.restore(source.area, rows)


def _named(tps: Iterable[TP]) -> str:
    by_topic: dict[str, list[str]] = {}
    for tp in tps:
        by_topic.setdefault(tp.topic, []).append(str(tp.partition))
    return "; ".join(f"{topic} {','.join(numbers)}" for topic, numbers in sorted(by_topic.items())) or "none"
