"""Incidents on demand: what can go wrong in support, in the field, with publishers and with a worker."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from stream_app.sources.simulate.things import CALLHOME, CASES, DAY, HOUR, MINUTE, NEVER, SECOND, SURVEYS

Subject = Literal["product", "topic", ""]
"""What an incident hits: a product, a topic, or everything."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What happens, and what it hits; `usual`: the target when none is named (a product: the first)."""

    text: str
    subject: Subject = ""
    usual: str = ""


KINDS: Final = {
    "backlog-surge": Kind("a product breaks: p1 cases come in many times as fast, none is solved before its end",
                          "product"),
    "staff-shortage": Kind("nobody works: what agents would do is done in the hours after the end"),
    "replies-slow": Kind("each case's first reply comes 4 to 12 hours later than it would"),
    "reopen-wave": Kind("a fix that is none: most cases solved in this time are reopened within two hours"),
    "escalation-wave": Kind("most cases first answered in this time are handed to engineering and wait there for days"),
    "first-contact-fails": Kind("no first answer helps: the customer comes back in each case answered in this time"),
    "handoff-wave": Kind("most cases first answered in this time go to another team, and wait there for hours"),
    "solves-slow": Kind("what would be solved in this time is solved four to seven days later"),
    "calls-dropped": Kind("for each case that comes, five customers call or chat and are cut off or give up"),
    "csat-collapse": Kind("nearly every survey answered in this time says that nothing was right"),
    "survey-silence": Kind("surveys are sent, and no answer of this time ever arrives"),
    "fault-storm": Kind("most devices of a product raise the same critical fault within ten minutes", "product"),
    "silent-fleet": Kind("every device of a product stops sending", "product"),
    "late-fleet": Kind("every device of a product sends a third as often: late, but not silent", "product"),
    "no-data": Kind("a topic's publisher stops; what it held back is published after the end", "topic", CALLHOME),
    "bad-records": Kind("nine of ten events of a topic go out unusable, and are never sent again", "topic", CASES),
    "duplicates": Kind("every event of a topic is published twice", "topic", CALLHOME),
    "late-data": Kind("half of a topic's events are published one to three hours late", "topic", CASES),
    "worker-down": Kind("no worker runs; those who replay a plan stop theirs"),
    "worker-slow": Kind("the worker takes in a tenth of what comes; those who replay a plan slow theirs"),
    "unowned": Kind("no worker owns the partitions of a topic; those who replay a plan take them away", "topic", CASES),
}  # fmt: skip
"""Incident -> what happens. The last three do not change what is published."""

_UNITS: Final = {"": SECOND, "ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd]?)")
_INCIDENT: Final = re.compile(
    r"(?P<kind>[a-z-]+)(?::(?P<target>[\w-]+))?@(?P<offset>-?[\w.]+)(?:\+(?P<length>[\w.]+))?"
)
_TOPICS: Final = (CASES, SURVEYS, CALLHOME)
BURSTS: Final = ("bad-records", "duplicates", "late-data")
"""Incidents that decide how a topic's events are published."""


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

    target: the product or topic, as its kind says; chosen if empty.
    """

    kind: str
    offset_ms: int = 0
    length_ms: int | None = None
    target: str = ""

    def __post_init__(self) -> None:
        """Refuse an incident that is none of KINDS."""
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no incident: there are {', '.join(KINDS)}")
        subject = KINDS[self.kind].subject
        if self.target and subject == "topic" and self.target not in _TOPICS:
            raise ValueError(f"{self.target!r} is no topic: there are {', '.join(_TOPICS)}")
        if self.target and not subject:
            raise ValueError(f"{self.kind} has no target: write {self.kind}@offset[+length]")

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
    """An incident of a plan: when it begins and ends, ms, its kind, and the product or topic that it hits."""

    begin: int
    end: int
    kind: str
    target: str = ""

    def lasts(self, at: int) -> bool:
        """Whether it goes on at an instant."""
        return self.begin <= at < self.end


class Incidents:
    """The incidents of a plan, in its own times. spans: all of them, the earliest first: the truth about them."""

    def __init__(self, incidents: Iterable[Incident], start_ms: int, products: tuple[str, ...]) -> None:
        self.spans = tuple(
            sorted((_placed(incident, start_ms, products) for incident in incidents), key=lambda span: span.begin)
        )
        self.mute, self.bursts = self.of("no-data"), self.of(*BURSTS)
        self._silent, self._late = self.of("silent-fleet"), self.of("late-fleet")

    def of(self, *kinds: str) -> tuple[Span, ...]:
        """Those of some kinds."""
        return tuple(span for span in self.spans if span.kind in kinds)

    def released(self, topic: str, at: int) -> int:
        """When an event that is ready at `at` is published: at once, after its publisher's stop, or never."""
        return _after(self.mute, topic, at)

    def burst(self, topic: str, at: int) -> str:
        """The kind of BURSTS that a topic's publisher is in, empty for none."""
        return next((span.kind for span in self.bursts if span.target == topic and span.lasts(at)), "")

    def awake(self, product: str, at: int) -> int:
        """The first instant from `at` on at which a product's devices send."""
        return _after(self._silent, product, at)

    def slowed(self, product: str, at: int) -> bool:
        """Whether a product's devices send a third as often."""
        return any(span.target == product and span.lasts(at) for span in self._late)


def _after(spans: Iterable[Span], target: str, at: int) -> int:
    """The first instant from `at` on that lies in none of the spans that hit a target."""
    for span in spans:
        if span.target == target and span.lasts(at):
            at = span.end
    return at


def _placed(incident: Incident, start_ms: int, products: tuple[str, ...]) -> Span:
    kind = KINDS[incident.kind]
    if incident.target and kind.subject == "product" and incident.target not in products:
        raise ValueError(f"{incident.target!r} is no product: there are {', '.join(products)}")
    begin = start_ms + incident.offset_ms
    end = NEVER if incident.length_ms is None else begin + incident.length_ms
    target = incident.target or (products[0] if kind.subject == "product" else kind.usual)
    return Span(begin, end, incident.kind, target)
