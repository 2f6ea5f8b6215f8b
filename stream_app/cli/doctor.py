"""`stream-app doctor`: is everything there that a worker needs, and if not, what is the cure."""

from dataclasses import asdict

import typer

from stream_app.cli.output import ConfigOption, ExitCode, JsonOption, console, emit, epilog, notes


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.command(
        epilog=epilog(
            ("doctor", "look at settings, packages, disk, port, broker, topics, partitions, retention and clock"),
            ("doctor --json", "the same for programs: a list of {name, status, says, cure}"),
            note="Changes nothing. Exit code 1 if anything failed, a broker that does not answer included.",
        )
    )(doctor)


def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Look at everything a worker needs; each thing that is not well comes with its cure."""
    import asyncio

    from stream_app.operate.doctor import Check, examine
    from stream_app.settings import SettingsFaultsError, load

    try:
        settings = load(config)
    except SettingsFaultsError as error:
        checks = [Check("settings", "fail", f"{fault.setting}: {fault.why}", fault.how) for fault in error.faults]
    else:
        with notes().status("looking") as status:
            checks = asyncio.run(examine(settings, lambda name: status.update(f"looking at {name}")))
    failed = any(check.status == "fail" for check in checks)
    if as_json:
        emit([asdict(check) for check in checks])
    else:
        from rich.table import Table
        from rich.text import Text

        styles = {"ok": "green", "warn": "yellow", "fail": "bold red"}
        table = Table("", "", "", box=None, show_header=False, pad_edge=False)
        for check in checks:
            table.add_row(Text(check.status, styles[check.status]), check.name, Text(check.says))
            if check.cure:
                table.add_row("", "", Text(f"cure: {check.cure}"))
        console().print(table)
    raise typer.Exit(ExitCode.PROBLEMS if failed else ExitCode.OK)
