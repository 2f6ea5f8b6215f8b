"""`stream-app rules`: the recording rules and alerts for Prometheus, made from the catalogue and the thresholds."""

from pathlib import Path
from typing import Annotated

import typer

from stream_app.cli.output import ExitCode, JsonOption, console, emit, epilog

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.add_typer(
        app, name="rules", help="Make the recording rules and alerts of Prometheus.",
        epilog=epilog(
            ("rules generate", "write deploy/prometheus/rules anew from deploy/thresholds.toml"),
            ("rules list", "every alert with its severity and its patience"),
        ),
    )  # fmt: skip


SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", show_default=False, help="The thresholds; else deploy/thresholds.toml."),
]


@app.command(
    epilog=epilog(
        ("rules generate", "after a threshold or the catalogue was changed"),
        ("rules generate --check", "exit 1 if a file differs"),
        ("rules generate --settings deploy/demo/thresholds.toml --out build/rules", "the impatient rules of the demo"),
    )
)
def generate(
    settings: SettingsOption = None,
    out: Annotated[Path, typer.Option(metavar="DIRECTORY", help="Where the rule files go.")] = Path(
        "deploy/prometheus/rules"
    ),
    check_only: Annotated[bool, typer.Option("--check", help="Compare, and write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the rule files from the catalogue and a file of thresholds."""
    from stream_app.operate import rules

    thresholds = rules.read(settings)
    source = rules.SHIPPED if settings is None else settings.as_posix()
    changed = (rules.differing if check_only else rules.write)(thresholds, source, out)
    if as_json:
        emit({"differ": [str(file) for file in changed], "written": not check_only})
    else:
        for file in changed:
            console().print(f"{file} {'is not what it should be' if check_only else 'written'}", soft_wrap=True)
        if not changed:
            console().print("all rule files are as they should be")
    raise typer.Exit(ExitCode.PROBLEMS if changed and check_only else ExitCode.OK)


@app.command("list", epilog=epilog(("rules list --json", "name, severity, team, for, summary, expr of each")))
def list_(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Show every alert."""
    from stream_app.operate import rules

    thresholds = rules.read(settings)
    found = [
        {
            "alert": alert.name,
            "severity": "none" if alert.firing is None else alert.firing.severity,
            "team": alert.team,
            "for": "" if alert.firing is None else alert.firing.hold,
            "gated": alert.gated,
            "summary": alert.summary,
            "expr": alert.whole_expr,
            "runbook": rules.runbook_url(alert.name, thresholds),
        }
        for alert in rules.alerts(thresholds)
    ]
    if as_json:
        emit(found)
        return
    from rich.table import Table

    table = Table("Alert", "Severity", "Team", "For", "Summary")
    for row in found:
        table.add_row(*(str(row[name]) for name in ("alert", "severity", "team", "for", "summary")))
    console().print(table)
