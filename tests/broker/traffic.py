"""Seeded traffic for the real broker: all kinds of all topics, late, disordered, published twice, and spoilt."""

import asyncio
import json
import time
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer

from tests.events import KINDS
from tests.generators import THING, spoilt

SHARES = {"cases": 0.6, "callhome": 0.28, "surveys": 0.12}
FIRST = {"cases": "created", "surveys": "sent", "callhome": "registered"}
ACCOUNTS = 3_000


class Published(NamedTuple):
    """One record to publish; `bad` is the reason it is expected to be rejected for, empty if it is good."""

    topic: str
    key: bytes
    value: bytes | None
    bad: str


def traffic(seed: int, count: int, now_ms: int) -> Iterator[Published]:
    """`count` records of events of the last three hours, mostly in the order they happened."""
    rng = Random(seed)
    topics, weights = list(SHARES), list(SHARES.values())
    again: list[Published] = []
    for index in range(count):
        if again and rng.random() < 0.02:
            yield again.pop(rng.randrange(len(again)))
            continue
        topic = rng.choices(topics, weights)[0]
        record = _record(rng, topic, seed, index, now_ms - (count - index) * 10_800_000 // count)
        if rng.random() < 0.03:
            again.append(record)
        yield record


def _record(rng: Random, topic: str, seed: int, index: int, at: int) -> Published:
    number = rng.randrange(ACCOUNTS)
    account = f"acc-{number:05d}"
    thing = f"{topic}-{number}-{rng.randrange(8)}"
    kinds = KINDS[topic]
    kind = FIRST[topic] if rng.random() < 0.2 else rng.choices(list(kinds), [w for w, _ in kinds.values()])[0]
    at -= rng.randrange(600_000) if rng.random() < 0.1 else rng.randrange(2_000)
    event: dict[str, Any] = {
        "event_id": f"{seed}-{index}", "kind": kind, "at": at, "account": account, "source": "test",
        THING[topic]: thing, **kinds[kind][1](rng, at),
    }  # fmt: skip
    if event.get("into") == "itself":
        event["into"] = thing
    if rng.random() < 0.005:
        value, reason = spoilt(rng, event)
        return Published(topic, account.encode(), value, reason)
    return Published(topic, account.encode(), json.dumps(event).encode(), "")


async def publish(bootstrap: str, prefix: str, records: Iterator[Published], rate: int) -> float:
    """Publish at `rate` records a second; returns the rate reached. The reason expected goes along as a header."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, compression_type="lz4",
        linger_ms=10, max_batch_size=131_072,
    )  # fmt: skip
    await producer.start()
    began, sent = time.monotonic(), 0
    try:
        for record in records:
            headers = [("bad", record.bad.encode())] if record.bad else []
            await producer.send(prefix + record.topic, record.value, key=record.key, headers=headers)
            sent += 1
            if sent % 200 == 0:
                await asyncio.sleep(max(sent / rate - (time.monotonic() - began), 0))
        await producer.flush()
    finally:
        await producer.stop()
    return sent / (time.monotonic() - began)
