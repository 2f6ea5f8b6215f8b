"""What the verbs that read logs have in common: their options, a progress bar, the report of the rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stream_app.cli.output import ExitCode, fail, notes

if TYPE_CHECKING:
    from stream_app.sources.log import Report, Watch

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="The exported log: delimited text, plain, .gz or .zip.")
]
MappingOption = Annotated[
    Path,
    typer.Option(
        "--mapping", "-m", metavar="FILE", help="How the log is to be read: a TOML file, see docs/mappings.md."
    ),
]


def instant(text: str) -> int:
    """An instant given on the command line, in ms; anything else ends the command."""
    from stream_app.sources import times

    try:
        return times.instant(text)
    except ValueError:
        fail(
            f"{text!r} is not an instant: write 2016-05-27T22:47:15Z, 2016-05-27 22:47:15 (UTC) or ms since 1970",
            ExitCode.USAGE,
        )


@contextmanager
def progress(*, shown: bool) -> "Iterator[Watch]":
    """A bar on standard error, where that is a terminal, for what takes long."""
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = notes()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not (shown and console.is_terminal)) as bar:
        tasks: dict[str, TaskID] = {}

        def watch(stage: str, done: int, whole: int) -> None:
            if stage not in tasks:
                for task in tasks.values():
                    bar.remove_task(task)
                tasks[stage] = bar.add_task(stage, total=whole)
            bar.update(tasks[stage], completed=done)

        yield watch


def as_data(report: "Report") -> dict[str, Any]:
    """The report as JSON."""
    from stream_app.sources.times import shown

    data = report._asdict()
    first, last = data.pop("first_ms"), data.pop("last_ms")
    data |= {"first": shown(first) if report.used else None, "last": shown(last) if report.used else None}
    data["skipped"] = [item._asdict() for item in report.skipped]
    return data


def print_report(report: "Report") -> None:
    """Say on standard error what became of the rows."""
    from stream_app.sources.times import shown

    out = notes()
    left = sum(item.rows for item in report.skipped)
    span = f", {shown(report.first_ms)} to {shown(report.last_ms)}" if report.used else ""
    out.print(
        f"{report.rows:,} rows{span}: {report.used:,} used; {report.events:,} events of {report.cases:,} cases "
        f"of {report.accounts:,} accounts"
    )
    if not left:
        return
    from rich.table import Table

    table = Table("Rows", "Left out because", "First lines")
    for item in report.skipped:
        table.add_row(f"{item.rows:,}", item.meaning, ", ".join(map(str, item.lines)))
    out.print(table)
