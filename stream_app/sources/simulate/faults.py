"""Faults of input: what a careless publisher sends. Each way is spoiled from a good event, under an id of its own."""

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec

from stream_app.sources.simulate.things import DAY, Step

Spoil = Callable[[dict[str, Any], Step], bytes]

_encode = msgspec.json.Encoder().encode


def _without(name: str) -> Spoil:
    return lambda event, _step: _encode({key: value for key, value in event.items() if key != name})


def _with(name: str, value: Callable[[Step], Any]) -> Spoil:
    return lambda event, step: _encode(event | {name: value(step)})


WAYS: Final[dict[str, tuple[str, Spoil]]] = {
    "cut off": ("malformed", lambda event, _step: _encode(event)[:-9]),
    "not JSON": ("malformed", lambda event, _step: repr(event).encode()),
    "not UTF-8": ("malformed", lambda event, _step: json.dumps(event).encode("utf-16")),
    "empty": ("empty", lambda _event, _step: b""),
    "unknown kind": ("unknown_kind", _with("kind", lambda _step: "teleported")),
    "no account": ("invalid", _without("account")),
    "no event id": ("invalid", _without("event_id")),
    "number for a word": ("invalid", _with("source", lambda _step: 42)),
    "word for a time": ("invalid", _with("at", lambda _step: "yesterday")),
    "another version": ("version", _with("version", lambda _step: 2)),
    "seconds": ("time", _with("at", lambda step: step.at // 1000)),
    "from the future": ("future", _with("at", lambda step: step.at + 400 * DAY)),
}
"""Way -> the reason it must be rejected for, and what makes it of an event and its step."""


class Spoiled:
    """A copy of an event's step that goes out unusable in one of WAYS."""

    __slots__ = ("step", "way")

    def __init__(self, step: Step, way: str) -> None:
        self.step = step
        self.way = way
