"""Tells a publisher what is wrong with events, on which line, where in it and why; never what stands there.

The verdict is the codec's own, so that what passes here is applied there. Remarks are on what is accepted
but probably not meant: fields nobody reads, words outside a closed set, event ids used twice.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import msgspec

from stream_app.codec import REASONS, Codec, Event, wire_type
from stream_app.domain.rules import Rules
from stream_app.domain.words import (
    ACCESS_POINTS,
    ASPECTS,
    ATTEMPTS,
    AUTOMATED,
    AUTOMATION,
    CHANNELS,
    COLLABORATORS,
    DEVICE_CLASSES,
    ESCALATED_TO,
    ISSUE_TYPES,
    ORIGINS,
    OTHER,
    PRIORITIES,
    SEVERITIES,
)
from stream_app.pipeline import AREAS

NO_TOPIC: Final = "no_topic"

_HINTS: Final = {
    "empty": "a record with no value is no deletion here: publish an event of kind `deleted`",
    "malformed": "one JSON object an event, encoded as UTF-8: no single quotes, no comma at the end, no NaN",
    "version": "this program knows version 1 of the envelope; leave the field out",
    "time": "times as numbers are milliseconds: seconds times 1000",
    "future": "check the publisher's clock and the offset of its time zone",
    NO_TOPIC: "name the thing by `case`, `survey` or `device`; or say the topic by --topic",
}
_DETAIL_HINTS: Final = (
    ("timezone", "end the time with its offset, as in 2026-03-02T08:14:05+01:00 or ...Z"),
    ("RFC3339", "write it as 2026-03-02T08:14:05+01:00, or as a number of milliseconds"),
    ("outside its scale", "state the scale by `least` and `most`; without them it is 1 to 5, for NPS always 0 to 10"),
    ("`int | datetime`", "write it as 2026-03-02T08:14:05+01:00, or as a whole number of milliseconds"),
    ("`object`, got `array`", "one record carries one event, not a list of them"),
)


_NAME: Final = re.compile(r"[A-Za-z_]\w{0,40}")
"""What a field's name looks like; anything else may be data where a name belongs, and is not shown."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one event. line: from 1. place: the field as `$.name`, or empty."""

    line: int
    reason: str
    place: str
    why: str
    hint: str


@dataclass(slots=True)
class Findings:
    """All that was found. good: events by topic and kind; problems are refused by a worker, remarks are not."""

    good: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)


def examine(data: bytes, topic: str | None, latest_ms: int, rules: Rules | None = None) -> Findings:
    """Judge every event of a file: JSON lines, or one JSON array.

    topic: of all events; None: told from the field that names the thing. latest_ms: latest time an event may have.
    """
    found = Findings()
    codecs = {name: area.codec() for name, area in AREAS.items()}
    words = _closed_sets(rules or Rules())
    ids: dict[str, int] = {}
    for line, payload in _payloads(data):
        loose = _loose(payload)
        name = topic or _topic_of(loose)
        if name is None:
            reason = "malformed" if loose is None else NO_TOPIC
            why = REASONS["malformed"] if loose is None else "no field says what the event is about"
            found.problems.append(Finding(line, reason, "", why, _HINTS[reason]))
            continue
        result = codecs[name].decode(payload, line, latest_ms)
        if not isinstance(result, Event):
            hint = _hint(name, result.reason, result.detail, loose or {})
            found.problems.append(Finding(line, result.reason, _place(result.detail), result.detail, hint))
            continue
        known = loose or {}
        found.good[name, str(known.get("kind"))] += 1
        found.remarks += _remarks(line, codecs[name], known, words, ids)
    return found


