"""Records are found in what was fetched as aiokafka finds them, wherever chunks are cut, and positions move alike."""

import asyncio
from collections import Counter
from random import Random
from typing import Any

import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED, READ_UNCOMMITTED, Fetcher, FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

from stream_app import native
from stream_app.codec import Records, load_key
from stream_app.shell.fetched import Bytes, drained, since, stamps

PLACE = TopicPartition("cases", 3)
ABORT, COMMIT = b"\0\0\0\0", b"\0\0\0\1"
BEGIN_MS = 1_700_000_000_000


def record(rng: Random, offset: int) -> tuple[Any, ...]:
    key = rng.choice((None, b"", b"acme", bytes(rng.randrange(300))))
    value = rng.choice((None, b"", b"{}", rng.randbytes(rng.choice((3, 130, 20_000)))))
    headers = [(f"n{n}" * n, rng.choice((b"", b"x" * 200))) for n in range(rng.choice((0, 0, 1, 3)))]
    return offset, BEGIN_MS + rng.choice((0, 1, -70_000, 3_000_000)), key, value, headers


def batch(
    rng: Random, offset: int, *, producer: int = -1, transactional: bool = False, control: bytes | None = None
) -> tuple[bytearray, int]:
    """A batch of Kafka's, and the offset after it; some of its records may have been compacted away."""
    codec = 0 if control else rng.randrange(5)
    builder = DefaultRecordBatchBuilder(2, codec, transactional, producer, 0, 0, 1 << 24)
    if control is not None:
        builder.append(0, BEGIN_MS, control, b"\0" * 6, [])
        data = builder.build()
        data[22] |= 0x20
        return placed(data, offset, 1), offset + 1
    count = rng.choice((1, 2, 7, 40))
    for number in range(count):
        if not number or rng.random() < 0.9:
            builder.append(*record(rng, number))
    return placed(builder.build(), offset, count, by_broker=rng.random() < 0.2), offset + count


def placed(data: bytearray, offset: int, count: int, *, by_broker: bool = False) -> bytearray:
    """The batch at an offset, as a broker writes it: it knows its last offset, and perhaps gave its own time."""
    data[:8] = offset.to_bytes(8)
    data[23:27] = (count - 1).to_bytes(4)
    if by_broker:
        data[22] |= 0x08
    data[17:21] = crc(bytes(data[21:])).to_bytes(4)
    return data


def crc(data: bytes) -> int:
    """CRC-32C, as the message format has it."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def fetched(rng: Random) -> tuple[bytes, list[tuple[int, int]]]:
    """What a broker may answer: batches one behind the other, the last one cut off; and the aborted transactions."""
    data, aborted, offset = bytearray(), [], rng.choice((0, 5_000_000_000))
    for _ in range(rng.randint(1, 6)):
        transactional = rng.random() < 0.4
        producer = rng.randrange(3) if transactional or rng.random() < 0.5 else -1
        ended = rng.choice((ABORT, COMMIT)) if transactional else None
        if ended == ABORT:
            aborted.append((producer, offset))
        more, offset = batch(rng, offset, producer=producer, transactional=transactional)
        data += more
        if ended is not None:
            more, offset = batch(rng, offset, producer=producer, transactional=True, control=ended)
            data += more
    return bytes(data) + bytes(data[: rng.choice((0, 20))]), aborted


def partition_records(data: bytes, records: Any, aborted: list[tuple[int, int]], first: int, level: int) -> Any:
    return PartitionRecords(PLACE, records(data), list(aborted), first, None, None, True, level)


def told(records: Any) -> list[tuple[Any, ...]]:
    return [(r.offset, r.timestamp, r.key, r.value, tuple(r.headers)) for r in records]


class Held:
    """Enough of aiokafka's state of a partition for what was fetched to be handed out."""

    active = True
    paused = False
    reassignment_in_progress = False

    def __init__(self, position: int) -> None:
        self.position = position

    def state_value(self, _tp: TopicPartition) -> "Held":
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def source_of(found: Any, held: Held) -> Any:
    source = Fetcher.__new__(Fetcher)
    source._records = {PLACE: FetchResult(PLACE, assignment=held, partition_records=found, backoff=0)}
    source._subscriptions = held
    source._wait_consume_future = None
    return source


async def all_of(source: Any, held: Held, most: int) -> list[tuple[Records, int]]:
    """Every chunk, with the position after it."""
    chunks = []
    while PLACE in source._records:
        records = await drained(source, PLACE, most)
        chunks.append((records, held.position))
    return chunks


