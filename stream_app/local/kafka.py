"""A broker to work with: the one that is given, or a genuine Apache Kafka started on this machine."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from stream_app.local import docker, kafka_files
from stream_app.local.errors import LocalError
from stream_app.local.kafka_broker import Kafka
from stream_app.local.report import Say, say_on_stderr

__all__ = ["Broker", "GivenBroker", "Kafka", "find_or_start_broker", "start_broker"]

BOOTSTRAP_VARIABLE: Final = "KAFKA_BOOTSTRAP_SERVERS"
DEFAULT_PORT: Final = 9092
_WAYS: Final = (
    f"set {BOOTSTRAP_VARIABLE} to a broker of yours, or start a Docker engine, "
    f"or install Java {kafka_files.OLDEST_JAVA} or newer and Maven"
)


class Broker(Protocol):
    """Where a broker answers, and how to be done with it: as a context manager, or by `stop`."""

    @property
    def bootstrap(self) -> str:
        """Its address, as clients take it: `host:port`, several joined by commas."""

    def stop(self) -> None:
        """End it, if it is ours."""

    def __enter__(self) -> Self:
        """Return itself."""

    def __exit__(self, *_: object) -> None:
        """End it, if it is ours."""


@dataclass(frozen=True)
class GivenBroker:
    """A broker that somebody else runs: used, never stopped."""

    bootstrap: str

    def stop(self) -> None:
        """Leave it running."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def find_or_start_broker(
    state_dir: Path, *, preferred_port: int | None = DEFAULT_PORT, say: Say = say_on_stderr
) -> Broker:
    """Return a broker that answers, looked for in this order: given, a Docker engine, Java and Maven.

    Given means the environment variable KAFKA_BOOTSTRAP_SERVERS. Otherwise one is started with its data in `state_dir`
    and ends with this process. Raises LocalError, naming the three ways if none is open.
    """
    given = os.environ.get(BOOTSTRAP_VARIABLE)
    if given:
        check_given(given)
        say(f"using the Kafka broker at {given} ({BOOTSTRAP_VARIABLE})")
        return GivenBroker(given)
    return start_broker(state_dir, preferred_port=preferred_port, say=say)


def start_broker(state_dir: Path, *, preferred_port: int | None = None, say: Say = say_on_stderr) -> Kafka:
    """Start a broker of our own, whatever is given, with its data in `state_dir`. Raises LocalError."""
    check_startable()
    kafka = Kafka(state_dir, preferred_port=preferred_port, say=say)
    kafka.start()
    return kafka


def check_startable() -> None:
    """Raise LocalError, naming the three ways to a broker, if none can be started on this machine."""
    if not docker.engine_answers() and not kafka_files.obtainable():
        raise LocalError(f"no Kafka broker: {_WAYS}")


def check_given(servers: str) -> None:
    """Raise LocalError if none of the given `host:port` addresses accepts a connection within 5 s each."""
    for server in servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=5):
                return
        except (OSError, ValueError):
            continue
    raise LocalError(
        f"no Kafka broker answers at {servers}; correct {BOOTSTRAP_VARIABLE}, or unset it to have one started"
    )
