"""How the cost of an event and of a scrape moves: with rows, with how far back history goes, with hours of running."""

from dataclasses import replace
from typing import Any, Final

from stream_app.settings import Settings
from tests.bench.cluster import PATIENT, Cluster, Worker, usage
from tests.bench.figures import Spread, spread
from tests.bench.load import DAY_MS, HOUR_MS, Load
from tests.bench.throughput import Plan

SCRAPES: Final = 5
HOURS: Final = 24
HISTORIES: Final = {"1 h": HOUR_MS, "1 day": DAY_MS, "30 days": 30 * DAY_MS}


async def rows(cluster: Cluster, plan: Plan) -> list[dict[str, Any]]:
    """The same work for a worker that holds none, some, and many rows beforehand: new cases, five facts each."""
    settings = await cluster.group("rows.")
    worker = await cluster.worker(settings, **PATIENT)
    part = plan.part(1 / 3, "cases", 5)
    found: list[dict[str, Any]] = []
    standing = 0
    for before in (0, plan.events // 3, plan.events, *([3 * plan.events] if plan.events >= 1_000_000 else [])):
        if before > standing:
            # One fact each, the quickest way to so many rows; what is measured comes afterwards.
            await cluster.feed([worker], settings, Load("cases", before - standing, facts=1, first=standing))
            standing = before
        fed = await _fed(cluster, worker, settings, plan.repeat, replace(part, first=standing))
        standing += plan.repeat * part.things
        found.append({
            "rows_before": before, "rows_after": standing, **fed, "rss_mb": usage(worker.process).rss >> 20,
            "scrape_s": _scrape_s(worker),
        })  # fmt: skip
        cluster.say(f"{before:,} rows before: {fed['cpu_us_per_event'].median:.2f} us of CPU each")
    await worker.stop()
    return found


async def history(cluster: Cluster, plan: Plan) -> list[dict[str, Any]]:
    """The same events within an hour, a day, 30 days: windows of up to 7 days see ever more minutes."""
    found: list[dict[str, Any]] = []
    for name, span_ms in HISTORIES.items():
        settings = await cluster.group(f"history{span_ms}.")
        worker = await cluster.worker(settings, **PATIENT)
        part = plan.part(1 / 3, "cases", 5, span_ms=span_ms)
        fed = await _fed(cluster, worker, settings, plan.repeat, part)
        rss = usage(worker.process).rss
        found.append({
            "history": name, **fed, "bytes_per_row": round((rss - worker.began.rss) / (plan.repeat * part.things)),
            "rss_mb": rss >> 20, "scrape_s": _scrape_s(worker),
        })  # fmt: skip
        await worker.stop()
    return found


async def running(cluster: Cluster, plan: Plan) -> list[dict[str, Any]]:
    """One worker through a day: every hour as many new cases, and what they say leaves the shorter windows again.

    Its clock is the latest event's, so a day passes in minutes. An hour is published while the worker is frozen, so
    that each begins with all of it.
    """
    settings = await cluster.group("running.")
    hour = plan.part(1 / 8, "cases", 5, span_ms=HOUR_MS)
    worker = await cluster.worker(settings, STREAM_APP_APP__CLOCK="event", **PATIENT)
    found: list[dict[str, Any]] = []
    for number in range(HOURS):
        first, ago_ms = number * hour.things, (HOURS - 1 - number) * HOUR_MS
        fed = await cluster.feed([worker], settings, replace(hour, first=first, ago_ms=ago_ms))
        rss = usage(worker.process).rss
        found.append({
            "hours": number + 1, "cpu_us_per_event": round(fed.cpu_us_per_event, 2),
            "events_per_s": round(fed.events_per_s), "rss_mb": rss >> 20, "scrape_s": _scrape_s(worker),
            "bytes_per_row": round((rss - worker.began.rss) / (first + hour.things)),
        })  # fmt: skip
        cluster.say(f"hour {number + 1}: {fed.cpu_us_per_event:.2f} us of CPU each, {rss >> 20} MB")
    await worker.stop()
    return found


async def _fed(cluster: Cluster, worker: Worker, settings: Settings, repeat: int, load: Load) -> dict[str, Spread]:
    """What it costs to take in a load, and as many further things, and again."""
    turns = [replace(load, first=load.first + turn * load.things) for turn in range(repeat)]
    fed = [await cluster.feed([worker], settings, turn) for turn in turns]
    return {
        "cpu_us_per_event": spread(one.cpu_us_per_event for one in fed),
        "events_per_s": spread(one.events_per_s for one in fed),
    }


def _scrape_s(worker: Worker) -> float:
    """The usual time a scrape spends on the numbers of the boards."""
    times = sorted(worker.number("stream_app_collect_seconds") for _ in range(SCRAPES))
    return round(float(times[SCRAPES // 2]), 4)
