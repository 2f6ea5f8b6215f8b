"""Writes rows to changelogs and rejects to dead-letter topics, and knows when they are acknowledged."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata
from mode import Service

from stream_app.connection import unhurried

BATCH_BYTES: Final = 512 * 1024
STOP_S: Final = 1.0
OFFSET_HEADER: Final = "row-offset"


@dataclass(frozen=True, slots=True)
class Written:
    """Records on their way to one partition: how many, and the acknowledgement to come."""

    count: int
    future: "asyncio.Future[RecordMetadata]"


class Writer(Service):
    """One idempotent producer for everything a worker writes; a broker may be away for `patience_s`."""

    def __init__(self, connection: dict[str, Any], patience_s: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._connection = {**connection, "request_timeout_ms": int(patience_s * 1000)}
        self._producer: AIOKafkaProducer | None = None

    async def on_start(self) -> None:
        """Connect."""
        self._producer = AIOKafkaProducer(
            **self._connection,
            acks="all",
            enable_idempotence=True,
            compression_type="zstd",  # a fifth of the CPU of aiokafka's lz4 (level 9), and an eighth fewer bytes
            max_batch_size=BATCH_BYTES,
            linger_ms=5,
        )
        unhurried(self._producer.client)
        await self._producer.start()

    async def on_stop(self) -> None:
        """Disconnect; what is not acknowledged soon is not waited for, for its offsets are not committed either."""
        if self._producer is None:
            return
        try:
            await asyncio.wait_for(self._producer.stop(), STOP_S)
        except TimeoutError:
            await self._producer.client.close()

    @property
    def producer(self) -> AIOKafkaProducer:
        """The producer, once started."""
        if self._producer is None:
            raise RuntimeError("the writer is not started")
        return self._producer

    async def rows(self, topic: str, partition: int, rows: Iterable[tuple[bytes, bytes | None, int]]) -> list[Written]:
        """Send (key, value or None for a tombstone, row offset) to a changelog partition, in as few batches as fit."""
        sent: list[Written] = []
        builder, count = self.producer.create_batch(), 0
        for key, value, offset in rows:
            headers = [] if value is not None else [(OFFSET_HEADER, str(offset).encode())]
            if builder.append(key=key, value=value, timestamp=None, headers=headers) is None:
                sent.append(await self._send(builder, topic, partition, count))
                builder, count = self.producer.create_batch(), 0
                if builder.append(key=key, value=value, timestamp=None, headers=headers) is None:
                    raise ValueError(f"a row of {topic} is larger than a batch of {BATCH_BYTES} bytes")
            count += 1
        if count:
            sent.append(await self._send(builder, topic, partition, count))
        return sent

    async def _send(self, builder: Any, topic: str, partition: int, count: int) -> Written:
        return Written(count, await self.producer.send_batch(builder, topic, partition=partition))

    async def letter(
        self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
    ) -> "asyncio.Future[RecordMetadata]":
        """Send one dead letter; the future ends with its acknowledgement."""
        sent: asyncio.Future[RecordMetadata] = await self.producer.send(
            topic, value=value, key=key, partition=partition, headers=headers
        )
        return sent
