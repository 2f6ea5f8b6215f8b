"""`python -m stream_app.local`: see that this machine has all the services, fetching once what is missing."""

import os
import sys
from collections.abc import Callable

from stream_app.local import docker, kafka, kafka_files, prometheus
from stream_app.local.errors import LocalError
from stream_app.local.report import say_on_stderr as say


def main() -> int:
    """Print one line for each service that is missing, with the ways out. Returns 1 if one is, else 0."""
    missing = [line for line in map(_fault, (_obtain_kafka, _obtain_prometheus, _obtain_alertmanager)) if line]
    for line in missing:
        print(f"missing: {line}", file=sys.stderr)
    return 1 if missing else 0


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
    sys.exit(main())
