"""A real Kafka for the tests: one that all share, and private ones for tests that stop, kill or freeze theirs."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stream_app.local.errors import LocalError
from stream_app.local.kafka import Broker, Kafka, find_or_start_broker, start_broker

MakeBroker = Callable[[], Kafka]


@pytest.fixture(scope="session")
def services_dir() -> Iterator[Path]:
    """Where services of this run keep their data: gone at its end, for it may be gigabytes."""
    with tempfile.TemporaryDirectory(prefix="stream-app-", ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.fixture(scope="session")
def broker(services_dir: Path) -> Iterator[Broker]:
    """The broker all tests share: KAFKA_BOOTSTRAP_SERVERS, or one of our own. Name topics so that no two tests meet."""
    try:
        found = find_or_start_broker(services_dir / "kafka", preferred_port=None)
    except LocalError as error:
        pytest.fail(str(error), pytrace=False)
    with found:
        yield found


@pytest.fixture
def private_broker(services_dir: Path) -> Iterator[MakeBroker]:
    """A maker of brokers that only this test uses, whatever is given; they end with the test."""
    made: list[Kafka] = []

    def make() -> Kafka:
        directory = Path(tempfile.mkdtemp(prefix="private-kafka-", dir=services_dir))
        try:
            made.append(start_broker(directory))
        except LocalError as error:
            pytest.fail(str(error), pytrace=False)
        return made[-1]

    yield make
    for kafka in made:
        kafka.kill()
