"""Bytes to facts, rows to bytes and back. The only place that knows a wire format.

An event's wire type is made from its fact: the envelope, the id of the thing, and the fact's own
fields. One pass of msgspec decodes and validates it. Unknown fields are ignored, unknown kinds and
wrong values are rejects, which say why and where but never what stood there.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from operator import attrgetter
from typing import Annotated, Any, Final, Generic, NamedTuple, Protocol, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta
from xxhash import xxh3_64_intdigest

from stream_app.domain import cases
from stream_app.domain.fold import Fact, Folding, Key, Row, array_head, refold

ROW_VERSION: Final = 1
EVENT_VERSION: Final = 1

EARLIEST_MS: Final = 946_684_800_000
"""2000-01-01. An older time is taken for a wrong unit (seconds in a field of milliseconds)."""

LARGEST: Final = 2**63 - 1
"""The largest sequence a row can store."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_ENVELOPE: Final = 4
"""Fields every fact has: at, sequence, offset, id."""

Time = Annotated[datetime, Meta(tz=True)] | int
Id = Annotated[str, Meta(min_length=1, max_length=128)]


class Event(NamedTuple):
    """A decoded event: the key of its row and the fact."""

    key: Key
    fact: Fact


_event: Final[Callable[[tuple[Key, Fact]], Event]] = partial(tuple.__new__, Event)
"""`Event` without the Python call that a named tuple makes of it: there is one for every event."""


class Reject(NamedTuple):
    """Why a payload cannot be used. `reason` is of a closed set; `detail` names the place, no value."""

    offset: int
    reason: str
    detail: str


REASONS: Final = {
    "empty": "the record has no value",
    "malformed": "the value is not JSON",
    "unknown_kind": "the kind is none of this topic's",
    "invalid": "a field is missing, of the wrong type or out of bounds",
    "version": "the envelope's version is not one this program knows",
    "time": "the time is before 2000, so probably in seconds where milliseconds are meant",
    "future": "the time lies further ahead of the clock than the allowed skew",
    "misrouted": "the record's key or partition is not its account's",
}
"""Reason of a reject -> what it means."""


@dataclass(frozen=True, slots=True)
class Contract:
    """One topic's events: its name, the field that identifies the thing, and the types of its facts."""

    topic: str
    thing: str
    facts: tuple[type[Fact], ...]


def to_ms(value: datetime | int) -> int:
    """A published time as ms since the epoch."""
    return value if isinstance(value, int) else (value - _EPOCH) // _MS


def _is_instant(hint: Any) -> bool:
    return hint in {cases.Instant, cases.Instants} or _part(hint) is not None


def _on_the_wire(hint: Any) -> Any:
    """The published type of a fact's field: instants are published as times, all else as it is."""
    if hint == cases.Instant:
        return Time
    part = _part(hint)
    if part is not None:
        return Annotated[tuple[_part_type(part), ...], *get_args(hint)[1:]]  # type: ignore[misc]  # made while running
    return Annotated[tuple[Time, ...], *get_args(cases.Instants)[1:]] if hint == cases.Instants else hint


def _part(hint: Any) -> type[msgspec.Struct] | None:
    """The type of the parts of a field that has several, each with fields of its own."""
    listed = next(iter(get_args(hint)), None) if get_origin(hint) is Annotated else None
    kind = next(iter(get_args(listed)), None) if get_origin(listed) is tuple else None
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


