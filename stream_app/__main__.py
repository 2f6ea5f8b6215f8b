"""The command `stream-app`: puts the verbs together and turns what goes wrong into one line and an exit code."""

import importlib
import importlib.util
import sys
from typing import Final

import typer

from stream_app.cli import (
    backtest,
    boards,
    config,
    dead_letters,
    doctor,
    import_,
    metrics,
    replay,
    rules,
    service_levels,
    simulate,
    topics,
    validate,
    worker,
)
from stream_app.cli.output import EXIT_CODES, ExitCode, report

VERBS: Final = (
    worker,
    simulate,
    import_,
    replay,
    topics,
    validate,
    dead_letters,
    metrics,
    rules,
    backtest,
    boards,
    service_levels,
    doctor,
    config,
)
COMING: Final = ("demo",)
"""Verbs whose modules are still being written."""


def command() -> typer.Typer:
    """The command with all its verbs."""
    app = typer.Typer(
        name="stream-app",
        help="Live support telemetry: support events in from Kafka, Prometheus gauges and alerts out.",
        epilog=EXIT_CODES,
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in COMING:
        module = f"stream_app.cli.{name}"
        if importlib.util.find_spec(module) is not None:
            importlib.import_module(module).register(app)
    for verb in VERBS:
        verb.register(app)
    return app


def main(arguments: list[str] | None = None) -> None:
    """Run the command; ends with SystemExit. An error that carries an `exit_code` becomes one line."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        command()(given)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except Exception as error:
        code = getattr(error, "exit_code", None)
        if code is None:
            raise
        report(error, int(code), as_json="--json" in given)
        sys.exit(int(code))


if __name__ == "__main__":
    main()
