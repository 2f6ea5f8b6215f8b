"""Restores rows from the changelogs after an assignment: of each key the record with the highest row offset."""

import asyncio
import gc
import logging
import time
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import islice

from aiokafka import TopicPartition
from faust.tables.recovery import RebalanceAgain
from faust.types import TP

from stream_app.domain.fold import Key, Row
from stream_app.pipeline import Partition
from stream_app.shell.changelog import Changelog, Range, Stored
from stream_app.shell.holdings import CHUNK, Holdings, Place, monotonic_ms, place

log = logging.getLogger(__name__)


class Restoring:
    """The way back of one worker."""

    def __init__(self, holdings: Holdings, changelog: Changelog) -> None:
        self._held = holdings
        self._changelog = changelog

    async def restore(self, assigned: AbstractSet[TP]) -> None:
        """Take these source partitions: where the group stands, and every row. Raises when that cannot be done.

        Rows that were kept since the partitions were given up are not read again if nobody has written since.
        """
        began, held, tps = time.monotonic(), self._held, sorted(assigned)
        committed = await held.consumer.committed_offsets(tps)
        starts = await held.consumer.earliest_offsets(*tps) if tps else {}
        kept = await self._kept(assigned)
        if held.assigned != assigned:
            raise RebalanceAgain
        held.keep({tp.partition for tp in tps}, kept)
        held.left_at.clear()
        for tp in tps:
            held.lost(place(tp), held.delivery.assigned(place(tp), committed[tp], starts[tp] or 0))
        for where, end in kept.items():
            held.delivery.recovered(where, end)
        left = [tp for tp in tps if place(tp) not in kept]
        count = await self._take(left) if left else 0
        seconds = time.monotonic() - began
        held.stats.recovery_seconds.set(seconds)
        log.info(
            "own %d partitions (%s); %d rows recovered in %.1f s, those of %d partitions were still here",
            len(tps), _named(tps), count, seconds, len(kept),
        )  # fmt: skip

    async def _kept(self, assigned: AbstractSet[TP]) -> dict[Place, int]:
        """Partitions whose rows are still here and whose changelogs, of every topic, end where they were left."""
        held = self._held
        ours = {place(tp) for tp in assigned}
        changelogs = {TP(held.sources[topic].changelog, number): (topic, number) for topic, number in held.left_at}
        if not changelogs:
            return {}
        ends = await held.consumer.highwaters(*changelogs)
        same = {where: left_at for tp, where in changelogs.items() if (left_at := ends[tp]) == held.left_at.get(where)}
        return {
            (topic, number): end
            for (topic, number), end in same.items()
            if all((each, number) in same and (each, number) in ours for each in held.sources)
        }

    async def _take(self, tps: list[TP]) -> int:
        """Read the rows of these source partitions and weigh them; returns how many there are."""
        gc.collect()
        gc.disable()  # what comes to be from here on are rows, which are many and hold no cycles
        try:
            rows, ends = await self._read(tps)
            count = sum(map(len, rows.values()))
            gc.collect()  # what has read them refers to itself
            for where in list(rows):
                await self._weigh(where, rows.pop(where))
                self._held.delivery.recovered(where, ends[where])
            gc.freeze()
        finally:
            gc.enable()
        return count

    async def _read(self, tps: list[TP]) -> tuple[dict[Place, dict[Key, Row]], dict[Place, int]]:
        """Read the changelogs of these source partitions; returns their rows, and where each changelog was read to."""
        held = self._held
        places = {TopicPartition(held.sources[tp.topic].changelog, tp.partition): place(tp) for tp in tps}
        best: dict[Place, dict[Key, Row]] = {where: {} for where in places.values()}
        accounts: dict[str, str] = {}

        def judge(tp: TopicPartition, records: Iterable[Stored]) -> None:
            where = places[tp]
            rows, read, restored = best[where], held.sources[where[0]].read, held.delivery.restored
            held.recovering_ms = monotonic_ms()
            reach = held.failpoints.reach
            for key, value, buried in records:
                reach("recovery")
                kept = rows.get(key)
                known = None if kept is None else kept.offset
                if value is None:
                    if restored(where, key, buried, known, tombstone=True):
                        rows.pop(key, None)
                else:
                    row = read(value)
                    if restored(where, key, row.offset, known):
                        if kept is None:  # of an account with many rows, one string
                            key = (accounts.setdefault(key[0], key[0]), key[1])  # noqa: PLW2901
                        rows[key] = row

        ends = await self._changelog.read({tp: Range() for tp in places}, judge)
        return best, {where: ends[tp] for tp, where in places.items()}

    async def _weigh(self, where: Place, rows: Mapping[Key, Row]) -> None:
        area = self._held.sources[where[0]].area
        partition = self._held.partitions.setdefault(where[1], Partition(self._held.rules))
        left = iter(rows.items())
        while chunk := dict(islice(left, CHUNK)):
            partition.restore(area, chunk)
            self._held.recovering_ms = monotonic_ms()
            await asyncio.sleep(0)


def _named(tps: Iterable[TP]) -> str:
    by_topic: dict[str, list[str]] = {}
    for tp in tps:
        by_topic.setdefault(tp.topic, []).append(str(tp.partition))
    return "; ".join(f"{topic} {','.join(numbers)}" for topic, numbers in sorted(by_topic.items())) or "none"
