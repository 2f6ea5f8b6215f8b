"""What was fetched of a partition, in chunks of records that are read where they lie.

aiokafka makes an object of each record. With the compiled core records are found in the fetched bytes instead: what
aiokafka says of each batch counts as ever (its checksum, its codec, whether it was aborted), only the records in it are
read by `stream_app.native.records`. Without it, and for messages older than format v2, they stay aiokafka's own.

Overrides private seams of aiokafka 0.14 (the version is pinned): the iterator of `PartitionRecords`, and the class that
holds fetched bytes.
"""

from collections import Counter
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, Final, cast

from aiokafka.codec import gzip_decode, lz4_decode, snappy_decode, zstd_decode
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, Fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

from stream_app import native
from stream_app.codec import Records

_LENGTH: Final = slice(8, 12)
_OVERHEAD: Final = 12
_MAGIC: Final = 16
_COUNT: Final = slice(57, 61)
_HEAD: Final = 61
"""Where a batch has its length, which counts from behind itself, its format, the number of its records, and those."""

_BY_BROKER: Final = 1
"""The kind of timestamp that a broker gives to all records of a batch."""

_STAMP: Final = attrgetter("timestamp")

_DECODE: Final = {
    DefaultRecordBatch.CODEC_NONE: lambda payload: payload,
    DefaultRecordBatch.CODEC_GZIP: gzip_decode,
    DefaultRecordBatch.CODEC_SNAPPY: lambda payload: snappy_decode(payload.tobytes()),
    DefaultRecordBatch.CODEC_LZ4: lz4_decode,
    DefaultRecordBatch.CODEC_ZSTD: zstd_decode,
}


class Bytes:
    """aiokafka's `MemoryRecords`, with the bytes they are made of."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        records = MemoryRecords(data)
        self.has_next = records.has_next
        self.next_batch = records.next_batch
        self.size_in_bytes = records.size_in_bytes


def keep_bytes() -> None:
    """Let the consumers of this process keep the bytes they fetched until their records are read."""
    if native.ENABLED:
        cast(Any, fetcher).MemoryRecords = Bytes


async def drained(source: Fetcher, place: TopicPartition, most: int) -> Records:
    """The next records, `most` at most, of what was fetched of a partition; none when nothing was.

    Raises what the fetch came to, KafkaError mostly. aiokafka's own positions are moved behind what is returned.
    """
    result = source._records.get(place)
    found = getattr(result, "_partition_records", None)
    chunks = None if found is None else _chunked(found, most)
    if chunks is None:
        if found is not None:
            found._consumer_record = _itself
        return cast(Records, (await source.fetched_records([place], max_records=most)).get(place, ()))
    taken = (await source.fetched_records([place], max_records=1)).get(place)
    if chunks.over and place in source._records and source._records[place] is result:
        await source.fetched_records([place], max_records=1)  # it knows that it is over when it is asked again
    return taken[0] if taken else ()


def since(records: Records, first: int) -> Records:
    """Those records whose offsets are `first` or later."""
    if native.ENABLED and isinstance(records, native.Chunk):
        return records.since(first)
    return [record for record in records if record.offset >= first]


def stamps(records: Records) -> Counter[int]:
    """How many of the records have each timestamp: many of a batch have the same one."""
    if native.ENABLED and isinstance(records, native.Chunk):
        return records.stamps()
    return Counter(map(_STAMP, records))


def _itself(_tp: TopicPartition, record: Any) -> Any:
    return record


def _chunked(found: Any, most: int) -> "Chunks | None":
    """What hands out the records of `PartitionRecords` by the chunk; None when they stay aiokafka's own."""
    if isinstance(found._records_iterator, Chunks):
        return found._records_iterator
    data = getattr(found._records, "data", None)
    if data is None or len(data) <= _MAGIC or data[_MAGIC] < 2:
        return None
    chunks = found._records_iterator = Chunks(found, data, most)
    return chunks


class Chunks:
    """Hands out the records that `PartitionRecords` holds, many at a time, and moves its position behind them.

    over: whether nothing is left.
    """

    def __init__(self, found: Any, data: bytes, most: int) -> None:
        self.over = False
        self._found = found
        self._data = data
        self._most = most
        self._chunks = self._read()

    def __iter__(self) -> Iterator[Records]:
        return self

    def __next__(self) -> Records:
        return next(self._chunks)

    def _read(self) -> Iterator[Records]:
        found, records, most = self._found, self._found._records, self._most
        chunk, end = native.Chunk(), 0
        while records.has_next():
            begin, batch = end, records.next_batch()
            end += _OVERHEAD + int.from_bytes(self._data[begin : begin + _OVERHEAD][_LENGTH])
            if found._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"the checksum of a batch of {found._tp} is wrong")
            if self._counts(batch):
                part = _part(batch, memoryview(self._data)[begin:end])
                while not chunk.take(part, found.next_fetch_offset, most):
                    found.next_fetch_offset = max(found.next_fetch_offset, chunk[-1].offset + 1)
                    yield chunk
                    chunk = native.Chunk()
            found.next_fetch_offset = batch.next_offset
        self.over = True
        if len(chunk):
            yield chunk

    def _counts(self, batch: Any) -> bool:
        """Whether the records of a batch are for us: not those of aborted transactions, nor the broker's own marks."""
        found = self._found
        if found._isolation_level == READ_COMMITTED and batch.producer_id is not None:
            found._consume_aborted_up_to(batch.base_offset)
            if batch.is_control_batch and found._contains_abort_marker(batch):
                found._aborted_producers.discard(batch.producer_id)
            if batch.is_transactional and batch.producer_id in found._aborted_producers:
                return False
        return not batch.is_control_batch


def _part(batch: Any, data: memoryview) -> native.Part:
    """The records of a batch of format v2."""
    fixed = batch.timestamp_type == _BY_BROKER
    stamp = batch.max_timestamp if fixed else batch.first_timestamp
    payload = _DECODE[batch.compression_type](data[_HEAD:])
    return native.Part(payload, batch.base_offset, stamp, fixed, int.from_bytes(data[_COUNT]))
