"""The source topics of a run, read beside the worker: how many records there are, and when each came."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from stream_app.connection import client_arguments
from stream_app.local.errors import LocalError
from stream_app.pipeline import AREAS
from stream_app.settings import Settings

T = TypeVar("T")

_FIND_WITHIN_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a topic. before: records that precede it; timestamps: of its own records at the broker, ms, sorted."""

    before: int
    timestamps: list[int]


class SourceLogs:
    """A consumer without a group. Used from one thread; `close` it. Raises LocalError when Kafka does not answer."""

    def __init__(self, settings: Settings) -> None:
        """Connect. Raises KafkaError."""
        self._settings = settings
        self._runner = asyncio.Runner()
        self._consumer: Any = self._runner.run(self._connect())
        count = settings.topics.partitions
        self._parts = {
            area: [TopicPartition(settings.source_topic(area), number) for number in range(count)] for area in AREAS
        }

    def total(self) -> int:
        """How many records there are in all source topics; nothing has been deleted from them."""
        parts = [part for parts in self._parts.values() for part in parts]
        return sum(self._ask(self._consumer.end_offsets(parts)).values())

    def tails(self, from_ms: int, until_ms: int) -> dict[str, Tail]:
        """Topic -> its records of a time."""
        begin = self._ask(self._offsets((part for parts in self._parts.values() for part in parts), from_ms))
        stamps: dict[str, list[int]] = {part.topic: [] for part in begin}
        for record in self._ask(self._read(begin, until_ms)):
            stamps[record.topic].append(record.timestamp)
        before = Counter[str]()
        for part, offset in begin.items():
            before[part.topic] += offset
        return {topic: Tail(before[topic], sorted(found)) for topic, found in stamps.items()}

    def first_of_incident(self, begin_ms: int) -> int | None:
        """When the first p1 case that was created from an instant on came to the broker, ms.

        A surge opens its first case at the very instant it begins. None if there is no such case.
        """
        begin = self._ask(self._offsets(self._parts["cases"], begin_ms))
        records = self._ask(self._read(begin, begin_ms + _FIND_WITHIN_MS))
        return min((record.timestamp for record in records if _opens_p1(record.value, begin_ms)), default=None)

    def close(self) -> None:
        """Disconnect."""
        self._runner.run(self._consumer.stop())
        self._runner.close()

    def _ask(self, question: Coroutine[Any, Any, T]) -> T:
        try:
            return self._runner.run(question)
        except (KafkaError, OSError, TimeoutError) as error:
            raise LocalError(f"Kafka does not answer any more: {error}; its log is with the others") from error

    async def _connect(self) -> Any:
        consumer = AIOKafkaConsumer(
            **client_arguments(self._settings.kafka), enable_auto_commit=False, fetch_max_wait_ms=50
        )
        await consumer.start()
        return consumer

    async def _offsets(self, parts: Iterable[TopicPartition], at_ms: int) -> dict[TopicPartition, int]:
        """The offset of the first record of each partition from a time on; its end if there is none."""
        wanted = dict.fromkeys(parts, at_ms)
        found = await self._consumer.offsets_for_times(wanted)
        ends = await self._consumer.end_offsets(list(wanted))
        return {part: ends[part] if found[part] is None else found[part].offset for part in wanted}

    async def _read(self, begin: Mapping[TopicPartition, int], until_ms: int) -> list[Any]:
        ends = await self._consumer.end_offsets(list(begin))
        left = {part for part, offset in begin.items() if offset < ends[part]}
        records: list[Any] = []
        self._consumer.assign(list(left))
        for part in left:
            self._consumer.seek(part, begin[part])
        while left:
            for part, batch in (await self._consumer.getmany(*left, timeout_ms=500)).items():
                records += [record for record in batch if record.timestamp <= until_ms]
                if batch[-1].offset + 1 >= ends[part] or batch[-1].timestamp > until_ms:
                    left.discard(part)
        return records


def _opens_p1(value: bytes | None, begin_ms: int) -> bool:
    try:
        event = orjson.loads(value or b"")
    except ValueError:
        return False
    if not isinstance(event, dict) or (event.get("kind"), event.get("priority")) != ("created", "p1"):
        return False
    at = event.get("at")
    return isinstance(at, int) and at >= begin_ms
