"""Publishes case events at a steady rate, each stamped with the moment it was handed to the client.

`python -m tests.bench.publisher BOOTSTRAP TOPIC RATE SECONDS FIRST` prints, as a line of JSON, the rate it reached
and for each partition the times (ms) of its `created` events in the order they lie there. One event in five
creates a case, the others follow up on cases created before. A case's channel says which partition it is in.
"""

import asyncio
import sys
import time
from random import Random
from typing import Final

import orjson
from aiokafka import AIOKafkaProducer

from stream_app.domain.words import CHANNELS
from stream_app.operate.routing import partition_of
from tests.bench.cluster import PARTITIONS
from tests.bench.load import BATCH_BYTES, account_of, case_fields, envelope

TICK_S: Final = 0.005
FOLLOWING: Final = ("assigned", "replied", "escalated", "solved")


async def publish(bootstrap: str, topic: str, rate: int, seconds: float, first: int) -> dict[str, object]:
    """Publish `rate` events a second for so long."""
    rng = Random(2)
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, compression_type="lz4", linger_ms=5, max_batch_size=BATCH_BYTES,
        enable_idempotence=True,
    )  # fmt: skip
    await producer.start()
    created: list[list[int]] = [[] for _ in range(PARTITIONS)]
    sent, began = 0, time.monotonic()
    while (elapsed := time.monotonic() - began) < seconds:
        while sent < rate * elapsed:
            step, place = sent % 5, first + sent // 5
            thing = place if step == 0 else max(place - step * 50, first)
            at = int(time.time() * 1000)
            kind = "created" if step == 0 else FOLLOWING[step - 1]
            event = envelope(rng, "cases", thing, at) | {"kind": kind, **case_fields(rng, kind)}
            key = account_of(thing).encode()
            partition = partition_of(key, PARTITIONS)
            if step == 0:
                event["channel"] = CHANNELS[partition]
                created[partition].append(at)
            await producer.send(topic, orjson.dumps(event), key=key, partition=partition)
            sent += 1
        await asyncio.sleep(TICK_S)
    wall = time.monotonic() - began
    await producer.stop()
    return {"rate": sent / wall, "sent": sent, "created": created}


if __name__ == "__main__":
    figures = asyncio.run(publish(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])))
    print(orjson.dumps(figures).decode(), flush=True)
