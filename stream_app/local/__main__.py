"""`python -m stream_app.local`: see that this machine has all the services, fetching once what is missing.

`python -m stream_app.local promtool` (or `amtool`) prints where that program is, installing its package if need be;
`compiler` sees that there is what the core is compiled with.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from stream_app.local import docker, kafka, kafka_files, packages, prometheus
from stream_app.local.errors import LocalError
from stream_app.local.report import say_on_stderr as say

TOOLS: Final = {"promtool": prometheus.promtool, "amtool": prometheus.amtool, "compiler": packages.compiler}


def main(arguments: Sequence[str]) -> int:
    """Print one line for each service that is missing, with the ways out. Returns 1 if one is, else 0."""
    parser = argparse.ArgumentParser(prog="python -m stream_app.local", description="Find or fetch the services.")
    parser.add_argument("tool", nargs="?", choices=TOOLS, help="only print where this program is")
    tool: str | None = parser.parse_args(arguments).tool
    if tool is not None:
        return _print_tool(tool)
    missing = [line for line in map(_fault, (_obtain_kafka, _obtain_prometheus, _obtain_alertmanager)) if line]
    for line in missing:
        print(f"missing: {line}", file=sys.stderr)
    return 1 if missing else 0


def _print_tool(name: str) -> int:
    try:
        print(TOOLS[name]())
    except LocalError as error:
        print(f"missing: {error}", file=sys.stderr)
        return 1
    return 0


def _fault(obtain: Callable[[], None]) -> str | None:
    try:
        obtain()
    except LocalError as error:
        return str(error)
    return None


def _obtain_kafka() -> None:
    given = os.environ.get(kafka.BOOTSTRAP_VARIABLE)
    if given:
        kafka.check_given(given)
        say(f"Kafka: {given} answers")
        return
    kafka.check_startable()
    if docker.engine_answers():
        docker.fetch_image(f"apache/kafka:{kafka_files.kafka_version()}", say)
        say(f"Kafka {kafka_files.kafka_version()}: Docker image")
    else:
        java, jars = kafka_files.obtain(say)
        say(f"Kafka {kafka_files.kafka_version()}: {jars}, run by {java}")


def _obtain_prometheus() -> None:
    say(f"Prometheus: {prometheus.obtain(prometheus.PROMETHEUS, say) or 'Docker image'}")


def _obtain_alertmanager() -> None:
    say(f"Alertmanager: {prometheus.obtain(prometheus.ALERTMANAGER, say) or 'Docker image'}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
