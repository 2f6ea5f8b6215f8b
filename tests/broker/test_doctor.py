"""The doctor on a real broker: copies, topics, partitions, retention and clock."""

import time
import uuid
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from stream_app.connection import admin, client_arguments, reaching
from stream_app.local.kafka import Broker
from stream_app.operate import doctor, topics
from stream_app.settings import AppSettings, KafkaSettings, Settings, TopicsSettings

pytestmark = pytest.mark.broker


@pytest.fixture
def settings(broker: Broker) -> Settings:
    unique = uuid.uuid4().hex[:8]
    return Settings(
        kafka=KafkaSettings(bootstrap_servers=broker.bootstrap, replication_factor=1, min_insync_replicas=1),
        topics=TopicsSettings(prefix=f"{unique}.", partitions=2),
        app=AppSettings(id=f"app-{unique}"),
    )


@dataclass(frozen=True)
class Seen:
    status: str
    says: str
    cure: str


async def seen(settings: Settings) -> dict[str, Seen]:
    return {check.name: Seen(check.status, check.says, check.cure) for check in await doctor.examine(settings)}


async def test_all_is_well_when_the_topics_are_applied(settings: Settings) -> None:
    await topics.apply(settings)
    found = await seen(settings)
    for name in ("settings", "packages", "broker", "topics", "partitions", "retention", "clock"):
        assert found[name].status == "ok", found[name]


async def test_missing_topics_are_named_with_the_command_that_makes_them(settings: Settings) -> None:
    found = (await seen(settings))["topics"]
    assert found.status == "fail"
    assert settings.changelog_topic("cases") in found.says
    assert found.cure == "stream-app topics apply"


async def test_another_partition_count_and_another_retention_are_told_apart(settings: Settings) -> None:
    topic = settings.source_topic("cases")
    async with admin(settings.kafka) as client:
        await client.create_topics([NewTopic(topic, 5, 1)])
        await topics.apply(settings)
        await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "1000"})])
    patience = time.monotonic() + 10
    while (found := await seen(settings))["retention"].status == "ok" and time.monotonic() < patience:
        pass
    assert "retention.ms is 1000" in found["retention"].says
    assert "partitions is 5, should be 2" in found["partitions"].says
    assert "fixed for life" in found["partitions"].cure


async def test_fewer_brokers_than_copies_fail(settings: Settings) -> None:
    kafka = settings.kafka.model_copy(update={"replication_factor": 3})
    found = (await seen(settings.model_copy(update={"kafka": kafka})))["broker"]
    assert found.status == "fail"
    assert "kafka.replication_factor" in found.cure


@pytest.mark.parametrize(("ahead_seconds", "status"), [(-60, "ok"), (30, "warn"), (3_600, "fail")])
async def test_records_stamped_ahead_of_this_clock_are_seen(
    settings: Settings, ahead_seconds: int, status: str
) -> None:
    await topics.apply(settings)
    producer = AIOKafkaProducer(**client_arguments(settings.kafka))
    async with reaching(settings.kafka, producer):
        stamp = int((time.time() + ahead_seconds) * 1000)
        await producer.send_and_wait(settings.source_topic("cases"), b"{}", timestamp_ms=stamp)
    assert (await doctor.clock(settings)).status == status
