"""`stream-app boards`: the boards of Grafana, made from the catalogue and the thresholds."""

from pathlib import Path
from typing import Annotated

import typer

from stream_app.cli.output import ExitCode, JsonOption, console, emit, epilog

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.add_typer(
        app, name="boards", help="Make the boards of Grafana.",
        epilog=epilog(
            ("boards generate", "write deploy/grafana/dashboards anew from the catalogue and deploy/thresholds.toml"),
            ("boards check", "exit 1 if a file is not what it should be"),
        ),
    )  # fmt: skip


SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", show_default=False, help="The thresholds; else deploy/thresholds.toml."),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIRECTORY", help="Where the boards are.")]
_PLACE = Path("deploy/grafana/dashboards")


@app.command(
    epilog=epilog(
        ("boards generate", "after a panel, the catalogue or the address of the runbooks was changed"),
        ("boards generate --settings mine.toml --out build/boards", "with links to the runbooks that mine.toml names"),
    )
)
def generate(settings: SettingsOption = None, out: OutOption = _PLACE, as_json: JsonOption = False) -> None:
    """Write the boards as JSON, for Grafana to load from a folder."""
    from stream_app.operate import boards, rules

    changed = boards.write(rules.read(settings), out)
    _tell(changed, "written", as_json=as_json)


@app.command(
    epilog=epilog(
        ("boards check", "compare deploy/grafana/dashboards with what would be generated"),
        ("boards check --json", "the files that differ"),
    )
)
def check(settings: SettingsOption = None, out: OutOption = _PLACE, as_json: JsonOption = False) -> None:
    """Compare the files of the boards with what they should be; writes nothing."""
    from stream_app.operate import boards, rules

    changed = boards.differing(rules.read(settings), out)
    _tell(changed, "is not what it should be", as_json=as_json)
    raise typer.Exit(ExitCode.PROBLEMS if changed else ExitCode.OK)


def _tell(changed: list[Path], what: str, *, as_json: bool) -> None:
    if as_json:
        emit({"differ": [str(file) for file in changed], "written": what == "written"})
        return
    for file in changed:
        console().print(f"{file} {what}", soft_wrap=True)
    if not changed:
        console().print("all boards are as they should be")
