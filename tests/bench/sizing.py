"""What to plan for: the measured figures as cores, memory and seconds, in docs/sizing.md."""

from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Any, Final

from tests.bench.report import DOCS, put

PAGE: Final = DOCS.with_name("sizing.md")

RATES: Final = (100, 1_000, 5_000, 10_000, 20_000)
ROWS: Final = (100_000, 500_000, 1_000_000, 5_000_000)
FILLED: Final = 0.6
"""How busy a core may be planned to be: the rest is for catching up after a stop, and for scrapes."""

Results = dict[str, Any]


def cores(events_per_s: float, cpu_us: float) -> float:
    """Cores for a rate of events when none is to be busier than FILLED."""
    return events_per_s * cpu_us / 1e6 / FILLED


def lines(results: Results) -> Iterator[str]:
    """The generated part of the page."""
    worker, others = results["throughput"], results["others"]
    costs = {
        "cases": worker["cpu_us_per_event"].median,
        "surveys": others["surveys"]["cpu_us_per_event"].median,
        "callhome, heartbeats": others["heartbeats"]["cpu_us_per_event"].median,
    }
    yield f"From the figures of {results['at']}; a core is one of those of that machine."
    yield ""
    yield "| events a second | " + " | ".join(f"{name}: cores (workers)" for name in costs) + " |"
    yield "|---:|" + "---:|" * len(costs)
    for rate in RATES:
        needed = (cores(rate, cost) for cost in costs.values())
        yield f"| {rate:,} | " + " | ".join(f"{count:.2f} ({ceil(count)})" for count in needed) + " |"
    yield ""
    sizes = {
        "case of 5 facts": worker["bytes_per_row"].median,
        "survey": others["surveys"]["bytes_per_row"].median,
        "device": others["heartbeats"]["bytes_per_row"].median,
    }
    rate = worker["recovery_records_per_s"].median
    yield "| rows | " + " | ".join(f"of a {name}" for name in sizes) + " | recovery of one worker |"
    yield "|---:|" + "---:|" * (len(sizes) + 1)
    for rows in ROWS:
        taken = " | ".join(f"{rows * size / 2**30:.1f} GiB" for size in sizes.values())
        yield f"| {rows:,} | {taken} | {rows / rate:.0f} s |"
    facts = ", ".join(f"{taken.median:,.0f} at {count} facts" for count, taken in results["memory"].items())
    yield ""
    yield f"Bytes for a row of a case: {sizes['case of 5 facts']:,.0f} at 5 facts, {facts}."


def keep(results: Results, page: Path = PAGE) -> None:
    """Put the generated part of the page in place of the one before."""
    put(page, "\n".join(lines(results)))
