"""Reads changelog partitions in bulk, by positions, so that a compacted tail cannot stop it."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import Fetcher

from stream_app import native
from stream_app.codec import Record, Records, load_key
from stream_app.connection import disconnect
from stream_app.domain.fold import Key
from stream_app.shell.fetched import drained, keep_bytes
from stream_app.shell.writer import OFFSET_HEADER

log = logging.getLogger(__name__)

Stored = tuple[Key, bytes | None, int]
"""A record: its key, its value (None: a tombstone), and the row offset that a tombstone carries; -1 for a row's."""

Judge = Callable[[TopicPartition, Iterable[Stored]], None]
"""Takes records of a partition, in their order."""

AT_ONCE: Final = 5_000
"""Records of a partition that are judged in one go."""

WAIT_S: Final = 0.2
"""How long nothing need come before positions are looked at."""

SAY_S: Final = 5.0
"""Seconds between two words on how far a long reading is."""


class ChangelogError(Exception):
    """A changelog could not be read to its end."""


@dataclass(frozen=True, slots=True)
class Range:
    """Offsets `first` up to, not including, `end`; None: the end as it is when reading begins."""

    first: int = 0
    end: int | None = None


class Changelog:
    """Reads changelog partitions with a consumer outside any group; gives up after `patience_s` without progress."""

    def __init__(self, connection: dict[str, Any], patience_s: float) -> None:
        self._connection = connection
        self._patience_s = patience_s

    async def read(self, ranges: Mapping[TopicPartition, Range], judge: Judge) -> dict[TopicPartition, int]:
        """Hand every record of these ranges to `judge`, each partition's in order; returns where each was read to.

        Raises ChangelogError when nothing comes for too long.
        """
        if not ranges:
            return {}
        keep_bytes()
        consumer = AIOKafkaConsumer(
            **self._connection,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=4 * 1024 * 1024,
            fetch_max_wait_ms=100,
        )
        await consumer.start()
        try:
            starts = await consumer.beginning_offsets(list(ranges))
            known = await consumer.end_offsets(list(ranges))
            ends = {tp: known[tp] if wanted.end is None else wanted.end for tp, wanted in ranges.items()}
            starts = {tp: max(starts[tp], wanted.first) for tp, wanted in ranges.items()}
            consumer.assign([tp for tp in ranges if starts[tp] < ends[tp]])
            for tp in consumer.assignment():
                consumer.seek(tp, starts[tp])
            await self._read(consumer, judge, starts, ends)
        finally:
            await disconnect(consumer)
        return ends

    async def _read(
        self,
        consumer: AIOKafkaConsumer,
        judge: Judge,
        starts: Mapping[TopicPartition, int],
        ends: Mapping[TopicPartition, int],
    ) -> None:
        heard = said = time.monotonic()
        stands = {tp: starts[tp] for tp in consumer.assignment()}
        whole = sum(ends[tp] - position for tp, position in stands.items())
        while left := {tp for tp, position in stands.items() if position < ends[tp]}:
            came = False
            for tp in left:
                with consumer._subscription.fetch_context():
                    records = await drained(consumer._fetcher, tp, AT_ONCE)
                if records:
                    came = True
                    judge(tp, _stored(tp, records, ends[tp]))
                    await asyncio.sleep(0)
            if not came:
                await _more(consumer._fetcher)
            now, moved = time.monotonic(), {tp: await consumer.position(tp) for tp in stands}
            if moved != stands:
                heard, stands = now, moved
            elif now - heard > self._patience_s:
                place = min(left)
                raise ChangelogError(
                    f"{place.topic}/{place.partition}: nothing came for {self._patience_s:.0f} s at offset "
                    f"{stands[place]} of {ends[place]}"
                )
            if now - said > SAY_S:
                said = now
                rest = sum(max(ends[tp] - position, 0) for tp, position in stands.items())
                log.info("recovering: %s of %s changelog records read", f"{whole - rest:,}", f"{whole:,}")


async def _more(source: Fetcher) -> None:
    """Wait until something more was fetched, or not much longer."""
    waiter = source._create_fetch_waiter()
    try:
        await asyncio.wait([waiter], timeout=WAIT_S)
    finally:
        waiter.cancel()


def _stored(tp: TopicPartition, records: Records, end: int) -> Iterator[Stored]:
    if native.ENABLED and isinstance(records, native.Chunk):
        for key, value, buried in records.keyed(load_key, end):
            yield key, value, -1 if buried is None else _buried_at(tp, buried)
        return
    for record in records:
        if record.offset < end:
            value = record.value
            yield load_key(record.key or b""), value, _buried_at(tp, record) if value is None else -1


def _buried_at(tp: TopicPartition, record: Record) -> int:
    for name, value in record.headers:
        if name == OFFSET_HEADER:
            return int(value)
    raise ChangelogError(f"{tp.topic}/{tp.partition}: the tombstone at {record.offset} carries no row offset")
