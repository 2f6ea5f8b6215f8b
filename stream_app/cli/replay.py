"""The verb `replay`: a log through the core without a broker, the numbers at any instant."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from stream_app.cli.logs import FileArgument, MappingOption, as_data, instant, print_report, progress
from stream_app.cli.output import ConfigOption, ExitCode, JsonOption, console, emit, epilog, fail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream_app.sources.replay import Reading
    from stream_app.sources.summary import Summary


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.command(
        epilog=epilog(
            ("replay log.csv.gz -m my.toml --summary", "figures of the whole log"),
            ("replay log.csv.gz -m my.toml --at 2016-05-27T22:47:15Z", "the metrics text at that instant"),
            ("replay log.zip -m my.toml --at 2016-05-01 --at end --json", "both texts, and what became of the rows"),
            note="The clock is the instant asked for; later events are not applied. "
            "With --summary and --at the figures are those of the whole log.",
        )
    )(replay)


def replay(
    file: FileArgument,
    mapping: MappingOption,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at", metavar="INSTANT", show_default=False,
            help="Print the metrics text at this instant: ISO, ms since 1970, or `end`. May be given again.",
        ),
    ] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="Print counts, and how long cases took to their first solve.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Run a log through the same core as a worker's, without a broker, and print its numbers at any instant."""
    from stream_app.settings import load as load_settings
    from stream_app.sources.log import Log
    from stream_app.sources.mapping import load
    from stream_app.sources.replay import Replay

    given = at or []
    if not given and not summary:
        fail("nothing to print: give --at INSTANT, --summary or both", ExitCode.USAGE)
    instants = [None if text == "end" else instant(text) for text in given]
    rules = load_settings(config).rules.build()
    with progress(shown=not as_json) as watch, Log(file, load(mapping), watch) as log:
        run = Replay(log, rules)
        readings = list(run.readings([log.last_ms if moment is None else moment for moment in instants]))
        if summary:
            run.until(None)
        figures = run.summary() if summary else None
        report = log.report()
    if as_json:
        emit(_data(readings, figures) | {"log": as_data(report)})
        return
    print_report(report)
    if figures is not None:
        _print_summary(figures)
    _print_readings(readings)


def _print_readings(readings: "Sequence[Reading]") -> None:
    from stream_app.sources.times import shown

    for reading in readings:
        if len(readings) > 1:
            print(f"# at {shown(reading.at_ms)}")
        print(reading.text, end="")


def _data(readings: "Sequence[Reading]", figures: "Summary | None") -> dict[str, Any]:
    from stream_app.sources.times import shown

    data: dict[str, Any] = {
        "instants": [{"at": shown(item.at_ms), "at_ms": item.at_ms, "metrics": item.text} for item in readings]
    }
    if figures is not None:
        took = figures.first_resolution_seconds
        data["summary"] = figures._asdict() | {
            "peak_at": shown(figures.peak_at_ms) if figures.peak_open else None,
            "first_resolution_seconds": took._asdict() if took else None,
        }
    return data


def _print_summary(figures: "Summary") -> None:
    from rich.table import Table

    from stream_app.sources.times import shown

    table = Table("Figure", "Value", title="Summary of the log")
    table.columns[1].justify = "right"
    for name, count in (
        ("cases", figures.cases),
        ("with a solve", figures.solved),
        ("with a close", figures.closed),
        ("moves from solved or closed back to open", figures.reopenings),
        ("cases that did", figures.reopened_cases),
        ("open at the end", figures.open),
        ("peak backlog", figures.peak_open),
    ):
        table.add_row(name, f"{count:,}")
    if figures.peak_open:
        table.add_row("first reached at", shown(figures.peak_at_ms))
    if figures.first_resolution_seconds is not None:
        for name, seconds in figures.first_resolution_seconds._asdict().items():
            table.add_row(f"first resolution, {name} (s)", f"{seconds:,.1f}")
    for channel, count in figures.channels.items():
        table.add_row(f"opened by {channel or 'unknown'}", f"{count:,}")
    console().print(table)