@cache
def _part_type(part: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """A part as it is published: an object with names, whatever it is stored as."""
    hints = get_type_hints(part, include_extras=True)
    fields: list[Any] = [
        (field.name, _on_the_wire(hints[field.name])) + (() if field.required else (field.default,))
        for field in msgspec.structs.fields(part)
    ]
    return msgspec.defstruct(
        part.__name__, fields, kw_only=True, namespace={"__doc__": part.__doc__}, module=part.__module__, gc=False
    )


@cache
def wire_type(contract: Contract, fact: type[Fact]) -> type[msgspec.Struct]:
    """The type of one kind of event as it is published: the envelope, the thing's id, the fact's fields."""
    hints = get_type_hints(fact, include_extras=True)
    own = msgspec.structs.fields(fact)[_ENVELOPE:]
    required: list[Any] = [
        ("event_id", Id),
        ("at", Time),
        ("account", Id),
        ("source", cases.Label),
        (contract.thing, Id),
    ]
    optional: list[Any] = [("version", int, EVENT_VERSION), ("sequence", Annotated[int, Meta(ge=0, le=LARGEST)], 0)]
    for field in own:
        kind = _on_the_wire(hints[field.name])
        if field.required:
            required.append((field.name, kind))
        elif field.default_factory is not msgspec.NODEFAULT:
            optional.append((field.name, kind, msgspec.field(default_factory=field.default_factory)))
        else:
            optional.append((field.name, kind, field.default))
    return msgspec.defstruct(
        fact.__name__, required + optional, tag_field="kind", tag=fact.__struct_config__.tag, kw_only=True,
        namespace={"__doc__": fact.__doc__}, module=fact.__module__, gc=False,
    )  # fmt: skip


Build = Callable[[Any, int, int, int], Fact]


class _TooEarlyError(ValueError):
    """A time inside an event is before any that can be meant."""


def _known_at(value: datetime | int, at: int) -> int:
    """A time inside an event that happened at `at`: 0 for none, and none is later than the event itself."""
    ms = to_ms(value)
    if ms and ms < EARLIEST_MS:
        raise _TooEarlyError
    return min(ms, at)


def _timed(hint: Any) -> Callable[[Any, int], Any]:
    """From a decoded wire value of a field, and when its event happened, to the field's value."""
    if hint == cases.Instant:
        return _known_at
    if hint == cases.Instants:
        return lambda values, at: tuple(_known_at(value, at) for value in values)
    part = _part(hint)
    if part is None:
        return lambda value, _at: value
    make: Callable[..., Any] = part
    hints = get_type_hints(part, include_extras=True)
    fields = [(field.name, _timed(hints[field.name])) for field in msgspec.structs.fields(part)]
    return lambda values, at: tuple(make(*(read(getattr(v, name), at) for name, read in fields)) for v in values)


def _builder(fact: type[Fact]) -> Build:
    """From a decoded wire value to the fact."""
    make: Callable[..., Fact] = fact
    hints = get_type_hints(fact, include_extras=True)
    names = [field.name for field in msgspec.structs.fields(fact)[_ENVELOPE:]]
    if not names:
        return lambda wire, at, offset, identity: fact(at, wire.sequence, offset, identity)
    if any(_is_instant(hints[name]) for name in names):
        timed = {name: _timed(hints[name]) for name in names}

        def with_times(wire: Any, at: int, offset: int, identity: int) -> Fact:
            values = [timed[name](getattr(wire, name), at) for name in names]
            return make(at, wire.sequence, offset, identity, *values)

        return with_times
    get = attrgetter(*names)
    if len(names) == 1:
        return lambda wire, at, offset, identity: make(at, wire.sequence, offset, identity, get(wire))
    return lambda wire, at, offset, identity: make(at, wire.sequence, offset, identity, *get(wire))


def in_one_go(contract: Contract) -> dict[type[msgspec.Struct], tuple[type[Fact], tuple[str, ...]]]:
    """Wire type -> fact and its own fields, of the facts that are what is published, field by field."""
    found = {}
    for fact in contract.facts:
        hints = get_type_hints(fact, include_extras=True)
        names = tuple(field.name for field in msgspec.structs.fields(fact)[_ENVELOPE:])
        if not any(_is_instant(hints[name]) for name in names):
            found[wire_type(contract, fact)] = (fact, names)
    return found


class Codec:
    """Decodes and validates the events of one topic."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        wires = [wire_type(contract, fact) for fact in contract.facts]
        self._decode = msgspec.json.Decoder(_union(wires)).decode
        self._thing = attrgetter(contract.thing)
        self._build = {wire: _builder(fact) for wire, fact in zip(wires, contract.facts, strict=True)}

    def decode(  # noqa: PLR0911  a way out for each reason
        self, value: bytes | None, offset: int, latest_ms: int
    ) -> Event | Reject:
        """One payload; `latest_ms` is the clock plus the allowed skew."""
        if not value:
            return Reject(offset, "empty", "the record has no value")
        try:
            wire: Any = self._decode(value)
        except msgspec.ValidationError as error:
            return _reject(offset, str(error))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Reject(offset, "malformed", "the value is not JSON")
        at = wire.at
        if type(at) is not int:
            at = (at - _EPOCH) // _MS
        if wire.version != EVENT_VERSION:
            return Reject(offset, "version", f"`$.version` must be {EVENT_VERSION}")
        if not EARLIEST_MS <= at <= latest_ms:
            if at < EARLIEST_MS:
                return Reject(offset, "time", "`$.at` is before 2000-01-01: is it in seconds instead of milliseconds?")
            return Reject(offset, "future", "`$.at` lies further ahead of the clock than the allowed skew")
        try:
            fact = self._build[type(wire)](wire, at, offset, xxh3_64_intdigest(wire.event_id.encode()))
        except _TooEarlyError:
            return Reject(offset, "time", "a time inside the event is before 2000-01-01: is it in seconds?")
        except ValueError as error:
            return Reject(offset, "invalid", str(error))
        return _event(((wire.account, self._thing(wire)), fact))

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the topic's events."""
        return msgspec.json.schema(_union([wire_type(self.contract, fact) for fact in self.contract.facts]))


class Record(Protocol):
    """What is needed of a consumed record: aiokafka's own records have it all."""

    @property
    def offset(self) -> int:
        """Its offset."""

    @property
    def timestamp(self) -> int:
        """Its own time, ms."""

    @property
    def key(self) -> bytes | None:
        """Its key as it came."""

    @property
    def value(self) -> bytes | None:
        """Its value as it came."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Its headers as they came."""


class Records(Protocol):
    """Consumed records, in their order: a list of them, or what stands for one."""

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, place: int, /) -> Record:
        """One of them; places below 0 count from the end."""

    def __iter__(self) -> Iterator[Record]:
        """Each of them."""


