"""`stream-app config`: every setting in force, where it came from, and all faults at once."""

from typing import Annotated

import typer

from stream_app.cli.output import ConfigOption, ExitCode, JsonOption, console, emit, epilog, report


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.command(
        epilog=epilog(
            ("config", "each value and where it came from: a default, a file, a variable"),
            ("config --changed", "only what is not at its default"),
            ("config --example > stream-app.toml", "a settings file with everything in it, commented out"),
            ("config --json", "the same for programs; secrets are masked there too"),
        )
    )(config)


def config(
    config: ConfigOption = None,
    changed: Annotated[bool, typer.Option("--changed", help="Leave out what is at its default.")] = False,
    example: Annotated[bool, typer.Option("--example", help="Print a settings file to begin with.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show every setting, where its value came from, or everything that is wrong with the settings."""
    from stream_app.settings import SettingsFaultsError, load_with_origins
    from stream_app.settings.shown import example as example_text
    from stream_app.settings.shown import shown

    if example:
        emit({"toml": example_text()}) if as_json else print(example_text(), end="")
        return
    try:
        loaded = load_with_origins(config)
    except SettingsFaultsError as error:
        if not as_json:
            raise
        report(error, ExitCode.USAGE, as_json=False)
        emit({"faults": [fault.as_dict() for fault in error.faults]})
        raise typer.Exit(ExitCode.USAGE) from None
    lines = [line for line in shown(loaded) if not (changed and line.origin == "default")]
    if as_json:
        emit({line.setting: {"value": line.value, "from": line.origin} for line in lines})
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("Setting", "Value", "From"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        style = "dim" if line.origin == "default" else ""
        table.add_row(line.setting, line.text, line.origin, style=style)
    console().print(table)
