"""What records mean: words of a log to templates of events, checked against the topic's contract."""

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

from stream_app.codec import Codec, Reject, wire_type
from stream_app.pipeline import AREAS
from stream_app.sources.schema import REGEX, FieldValue, Kind, Mapping, Meaning, Word

CONTRACT: Final = AREAS["cases"].contract
LABEL_LENGTH: Final = 64
OTHER: Final = "other"

_ENVELOPE: Final = frozenset({"event_id", "at", "account", "source", "case", "version", "sequence"})
_NOT_FROM_LOGS: Final = frozenset({"snapshot", "transferred_out"})

WIRES: Final[Table[str, type[msgspec.Struct]]] = {
    str(fact.__struct_config__.tag): wire_type(CONTRACT, fact)
    for fact in CONTRACT.facts
    if fact.__struct_config__.tag not in _NOT_FROM_LOGS
}
"""Kind -> the type of the event as it is published."""

T = TypeVar("T")


class Lookup(Generic[T]):
    """A table of words: the word itself first, then the `re:` keys in their order, then `default`."""

    def __init__(self, table: Table[str, T], default: Callable[[str], T]) -> None:
        self._words = {key: value for key, value in table.items() if not key.startswith(REGEX)}
        self._patterns = [(re.compile(k.removeprefix(REGEX)), v) for k, v in table.items() if k.startswith(REGEX)]
        self._default = default
        self._known: dict[str, T] = {}

    def __call__(self, word: str) -> T:
        """What the table says of a word."""
        try:
            return self._known[word]
        except KeyError:
            if len(self._known) > 10_000:
                self._known.clear()
            found = self._known[word] = self._find(word)
            return found

    def _find(self, word: str) -> T:
        if word in self._words:
            return self._words[word]
        for pattern, value in self._patterns:
            if pattern.fullmatch(word):
                return value
        return self._default(word)


def among(words: Sequence[str]) -> Callable[[str], bool]:
    """Whether a word is one of these (words and `re:` expressions)."""
    if not any(word.startswith(REGEX) for word in words):
        return frozenset(words).__contains__
    return Lookup(dict.fromkeys(words, True), lambda _word: False)


def label(word: str) -> str:
    """A value of a log as an event may carry it: one that is too long or broken is `other`."""
    if len(word) > LABEL_LENGTH:
        return OTHER
    return word if encodable(word) else OTHER


def encodable(word: str) -> bool:
    """Whether the text was readable in the file's encoding."""
    return word.isascii() or not any("\ud800" <= char <= "\udfff" for char in word)


def value_of(field: FieldValue) -> Lookup[Word]:
    """From a column's text to the value of an event's field."""
    otherwise = field.otherwise
    return Lookup(field.map, label if otherwise is None else lambda _word: otherwise)


@dataclass(frozen=True, slots=True)
class Template:
    """An event to be made from a record: constants, and the places of the fields that come from columns."""

    kind: str
    wire: type[msgspec.Struct]
    constants: dict[str, Word]
    columns: tuple[tuple[str, int], ...]


def template(mapping: Mapping, kind: Kind) -> Template:
    """The template of one kind under a mapping; the kind is one of the contract's."""
    wire = WIRES[kind.kind]
    constants = kind.constants
    columns = []
    for index, (name, field) in enumerate(mapping.fields.items()):
        if name in wire.__struct_fields__ and name not in constants and (not field.kinds or kind.kind in field.kinds):
            columns.append((name, index))
    return Template(kind.kind, wire, constants, tuple(columns))


def plain(kind: str) -> Kind:
    """A kind without constants."""
    return Kind.model_validate({"kind": kind})


def kinds_of(meaning: Meaning) -> list[Kind]:
    """The kinds a word stands for; `none` stands for no event of its own."""
    given = meaning if isinstance(meaning, list) else [meaning]
    kinds = [plain(item) if isinstance(item, str) else item for item in given]
    return [kind for kind in kinds if kind.kind != "none"]


