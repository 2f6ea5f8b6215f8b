"""A worker with everything on, the limit and stock Faust, turn by turn; recovery; memory by facts; other topics."""

from dataclasses import dataclass
from typing import Any, Final

from tests.bench.cluster import PATIENT, Cluster, Work
from tests.bench.figures import Spread, spread
from tests.bench.load import DAY_MS, THING, Load

STOCK_EVENTS: Final = 20_000
MEMORY_FACTS: Final = (20, 64)


@dataclass(frozen=True)
class Plan:
    """How much is measured: events of the main load, repeats of what is compared."""

    events: int = 1_000_000
    repeat: int = 3

    @property
    def cases(self) -> Load:
        """The main load: five facts a case."""
        return Load("cases", self.events // 5)

    def part(self, share: float, area: str, facts: int, **more: Any) -> Load:
        """A load of a share of the main one's events."""
        return Load(area, max(int(self.events * share) // facts, 100), facts, **more)


async def throughput(cluster: Cluster, plan: Plan) -> dict[str, Any]:
    """The main load, beside its peers."""
    return await compared(cluster, plan.cases, "main", plan.repeat)


async def others(cluster: Cluster, plan: Plan) -> dict[str, Any]:
    """Heartbeats (many rows, few facts) and surveys, measured as cases are."""
    loads = {
        "heartbeats": plan.part(1.0, "callhome", 3, span_ms=DAY_MS),
        "surveys": plan.part(1.0, "surveys", 2, span_ms=7 * DAY_MS),
    }
    return {name: await compared(cluster, load, name, plan.repeat) for name, load in loads.items()}


async def compared(cluster: Cluster, load: Load, name: str, repeat: int) -> dict[str, Any]:
    """A load by the limit, the worker and stock Faust, one after the other in each turn; ratios are taken within it."""
    prefix, area, thing = f"{name}.", load.area, THING[load.area]
    first = await cluster.group(prefix)
    topic = first.source_topic(area)
    stock_topic = f"{cluster.name}.{name}-stock"
    await cluster.publish(topic, load)
    await cluster.plain_topic(stock_topic)
    stock = Load(area, min(STOCK_EVENTS, load.events) // load.facts, load.facts)
    await cluster.publish(stock_topic, stock)
    runs = []
    recovered: dict[str, Any] = {}
    for turn in range(repeat):
        raw = await cluster.program("tests.bench.raw", cluster.bootstrap, topic, thing, str(load.events))
        cluster.say(f"limit: {_us(raw):.2f} us of CPU each, {raw['events'] / raw['wall_s']:,.0f}/s")
        settings = await cluster.group(prefix)
        worker, work = await cluster.work(settings, area)
        await worker.stop()
        group = f"{cluster.name}-{name}-stock-{turn}"
        for table in ("rows", "minutes"):  # Faust makes them too, and crashes when it needs them before they are there
            await cluster.plain_topic(f"{group}-{table}-changelog")
        peer = await cluster.program(
            "tests.bench.stock", cluster.bootstrap, stock_topic, thing, str(stock.events), group
        )
        cluster.say(f"stock Faust: {_us(peer):.0f} us of CPU each, {peer['events'] / peer['wall_s']:,.0f}/s")
        runs.append((raw, work, peer))
        if turn == repeat - 1:
            recovered = await _recover(cluster, settings, area, repeat, work)
    return {**_compared(runs), **recovered, "events": load.events, "rows": load.things, "facts": load.facts}


def _us(figures: dict[str, Any]) -> float:
    return float(figures["cpu_s"] / figures["events"] * 1e6)


def _compared(runs: list[tuple[dict[str, Any], Work, dict[str, Any]]]) -> dict[str, Any]:
    return {
        "cpu_us_per_event": spread(work.cpu_us_per_event for _, work, _ in runs),
        "events_per_s": spread(work.events_per_s for _, work, _ in runs),
        "bytes_per_row": spread(work.bytes_per_row for _, work, _ in runs),
        "rss_mb": spread(work.rss_bytes / 1e6 for _, work, _ in runs),
        "cpu_ratio_to_raw": spread(work.cpu_us_per_event / _us(raw) for raw, work, _ in runs),
        "speedup_over_stock_faust": spread(work.events_per_s * s["wall_s"] / s["events"] for _, work, s in runs),
        "cpu_speedup_over_stock_faust": spread(_us(stock) / work.cpu_us_per_event for _, work, stock in runs),
        "raw_cpu_us_per_event": spread(_us(raw) for raw, _, _ in runs),
        "raw_events_per_s": spread(raw["events"] / raw["wall_s"] for raw, _, _ in runs),
        "stock_cpu_us_per_event": spread(_us(stock) for _, _, stock in runs),
        "stock_events_per_s": spread(stock["events"] / stock["wall_s"] for _, _, stock in runs),
    }


async def _recover(cluster: Cluster, settings: Any, area: str, repeat: int, work: Work) -> dict[str, Any]:
    """Start the same group's worker again and again: each time it reads its rows back. work: how they were made."""
    records = await cluster.records(settings.changelog_topic(area))
    empty = work.rss_bytes - work.grown_bytes
    seconds, sizes = [], []
    for _ in range(repeat):
        worker = await cluster.worker(settings)
        seconds.append(worker.number("stream_app_recovery_seconds"))
        sizes.append(worker.began.rss / 1e6)
        cluster.say(f"recovery: {records:,} changelog records in {seconds[-1]:.2f} s")
        await worker.stop()
    return {
        "recovery_records": records,
        "recovery_records_per_s": spread(records / taken for taken in seconds),
        "recovered_rss_mb": spread(sizes),
        "recovered_bytes_per_row": spread((size * 1e6 - empty) / work.rows for size in sizes),
    }


async def pair(cluster: Cluster, plan: Plan) -> dict[str, Any]:
    """One worker, and two that share the partitions, over a load that was published while they were frozen."""
    found = {}
    for name, count in (("one", 1), ("two", 2)):
        settings = await cluster.group(f"{name}.")
        workers = [await cluster.worker(settings, **PATIENT) for _ in range(count)]
        await cluster.shared(workers)
        fed = await cluster.feed(workers, settings, plan.cases)
        for worker in workers:
            await worker.stop()
        found[name] = {"events_per_s": round(fed.events_per_s), "cpu_us_per_event": round(fed.cpu_us_per_event, 2)}
        cluster.say(f"workers: {count}, {fed.events_per_s:,.0f} events a second")
    return found


async def memory(cluster: Cluster, plan: Plan) -> dict[str, Any]:
    """Bytes for a row of more facts, boards and indexes included."""
    found: dict[str, Spread] = {}
    for facts in MEMORY_FACTS:
        work = await one(cluster, plan.part(0.7, "cases", facts), f"memory{facts}.")
        found[str(facts)] = spread([work.bytes_per_row])
    return found


async def one(cluster: Cluster, load: Load, prefix: str) -> Work:
    """A worker over a load of its own."""
    settings = await cluster.group(prefix)
    await cluster.publish(settings.source_topic(load.area), load)
    worker, work = await cluster.work(settings, load.area)
    await worker.stop()
    return work
