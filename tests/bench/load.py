"""Events to measure with: seeded, published beforehand, many to a batch and compressed, as busy publishers do.

Cases carry the fields a help desk sends along (about 350 bytes in all) of which the worker reads some.
The facts of a thing lie at random over the whole span, so that nearly every event meets another row than
the one before it: the worst case for rows, flushes and memory.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import orjson
from aiokafka import AIOKafkaProducer

from stream_app.domain.words import ASPECTS, CHANNELS, PRIORITIES, SEVERITIES
from stream_app.operate.routing import partition_of

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
THINGS_OF_AN_ACCOUNT: Final = 5
BATCH_BYTES: Final = 128 * 1024
THING: Final = {"cases": "case", "surveys": "survey", "callhome": "device"}
_TIERS: Final = ("basic", "standard", "premium", "enterprise")
_PRODUCTS: Final = ("controller", "gateway", "sensor", "storage")
_BEGIN: Final = ("created", "assigned")
_MIDDLE: Final = ("replied", "waiting", "resumed", "escalated", "priority_changed")

Fields = dict[str, Any]


@dataclass(frozen=True)
class Load:
    """`things` things of an area with `facts` facts each, over `span_ms` until `ago_ms` before now.

    first: the number of the first thing.
    """

    area: str
    things: int
    facts: int = 5
    span_ms: int = DAY_MS
    ago_ms: int = 0
    first: int = 0
    seed: int = 1

    @property
    def events(self) -> int:
        """How many events that makes."""
        return self.things * self.facts


def case_fields(rng: Random, kind: str) -> Fields:
    """What an event of a case says beside the envelope; nobody reads the second part."""
    own: Fields = {}
    if kind == "created":
        own = {
            "channel": rng.choice(CHANNELS), "priority": rng.choice(PRIORITIES), "tier": rng.choice(_TIERS),
            "origin": "reactive",
        }  # fmt: skip
    elif kind == "replied":
        own = {"by": "agent", "public": True}
    elif kind == "waiting":
        own = {"on": "customer"}
    elif kind == "priority_changed":
        own = {"priority": rng.choice(PRIORITIES)}
    return own | {
        "team": f"emea-second-line-{rng.randrange(40):02d}",
        "agent": f"agent-{rng.randrange(900):04d}@example.com",
        "product": rng.choice(_PRODUCTS),
        "subject": f"Cannot reach the {rng.choice(_PRODUCTS)} since the update, error {rng.randrange(10_000):04d}",
        "link": f"https://desk.example.com/cases/{rng.getrandbits(48):012x}",
    }


def _case(rng: Random, step: int, last: bool) -> Fields:
    kind = "solved" if last else _BEGIN[step] if step < len(_BEGIN) else _MIDDLE[(step - len(_BEGIN)) % len(_MIDDLE)]
    return {"kind": kind, **case_fields(rng, kind)}


def _device(rng: Random, step: int, last: bool) -> Fields:
    if step == 0:
        return {"kind": "registered", "product": rng.choice(_PRODUCTS)}
    if last and rng.random() < 0.1:
        return {"kind": "fault_raised", "code": f"E{rng.randrange(30)}", "severity": rng.choice(SEVERITIES)}
    return {"kind": "heartbeat"}


def _survey(rng: Random, step: int, _last: bool) -> Fields:
    if step == 0:
        return {"kind": "sent", "survey_type": "csat"}
    scores = {aspect: rng.randint(1, 5) for aspect in ASPECTS[1:4]}
    return {"kind": "answered", "survey_type": "csat", "score": rng.randint(1, 5), "aspects": scores}


_SAID: Final[dict[str, Callable[[Random, int, bool], Fields]]] = {
    "cases": _case, "callhome": _device, "surveys": _survey,
}  # fmt: skip


def account_of(thing: int) -> str:
    """The account a thing belongs to."""
    return f"account-{thing // THINGS_OF_AN_ACCOUNT:07d}"


def envelope(rng: Random, area: str, thing: int, at: int) -> Fields:
    """The envelope of an event."""
    return {
        "event_id": f"{rng.getrandbits(128):032x}", "at": at, "account": account_of(thing), "source": "helpdesk",
        THING[area]: f"{area}-{thing:08d}",
    }  # fmt: skip


def events(load: Load, now_ms: int) -> Iterator[tuple[str, bytes]]:
    """(account, payload) of every event, in the order of their times."""
    rng = Random(load.seed)
    order = [thing for thing in range(load.first, load.first + load.things) for _ in range(load.facts)]
    rng.shuffle(order)
    steps = [0] * load.things
    begin, count, say = now_ms - load.ago_ms - load.span_ms, len(order), _SAID[load.area]
    for place, thing in enumerate(order):
        step = steps[thing - load.first]
        steps[thing - load.first] = step + 1
        event = envelope(rng, load.area, thing, begin + place * load.span_ms // count)
        event |= say(rng, step, step == load.facts - 1)
        yield event["account"], orjson.dumps(event)


@dataclass(frozen=True)
class Sent:
    """What was published: events, their bytes before compression, seconds."""

    events: int
    payload_bytes: int
    seconds: float


async def publish(bootstrap: str, topic: str, partitions: int, load: Load) -> Sent:
    """Publish a load as fast as the broker takes it."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, compression_type="lz4", max_batch_size=BATCH_BYTES, enable_idempotence=True
    )
    await producer.start()
    began, count, size = time.monotonic(), 0, 0
    places: dict[str, int] = {}
    builders = [producer.create_batch() for _ in range(partitions)]
    waiting = []
    for account, value in events(load, int(time.time() * 1000)):
        key = account.encode()
        place = places.get(account)
        if place is None:
            place = places[account] = partition_of(key, partitions)
        stamp = int(time.time() * 1000)
        if builders[place].append(key=key, value=value, timestamp=stamp) is None:
            waiting.append(await producer.send_batch(builders[place], topic, partition=place))
            builders[place] = producer.create_batch()
            builders[place].append(key=key, value=value, timestamp=stamp)
        count += 1
        size += len(value)
    for place, builder in enumerate(builders):
        if builder.record_count():
            waiting.append(await producer.send_batch(builder, topic, partition=place))
    for future in waiting:
        await future
    await producer.stop()
    return Sent(count, size, time.monotonic() - began)
