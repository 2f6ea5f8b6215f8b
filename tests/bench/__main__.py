"""`python -m tests.bench`: measure on a real broker; writes build/bench.json and prints a table."""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from stream_app.local.errors import LocalError
from stream_app.local.kafka import find_or_start_broker
from tests.bench import curves, latency, pictures, profile, report, scrapes, sizing, throughput
from tests.bench.cluster import BenchError, Cluster
from tests.bench.machine import machine
from tests.bench.throughput import Plan

JSON: Final = Path("build/bench.json")

MEASUREMENTS: Final[dict[str, tuple[str, Callable[[Cluster, Plan], Awaitable[Any]]]]] = {
    "throughput": ("the worker, the limit, stock Faust, turn by turn; recovery", throughput.throughput),
    "pair": ("one worker against two on this machine", throughput.pair),
    "memory": ("bytes for a row of 20 and 64 facts", throughput.memory),
    "latency": ("event to scrape at 10,000 events/s, stalls of the loop", latency.latency),
    "scrapes": ("scrapes of 1,000, 10,000 and 100,000 series", scrapes.scrapes),
    "rows": ("cost of an event as rows grow", curves.rows),
    "history": ("cost of an event and a scrape by length of history", curves.history),
    "running": ("cost of an event and a scrape through 24 hours of running", curves.running),
    "others": ("heartbeats and surveys", throughput.others),
    "profile": ("where a worker's time goes (needs py-spy)", profile.profile),
}
"""Name -> (what it measures, how)."""

EXAMPLES: Final = """examples:
  python -m tests.bench                                 everything, about 15 minutes on 2 quiet cores
  python -m tests.bench --events 200000                 smaller and quicker, with fewer rows to miss a cache by
  python -m tests.bench --only throughput --repeat 5    only the comparison, five times
  python -m tests.bench --only scrapes --json -         JSON on standard output, nothing kept

KAFKA_BOOTSTRAP_SERVERS names a broker to use; else one is started. Topics are called bench.*.
"""


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measure a worker beside its peers on a real broker. Medians of several runs, ratios within a run.",
        epilog="measurements:\n"
        + "".join(f"  {name:12} {what}\n" for name, (what, _) in MEASUREMENTS.items())
        + "\n"
        + EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the main load, five a case (1000000)")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=MEASUREMENTS, help="only these measurements")
    parser.add_argument("--repeat", type=int, default=3, help="repeats of what is compared (3)")
    parser.add_argument(
        "--json", default=str(JSON), metavar="FILE", help=f"where the figures go ({JSON}); - prints them"
    )
    parser.add_argument("--keep", action="store_true", help="also put table, pictures and sizes into docs")
    found = parser.parse_args(given)
    if found.events < 10_000 or found.repeat < 1:
        parser.error("at least 10000 events and 1 repeat")
    if found.keep and found.only:
        parser.error("--keep needs every measurement, so no --only")
    return found


async def measure(names: Sequence[str], plan: Plan, directory: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Make these measurements on a broker, one after the other."""
    results: dict[str, Any] = {
        "machine": machine(), "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), "events": plan.events,
        "repeat": plan.repeat,
    }  # fmt: skip
    began = time.monotonic()
    with find_or_start_broker(directory / "kafka", preferred_port=None) as broker:
        async with Cluster(broker.bootstrap, directory, say) as cluster:
            for number, name in enumerate(names, 1):
                say(f"[{number}/{len(names)}] {MEASUREMENTS[name][0]}")
                results[name] = await MEASUREMENTS[name][1](cluster, plan)
    results["seconds"] = round(time.monotonic() - began)
    return results


def main(given: Sequence[str]) -> int:
    """Returns the exit code."""
    options = arguments(given)
    names = options.only or list(MEASUREMENTS)
    began = time.monotonic()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a topic just made has no leader for a moment

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {line}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="stream-app-bench-", ignore_cleanup_errors=True) as directory:
        try:
            results = asyncio.run(measure(names, Plan(options.events, options.repeat), Path(directory), say))
        except (BenchError, LocalError) as error:
            print(f"no figures: {error}", file=sys.stderr)
            for log in sorted(Path(directory).glob("*.log"), key=lambda file: file.stat().st_mtime)[-1:]:
                print("".join(log.read_text().splitlines(keepends=True)[-5:]), file=sys.stderr)
            return 1
    figures = report.as_json(results)
    if options.json == "-":
        print(figures.decode())
        return 0
    Path(options.json).parent.mkdir(parents=True, exist_ok=True)
    Path(options.json).write_bytes(figures + b"\n")
    print(report.text(results))
    if options.keep:
        report.keep(results)
        sizing.keep(results)
        pictures.keep(results)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
