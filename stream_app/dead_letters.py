"""Dead letters: records that cannot be used, as they came, with headers that say why and where from.

Key and value are the original bytes and the original headers are kept. Ours are added, UTF-8 text each:

    dead-letter-reason      one of `stream_app.codec.REASONS`
    dead-letter-detail      the place in the value, never what stands there
    dead-letter-topic       where the record was read
    dead-letter-partition
    dead-letter-offset
    dead-letter-timestamp   the record's own time, ms
    dead-letter-time        when it was rejected, ms
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from stream_app.codec import Record, Reject

PREFIX: Final = "dead-letter-"

Headers = Sequence[tuple[str, bytes]]


class DeadLetter(NamedTuple):
    """What is sent to the dead-letter topic, to the partition number the record was read from."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


class Origin(NamedTuple):
    """What the headers of a dead letter say. Times in ms."""

    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    timestamp: int
    time: int


class NotADeadLetterError(ValueError):
    """A record of a dead-letter topic lacks our headers: it was put there by somebody else."""


def letter(place: tuple[str, int], record: Record, reject: Reject, now_ms: int) -> DeadLetter:
    """The dead letter of a rejected record, read from a (topic, partition)."""
    origin = Origin(reject.reason, reject.detail, *place, record.offset, record.timestamp, now_ms)
    ours = [(PREFIX + name, str(value).encode()) for name, value in origin._asdict().items()]
    return DeadLetter(record.key, record.value, original_headers(record.headers) + ours)


def original_headers(headers: Headers) -> list[tuple[str, bytes]]:
    """The headers without ours."""
    return [(name, value) for name, value in headers if not name.startswith(PREFIX)]


def origin_of(headers: Headers) -> Origin:
    """What our headers say. Raises NotADeadLetterError."""
    said = {name.removeprefix(PREFIX): value for name, value in headers if name.startswith(PREFIX)}
    try:
        text = {name: said[name].decode() for name in Origin._fields}
        numbers = {name: int(text[name]) for name in ("partition", "offset", "timestamp", "time")}
    except (KeyError, ValueError) as error:
        raise NotADeadLetterError("the record lacks the headers of a dead letter") from error
    return Origin(text["reason"], text["detail"], text["topic"], **numbers)
