"""Publishing a plan: its history at once, then its events as they come due, until its end or a stop."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from stream_app.sources.simulate.pacing import TICK_SECONDS, Pacer, allowance
from stream_app.sources.simulate.plan import Plan, Record
from stream_app.sources.simulate.sinks import Sink
from stream_app.sources.simulate.things import HOUR, SECOND

_SLICE: Final = 2_000
"""Events handed to a sink at once."""


@dataclass(slots=True)
class Progress:
    """How far publishing is. now_ms: the plan's time; sent: events handed over; stopped: ended before the plan did."""

    now_ms: int
    sent: int = 0
    stopped: bool = False


async def publish(
    plan: Plan, sink: Sink, *, speed: float = 1.0, limit: float | None = None,
    stop: asyncio.Event | None = None, tell: Callable[[Progress], None] = lambda _progress: None,
    clock: Callable[[], float] = time.monotonic, began: float | None = None,
) -> Progress:  # fmt: skip
    """Publish a plan and wait until all of it has arrived.

    speed: how many times faster than the wall the plan's clock runs, 0 for as fast as can be. limit: events a
    second at most. stop: set to end early. tell: called now and then. began: when, by `clock` in seconds, the
    plan's start was.
    """
    stop = stop or asyncio.Event()
    began = clock() if began is None else began
    progress = Progress(plan.begin_ms)
    opened = clock()

    async def put(records: Iterator[Record]) -> None:
        while True:
            size = _SLICE if limit is None else min(_SLICE, allowance(limit, clock() - opened, progress.sent))
            some = list(islice(records, size))
            if size and not some:
                return
            await sink.put(some)
            progress.sent += len(some)
            tell(progress)
            await asyncio.sleep(0 if size else TICK_SECONDS)

    async def reach(until: int) -> None:
        await put(plan.due(until))
        progress.now_ms = plan.planned_until

    while progress.now_ms < plan.start_ms - 1 and not stop.is_set():
        await reach(min(progress.now_ms + HOUR, plan.start_ms - 1))
    pacer, stride = Pacer(plan.start_ms, speed) if speed else None, SECOND
    while progress.now_ms < plan.end_ms and not stop.is_set():
        before = progress.sent
        await reach(progress.now_ms + stride if pacer is None else pacer.due(clock() - began))
        tell(progress)
        if pacer is not None:
            await asyncio.sleep(TICK_SECONDS)
        elif progress.sent - before < _SLICE:
            stride = min(stride * 2, HOUR)
        else:
            stride = max(stride // 2, 1)
    progress.stopped = progress.now_ms < plan.end_ms
    await sink.flush()
    return progress
