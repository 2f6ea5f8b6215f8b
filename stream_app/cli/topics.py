"""`stream-app topics`: create the topics, put them right, compare them with their contracts; write the schemas."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream_app.cli.output import ConfigOption, ExitCode, JsonOption, console, emit, epilog

if TYPE_CHECKING:
    from stream_app.operate.topics import Applied

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.add_typer(
        app, name="topics", help="Create, check and describe the topics.",
        epilog=epilog(
            ("topics check", "compare every topic with its contract"),
            ("topics apply --dry-run", "say what would be created and altered"),
            ("topics apply", "do it"),
        ),
    )  # fmt: skip


@app.command(
    epilog=epilog(
        ("topics check", "before a worker is started; it does the same itself"),
        ("topics check --json", "a list of {topic, setting, found, wanted}"),
    )
)
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Compare source, changelog and dead-letter topics with what they should be; changes nothing."""
    import asyncio

    from stream_app.operate import topics
    from stream_app.settings import load

    mismatches = asyncio.run(topics.check(load(config)))
    if as_json:
        emit([asdict(item) for item in mismatches])
    elif mismatches:
        from rich.table import Table

        table = Table("Topic", "Setting", "Is", "Should be")
        for item in mismatches:
            table.add_row(item.topic, item.setting, item.found, item.wanted)
        console().print(table)
        console().print("`stream-app topics apply` puts right what it may.")
    else:
        console().print("all topics are as they should be")
    raise typer.Exit(ExitCode.PROBLEMS if mismatches else ExitCode.OK)


@app.command(
    epilog=epilog(
        ("topics apply", "create what is missing, alter what differs"),
        ("topics apply --dry-run", "only say what would be done"),
        note="A partition count is never changed: the events of an account would leave the partition of its rows.",
    )
)
def apply(
    config: ConfigOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Create the topics that are missing and alter settings that differ; never a partition count."""
    import asyncio

    from stream_app.operate import topics
    from stream_app.settings import load

    done = asyncio.run(topics.apply(load(config), dry_run=dry_run))
    refused = [item for item in done if item.outcome == "refused"]
    if as_json:
        emit([asdict(item) for item in done])
    else:
        _print_applied(done, dry_run=dry_run)
    raise typer.Exit(ExitCode.PROBLEMS if refused else ExitCode.OK)


@app.command(
    epilog=epilog(
        ("topics schemas", "write topics/schemas/<topic>.json anew from the types of the events"),
        ("topics schemas --check", "exit 1 if a file differs from the types"),
    )
)
def schemas(
    folder: Annotated[Path, typer.Option(help="Folder of the topics' contracts.")] = Path("topics"),
    check_only: Annotated[bool, typer.Option("--check", help="Compare, and write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the JSON Schema of every topic's events, made from their types."""
    from stream_app.operate.contracts import place
    from stream_app.operate.schemas import drifted, write

    where = place(folder)
    changed = drifted(where)
    if not check_only:
        write(where)
    if as_json:
        emit({"differ": [str(file) for file in changed], "written": not check_only})
    else:
        for file in changed:
            console().print(f"{file} {'differs from the types' if check_only else 'written anew'}", soft_wrap=True)
        if not changed:
            console().print("all schemas are as the types have them")
    raise typer.Exit(ExitCode.PROBLEMS if changed and check_only else ExitCode.OK)


def _print_applied(done: "list[Applied]", *, dry_run: bool) -> None:
    from rich.table import Table

    table = Table("Topic", "Setting", "Was", "Becomes" if dry_run else "Is now", "Outcome")
    for item in done:
        if not item.changes:
            table.add_row(item.topic, "", "", "", item.outcome)
        for change in item.changes:
            refused = change.fixed_for_life is not None
            after = change.found if refused else change.wanted
            table.add_row(item.topic, change.setting, change.found, after, "refused" if refused else "altered")
    out = console()
    out.print(table)
    for why in dict.fromkeys(item.why for item in done if item.why):
        out.print(f"refused: {why}")
    if dry_run:
        out.print("nothing was done (--dry-run)")
