"""Streams of published events, as bytes, with everything that goes wrong between a publisher and a board.

One generator drives both kinds of test: given `random.Random(seed)` it makes volume that is the same
on every run, given hypothesis' own `Random` it makes examples that shrink.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from hypothesis import strategies as st

from stream_app.domain.rules import Rules
from tests.events import KINDS
from tests.events.making import BEGIN, DAY, HOUR, MINUTE, Fields, gap, written
from tests.promises import LEVELS

TOPICS: Final = ("cases", "surveys", "callhome")
THING: Final = {"cases": "case", "surveys": "survey", "callhome": "device"}
RULES: Final = Rules(
    heartbeat_minutes={"sensor": 5, "storage": 60}, stuck_minutes=60, storm_minutes=90, untouched_days=3,
    current_versions={"sensor": "2.0.0", "gateway": "2.1"}, levels=LEVELS,
    health_fade_days=9, health_long_days=5, health_stale_days=12,
)  # fmt: skip

LATEST: Final = BEGIN + 4_000 * DAY
"""The clock plus skew while the streams are read: beyond every event but those meant to lie in the future."""


@dataclass(frozen=True)
class Record:
    """One record of a partition of a topic. `event`: what was published, None for a bad payload of `reason`."""

    topic: str
    offset: int
    value: bytes | None
    event: Fields | None
    reason: str = ""


Stream = tuple[Record, ...]
"""Records in the order of their arrival; offsets of a topic rise."""


@dataclass(frozen=True)
class Plan:
    """How large a stream is and what may happen in it."""

    topics: Sequence[str] = TOPICS
    accounts: int = 3
    things: int = 4
    events: int = 9
    duplicates: float = 0.12
    late: float = 0.2
    bad: float = 0.1
    quiet: int = 0
    """Accounts with one thing and little to say of it."""
    busy: int = 0
    """Events of one more thing of each topic that outgrows the memory of its row; 0 for none."""


SMALL: Final = Plan(accounts=2, things=1, events=5)
LARGE: Final = Plan()
WIDE: Final = Plan(accounts=24, quiet=4)
LONG: Final = Plan(accounts=1, things=1, events=3, busy=90)


FOLLOWS: Final = {
    "waiting": ("closed", "solved", "resumed", "waiting", "merged"),
    "solved": ("reopened", "reopened", "closed", "solved", "merged"),
    "closed": ("reopened", "reopened", "solved"),
    "reopened": ("solved", "closed", "waiting"),
    "escalated": ("escalated", "escalated", "assigned", "assigned", "solved", "closed", "waiting", "snapshot"),
    "created": ("assigned", "assigned", "escalated", "replied"),
    "assigned": ("assigned", "assigned", "assigned", "escalated", "solved"),
    "linked": ("linked", "linked", "solved"),
    "information_asked": ("information_asked", "replied", "replied", "replied", "replied"),
    "contact_attempt": ("contact_attempt", "contact_attempt", "contact_attempt"),
    "effort_logged": ("effort_logged", "solved"),
    "collaborated": ("collaborated", "collaborated", "collaborated", "solved"),
    "snapshot": ("assigned", "assigned", "assigned", "assigned", "solved", "reopened"),
    "answered": ("answered", "snapshot", "contacted", "contacted"),
    "contacted": ("answered", "contacted"),
    "deleted": ("snapshot",),
    "transferred_out": ("snapshot",),
    "fault_raised": ("fault_raised", "fault_cleared", "self_healed", "heartbeat"),
    "fault_cleared": ("fault_raised",),
    "outage_began": ("outage_ended", "outage_ended", "outage_began"),
    "outage_ended": ("outage_began",),
    "decommissioned": ("heartbeat", "snapshot", "deleted", "fault_raised", "registered"),
}
"""What tends to happen after an event, so that the odd turns of a life are not rare."""

ENDINGS: Final[dict[str, tuple[tuple[str, Fields], ...]]] = {
    "cases": (("replied", {"by": "agent", "public": True}), ("replied", {"by": "customer", "public": True})),
}
"""How some lives end that chance alone would hardly ever end so: a case that first contact did not solve."""

_FIRST: Final = {"cases": "created", "surveys": "sent", "callhome": "registered"}


_ENDS: Final = {"snapshot", "deleted", "transferred_out", "merged"}
"""Kinds that end or replace a life: not in lives that are to outgrow the memory of a row."""


def _kind(rng: Random, topic: str, before: str, *, long: bool) -> str:
    """What happens next, after an event of kind `before` or at the beginning."""
    kinds = {kind: weight for kind, (weight, _make) in KINDS[topic].items() if not (long and kind in _ENDS)}
    if not before and topic == "cases" and not long and rng.random() < 0.06:
        return "merged"  # the first word of a case, every second time into itself: nothing may come of that
    if not before and topic == "cases" and rng.random() < 0.06:
        return "contact_attempt"  # of which no case may come
    if not before and rng.random() < 0.85:
        return _FIRST[topic]
    follows = [kind for kind in FOLLOWS.get(before, ()) if kind in kinds]
    if follows and rng.random() < 0.5:
        return rng.choice(follows)
    return rng.choices(list(kinds), list(kinds.values()))[0]


def _life(rng: Random, topic: str, account: str, thing: str, events: int, *, long: bool = False) -> list[Fields]:
    """What happens to one thing, in the order it happens."""
    numbered = rng.random() < 0.5
    at = BEGIN + rng.randint(0, 3 * DAY)
    life: list[Fields] = []
    ending = ENDINGS.get(topic, ()) if not long and rng.random() < 0.2 else ()
    for index in range(events + len(ending)):
        if index < events:
            kind = _kind(rng, topic, life[-1]["kind"] if life else "", long=long)
            fields = KINDS[topic][kind][1](rng, at)
        else:
            kind, fields = ending[index - events][0], dict(ending[index - events][1])
        if fields.get("into") == "itself":
            fields["into"] = thing
        life.append({
            "event_id": f"{topic}-{account}-{thing}-{index}", "kind": kind, "at": written(rng, at), "account": account,
            "source": "test", THING[topic]: thing, **({"sequence": index + 1} if numbered else {}), **fields, "_at": at,
        })  # fmt: skip
        at += rng.choice((0, 0, 0, 0, 0, 1, MINUTE)) if long else gap(rng)
    return life


def encoded(event: Fields) -> bytes:
    """An event as its publisher writes it."""
    return json.dumps({name: value for name, value in event.items() if name != "_at"}).encode()


def _without(event: Fields, name: str) -> Fields:
    return {key: value for key, value in event.items() if key != name}


BAD: Final[dict[str, tuple[Callable[[Fields], bytes | None], ...]]] = {
    "empty": (lambda _e: None, lambda _e: b""),
    "malformed": (
        lambda e: encoded(e)[:-1],
        lambda _e: b"\xff\xfe\x00",
        lambda _e: b"account,case",
        lambda e: encoded({**e, "account": "\ud800"}),
    ),
    "unknown_kind": (lambda e: encoded({**e, "kind": "exploded"}),),
    "invalid": (
        lambda e: encoded(_without(e, "kind")),
        lambda e: encoded(_without(e, "event_id")),
        lambda e: encoded(_without(e, "account")),
        lambda e: encoded({**e, "at": "2024-01-01T00:00:00"}),
        lambda e: encoded({**e, "at": 1.5}),
        lambda e: encoded({**e, "account": ""}),
        lambda e: encoded({**e, "event_id": "x" * 200}),
        lambda e: encoded({**e, "sequence": -1}),
        lambda e: encoded({**e, "sequence": 2**70}),
        lambda e: encoded({**e, "kind": "snapshot", "state": "exploded", "survey_type": "other", "faults": []}),
        lambda _e: b"[]",
        lambda _e: b"null",
    ),
    "version": (lambda e: encoded({**e, "version": 2}), lambda e: encoded({**e, "version": 0})),
    "time": (
        lambda e: encoded({**e, "at": BEGIN // 1000}),
        lambda e: encoded({**e, "at": "1999-12-31T23:59:59Z"}),
        lambda e: encoded({**e, "at": -1}),
        lambda e: encoded(
            {
                **e,
                "kind": "snapshot",
                "state": "solved",
                "survey_type": "csat",
                "product": "sensor",
                "solved_at": BEGIN // 1000,
                "sent_at": BEGIN // 1000,
                "decommissioned_at": BEGIN // 1000,
            }
        ),
    ),
    "future": (
        lambda e: encoded({**e, "at": LATEST + 1}),
        lambda e: encoded({**e, "at": 2**80}),
        lambda e: encoded({**e, "at": "9999-12-31T23:59:59Z"}),
    ),
}
"""Reason -> ways to spoil an event so that it is rejected for that reason."""


def spoilt(rng: Random, event: Fields) -> tuple[bytes | None, str]:
    """A bad payload made from an event, and the reason it must be rejected for."""
    reason = rng.choice(list(BAD))
    return rng.choice(BAD[reason])(event), reason


def _lives(rng: Random, plan: Plan) -> list[tuple[str, Fields]]:
    happened: list[tuple[str, Fields]] = []
    for account in range(plan.quiet):
        topic = rng.choice(plan.topics)
        life = _life(rng, topic, f"account-quiet-{account}", f"{topic}-quiet", rng.choice((1, 1, 2)))
        happened += [(topic, event) for event in life]
    for topic in plan.topics:
        for account in range(plan.accounts):
            for thing in range(plan.things):
                life = _life(
                    rng,
                    topic,
                    f"account-{account}",
                    f"{topic}-{thing}",
                    rng.randint(1, plan.events * (3 if topic == "cases" else 1)),
                )
                happened += [(topic, event) for event in life]
        if plan.busy:
            life = _life(rng, topic, "account-0", f"{topic}-busy", plan.busy, long=True)
            happened += [(topic, event) for event in life]
    return happened


def stream(rng: Random, plan: Plan = LARGE) -> Stream:
    """One partition of each topic: lives interleaved by time, some late, some published twice, some spoilt."""
    arrivals: list[tuple[int, str, bytes | None, Fields | None, str]] = []
    for topic, event in _lives(rng, plan):
        at = event["_at"]
        arrival = at + (gap(rng) if rng.random() < plan.late else 0)
        value: bytes | None = encoded(event)
        arrivals.append((arrival, topic, value, event, ""))
        if rng.random() < plan.duplicates:
            arrivals.append((arrival + gap(rng), topic, value, event, ""))
        if rng.random() < plan.bad:
            bad, why = spoilt(rng, event)
            arrivals.append((arrival, topic, bad, None, why))
    arrivals.sort(key=lambda arrival: arrival[0])
    offsets: Counter[str] = Counter()
    records: list[Record] = []
    for _arrival, topic, value, happened, reason in arrivals:
        offsets[topic] += 1 if rng.random() < 0.95 else 3  # transactions and compaction leave gaps
        records.append(Record(topic, offsets[topic], value, happened, reason))
    return tuple(records)


def streams(plan: Plan = SMALL) -> st.SearchStrategy[Stream]:
    """Streams for hypothesis: every choice is its own, so that a failing stream shrinks."""
    return st.randoms(use_true_random=False).map(lambda rng: stream(rng, plan))


def chaos() -> st.SearchStrategy[Random]:
    """A source of choices for a law: where to cut a batch, what to deliver again, when to read."""
    return st.randoms(use_true_random=False)


def delivered(rng: Random, records: Stream, again: float = 0.1) -> Stream:
    """The records as a consumer sees them that is now and then put back to an earlier position."""
    seen: list[Record] = []
    for index, record in enumerate(records):
        seen.append(record)
        if rng.random() < again:
            seen += records[rng.randint(max(0, index - 20), index) : index + 1]
    return tuple(seen)


def republished(records: Iterable[Record], offsets: Counter[str]) -> Stream:
    """The same events published again: the same ids at new offsets after `offsets`, which move on."""
    found: list[Record] = []
    for record in records:
        offsets[record.topic] += 1
        found.append(replace(record, offset=offsets[record.topic]))
    return tuple(found)


def batches(rng: Random, records: Stream) -> list[Stream]:
    """The records cut anywhere."""
    found: list[Stream] = []
    start = 0
    while start < len(records):
        end = start + rng.choice((1, 1, 2, 3, 5, 20, len(records)))
        found.append(records[start:end])
        start = end
    return found


def interleaved(rng: Random, records: Stream) -> Stream:
    """The same records with the topics interleaved in another way."""
    queues: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        queues[record.topic].append(record)
    order = [record.topic for record in records]
    rng.shuffle(order)
    turns = {topic: iter(queue) for topic, queue in queues.items()}
    return tuple(next(turns[topic]) for topic in order)


def instants(rng: Random, records: Stream, count: int = 4) -> list[int]:
    """Clocks to read a board at: around the events and after them, forward by minutes or hours, and back."""
    times = [record.event["_at"] for record in records if record.event is not None] or [BEGIN]
    now = rng.choice(times)
    found = []
    for _ in range(count):
        found.append(now)
        now += rng.choice((MINUTE, 3 * MINUTE, 20 * MINUTE, HOUR, 5 * HOUR, DAY, 8 * DAY, -MINUTE, -HOUR, -3 * DAY))
        if rng.random() < 0.3:
            now = rng.choice(times) + rng.choice(EDGES)
    return found


EDGES: Final = (0, 0, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY)
"""Ages at which something leaves a window or enters the next bucket."""


def occurrences(records: Stream) -> Counter[str]:
    """What happened in a stream, told from the stream alone."""
    found: Counter[str] = Counter()
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    latest: dict[tuple[str, str, str], tuple[int, int]] = {}
    newest = 0
    last: tuple[str, int] = ("", -1)
    for record in records:
        found["records"] += 1
        found["offset gap"] += record.topic == last[0] and record.offset > last[1] + 1
        last = (record.topic, record.offset)
        if record.event is None:
            found[f"bad {record.reason}"] += 1
            continue
        event = record.event
        thing = (record.topic, event["account"], event[THING[record.topic]])
        found[f"{record.topic} {event['kind']}"] += 1
        if event["event_id"] in ids[record.topic, event["account"]]:
            found[f"{record.topic} duplicate"] += 1
            continue
        ids[record.topic, event["account"]].add(event["event_id"])
        order = (event["_at"], event.get("sequence", 0))
        before = latest.get(thing)
        if before is not None:
            found[f"{record.topic} late"] += order < before
            found[f"{record.topic} tie without sequence"] += order == before and not order[1]
            found[f"{record.topic} tie with sequence"] += order[0] == before[0] and order[1] != before[1]
        latest[thing] = max(order, before or order)
        found["disordered"] += event["_at"] < newest
        newest = max(newest, event["_at"])
        found["written as RFC 3339"] += isinstance(event["at"], str)
        found["merged into itself"] += event.get("into") == event.get("case", "")
    found["accounts"] = len({key[1] for key in latest})
    return found