def faults(mapping: Mapping) -> Iterator[str]:
    """What is wrong with a mapping's kinds and fields."""
    yield from _field_faults(mapping)
    places: dict[str, Meaning] = {}
    if mapping.activity is not None:
        places = {f"activity.kinds.{word!r}": meaning for word, meaning in mapping.activity.kinds.items()}
        if mapping.activity.default is not None:
            places["activity.default"] = mapping.activity.default
    for place, meaning in places.items():
        for kind in kinds_of(meaning):
            yield from _kind_faults(mapping, place, kind)


def _field_faults(mapping: Mapping) -> Iterator[str]:
    fields = sorted({name for wire in WIRES.values() for name in wire.__struct_fields__} - _ENVELOPE)
    for name, field in mapping.fields.items():
        if name not in fields:
            yield f"fields.{name}: no event of cases has this field; there are {', '.join(fields)}"
            continue
        for kind in field.kinds:
            if kind not in WIRES:
                yield f"fields.{name}.kinds: no kind {kind!r}; there are {', '.join(WIRES)}"
            elif name not in WIRES[kind].__struct_fields__:
                yield f"fields.{name}.kinds: {kind!r} has no field {name!r}"
        for place, value in _values(field):
            for kind, wire in WIRES.items():
                if name in wire.__struct_fields__ and (not field.kinds or kind in field.kinds):
                    wrong = _probe(kind, {name: value}, name)
                    if wrong:
                        yield f"fields.{name}.{place}: {wrong}"
                        break


def _values(field: FieldValue) -> Iterator[tuple[str, Word]]:
    yield from ((f"map.{word!r}", value) for word, value in field.map.items())
    if field.otherwise is not None:
        yield "otherwise", field.otherwise
    if field.default is not None:
        yield "default", field.default


def _kind_faults(mapping: Mapping, place: str, kind: Kind) -> Iterator[str]:
    wire = WIRES.get(kind.kind)
    if wire is None:
        yield f"{place}: no kind {kind.kind!r}; there are {', '.join(WIRES)} and none"
        return
    for name, value in kind.constants.items():
        if name in _ENVELOPE or name not in wire.__struct_fields__:
            own = sorted(set(wire.__struct_fields__) - _ENVELOPE)
            yield f"{place}.{name}: {kind.kind!r} has no such field" + (f"; it has {', '.join(own)}" if own else "")
        else:
            wrong = _probe(kind.kind, {name: value}, name)
            if wrong:
                yield f"{place}.{name}: {wrong}"
    given = set(kind.constants) | {name for name, _index in template(mapping, kind).columns}
    for field in msgspec.structs.fields(wire):
        if field.required and field.name not in _ENVELOPE and field.name not in given:
            yield f"{place}: {kind.kind!r} needs {field.name!r}: give it here, or as [fields.{field.name}]"


def _probe(kind: str, values: dict[str, Any], name: str) -> str | None:
    """Why an event of this kind may not carry the value; None if it may."""
    envelope = {"event_id": "x", "at": _SOME_TIME, "account": "x", "source": "x", "case": "x"}
    decoded = _CODEC.decode(msgspec.json.encode({"kind": kind, **envelope, **values}), 0, _SOME_TIME)
    if isinstance(decoded, Reject) and f"$.{name}`" in decoded.detail:
        allowed = _literals(kind, name)
        return "not a value of this field" + (f"; it takes {', '.join(allowed)}" if allowed else f": {decoded.detail}")
    return None


def _literals(kind: str, name: str) -> list[str]:
    for field in msgspec.structs.fields(WIRES[kind]):
        if field.name == name:
            return [str(item) for item in getattr(field.type, "__args__", ()) if isinstance(item, str)]
    return []


_CODEC: Final = Codec(CONTRACT)
_SOME_TIME: Final = 1_500_000_000_000
