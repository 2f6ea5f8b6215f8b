"""The verb `worker`: consume, count, serve /metrics."""

from typing import Annotated

import typer

from stream_app.cli.output import ConfigOption, ExitCode, epilog, fail


def register(command: typer.Typer) -> None:
    """Add the verb."""
    command.command(
        epilog=epilog(
            ("worker", "one worker with the settings of the environment and ./stream-app.toml"),
            ("worker --port 6067 --log-format json", "a second one on this machine"),
            note="Start as many workers as there are partitions at most; each needs a port of its own on one machine.",
        )
    )(worker)


def worker(
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option(help="Address to serve on; else web.host.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on; else web.port.", show_default=False)] = None,
    log_format: Annotated[
        str | None, typer.Option("--log-format", help="text or json; else log.format.", show_default=False)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="The same as --log-format json; why it could not start is JSON too.")
    ] = False,
) -> None:
    """Consume support events from Kafka and serve their numbers to Prometheus, until stopped."""
    import asyncio

    from stream_app.operate.topics import check
    from stream_app.settings import load

    settings = load(config, {"web.host": host, "web.port": port, "log.format": "json" if as_json else log_format})
    mismatches = asyncio.run(check(settings))
    if mismatches:
        lines = "\n  ".join(str(mismatch) for mismatch in mismatches)
        fail(f"the topics are not as they should be; `stream-app topics apply` mends what can be mended:\n  {lines}")
    from stream_app.shell.run import run

    raise SystemExit(run(settings) or ExitCode.OK)
