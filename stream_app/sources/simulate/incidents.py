"""Incidents on demand: a product breaks, its devices fall silent, a publisher stops."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from stream_app.sources.simulate.things import CALLHOME, CASES, DAY, HOUR, MINUTE, NEVER, SECOND, SURVEYS

KINDS: Final = {
    "backlog-surge": "a product breaks: p1 cases come in many times as fast, and none of them is solved before its end",
    "silent-fleet": "every device of a product stops sending",
    "no-data": "a topic's publisher stops; what it held back is published after the end",
}
"""Incident -> what happens."""

_UNITS: Final = {"": SECOND, "ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd]?)")
_INCIDENT: Final = re.compile(
    r"(?P<kind>[a-z-]+)(?::(?P<target>[\w-]+))?@(?P<offset>-?[\w.]+)(?:\+(?P<length>[\w.]+))?"
)
_TOPICS: Final = (CASES, SURVEYS, CALLHOME)


def milliseconds(text: str) -> int:
    """The length that `90`, `90s`, `1.5h`, `1h30m` or `-5m` means, in ms; raises ValueError for anything else."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text)
    parts = _LENGTH.findall(rest)
    if not parts or "".join(number + unit for number, unit in parts) != rest:
        raise ValueError(f"{text!r} is not a length of time: write it like 90s, 5m, 2h, 7d or 1h30m")
    return sign * round(sum(float(number) * _UNITS[unit] for number, unit in parts))


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: from offset_ms after the start (before it, if negative) for length_ms, or to the end.

    target: the product, or for no-data the topic; chosen if empty.
    """

    kind: str
    offset_ms: int = 0
    length_ms: int | None = None
    target: str = ""

    def __post_init__(self) -> None:
        """Refuse an incident that is none of KINDS."""
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no incident: there are {', '.join(KINDS)}")
        if self.kind == "no-data" and self.target and self.target not in _TOPICS:
            raise ValueError(f"{self.target!r} is no topic: there are {', '.join(_TOPICS)}")

    @classmethod
    def parse(cls, text: str) -> "Incident":
        """The incident that `kind[:target]@offset[+length]` means, like `silent-fleet:gateway@30s+5m`."""
        found = _INCIDENT.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no incident: write kind[:target]@offset[+length], like backlog-surge@30s+2m")
        length = None if found["length"] is None else milliseconds(found["length"])
        return cls(found["kind"], milliseconds(found["offset"]), length, found["target"] or "")


@dataclass(frozen=True, slots=True)
class Span:
    """When an incident of the plan lasts, ms, and what it hits."""

    begin: int
    end: int
    target: str


class Incidents:
    """The incidents of a plan by kind, in its own times."""

    def __init__(self, incidents: Iterable[Incident], start_ms: int, products: tuple[str, ...]) -> None:
        self.surges: list[Span] = []
        self._silent: list[Span] = []
        self._mute: list[Span] = []
        for incident in incidents:
            begin = start_ms + incident.offset_ms
            end = NEVER if incident.length_ms is None else begin + incident.length_ms
            if incident.kind == "no-data":
                self._mute.append(Span(begin, end, incident.target or CALLHOME))
                continue
            if incident.target and incident.target not in products:
                raise ValueError(f"{incident.target!r} is no product: there are {', '.join(products)}")
            spans = self.surges if incident.kind == "backlog-surge" else self._silent
            spans.append(Span(begin, end, incident.target or products[0]))

    def released(self, topic: str, at: int) -> int:
        """When an event that is ready at `at` is published: at once, after its publisher's stop, or never."""
        for span in self._mute:
            if span.target == topic and span.begin <= at < span.end:
                at = span.end
        return at

    def awake(self, product: str, at: int) -> int:
        """The first instant from `at` on at which a product's devices send."""
        for span in self._silent:
            if span.target == product and span.begin <= at < span.end:
                at = span.end
        return at

    @property
    def any_mute(self) -> bool:
        """Whether some publisher stops at some time."""
        return bool(self._mute)
