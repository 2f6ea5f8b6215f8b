"""The peer: Faust as its guide shows it. An agent event by event, tables in memory with changelogs, its own settings.

`python -m tests.bench.stock BOOTSTRAP TOPIC THING EVENTS GROUP` prints what it took as a line of JSON. It does
less for an event than our worker: no validation, no order, no duplicates, no boards, no exact commits.
"""

import sys
import tempfile
import time
from typing import Any, Final

import faust
import orjson

from stream_app.local.ports import LOOPBACK, free_port
from tests.bench.cluster import PARTITIONS

IDLE_S: Final = 5.0


def build(bootstrap: str, topic: str, thing: str, events: int, group: str) -> faust.App:
    """The app; it prints its figures after so many events."""
    app = faust.App(
        group, broker=f"kafka://{bootstrap}", store="memory://", topic_partitions=PARTITIONS,
        datadir=tempfile.mkdtemp(prefix="bench-stock-"), web_host=LOOPBACK, web_bind=LOOPBACK, web_port=free_port(),
    )  # fmt: skip
    source = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    rows = app.Table("rows", default=dict)
    minutes = app.Table("minutes", default=int)

    seen, marks = 0, [(0.0, 0.0)] * 2

    async def count(stream: Any) -> None:
        nonlocal seen
        async for value in stream:
            if not seen:
                marks[0] = (time.process_time(), time.monotonic())
            event = orjson.loads(value)
            row = rows[event[thing]]
            rows[event[thing]] = {**row, event["kind"]: event["at"], "facts": row.get("facts", 0) + 1}
            minutes[event["at"] // 60_000] += 1
            seen += 1
            if not seen % 100 or seen == events:
                marks[1] = (time.process_time(), time.monotonic())

    async def tell() -> None:
        """Print the figures when all has come, or nothing more comes: Faust may drop what it fetched too early."""
        if seen == events or (seen >= 100 and time.monotonic() - marks[1][1] > IDLE_S):
            cpu_s, wall_s = (end - begin for begin, end in zip(*marks, strict=True))
            print(orjson.dumps({"events": seen, "cpu_s": cpu_s, "wall_s": wall_s}).decode(), flush=True)

    app.timer(interval=0.5)(tell)
    app.agent(source)(count)
    return app


if __name__ == "__main__":
    bootstrap, topic, thing, events, group = sys.argv[1:]
    app = build(bootstrap, topic, thing, int(events), group)
    faust.Worker(app, loglevel="warn", redirect_stdouts=False, quiet=True).execute_from_commandline()
