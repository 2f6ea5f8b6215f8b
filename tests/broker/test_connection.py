"""Clients of a broker that does not answer: they end, and they do not ask without a pause."""

import asyncio
import time
from collections.abc import Iterable
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import RequestTimedOutError
from aiokafka.protocol.fetch import FetchRequest

from stream_app.codec import dump_key
from stream_app.connection import ASK_AGAIN_S, disconnect, unhurried
from stream_app.local.kafka import Broker
from stream_app.shell.changelog import Changelog, Range, Stored
from tests.broker.conftest import MakeBroker

pytestmark = [pytest.mark.broker, pytest.mark.slow]

ROWS = 100


@pytest.fixture
async def place(broker: Broker) -> TopicPartition:
    """A partition of a changelog with some records."""
    place = TopicPartition(f"t{uuid4().hex[:8]}-changelog", 0)
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(place.topic, 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap)
    await producer.start()
    for number in range(ROWS):
        await producer.send(place.topic, key=dump_key(("a", str(number))), value=b"row", partition=0)
    await producer.stop()
    return place


@pytest.fixture
def fetches_beyond_the_end_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a client meets that was frozen while it waited for a record that has not come yet."""
    send = AIOKafkaClient.send

    async def failing(client: AIOKafkaClient, node: int, request: object, **how: object) -> object:
        if isinstance(request, FetchRequest) and all(at >= ROWS for _, parts in request.topics for _, at, _ in parts):
            raise RequestTimedOutError
        return await send(client, node, request, **how)

    monkeypatch.setattr(AIOKafkaClient, "send", failing)


@pytest.mark.usefixtures("fetches_beyond_the_end_fail")
async def test_a_changelog_is_read_though_its_reader_closes_after_a_fetch_that_failed(
    broker: Broker, place: TopicPartition
) -> None:
    read: list[Stored] = []

    def judge(_: TopicPartition, records: Iterable[Stored]) -> None:
        read.extend(records)

    changelog = Changelog({"bootstrap_servers": broker.bootstrap}, 10)
    assert await changelog.read({place: Range()}, judge) == {place: ROWS}
    assert [key for key, _, _ in read] == [("a", str(number)) for number in range(ROWS)]


@pytest.mark.usefixtures("fetches_beyond_the_end_fail")
@pytest.mark.parametrize("ours", [True, False])
async def test_a_consumer_that_closes_after_a_fetch_that_failed(
    broker: Broker, place: TopicPartition, *, ours: bool
) -> None:
    """Ours ends with its connections closed; aiokafka's own ending cancels who asked for it (or ours can go)."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, retry_backoff_ms=60_000)
    await consumer.start()
    consumer.assign([place])
    consumer.seek(place, ROWS)
    async with asyncio.timeout(30):
        while not consumer._fetcher._pending_tasks:  # noqa: ASYNC110  aiokafka tells nobody
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    connections = list(consumer._client._conns.values())
    if ours:
        await disconnect(consumer)
    else:
        with pytest.raises(asyncio.CancelledError):
            await consumer.stop()
        await consumer._client.close()
    assert connections
    assert not any(connection.connected() for connection in connections)


@pytest.mark.parametrize("ours", [True, False])
async def test_a_producer_asks_for_a_broker_that_is_away_with_pauses(private_broker: MakeBroker, *, ours: bool) -> None:
    """Ours does; aiokafka's own does not (or ours can go)."""
    kafka = private_broker()
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    if ours:
        unhurried(producer.client)
    asked, ask = [], producer.client._metadata_update

    async def counted(*about: object) -> bool:
        asked.append(time.monotonic())
        answer: bool = await ask(*about)
        return answer

    producer.client._metadata_update = counted
    await producer.start()
    await asyncio.to_thread(kafka.kill)
    asked.clear()
    for _ in range(3):
        producer.client.force_metadata_update()
    seconds = 4 * ASK_AGAIN_S
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await producer.client.force_metadata_update()
    enough = 2 + seconds / ASK_AGAIN_S
    assert len(asked) <= enough if ours else len(asked) > 10 * enough
    await producer.stop()
