"""`stream-app demo`: the whole system on this machine, to look at."""

from pathlib import Path
from typing import Annotated

import typer

from stream_app.cli.output import ExitCode, JsonOption, console, emit, epilog, fail

_EPILOG = epilog(
    ("demo", "until Ctrl-C"),
    ("demo --duration 60", "a minute from the first event on, then a summary; exit 1 if something failed"),
    ("demo --duration 60 --json", "the summary as one JSON object"),
    ("demo --log export.csv.gz --mapping topics/mappings/helpdesk.toml", "a real log, a week of it in a second"),
    note="Kafka: the broker that KAFKA_BOOTSTRAP_SERVERS names, else a Docker engine, else Java. All else is started "
    "on the loopback interface. What the demo starts ends with it; what it keeps is in .state/demo.",
)


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.command(epilog=_EPILOG)(demo)


def demo(
    duration: Annotated[
        float | None,
        typer.Option(
            min=25, metavar="SECONDS", help="End by itself so long after the first event.", show_default=False
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the simulated traffic.")] = 1,
    log: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Play this exported support log instead.", exists=True, show_default=False),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", "-m", metavar="FILE", help="How the log is to be read.", exists=True,
                     show_default=False),
    ] = None,
    speed: Annotated[float, typer.Option(min=1, help="How many times faster the log is played.")] = 604_800,
    port: Annotated[int, typer.Option(help="Of the worker's pages; if taken, the next free one.")] = 6066,
    kafka_port: Annotated[int, typer.Option(help="Of Kafka, if it is started.")] = 9092,
    prometheus_port: Annotated[int, typer.Option(help="Of Prometheus.")] = 9090,
    alertmanager_port: Annotated[int, typer.Option(help="Of Alertmanager.")] = 9093,
    state: Annotated[Path, typer.Option(metavar="DIRECTORY", help="Where everything is kept.")] = Path(".state/demo"),
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Run the whole system on this machine: Kafka, a worker, Prometheus, Alertmanager, and traffic to watch."""
    import logging

    from stream_app.local.demo import Options, play
    from stream_app.local.demo.screen import Screen, summary_table
    from stream_app.local.errors import LocalError

    if (log is None) != (mapping is None):
        fail("--log and --mapping belong together: the log, and how it is to be read", ExitCode.USAGE)
    # A broker that is gone is said in one line, not in many by its client.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    options = Options(state, duration, seed, port, kafka_port, prometheus_port, alertmanager_port, log, mapping, speed)
    try:
        summary = play(options, Screen())
    except (LocalError, OSError) as error:
        fail(str(error))
    if as_json:
        emit(summary.as_dict())
    else:
        console().print(summary_table(summary.lines(), summary.faults))
    raise typer.Exit(ExitCode.PROBLEMS if summary.faults else ExitCode.OK)
