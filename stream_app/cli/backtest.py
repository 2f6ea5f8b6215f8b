"""`stream-app backtest`: the real alerts over a simulated past."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream_app.cli.output import ConfigOption, ExitCode, JsonOption, console, emit, epilog, fail, notes

if TYPE_CHECKING:
    from stream_app.operate.backtest import Report
    from stream_app.sources.simulate.incidents import Incident

_EPILOG = epilog(
    ("backtest", "a month with an incident of every kind: which alert tells of it, and how soon"),
    ("backtest --incidents none", "a quiet month: what pages for nothing"),
    ("backtest --settings mine.toml --seed 2", "other thresholds, another month"),
    ("backtest --days 3 --incidents incidents.txt", "incidents of your own, a line each: backlog-surge:gateway@26h+2h"),
    note="Evaluates every 5 minutes; a month takes some minutes. Incidents are those of stream-app simulate.",
)


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.command(epilog=_EPILOG)(backtest)


def backtest(
    config: ConfigOption = None,
    days: Annotated[float, typer.Option(min=0.1, max=400, help="How long a period is judged.")] = 30,
    warm_up: Annotated[
        float, typer.Option(min=0, max=60, help="Days before it, not judged: history that rules compare with.")
    ] = 8,
    seed: Annotated[int, typer.Option(help="The same seed gives the same period.")] = 1,
    incidents: Annotated[str, typer.Option(metavar="all|none|FILE", help="What goes wrong.")] = "all",
    settings: Annotated[
        Path | None,
        typer.Option("--settings", metavar="FILE", show_default=False, help="Thresholds; else deploy/thresholds.toml."),
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the report as Markdown, too.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the alerts over a simulated period: what pages for nothing, which incidents are told, and how soon."""
    from stream_app.local.prometheus import promtool
    from stream_app.operate import backtest as work
    from stream_app.operate import rules
    from stream_app.settings import load

    if days * warm_up > 400 * 60:
        fail("a period of so many days does not fit into memory", ExitCode.USAGE)
    try:
        chosen = _incidents(incidents, days)
        period = work.Period(days=days, warm_up_days=warm_up, seed=seed, incidents=chosen)
        report = work.run(
            period, rules.read(settings), promtool(), settings=load(config),
            say=lambda line: None if as_json else notes().print(line),
        )  # fmt: skip
    except ValueError as error:
        fail(str(error), ExitCode.USAGE)
    if markdown is not None:
        markdown.write_text(work.markdown(report))
    if as_json:
        emit(work.figures(report))
    else:
        _show(report)


def _incidents(which: str, days: float) -> "tuple[Incident, ...]":
    from stream_app.operate.backtest import spread
    from stream_app.sources.simulate.incidents import Incident

    if which == "all":
        return spread(days)
    if which == "none":
        return ()
    try:
        lines = [line.partition("#")[0].strip() for line in Path(which).read_text().splitlines()]
    except OSError as error:
        raise ValueError(f"--incidents {which}: {error.strerror}; say all, none or a file") from error
    return tuple(Incident.parse(line) for line in lines if line)


def _show(report: "Report") -> None:
    from rich.table import Table

    from stream_app.operate.backtest import rows_of_alerts, rows_of_incidents, summary

    told = Table("Incident", "Begins", "Lasts", "Told by", "After")
    for row in rows_of_incidents(report):
        told.add_row(*row)
    alerts = Table("Alert", "Severity", "Fired", "Minutes", "For nothing")
    for row in rows_of_alerts(report):
        alerts.add_row(*row)
    if report.incidents:
        console().print(told)
    console().print(alerts)
    console().print(summary(report))