class Judged(NamedTuple):
    """What some records are: events in their order, those that are none with the reason, and how many are late."""

    events: list[tuple[Key, Fact]]
    rejects: list[tuple[Any, Reject]]
    late: int


Strays = Callable[[str, bytes | None], bool]
"""Whether a record of an account, with that key, does not belong where it was read."""


class Reader:
    """Reads the records of one topic."""

    def __init__(self, codec: Codec) -> None:
        self._decode = codec.decode

    def judged(
        self, records: Records, latest_ms: int, late_before_ms: int, accounts: dict[str, str], strays: Strays
    ) -> Judged:
        """What some records are. accounts: those known to belong here, by themselves; the others are asked about."""
        events: list[tuple[Key, Fact]] = []
        rejects: list[tuple[Any, Reject]] = []
        late = 0
        for record in records:
            found = self._decode(record.value, record.offset, latest_ms)
            if isinstance(found, Reject):
                rejects.append((record, found))
                continue
            (account, thing), fact = found
            if account not in accounts:
                if strays(account, record.key):
                    detail = "the record's key or partition is not its account's"
                    rejects.append((record, Reject(record.offset, "misrouted", detail)))
                    continue
                accounts[account] = account
            late += fact.at < late_before_ms
            events.append(((accounts[account], thing), fact))
        return Judged(events, rejects, late)


def _union(types: Sequence[Any]) -> Any:
    union = types[0]
    for kind in types[1:]:
        union = union | kind
    return union


def _reject(offset: int, message: str) -> Reject:
    """A validation error without the value it met: msgspec quotes values in single quotes, places in backticks."""
    # greedy: the value may hold quotes of its own, and nothing else is quoted so
    detail = re.sub(r"'.*'", "", message, flags=re.DOTALL).replace("  ", " ")
    kind = "unknown_kind" if message.startswith("Invalid value") and "`$.kind`" in message else "invalid"
    return Reject(offset, kind, detail)


StateT = TypeVar("StateT")


class Stored(msgspec.Struct, Generic[StateT], array_like=True):
    """A row as the changelog holds it. The version comes first, for ever."""

    version: int
    offset: int
    count: int
    seen: int
    horizon: tuple[int, int] | None
    base: StateT | None
    facts: msgspec.Raw


class UnknownRowVersionError(Exception):
    """A stored row was written by another version of the program than this one can read."""

    def __init__(self, topic: str, version: object) -> None:
        super().__init__(
            f"a stored row of {topic!r} has version {version}, this program reads version {ROW_VERSION}: "
            "run the program that wrote it, or replay the source topic into new changelog topics"
        )


class RowCodec:
    """Rows of one topic to changelog values and back."""

    def __init__(self, contract: Contract, folding: Folding) -> None:
        self._topic = contract.topic
        self._folding = folding
        self._encode = msgspec.msgpack.Encoder().encode
        stored: Any = Stored
        self._decode = msgspec.msgpack.Decoder(stored[folding.empty]).decode

    def dump(self, row: Row) -> bytes:
        """The row as bytes; its derived state is left out."""
        facts = msgspec.Raw(array_head(row.kept) + row.facts)
        return self._encode((ROW_VERSION, row.offset, row.count, row.seen, row.horizon, row.base, facts))

    def load(self, data: bytes) -> Row:
        """The row of `dump`; raises UnknownRowVersionError for a row of another version."""
        row = self.read(data)
        refold(self._folding, row)
        return row

    def read(self, data: bytes) -> Row:
        """The row of `load` as it is stored, nothing derived."""
        try:
            stored = self._decode(data)
        except msgspec.ValidationError:
            self._check(msgspec.msgpack.decode(data))
            raise
        self._check([stored.version])
        kept, facts = _array(bytes(stored.facts))
        return Row(None, stored.offset, stored.count, stored.seen, stored.horizon, stored.base, facts, kept)

    def _check(self, fields: Any) -> None:
        version = fields[0] if isinstance(fields, list) and fields else None
        if version != ROW_VERSION:
            raise UnknownRowVersionError(self._topic, version)


def _array(data: bytes) -> tuple[int, bytes]:
    """How many items a MessagePack array of `array_head` has, and what follows its head."""
    return (data[0] & 0x0F, data[1:]) if data[0] < 0xDC else (int.from_bytes(data[1:3], "big"), data[3:])


def row_offset(data: bytes) -> int:
    """The offset of the last event applied to a stored row, without decoding the rest."""
    return int(_HEAD.decode(data).offset)


class _Head(msgspec.Struct, array_like=True):
    version: int
    offset: int


_HEAD: Final = msgspec.msgpack.Decoder(_Head)


def dump_key(key: Key) -> bytes:
    """A row's key as the changelog holds it."""
    return _encode_key(key)


def load_key(data: bytes) -> Key:
    """The key of `dump_key`."""
    key: Key = _decode_key(data)
    return key


_encode_key: Final = msgspec.json.Encoder().encode
_decode_key: Final = msgspec.json.Decoder(Key).decode
