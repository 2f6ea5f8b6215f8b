"""The verb `import`: the events of a log to Kafka."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from stream_app.cli.logs import FileArgument, MappingOption, as_data, instant, print_report, progress
from stream_app.cli.output import ConfigOption, ExitCode, JsonOption, emit, epilog, notes

if TYPE_CHECKING:
    from stream_app.sources.publish import Published


class Shift(StrEnum):
    """What times are moved to."""

    NOW = "now"


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.command(
        name="import",
        epilog=epilog(
            ("import log.csv.gz -m my.toml --dry-run", "say what would be published, and which rows are left out"),
            ("import log.csv.gz -m my.toml", "publish the whole log as fast as the brokers take it"),
            ("import log.zip -m my.toml --shift now --speed 60", "an hour of the log in a minute, ending now"),
            note="Event ids are made from the records: a log imported again changes nothing. "
            "Old times need workers with app.clock = event, or --shift now.",
        ),
    )(import_)


def import_(
    file: FileArgument,
    mapping: MappingOption,
    speed: Annotated[
        float, typer.Option(min=0, help="How many times faster than it happened; 0: as fast as possible.")
    ] = 0,
    shift: Annotated[
        Shift | None, typer.Option(help="Move all times so that what is imported ends now.", show_default=False)
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT", show_default=False, help="Leave out records later than this (the log's own time)."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check everything, publish nothing.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish the events of an exported log to Kafka."""
    import asyncio
    import time

    from stream_app.settings import load as load_settings
    from stream_app.sources.log import ANY_TIME, Log
    from stream_app.sources.mapping import load
    from stream_app.sources.publish import Published, publish

    settings = load_settings(config)
    topic = settings.source_topic("cases")
    until_ms = ANY_TIME if until is None else instant(until)
    with progress(shown=not as_json) as watch, Log(file, load(mapping), watch) as log:
        now_ms = int(time.time() * 1000)
        shift_ms = now_ms - min(log.last_ms, until_ms) if shift is Shift.NOW else 0
        messages = (ready.message for ready in log.ready(until_ms, shift_ms))
        if dry_run:
            count = sum(1 for _ in messages)
            done = Published(0, 0, complete=True)
        else:
            done = asyncio.run(publish(settings.kafka, topic, messages, speed))
            count = done.events
        report = log.report()
        ahead = min(log.last_ms, until_ms) + shift_ms > now_ms + settings.app.skew_seconds * 1000
    if as_json:
        data = {"topic": topic, "published": done.events, "complete": done.complete, "dry_run": dry_run, "ahead": ahead}
        emit(data | {"log": as_data(report)})
    else:
        print_report(report)
        _print_done(done, count, topic, dry_run=dry_run, ahead=ahead)
    raise typer.Exit(ExitCode.OK if done.complete else ExitCode.INTERRUPTED)


def _print_done(done: "Published", count: int, topic: str, *, dry_run: bool, ahead: bool) -> None:
    from stream_app.sources.times import shown

    out = notes()
    if dry_run:
        out.print(f"{count:,} events would go to topic {topic!r}; nothing was published (--dry-run)")
    else:
        out.print(f"{count:,} events published to topic {topic!r}, all of them acknowledged")
    if not done.complete:
        last = f" at {shown(done.last_ms)}" if done.last_ms else ""
        out.print(f"interrupted{last}. Import again to go on: events have the same ids, none is counted twice")
    if ahead:
        out.print("some events lie in the future, workers will reject them: is the time zone of the mapping right?")