def _payloads(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every payload with the line it begins on."""
    if data.lstrip()[:1] != b"[":
        yield from ((line, text) for line, text in enumerate(data.splitlines(), 1) if text.strip())
        return
    try:
        items = msgspec.json.decode(data, type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        byte = re.search(r"byte (\d+)", str(error))
        yield data[: int(byte[1]) if byte else len(data)].count(b"\n") + 1, b"["
        return
    position, line = 0, 1
    for item in items:
        raw = bytes(item)
        start = data.index(raw, position)
        line += data.count(b"\n", position, start)
        yield line, raw
        line += raw.count(b"\n")
        position = start + len(raw)


def _loose(payload: bytes) -> dict[str, Any] | None:
    """The event's fields, whatever they are; None if it is not JSON."""
    try:
        fields = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else {}


def _topic_of(fields: Mapping[str, Any] | None) -> str | None:
    """The topic whose thing is named; a survey may name the case it is about, which does not make it a case."""
    contracts = {name: area.contract for name, area in AREAS.items()}
    named = {name for name, contract in contracts.items() if contract.thing in (fields or {})}
    own = {field for name in named for fact in contracts[name].facts for field in fact.__struct_fields__}
    told = [name for name in named if contracts[name].thing not in own]
    return told[0] if len(told) == 1 else None


def _place(detail: str) -> str:
    place = re.search(r"`(\$[^`]*)`", detail)
    return place[1] if place else ""


def _hint(topic: str, reason: str, detail: str, fields: Mapping[str, Any]) -> str:
    contract = AREAS[topic].contract
    if reason == "unknown_kind":
        kinds = [str(fact.__struct_config__.tag) for fact in contract.facts]
        near = difflib.get_close_matches(str(fields.get("kind")), kinds, 1, 0.6)
        return f"is `{near[0]}` meant?" if near else f"kinds of {topic}: {', '.join(kinds)}"
    missing = re.search(r"missing required field `(\w+)`", detail)
    if missing:
        read = {name for fact in contract.facts for name in wire_type(contract, fact).__struct_fields__}
        near = difflib.get_close_matches(missing[1], [name for name in fields if name not in read], 1, 0.7)
        return f"`{near[0]}` should be called `{missing[1]}`" if near else f"add `{missing[1]}`"
    for part, hint in _DETAIL_HINTS:
        if part in detail:
            return hint
    words = _words(topic, str(fields.get("kind")), _place(detail).removeprefix("$."))
    if words:
        return f"one of {', '.join(words)}"
    return _HINTS.get(reason, f"see topics/schemas/{topic}.json for what may stand there")


@cache
def _words(topic: str, kind: str, name: str) -> tuple[str, ...]:
    """The words that may stand in a field, if it takes only certain ones."""
    schema = AREAS[topic].codec().schema()
    kinds = schema["discriminator"]["mapping"]
    if kind not in kinds:
        return ()
    properties = schema["$defs"][kinds[kind].rpartition("/")[2]]["properties"]
    return tuple(properties.get(name, {}).get("enum", ()))


def _closed_sets(rules: Rules) -> dict[str, tuple[str, ...]]:
    """Field -> its words, for fields that mean something else in another kind with the kind before them."""
    return {
        "channel": CHANNELS, "origin": ORIGINS, "priority": PRIORITIES, "severity": SEVERITIES,
        "tier": rules.tiers, "team": rules.teams,
        "region": rules.regions, "issue_type": (*ISSUE_TYPES, OTHER), "access_point": ACCESS_POINTS,
        "device_class": DEVICE_CLASSES, "to": ESCALATED_TO, "escalated_to": ESCALATED_TO,
        "product": rules.products, "aspects": ASPECTS, "delivered_by": rules.partners,
        "who": COLLABORATORS, "collaborated_with": COLLABORATORS, "contact_attempt.outcome": ATTEMPTS,
        "step": AUTOMATION, "automation.outcome": AUTOMATED,
    }  # fmt: skip


def _remarks(
    line: int, codec: Codec, fields: Mapping[str, Any], words: Mapping[str, tuple[str, ...]], ids: dict[str, int]
) -> Iterator[Finding]:
    fact = next(fact for fact in codec.contract.facts if fact.__struct_config__.tag == fields["kind"])
    known = ("kind", *wire_type(codec.contract, fact).__struct_fields__)
    for name in fields:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.7)
            place = f"$.{name}" if _NAME.fullmatch(name) else "$.(a field)"
            hint = f"is `{near[0]}` meant?" if near else "it may stay, but counts for nothing"
            yield Finding(line, "unread", place, f"nobody reads this field of `{fields['kind']}`", hint)
    for place, allowed in words.items():
        kind, _, name = place.rpartition(".")
        value = fields.get(name)
        given = [*value] if isinstance(value, dict | list) else [value]
        if (
            name in known
            and kind in {"", fields["kind"]}
            and any(isinstance(word, str) and word and word not in allowed for word in given)
        ):
            why = "a word outside the closed set is counted as `other`"
            yield Finding(line, "other", f"$.{name}", why, f"one of {', '.join(allowed)}")
    before = ids.setdefault(fields["event_id"], line)
    if before != line:
        why = f"the event id of line {before} again: for the same thing the second one changes nothing"
        yield Finding(line, "event_id", "$.event_id", why, "give every event an id of its own")
