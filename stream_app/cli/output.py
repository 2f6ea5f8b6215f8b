"""What every verb has in common: options, exit codes, one line when it fails, and JSON or text on stdout."""

import sys
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console


class ExitCode(IntEnum):
    """What the command's exit code says."""

    OK = 0
    PROBLEMS = 1
    USAGE = 2
    UNREACHABLE = 3
    INTERRUPTED = 130


EXIT_CODES: Final = (
    "Exit codes: [bold]0[/bold] done, nothing wrong; [bold]1[/bold] problems found, or it failed; "
    "[bold]2[/bold] wrong usage or settings; [bold]3[/bold] the broker cannot be reached; [bold]130[/bold] interrupted."
)
"""For the epilog of a verb's help."""

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", metavar="FILE", show_default=False,
        help="Settings file; else the one STREAM_APP_CONFIG names; else ./stream-app.toml if it is there.",
    ),
]  # fmt: skip
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")]


class CommandFailedError(Exception):
    """One clear line for a person, and the exit code. Every error with an `exit_code` is shown as such a line."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def fail(message: str, code: int = ExitCode.PROBLEMS) -> NoReturn:
    """End the command with one clear line on standard error: what is wrong, and the way out."""
    raise CommandFailedError(message, code)


def epilog(*examples: tuple[str, str], note: str = "") -> str:
    """The end of a verb's help. examples: (arguments after `stream-app`, what it does)."""
    lines = ["[bold]Examples[/bold]"]
    lines += [f"[cyan]stream-app {arguments}[/cyan]  [dim]{what}[/dim]" for arguments, what in examples]
    if note:
        lines.append(note)
    lines.append(EXIT_CODES)
    return "\n\n".join(lines)


def emit(data: Any) -> None:
    """Print one JSON document on standard output."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
    sys.stdout.write(orjson.dumps(data, default=str, option=options).decode())
    sys.stdout.flush()


def console() -> "Console":
    """Where results for people go: standard output, wide enough for a table when it is no terminal."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def notes() -> "Console":
    """Where progress and remarks go: standard error, so that they never mix with results."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def report(error: Exception, code: int, *, as_json: bool) -> None:
    """Say on standard error what went wrong; with `--json` as a document on standard output too."""
    print(f"stream-app: {error}", file=sys.stderr)
    if as_json:
        emit({"error": str(error), "exit_code": code})
