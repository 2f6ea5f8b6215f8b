"""What was measured, as JSON for programs, as a table for people, and in docs/performance.md."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from tests.bench.figures import Spread

DOCS: Final = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN: Final = "<!-- made by `make bench`: begin -->"
END: Final = "<!-- made by `make bench`: end -->"

_KEYS: Final = (
    "cpu_us_per_event", "cpu_ratio_to_raw", "speedup_over_stock_faust", "events_per_s", "bytes_per_row",
    "recovery_records_per_s",
)  # fmt: skip

SHOWN: Final = (1, 6, 12, 18, 24)
"""Hours of running that the table shows."""

Row = tuple[str, str, str]
Results = dict[str, Any]


def summary(results: Results) -> dict[str, Any]:
    """The figures others rely on: each a median, with `<key>_spread` (lowest, highest) beside it."""
    found: dict[str, Any] = {}
    for key in _KEYS:
        if "throughput" in results:
            _put(found, key, results["throughput"][key])
    if "latency" in results:
        _put(found, "event_to_scrape_p99_s", results["latency"]["event_to_scrape_p99_s"])
    if "scrapes" in results:
        sizes: dict[str, Spread] = {size: one["scrape_s"] for size, one in results["scrapes"].items()}
        found["scrape_seconds"] = {size: taken.median for size, taken in sizes.items()}
        found["scrape_seconds_spread"] = {size: [taken.low, taken.high] for size, taken in sizes.items()}
    return found


def as_json(results: Results) -> bytes:
    """The summary, and everything that was measured under `details`."""
    whole = summary(results) | {"details": results}
    return orjson.dumps(whole, default=lambda spread: spread._asdict(), option=orjson.OPT_INDENT_2)


def _put(found: dict[str, Any], key: str, value: Spread) -> None:
    found[key] = value.median
    found[key + "_spread"] = [value.low, value.high]


def table(results: Results) -> Iterator[Row]:
    """(what, median, spread) of everything that was measured."""
    for name, lines in _ROWS.items():
        if results.get(name):
            yield from lines(results[name])


def _number(value: float) -> str:
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _line(what: str, value: Spread | float, unit: str = "", scale: float = 1) -> Row:
    if isinstance(value, tuple):
        median, low, high = (_number(part * scale) for part in value)
        return (what, f"{median}{unit}", f"{low} to {high}")
    return (what, f"{_number(value * scale)}{unit}", "")


def _throughput(found: Results) -> Iterator[Row]:
    yield from _compared(found, "")


def _compared(found: Results, of: str) -> Iterator[Row]:
    """A load beside its peers. of: what comes before each line."""
    yield _line(f"{of}worker: CPU for an event", found["cpu_us_per_event"], " µs")
    yield _line(f"{of}worker: events a second", found["events_per_s"])
    yield _line(f"{of}worker: bytes for a row of {found['facts']} facts", found["bytes_per_row"], " B")
    yield _line(f"{of}worker: memory with {found['rows']:,} rows", found["rss_mb"], " MB")
    yield _line(f"{of}limit (aiokafka, orjson, dict): CPU for an event", found["raw_cpu_us_per_event"], " µs")
    yield _line(f"{of}limit: events a second", found["raw_events_per_s"])
    yield _line(f"{of}stock Faust: CPU for an event", found["stock_cpu_us_per_event"], " µs")
    yield _line(f"{of}stock Faust: events a second", found["stock_events_per_s"])
    yield _line(f"{of}worker's CPU / the limit's", found["cpu_ratio_to_raw"])
    yield _line(f"{of}worker's events a second / stock Faust's", found["speedup_over_stock_faust"])
    yield _line(f"{of}stock Faust's CPU / worker's", found["cpu_speedup_over_stock_faust"])
    yield _line(f"{of}recovery: changelog records a second", found["recovery_records_per_s"])
    yield _line(f"{of}after a recovery: memory", found["recovered_rss_mb"], " MB")
    what = f"{of}after a recovery: bytes for a row of {found['facts']} facts"
    yield _line(what, found["recovered_bytes_per_row"], " B")


def _pair(found: Results) -> Iterator[Row]:
    for name, one in found.items():
        what = f"{name} worker{'s' if name == 'two' else ''}: events a second"
        yield (what, f"{one['events_per_s']:,}", f"{one['cpu_us_per_event']:g} µs of CPU for an event")


def _memory(found: Results) -> Iterator[Row]:
    for facts, taken in found.items():
        yield _line(f"bytes for a row of {facts} facts", taken, " B")


def _latency(found: Results) -> Iterator[Row]:
    rate = f"at {found['rate'].median:,.0f} events/s"
    yield _line(f"event to scrape, half of them ({rate})", found["event_to_scrape_p50_s"], " ms", 1000)
    yield _line("event to scrape, 99 of 100", found["event_to_scrape_p99_s"], " ms", 1000)
    yield _line(f"a scrape meanwhile ({found['series']:,} series), 99 of 100", found["scrape_p99_s"], " ms", 1000)
    longest = found["loop_stall_below_s"]
    yield ("longest stall of the event loop", f"at most {longest} s" if longest else "not measured", "")


def _scrapes(found: Results) -> Iterator[Row]:
    for one in found.values():
        yield _line(f"scrape of {one['series']:,} series over HTTP", one["scrape_s"], " ms", 1000)
        yield _line("    of which rendering", one["render_s"], " ms", 1000)


def _rows(found: list[Results]) -> Iterator[Row]:
    for one in found:
        yield _grown(f"CPU for an event, {one['rows_before']:,} rows held before", one)


def _history(found: list[Results]) -> Iterator[Row]:
    for one in found:
        yield _grown(f"CPU for an event, history of {one['history']}", one)


def _running(found: list[Results]) -> Iterator[Row]:
    for one in found:
        if one["hours"] in SHOWN:
            what, value, more = _grown(f"CPU for an event, hour {one['hours']} of running", one)
            yield (what, value, f"{more}, {one['bytes_per_row']:,} B a row")


def _grown(what: str, one: Results) -> Row:
    what, value, more = _line(what, one["cpu_us_per_event"], " µs")
    then = f"scrape {one['scrape_s'] * 1000:.1f} ms, {one['rss_mb']:,} MB"
    return (what, value, f"{more}; {then}" if more else then)


def _others(found: Results) -> Iterator[Row]:
    for name, one in found.items():
        yield from _compared(one, f"{name}, ")


_ROWS: Final[dict[str, Callable[[Any], Iterator[Row]]]] = {
    "throughput": _throughput, "pair": _pair, "memory": _memory, "latency": _latency, "scrapes": _scrapes,
    "rows": _rows, "history": _history, "running": _running, "others": _others,
}  # fmt: skip


def text(results: Results) -> str:
    """The table for a terminal, the machine above it."""
    rows = list(table(results))
    left, middle = (max((len(row[column]) for row in rows), default=0) for column in (0, 1))
    lines = [described(results), ""]
    lines += [f"{what:{left}}  {value:>{middle}}  {more}" for what, value, more in rows]
    return "\n".join(lines)


def described(results: Results) -> str:
    """The machine in a line or two."""
    on = results["machine"]
    return (
        f"{on['cores']} cores ({on['cpu']}), {on['memory_gb']} GB, {on['system']}, Python {on['python']}, "
        f"Kafka {on['kafka']}; load {on['load_at_start']} at the start; "
        f"{results['events']:,} events, {results['repeat']} repeats, {results['seconds'] / 60:.0f} minutes"
    )


def markdown(results: Results) -> str:
    """The generated part of docs/performance.md."""
    lines = [f"Measured {results['at']} on {described(results)}.", ""]
    lines += ["| what | median | lowest to highest, and more |", "|---|---:|---|"]
    lines += [f"| {what.strip()} | {value} | {more} |" for what, value, more in table(results)]
    if results.get("profile"):
        lines += [
            "",
            f"Where the time goes, of {results['profile']['samples']:,} samples that held the interpreter:",
            "",
        ]
        lines += ["| function | own time | ", "|---|---:|"]
        lines += [f"| `{name}` | {share} % |" for name, share in results["profile"]["own"].items()]
        lines += ["", "| function of this project, with all it calls | time |", "|---|---:|"]
        ours = {name: share for name, share in results["profile"]["within"].items() if "(stream_app/" in name}
        lines += [f"| `{name}` | {share} % |" for name, share in ours.items() if share < 85]  # not how a worker begins
    return "\n".join(lines)


def keep(results: Results, page: Path = DOCS) -> None:
    """Put the generated part of the page in place of the one before."""
    put(page, markdown(results))


def put(page: Path, text: str) -> None:
    """Put a text between the marks of a page; raises ValueError for a page without them."""
    whole = page.read_text()
    before, found, rest = whole.partition(BEGIN)
    after = rest.partition(END)[2]
    if not found or not after:
        raise ValueError(f"{page} lacks the lines {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