@pytest.mark.parametrize("level", [READ_COMMITTED, READ_UNCOMMITTED])
@pytest.mark.parametrize("seed", range(40))
def test_records_are_found_as_aiokafka_finds_them(seed: int, level: int) -> None:
    rng = Random(seed)
    data, aborted = fetched(rng)
    begin = int.from_bytes(data[:8])
    first = begin + rng.choice((0, 0, 1, 9))
    plain = partition_records(data, MemoryRecords, aborted, first, level)
    expected = told(plain)
    held, most = Held(first), rng.choice((1, 2, 5, 1_000))
    found = partition_records(data, Bytes, aborted, first, level)
    chunks = asyncio.run(all_of(source_of(found, held), held, most))
    assert [one for records, _ in chunks for one in told(records)] == expected
    assert held.position == plain.next_fetch_offset
    assert all(len(records) <= most for records, _ in chunks)
    assert all(isinstance(records, native.Chunk) or not records for records, _ in chunks)
    ends = [end for _, end in chunks]
    assert ends == sorted(ends)
    for records, end in chunks:
        if len(records):
            assert records[-1].offset < end
            assert records[0] == next(iter(records))


def a_chunk(seed: int) -> Records:
    rng = Random(seed)
    data = b"".join(bytes(batch(rng, 100 * number)[0]) for number in range(5))
    held = Held(0)
    found = partition_records(data, Bytes, [], 0, READ_COMMITTED)
    ((records, _),) = asyncio.run(all_of(source_of(found, held), held, 10_000))
    return records


@pytest.mark.parametrize("seed", range(5))
def test_a_chunk_is_a_sequence_of_its_records(seed: int) -> None:
    records = a_chunk(seed)
    listed = list(records)
    assert told(records[place] for place in range(-len(records), len(records))) == told(listed * 2)
    assert stamps(records) == stamps(listed) == Counter(one.timestamp for one in listed)
    for first in (0, listed[len(listed) // 2].offset, listed[-1].offset + 1):
        assert told(since(records, first)) == told(since(listed, first))
    with pytest.raises(IndexError):
        records[len(records)]


def test_a_fetch_whose_checksum_is_wrong_is_refused() -> None:
    data = bytearray(batch(Random(1), 0)[0])
    data[-1] ^= 1
    held = Held(0)
    found = partition_records(bytes(data), Bytes, [], 0, READ_COMMITTED)
    with pytest.raises(CorruptRecordException):
        asyncio.run(all_of(source_of(found, held), held, 10))


@pytest.mark.parametrize("seed", range(5))
def test_records_that_do_not_lie_within_their_batch_are_refused(seed: int) -> None:
    rng = Random(seed)
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, 0, 0, 1 << 24)
    for number in range(3):
        builder.append(*record(rng, number))
    payload = bytes(builder.build()[61:])
    whole = native.Chunk()
    assert whole.take(native.Part(payload, 0, BEGIN_MS, False, 3), 0, 10)
    assert len(whole) == 3
    for end in range(len(payload)):
        with pytest.raises(ValueError, match="does not lie within"):
            native.Chunk().take(native.Part(payload[:end], 0, BEGIN_MS, False, 3), 0, 10)
    for _ in range(300):  # whatever the bytes are, nothing is read beyond them
        broken = bytearray(payload[:400])
        broken[rng.randrange(len(broken))] = rng.randrange(256)
        chunk = native.Chunk()
        try:
            chunk.take(native.Part(bytes(broken), 0, BEGIN_MS, False, 3), 0, 10)
        except ValueError:
            continue
        assert len(told(chunk)) == len(chunk) <= 3


def test_messages_of_an_older_format_stay_aiokafkas_own() -> None:
    builder = LegacyRecordBatchBuilder(magic=1, compression_type=0, batch_size=1 << 20)
    for offset in range(3):
        builder.append(offset, BEGIN_MS, b"acme", b"{}")
    held = Held(0)
    found = partition_records(bytes(builder.build()), Bytes, [], 0, READ_COMMITTED)
    chunks = asyncio.run(all_of(source_of(found, held), held, 10))
    assert [one.offset for records, _ in chunks for one in records] == [0, 1, 2]
    assert held.position == 3


def test_changelog_records_come_with_their_keys_up_to_an_end() -> None:
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, 0, 0, 1 << 20)
    builder.append(0, BEGIN_MS, b'["acme","1"]', b"row", [])
    builder.append(1, BEGIN_MS, b'["acme","2"]', None, [("row-offset", b"7")])
    builder.append(2, BEGIN_MS, b'["acme","3"]', b"row", [])
    chunk = native.Chunk()
    chunk.take(native.Part(bytes(builder.build()[61:]), 0, BEGIN_MS, False, 3), 0, 10)
    first, second = chunk.keyed(load_key, 2)
    assert first == (("acme", "1"), b"row", None)
    assert second[:2] == (("acme", "2"), None)
    assert second[2] is not None
    assert second[2].headers == (("row-offset", b"7"),)
