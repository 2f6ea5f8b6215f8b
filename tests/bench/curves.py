"""How the cost of an event and of a scrape moves: with rows, with how far back history goes, with hours of running."""

from dataclasses import replace
from typing import Any, Final

from tests.bench.cluster import PATIENT, Cluster, usage
from tests.bench.load import DAY_MS, HOUR_MS, Load
from tests.bench.throughput import Plan

SCRAPES: Final = 5
HOURS: Final = 24
HISTORIES: Final = {"1 h": HOUR_MS, "1 day": DAY_MS, "30 days": 30 * DAY_MS}


async def rows(cluster: Cluster, plan: Plan) -> list[dict[str, Any]]:
    """The same work for a worker that holds none, some, and many rows beforehand: new cases, five facts each."""
    settings = await cluster.group("rows.")
    topic = settings.source_topic("cases")
    part = plan.part(1 / 3, "cases", 5)
    found: list[dict[str, Any]] = []
    standing = 0
    for before in (0, plan.events // 3, plan.events, *([3 * plan.events] if plan.events >= 1_000_000 else [])):
        if before > standing:
            # One fact each, the quickest way to so many rows; what is measured comes afterwards.
            await cluster.publish(topic, Load("cases", before - standing, facts=1, first=standing))
            worker, _ = await cluster.work(settings, "cases")
            await worker.stop()
            standing = before
        await cluster.publish(topic, Load("cases", part.things, facts=5, first=standing, span_ms=DAY_MS))
        standing += part.things
        worker, work = await cluster.work(settings, "cases")
        found.append({
            "rows_before": before and standing - part.things, "rows_after": work.rows,
            "cpu_us_per_event": round(work.cpu_us_per_event, 2), "events_per_s": round(work.events_per_s),
            "rss_mb": work.rss_bytes >> 20, "scrape_s": _scrape_s(worker),
        })  # fmt: skip
        await worker.stop()
    return found


async def history(cluster: Cluster, plan: Plan) -> list[dict[str, Any]]:
    """The same events within an hour, a day, 30 days: windows of up to 7 days see ever more minutes."""
    found: list[dict[str, Any]] = []
    for name, span_ms in HISTORIES.items():
        settings = await cluster.group(f"history{span_ms}.")
        load = plan.part(1 / 3, "cases", 5, span_ms=span_ms)
        await cluster.publish(settings.source_topic("cases"), load)
        worker, work = await cluster.work(settings, "cases")
        found.append({
            "history": name, "cpu_us_per_event": round(work.cpu_us_per_event, 2),
            "events_per_s": round(work.events_per_s), "bytes_per_row": round(work.bytes_per_row),
            "scrape_s": _scrape_s(worker),
        })  # fmt: skip
        await worker.stop()
    return found


async def running(cluster: Cluster, plan: Plan) -> list[dict[str, Any]]:
    """One worker through a day: every hour as many new cases, and what they say leaves the shorter windows again.

    Its clock is the latest event's, so a day passes in minutes. An hour is published while the worker is frozen, so
    that each begins with all of it.
    """
    settings = await cluster.group("running.")
    topic = settings.source_topic("cases")
    hour = plan.part(1 / 8, "cases", 5, span_ms=HOUR_MS)
    worker = await cluster.worker(settings, STREAM_APP_APP__CLOCK="event", **PATIENT)
    found: list[dict[str, Any]] = []
    for number in range(HOURS):
        since = await cluster.committed(settings, await cluster.ends(topic))
        worker.process.suspend()
        await cluster.publish(topic, replace(hour, first=number * hour.things, ago_ms=(HOURS - 1 - number) * HOUR_MS))
        began = usage(worker.process)
        worker.process.resume()
        rate = await cluster.drained(settings, "cases", since)
        ended = usage(worker.process)
        found.append({
            "hours": number + 1, "cpu_us_per_event": round((ended.cpu - began.cpu) / hour.events * 1e6, 2),
            "events_per_s": round(rate), "rss_mb": ended.rss >> 20, "scrape_s": _scrape_s(worker),
            "bytes_per_row": round((ended.rss - worker.began.rss) / (hour.things * (number + 1))),
        })  # fmt: skip
        cluster.say(f"hour {number + 1}: {found[-1]['cpu_us_per_event']:.2f} us of CPU each, {ended.rss >> 20} MB")
    await worker.stop()
    return found


def _scrape_s(worker: Any) -> float:
    """The usual time a scrape spends on the numbers of the boards."""
    times = sorted(worker.number("stream_app_collect_seconds") for _ in range(SCRAPES))
    return round(float(times[SCRAPES // 2]), 4)
