"""The limit: aiokafka, orjson, the last value of each thing, a count for each minute, and nothing else.

`python -m tests.bench.raw BOOTSTRAP TOPIC THING EVENTS` prints what it took as a line of JSON. THING is the field that
says what an event is about: case, survey, device.
"""

import asyncio
import sys
import time
from collections import defaultdict
from typing import Any

import orjson
import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.bench.cluster import PARTITIONS


async def consume(bootstrap: str, topic: str, thing: str, events: int) -> dict[str, float]:
    """Read a topic from its beginning until so many events were seen."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    process = psutil.Process()
    rows: dict[str, Any] = {}
    minutes: defaultdict[int, int] = defaultdict(int)
    rss, cpu, began, seen = process.memory_info().rss, time.process_time(), time.monotonic(), 0
    consumer.assign([TopicPartition(topic, p) for p in range(PARTITIONS)])
    while seen < events:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            for record in records:
                event = orjson.loads(record.value)
                rows[event[thing]] = event
                minutes[event["at"] // 60_000] += 1
            seen += len(records)
    cpu, wall = time.process_time() - cpu, time.monotonic() - began
    grown = process.memory_info().rss - rss
    await consumer.stop()
    return {"events": seen, "cpu_s": cpu, "wall_s": wall, "grown_bytes": grown, "rows": len(rows)}


if __name__ == "__main__":
    print(
        orjson.dumps(asyncio.run(consume(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))).decode(), flush=True
    )
