"""Reads a range of a changelog partition in bulk, by positions, so that a compacted tail cannot stop it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from stream_app.codec import load_key, row_offset
from stream_app.domain.fold import Key
from stream_app.shell.writer import OFFSET_HEADER

Judge = Callable[[Key, int, bytes | None], None]
"""Takes a record: key, row offset it carries, value (None: a tombstone)."""

PATIENCE_S: Final = 60.0


class ChangelogError(Exception):
    """A changelog could not be read to its end."""


class Changelog:
    """Reads changelog partitions with a consumer outside any group."""

    def __init__(self, connection: dict[str, Any]) -> None:
        self._connection = connection

    async def read(self, topic: str, partition: int, judge: Judge, first: int = 0, end: int | None = None) -> int:
        """Hand every record from offset `first` up to `end` (None: the end as it is now) to `judge`; returns the end.

        Raises ChangelogError when nothing comes for a minute.
        """
        tp = TopicPartition(topic, partition)
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
            consumer.assign([tp])
            start = max((await consumer.beginning_offsets([tp]))[tp], first)
            end = (await consumer.end_offsets([tp]))[tp] if end is None else end
            consumer.seek(tp, start)
            await self._read(consumer, tp, judge, end)
        finally:
            await consumer.stop()
        return end

    async def _read(self, consumer: AIOKafkaConsumer, tp: TopicPartition, judge: Judge, end: int) -> None:
        heard, position = time.monotonic(), -1
        while True:
            stands = await consumer.position(tp)
            if stands >= end:
                return
            if stands != position:
                heard, position = time.monotonic(), stands
            elif time.monotonic() - heard > PATIENCE_S:
                raise ChangelogError(
                    f"{tp.topic}/{tp.partition}: nothing came for {PATIENCE_S:.0f} s at offset {stands} of {end}"
                )
            found = await consumer.getmany(tp, timeout_ms=200, max_records=5_000)
            for record in found.get(tp, []):
                if record.offset < end:
                    judge(load_key(record.key), _row_offset(record), record.value)
            await asyncio.sleep(0)


def _row_offset(record: Any) -> int:
    if record.value is not None:
        return row_offset(record.value)
    for name, value in record.headers:
        if name == OFFSET_HEADER:
            return int(value)
    raise ChangelogError(f"{record.topic}/{record.partition}: the tombstone at {record.offset} carries no row offset")
