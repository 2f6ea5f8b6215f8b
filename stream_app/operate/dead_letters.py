"""Dead letters of a broker: found, shown, and sent back to where they came from.

Sending back is exactly once. Each letter is repaired in one Kafka transaction: its original goes to the source
topic, and a mark with its offset goes behind it into the dead-letter topic. A letter with a mark is never sent
again. All runs share one transactional id, so that a second run ends the first one before it reads the marks.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, ProducerFenced

from stream_app.codec import Codec, Event
from stream_app.connection import BrokerUnreachableError, admin, client_arguments, reaching
from stream_app.dead_letters import PREFIX, NotADeadLetterError, Origin, origin_of, original_headers
from stream_app.operate.routing import partition_of
from stream_app.pipeline import AREAS
from stream_app.settings import Settings

MARK: Final = f"{PREFIX}redriven"
"""Header of a mark: the offset of the letter that was sent back."""

_AT_ONCE: Final = 500
"""Letters in one transaction."""


_PATIENCE_MS: Final = 15_000
"""How long readers wait behind a transaction whose run was killed."""

_MARKED_S: Final = 5.0
"""How long a broker may take to mark the records of a transaction that it answered for; some ms mostly."""


class LettersError(Exception):
    """Dead letters cannot be read or sent back."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter and where it lies. redriven: it was sent back already."""

    area: str
    topic: str
    partition: int
    offset: int
    origin: Origin
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    size: int
    redriven: bool = False

    @property
    def place(self) -> str:
        """The name of the letter for `show`: topic/partition/offset."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters are meant. Empty means any. Times in ms, of the rejection; place: partition and offset of one."""

    areas: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    detail: str = ""
    partition: int | None = None
    since_ms: int = 0
    until_ms: int | None = None
    redriven: bool | None = None
    place: tuple[int, int] | None = None

    def takes(self, letter: Letter) -> bool:
        """Whether the letter is one of these."""
        origin = letter.origin
        return (
            (not self.areas or letter.area in self.areas)
            and (not self.reasons or origin.reason in self.reasons)
            and self.detail in origin.detail
            and self.partition in {None, origin.partition}
            and origin.time >= self.since_ms
            and (self.until_ms is None or origin.time <= self.until_ms)
            and self.redriven in {None, letter.redriven}
            and self.place in {None, (letter.partition, letter.offset)}
        )


@dataclass(slots=True)
class Redriven:
    """What a run of `redrive` did: letters sent back, and those left by the reason they would be refused for again."""

    sent: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)


def mend(letter: Letter, codec: Codec, partitions: int, latest_ms: int) -> tuple[bytes | None, int] | str:
    """Key and partition to send the original to, or the reason why it would be refused again.

    The key is the original one, unless the event says that its account is another (`misrouted`).
    """
    result = codec.decode(letter.value, letter.offset, latest_ms)
    if not isinstance(result, Event):
        return result.reason
    key = result.key[0].encode()
    return key, partition_of(key, partitions)


async def letters(
    settings: Settings, choice: Choice, strangers: Counter[str] | None = None, *, whole: bool = False
) -> list[Letter]:
    """Every letter of the choice, oldest first; without key, value and headers unless `whole`, to stay small.

    strangers: counts records that are no dead letters of ours, by topic. Raises BrokerUnreachableError, LettersError.
    """
    counts: Counter[str] = Counter() if strangers is None else strangers
    areas = [area for area in AREAS if not choice.areas or area in choice.areas]
    parts = await asyncio.gather(*(_of_area(settings, area, choice, counts, whole=whole) for area in areas))
    found = [letter for part in parts for letter in part]
    return sorted(found, key=lambda letter: (letter.origin.time, letter.topic, letter.offset))


async def letter_at(settings: Settings, topic: str, partition: int, offset: int) -> Letter:
    """One letter. Raises LettersError if there is none, BrokerUnreachableError."""
    areas = {settings.dead_letter_topic(area): area for area in AREAS}
    if topic not in areas:
        raise LettersError(f"{topic} is no topic of dead letters: {', '.join(areas)}")
    found = await _of_area(settings, areas[topic], Choice(place=(partition, offset)), Counter(), whole=True)
    if found:
        return found[0]
    raise LettersError(f"there is no dead letter {topic}/{partition}/{offset}")


