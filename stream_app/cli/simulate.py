"""`stream-app simulate`: support traffic from a seed, onto Kafka or into a file, with its truth."""

import asyncio
import signal
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stream_app.cli.output import ConfigOption, ExitCode, JsonOption, console, emit, epilog, fail, notes
from stream_app.sources.simulate.incidents import KINDS

if TYPE_CHECKING:
    from stream_app.settings import Settings
    from stream_app.sources.simulate.plan import Plan
    from stream_app.sources.simulate.publish import Progress
    from stream_app.sources.simulate.sinks import Sink

_EPILOG = epilog(
    ("simulate", "a live day of support in a minute, 200 events/s, after a week of history, until Ctrl-C"),
    ("simulate --duration 60s --incident backlog-surge@30s", "a minute in which a product breaks half way"),
    ("simulate --incident silent-fleet:gateway@1m+10m --incident no-data:surveys@5m", "two incidents"),
    ("simulate --profile real --duration 30d --speed 0", "a month that ends now, at real pace, as fast as can be"),
    ("simulate --profile real --duration 1d --start 2026-01-05T00:00:00Z --speed 0 --out - --truth truth.jsonl",
     "a day to standard output, the same on every run, and what the gauges must say of it"),
    note="Incidents, as kind[:target]@offset[+length]: "
    + "; ".join(f"[cyan]{kind}[/cyan] ({what.text})" for kind, what in KINDS.items()) + ".",
)  # fmt: skip


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.command(epilog=_EPILOG)(simulate)


