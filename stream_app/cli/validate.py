"""`stream-app validate`: tell a publisher what is wrong with events before they are published."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream_app.cli.output import ConfigOption, ExitCode, JsonOption, console, emit, epilog, fail

if TYPE_CHECKING:
    from stream_app.operate.validate import Finding, Findings


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.command(
        epilog=epilog(
            ("validate events.jsonl", "one event a line; the topic is told from each event"),
            ("validate --topic cases export.json", "a JSON array of events"),
            ("validate - < events.jsonl", "from standard input"),
            ("validate events.jsonl --json", "counts, problems and remarks for programs"),
            note="Values are never printed, for they may be personal data: only lines and places.",
        )
    )(validate)


def validate(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="JSON lines or a JSON array; - is standard input.")],
    topic: Annotated[
        str | None, typer.Option(help="Topic of all the events.", metavar="cases|surveys|callhome", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Print at most so many problems and remarks.")] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell which events a worker would refuse, on which line, where in it and why; exit 1 if there are any."""
    import time

    from stream_app.operate.validate import examine
    from stream_app.pipeline import AREAS
    from stream_app.settings import load

    if topic is not None and topic not in AREAS:
        fail(f"there is no topic {topic}: {', '.join(AREAS)}", ExitCode.USAGE)
    settings = load(config)
    latest_ms = time.time_ns() // 1_000_000 + settings.app.skew_seconds * 1000
    found = examine(_read(file), topic, latest_ms, settings.rules.build())
    if as_json:
        _emit(found)
    else:
        _print(found, limit)
    raise typer.Exit(ExitCode.PROBLEMS if found.problems else ExitCode.OK)


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", ExitCode.USAGE)


def _emit(found: "Findings") -> None:
    from dataclasses import asdict

    emit(
        {
            "good": [{"topic": topic, "kind": kind, "events": n} for (topic, kind), n in sorted(found.good.items())],
            "problems": [asdict(problem) for problem in found.problems],
            "remarks": [asdict(remark) for remark in found.remarks],
        }
    )


def _print(found: "Findings", limit: int) -> None:
    from rich.table import Table

    out = console()
    for title, findings in (("Problems: a worker refuses these", found.problems), ("Remarks", found.remarks)):
        if findings:
            table = Table("Line", "Reason", "Why", "Way out", title=title, title_justify="left")
            for item in findings[:limit]:
                table.add_row(str(item.line), item.reason, _why(item), item.hint)
            out.print(table)
            if len(findings) > limit:
                out.print(f"... and {len(findings) - limit} more (--limit)")
    good = found.good.total()
    for (topic, kind), count in sorted(found.good.items()):
        out.print(f"  {topic} {kind}: {count}")
    out.print(f"{good + len(found.problems)} events: {good} good, {len(found.problems)} refused", end="")
    out.print(f", {len(found.remarks)} remarks" if found.remarks else "")


def _why(item: "Finding") -> str:
    from rich.markup import escape

    return escape(item.why if not item.place or item.place in item.why else f"{item.place}: {item.why}")