async def redrive(
    settings: Settings,
    choice: Choice,
    *,
    limit: int | None = None,
    dry_run: bool = False,
    force: bool = False,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Redriven:
    """Send the originals of a choice of letters back to their source topics, each at most once.

    Letters that would be refused again stay where they are, unless `force`. tell: called with letters done and all.
    Raises BrokerUnreachableError, LettersError.
    """
    done = Redriven()
    if dry_run:
        for _ in _mended(settings, await letters(settings, choice, whole=True), done, limit=limit, force=force):
            pass
        return done
    producer = AIOKafkaProducer(
        **client_arguments(settings.kafka), transactional_id=f"{settings.app.id}-redrive",
        transaction_timeout_ms=_PATIENCE_MS, acks="all",
    )  # fmt: skip
    async with reaching(settings.kafka, producer):  # from here on no earlier run can send anything
        try:
            chosen = await letters(settings, choice, whole=True)
            ready = list(_mended(settings, chosen, done, limit=limit, force=force))
            for first in range(0, len(ready), _AT_ONCE):
                async with producer.transaction():
                    for letter, key, partition in ready[first : first + _AT_ONCE]:
                        await _send(producer, settings.source_topic(letter.area), letter, key, partition)
                tell(min(first + _AT_ONCE, len(ready)), len(ready))
            if ready:
                await _readable(settings, {letter.area for letter, _key, _partition in ready})
        except ProducerFenced as error:
            raise LettersError("another redrive was begun meanwhile; run it again to see what is left") from error
        except KafkaError as error:
            raise LettersError(f"the broker refused: {error!r}; nothing was sent twice, run it again") from error
    return done


def _mended(
    settings: Settings, chosen: Iterable[Letter], done: Redriven, *, limit: int | None, force: bool
) -> Iterable[tuple[Letter, bytes | None, int | None]]:
    codecs = {name: area.codec() for name, area in AREAS.items()}
    latest_ms = time.time_ns() // 1_000_000 + settings.app.skew_seconds * 1000
    for letter in chosen:
        if letter.redriven:
            continue
        if limit is not None and done.sent.total() >= limit:
            return
        mended = mend(letter, codecs[letter.area], settings.topics.partitions, latest_ms)
        if isinstance(mended, tuple):
            done.sent[letter.topic] += 1
            yield letter, *mended
        elif force:
            done.sent[letter.topic] += 1
            partition = None if letter.key is None else partition_of(letter.key, settings.topics.partitions)
            yield letter, letter.key, partition
        else:
            done.left[mended] += 1


async def _send(
    producer: AIOKafkaProducer, source: str, letter: Letter, key: bytes | None, partition: int | None
) -> None:
    headers = original_headers(letter.headers)
    await producer.send(source, value=letter.value, key=key, partition=partition, headers=headers)
    mark = [(MARK, str(letter.offset).encode())]
    await producer.send(letter.topic, value=b"", key=letter.key, partition=letter.partition, headers=mark)


async def _readable(settings: Settings, areas: Iterable[str]) -> None:
    """Wait until the originals and marks sent can be read: a broker answers a commit before it has marked the records.

    Somebody else's open transaction before them hides them for longer, which is not waited for.
    """
    names = [name for area in areas for name in (settings.source_topic(area), settings.dead_letter_topic(area))]
    parts = [TopicPartition(name, number) for name in names for number in range(await _partitions(settings, name))]
    written = AIOKafkaConsumer(**client_arguments(settings.kafka), enable_auto_commit=False)
    marked = AIOKafkaConsumer(
        **client_arguments(settings.kafka), enable_auto_commit=False, isolation_level="read_committed"
    )
    async with reaching(settings.kafka, written), reaching(settings.kafka, marked):
        ends = await written.end_offsets(parts)
        until = time.monotonic() + _MARKED_S
        while time.monotonic() < until:
            readable = await marked.end_offsets(parts)
            if all(readable[part] >= ends[part] for part in parts):
                return
            await asyncio.sleep(_MARKED_S / 100)


async def _of_area(
    settings: Settings, area: str, choice: Choice, strangers: Counter[str], *, whole: bool
) -> list[Letter]:
    """The letters of one topic as it stands now, with the marks behind them."""
    topic = settings.dead_letter_topic(area)
    found: list[Letter] = []
    marks: set[tuple[int, int]] = set()
    async for record in _records(settings, topic, None if choice.place is None else choice.place[0]):
        mark = next((value for name, value in record.headers if name == MARK), None)
        if mark is not None:
            marks.add((record.partition, int(mark)))
            continue
        try:
            origin = origin_of(record.headers)
        except NotADeadLetterError:
            strangers[topic] += 1
            continue
        letter = Letter(
            area, topic, record.partition, record.offset, origin, record.key, record.value, tuple(record.headers),
            len(record.value or b""),
        )  # fmt: skip
        if replace(choice, redriven=None).takes(letter):
            found.append(letter if whole else replace(letter, key=None, value=None, headers=()))
    marked = (replace(letter, redriven=(letter.partition, letter.offset) in marks) for letter in found)
    return [letter for letter in marked if choice.takes(letter)]


async def _records(settings: Settings, topic: str, only: int | None) -> AsyncIterator[Any]:
    """Every committed record of a topic, or of one partition, up to its end of this moment."""
    count = await _partitions(settings, topic)
    parts = [TopicPartition(topic, number) for number in range(count) if only in {None, number}]
    if not parts:
        return
    # From the beginning by the reset policy: a seek may be overtaken by the reset that an assignment begins with.
    consumer = AIOKafkaConsumer(
        **client_arguments(settings.kafka),
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    async with reaching(settings.kafka, consumer):
        try:
            consumer.assign(parts)
            ends = await consumer.end_offsets(parts)
            # positions, not records, tell the end: the last offset may be a transaction's own marker
            while waiting := [part for part in parts if await consumer.position(part) < ends[part]]:
                for batch in (await consumer.getmany(*waiting, timeout_ms=200)).values():
                    for record in batch:
                        yield record
        except KafkaError as error:
            raise BrokerUnreachableError(settings.kafka, repr(error)) from error


async def _partitions(settings: Settings, topic: str) -> int:
    """How many partitions a topic has. Asked of all topics, because asking for one by its name may create it."""
    async with admin(settings.kafka) as client:
        found = {known["topic"]: len(known["partitions"]) for known in await client.describe_topics()}
    if topic not in found:
        raise LettersError(f"there is no topic {topic}: `stream-app topics apply` creates it")
    return found[topic]
