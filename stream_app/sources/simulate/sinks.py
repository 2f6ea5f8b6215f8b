"""Where a plan's events go: Kafka, or JSON lines."""

import asyncio
import base64
from collections.abc import Callable, Iterable, Sequence
from typing import IO, Any, Final, Protocol

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from stream_app.sources.simulate.plan import Record

_BATCH_BYTES: Final = 128 * 1024
_IN_FLIGHT: Final = 64
"""Batches sent and not acknowledged; beyond, the publisher waits."""


class Sink(Protocol):
    """Takes events in order, a few at a time."""

    async def put(self, records: Iterable[Record]) -> None:
        """Take some events."""

    async def flush(self) -> None:
        """Return when all that was put has arrived. Raises what went wrong."""


class Lines:
    """JSON lines: topic, key, when it is published (ms), and the payload as text, or in base64 if it is none."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    async def put(self, records: Iterable[Record]) -> None:
        """Write some events."""
        self._out.writelines(line(record) for record in records)
        self._out.flush()

    async def flush(self) -> None:
        """Nothing waits."""


def line(record: Record) -> bytes:
    """One event as a line."""
    topic, key, value, when = record
    told: dict[str, Any] = {"topic": topic, "key": key.decode(), "published_ms": when}
    try:
        told["value"] = value.decode()
    except UnicodeDecodeError:
        told["value_base64"] = base64.b64encode(value).decode()
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


class Kafka:
    """Kafka by batches: idempotent, acknowledged by every copy, lz4, partitioned by key as Java does (murmur2)."""

    def __init__(self, connection: dict[str, Any], topic_of: Callable[[str], str]) -> None:
        self.producer = AIOKafkaProducer(
            **connection, acks="all", enable_idempotence=True, compression_type="lz4", max_batch_size=_BATCH_BYTES
        )
        self._topic_of = topic_of
        self._partitioner = DefaultPartitioner()
        self._partitions: dict[str, list[int]] = {}
        self._chosen: dict[tuple[str, bytes], int] = {}
        self._flying: set[asyncio.Future[Any]] = set()

    async def put(self, records: Iterable[Record]) -> None:
        """Send some events, each partition's in their order."""
        open_batches: dict[tuple[str, int], Any] = {}
        for topic, key, value, _ in records:
            partition = self._chosen.get((topic, key))
            if partition is None:
                partition = self._chosen[topic, key] = await self._partition(topic, key)
            place = (topic, partition)
            batch = open_batches.get(place)
            if batch is None:
                batch = open_batches[place] = self.producer.create_batch()
            if batch.append(key=key, value=value, timestamp=None) is None:
                await self._send(batch, place)
                batch = open_batches[place] = self.producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        for place, batch in open_batches.items():
            await self._send(batch, place)

    async def flush(self) -> None:
        """Wait for every acknowledgement."""
        while self._flying:
            await self._landed()

    async def _partition(self, topic: str, key: bytes) -> int:
        known: Sequence[int] | None = self._partitions.get(topic)
        if known is None:
            name = self._topic_of(topic)
            known = self._partitions[topic] = sorted(await self.producer.partitions_for(name))
        return int(self._partitioner(key, known, known))

    async def _send(self, batch: Any, place: tuple[str, int]) -> None:
        batch.close()
        future = await self.producer.send_batch(batch, self._topic_of(place[0]), partition=place[1])
        self._flying.add(future)
        while len(self._flying) > _IN_FLIGHT:
            await self._landed()

    async def _landed(self) -> None:
        done, self._flying = await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
        for future in done:
            future.result()
