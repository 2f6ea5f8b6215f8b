"""From an event's own time to the first scrape that counts it, and how long the worker's event loop stood still.

Cases are created in a channel that names their partition, so `support_cases_opened` by channel, a gauge of
the boards and not a counter beside them, says exactly how many of a partition's cases a scrape has counted:
the k-th case of a partition is visible in the first scrape that shows k of them. Its delay ends when that
scrape's text is whole. Scrapes follow each other all the time, GAP_S apart.
"""

import asyncio
import re
import threading
import time
from bisect import bisect_left
from typing import Any, Final, NamedTuple

from stream_app.domain.words import CHANNELS
from tests.bench.cluster import Cluster, Worker, scrape
from tests.bench.figures import quantile, spread
from tests.bench.load import DAY_MS, Load
from tests.bench.throughput import Plan

RATE: Final = 10_000
SECONDS: Final = 15.0
GAP_S: Final = 0.05
VARIETY: Final = ("--backfill", "3d", "--duration", "1s")
"""Simulated traffic of all topics counted before, for its series: some 10,000. None of it leaves a window meanwhile."""

FIRST: Final = 50_000_000
"""Number of the first case created while measuring: no case published before has it."""

_OPENED: Final = re.compile(
    rb'^support_cases_opened\{channel="(\w+)",origin="reactive",window="7d"\} (\S+)', re.MULTILINE
)
_STALLS: Final = re.compile(r'^stream_app_loop_stall_seconds_bucket\{le="([^"]+)"\} (\S+)', re.MULTILINE)


class Seen(NamedTuple):
    """What one scrape showed, ms of the clock when its text was whole, and the seconds it took."""

    at_ms: float
    took_s: float
    opened: dict[str, int]


class Scraper(threading.Thread):
    """Scrapes one worker without pause until told to stop."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.seen: list[Seen] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            began = time.perf_counter()
            text = scrape(self.port)
            at_ms, took = time.time() * 1000, time.perf_counter() - began
            opened = {found[1].decode(): int(float(found[2])) for found in _OPENED.finditer(text)}
            self.seen.append(Seen(at_ms, took, opened))
            self.enough.wait(max(GAP_S - took, 0))


def delays(created: list[list[int]], seen: list[Seen]) -> list[float]:
    """Seconds from each created case to the first scrape that counted it, sorted."""
    found: list[float] = []
    for partition, times in enumerate(created):
        channel = CHANNELS[partition]
        before = seen[0].opened.get(channel, 0)
        counts = [one.opened.get(channel, 0) - before for one in seen]
        for place, at in enumerate(times, 1):
            scraped = bisect_left(counts, place)
            found.append((seen[scraped].at_ms - at) / 1000 if scraped < len(seen) else float("inf"))
    return sorted(found)


async def latency(cluster: Cluster, plan: Plan) -> dict[str, Any]:
    """A worker with rows of the main load and a little of all else takes events steadily while it is scraped."""
    settings = await cluster.group("live.")
    topic = settings.source_topic("cases")
    await cluster.simulate(settings, *VARIETY)
    await cluster.publish(topic, Load("cases", plan.cases.things // 3, span_ms=DAY_MS))
    worker, _ = await cluster.work(settings, "cases")
    for area in ("surveys", "callhome"):
        await cluster.drained(settings, area)
    await asyncio.sleep(2)
    stalls = _stalls(worker)
    turns = [await _turn(cluster, worker, topic, FIRST + turn * 1_000_000) for turn in range(plan.repeat)]
    longest = _longest(stalls, _stalls(worker))
    series = sum(1 for line in worker.metrics().splitlines() if line and not line.startswith("#"))
    await worker.stop()
    cluster.say(f"longest stall of the loop below {longest} s, {series:,} series")
    together = {name: spread(turn[name] for turn in turns) for name in turns[0]}
    return {**together, "series": series, "loop_stall_below_s": longest}


async def _turn(cluster: Cluster, worker: Worker, topic: str, first: int) -> dict[str, float]:
    scraper = Scraper(worker.port)
    scraper.start()
    await asyncio.sleep(1)
    figures = await cluster.program(
        "tests.bench.publisher", cluster.bootstrap, topic, str(RATE), str(SECONDS), str(first)
    )
    await asyncio.sleep(2)
    scraper.enough.set()
    await asyncio.to_thread(scraper.join)
    found = delays(figures["created"], scraper.seen)
    took = sorted(one.took_s for one in scraper.seen)
    turn = {
        "rate": figures["rate"], "measured": len(found), "scrapes": len(took),
        "event_to_scrape_p50_s": quantile(found, 0.5), "event_to_scrape_p99_s": quantile(found, 0.99),
        "scrape_p50_s": quantile(took, 0.5), "scrape_p99_s": quantile(took, 0.99),
    }  # fmt: skip
    cluster.say(
        f"event to scrape at {turn['rate']:,.0f}/s: p50 {turn['event_to_scrape_p50_s'] * 1000:.0f} ms, "
        f"p99 {turn['event_to_scrape_p99_s'] * 1000:.0f} ms"
    )
    return turn


def _stalls(worker: Worker) -> dict[str, float]:
    return {bound: float(count) for bound, count in _STALLS.findall(worker.metrics())}


def _longest(before: dict[str, float], after: dict[str, float]) -> str | None:
    """The lowest bound that no stall between two scrapes exceeded; None when the worker does not measure it."""
    grown = {bound: after[bound] - before.get(bound, 0) for bound in after}
    every = grown.get("+Inf")
    return next((bound for bound, count in grown.items() if count == every), None)