def simulate(
    config: ConfigOption = None,
    profile: Annotated[
        Literal["live", "real"],
        typer.Option(help="live: quickened, stamped now, to look at; real: the pace and rhythm of real life."),
    ] = "live",
    seed: Annotated[int, typer.Option(help="The same seed and start give the same events, byte for byte.")] = 1,
    duration: Annotated[str | None, typer.Option(help="Simulated time, like 60s, 2h, 30d; else without end.")] = None,
    speed: Annotated[
        float | None, typer.Option(min=0, help="Simulated seconds a second; 0: as fast as can be. 1 unless told.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="First instant (RFC 3339); else now, or duration ago.")] = None,
    backfill: Annotated[str | None, typer.Option(help="History published at once before; live: 7d.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, help="Events a simulated second, about.")] = None,
    limit: Annotated[float | None, typer.Option(min=1, help="Events published a second, at most.")] = None,
    accounts: Annotated[int | None, typer.Option(min=1, help="Customers.")] = None,
    devices: Annotated[int | None, typer.Option(min=0, help="Devices in the field.")] = None,
    pace: Annotated[
        float | None, typer.Option(min=0.001, help="How many times faster than real life cases run.")
    ] = None,
    incident: Annotated[list[str] | None, typer.Option(help="An incident; may be given again. See below.")] = None,
    bad: Annotated[float | None, typer.Option(min=0, max=1, help="Share of events with an unusable copy.")] = None,
    late: Annotated[float | None, typer.Option(min=0, max=1, help="Share published late.")] = None,
    duplicate: Annotated[float | None, typer.Option(min=0, max=1, help="Share published twice.")] = None,
    disordered: Annotated[float | None, typer.Option(min=0, max=1, help="Share published behind others.")] = None,
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write JSON lines instead of Kafka; - is stdout.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what the gauges must say at the end.")
    ] = None,
    truth_minutes: Annotated[int, typer.Option(min=0, help="And in how many minutes after it.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Publish simulated support traffic: cases, surveys and a fleet of devices, from one seed."""
    from stream_app.settings import load
    from stream_app.sources.simulate.incidents import Incident, milliseconds
    from stream_app.sources.simulate.plan import plan
    from stream_app.sources.simulate.profile import HISTORY_MS, LIVE, LIVE_FAULTS, InputFaults, Life

    if out == "-" and as_json:
        fail("--json and --out - both want standard output: give --out a file", ExitCode.USAGE)
    live = profile == "live"
    settings = load(config)
    try:
        length = None if duration is None else milliseconds(duration)
        speed = (1.0 if live or length is None else 0.0) if speed is None else speed
        history = milliseconds(backfill) if backfill is not None else HISTORY_MS if live and speed else 0
        size = _asked(accounts=accounts, devices=devices, rate=rate, pace=pace)
        life = replace(LIVE if live else Life(), **size)
        shares = _asked(bad=bad, late=late, duplicate=duplicate, disordered=disordered)
        faults = replace(LIVE_FAULTS if live else InputFaults(), **shares)
        planned = plan(
            seed, _start(start, speed, length), length, life=life, faults=faults, rules=settings.rules.build(),
            incidents=[Incident.parse(text) for text in incident or []], backfill_ms=history, keep=truth is not None,
        )  # fmt: skip
    except ValueError as error:
        fail(str(error), ExitCode.USAGE)
    began = time.monotonic()
    progress = asyncio.run(_run(planned, settings, out, speed, limit, quiet=as_json))
    seconds = time.monotonic() - began
    if truth is not None:
        from stream_app.sources.simulate.statement import statements

        with truth.open("wb") as file:
            file.writelines(statements(planned, truth_minutes))
    _summary(planned, progress, seconds, as_json=as_json, aside=out == "-")
    if progress.stopped and length is not None:  # without a duration a stop is how it ends
        raise typer.Exit(ExitCode.INTERRUPTED)


def _asked(**options: float | None) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def _start(start: str | None, speed: float, length_ms: int | None) -> int:
    """The first instant, ms: given, or such that live traffic is stamped now and any other ends now."""
    from datetime import datetime

    if start is not None:
        at = datetime.fromisoformat(start)
        if at.tzinfo is None:
            raise ValueError(f"--start {start} says no offset from UTC: write it like 2026-01-05T00:00:00Z")
        return round(at.timestamp() * 1000)
    now = time.time_ns() // 1_000_000
    if speed == 1:
        return now
    if length_ms is None:
        raise ValueError("without --duration only --speed 1 keeps up with the clock: give --duration, or --start")
    return now - length_ms


async def _run(
    planned: "Plan", settings: "Settings", out: str | None, speed: float, limit: float | None, *, quiet: bool
) -> "Progress":
    from stream_app.sources.simulate.publish import publish

    began = time.monotonic()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def end() -> None:
        """Stop at the next event; asked again, stop at once."""
        stop.set()
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(signum)

    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, end)
    show = _Line(planned, quiet=quiet or not sys.stderr.isatty())
    async with AsyncExitStack() as stack:
        sink = await _sink(stack, settings, out)
        try:
            return await publish(planned, sink, speed=speed, limit=limit, stop=stop, tell=show.tell, began=began)
        finally:
            show.end()


async def _sink(stack: AsyncExitStack, settings: "Settings", out: str | None) -> "Sink":
    from stream_app.connection import client_arguments, reaching
    from stream_app.sources.simulate.sinks import Kafka, Lines

    if out == "-":
        return Lines(sys.stdout.buffer)
    if out is not None:
        return Lines(stack.enter_context(open(out, "wb")))  # noqa: ASYNC230, PTH123  one file, opened once
    kafka = Kafka(client_arguments(settings.kafka), settings.source_topic)
    await stack.enter_async_context(reaching(settings.kafka, kafka.producer))
    return kafka


class _Line:
    """A line on a terminal that says how far it is."""

    def __init__(self, planned: "Plan", *, quiet: bool) -> None:
        self._start_ms, self._quiet = planned.start_ms, quiet
        self._began = self._shown = time.monotonic()

    def tell(self, progress: "Progress") -> None:
        now = time.monotonic()
        if self._quiet or now - self._shown < 0.5:
            return
        self._shown = now
        rate = progress.sent / (now - self._began)
        offset = (progress.now_ms - self._start_ms) / 1000
        print(
            f"\r\033[Kat {offset:+,.0f} s  {progress.sent:,} events  {rate:,.0f}/s", end="", file=sys.stderr, flush=True
        )

    def end(self) -> None:
        if not self._quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _summary(planned: "Plan", progress: "Progress", seconds: float, *, as_json: bool, aside: bool) -> None:
    by_topic: dict[str, dict[str, int]] = {}
    for (topic, kind), count in sorted(planned.sent.items()):
        by_topic.setdefault(topic, {})[kind] = count
    if as_json:
        told: dict[str, Any] = {"events": progress.sent, "seconds": round(seconds, 3), "stopped": progress.stopped}
        emit(told | {"start_ms": planned.start_ms, "until_ms": progress.now_ms, "sent": by_topic})
        return
    from rich.table import Table

    table = Table("Topic", "Events", "Of which", title=f"{progress.sent:,} events in {seconds:,.1f} s")
    for topic, kinds in by_topic.items():
        table.add_row(
            topic, f"{sum(kinds.values()):,}", ", ".join(f"{kind} {count:,}" for kind, count in kinds.items())
        )
    (notes() if aside else console()).print(table)
