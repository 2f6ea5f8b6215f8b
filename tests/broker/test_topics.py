"""Topics on a real broker: made as their contracts say, and every difference found."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from stream_app.__main__ import main
from stream_app.connection import BrokerUnreachableError, admin
from stream_app.local.kafka import Broker
from stream_app.operate import topics
from stream_app.operate.topics import Mismatch, TopicsMismatchError
from stream_app.settings import AppSettings, KafkaSettings, Settings, TopicsSettings

pytestmark = pytest.mark.broker


@pytest.fixture
def settings(broker: Broker) -> Settings:
    """Settings with topics that are only this test's."""
    unique = uuid.uuid4().hex[:8]
    return Settings(
        kafka=KafkaSettings(bootstrap_servers=broker.bootstrap, replication_factor=1, min_insync_replicas=1),
        topics=TopicsSettings(prefix=f"{unique}.", partitions=3),
        app=AppSettings(id=f"app-{unique}"),
    )


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    async with admin(settings.kafka) as made:
        yield made


async def configure(client: AIOKafkaAdminClient, topic: str, **configs: str) -> None:
    named = {name.replace("_", "."): value for name, value in configs.items()}
    await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, named)])
    while not named.items() <= (await configuration(client, topic)).items():  # noqa: ASYNC110  shown a moment later
        await asyncio.sleep(0.02)


async def configuration(client: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    (response,) = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {entry[0]: entry[1] for entry in response.resources[0][4]}


async def test_apply_makes_every_topic_as_its_contract_says(settings: Settings) -> None:
    assert {item.setting for item in await topics.check(settings)} == {"topic"}
    done = await topics.apply(settings)
    assert [item.outcome for item in done] == ["created"] * 9
    assert await topics.check(settings) == []
    await topics.require(settings)


async def test_changelogs_are_compacted_and_all_topics_have_the_same_partitions(
    settings: Settings, client: AIOKafkaAdminClient
) -> None:
    await topics.apply(settings)
    named = [settings.changelog_topic("cases"), settings.source_topic("cases"), settings.dead_letter_topic("cases")]
    found = {
        topic["topic"]: len(topic["partitions"]) for topic in await client.describe_topics() if topic["topic"] in named
    }
    assert found == dict.fromkeys(named, 3)
    assert (await configuration(client, named[0]))["cleanup.policy"] == "compact"
    assert (await configuration(client, named[0]))["min.compaction.lag.ms"] == "3600000"


async def test_apply_again_changes_nothing(settings: Settings) -> None:
    await topics.apply(settings)
    assert {item.outcome for item in await topics.apply(settings)} == {"as it should be"}


async def test_a_dry_run_does_nothing(settings: Settings) -> None:
    assert {item.outcome for item in await topics.apply(settings, dry_run=True)} == {"created"}
    assert {item.setting for item in await topics.check(settings)} == {"topic"}


async def test_a_setting_that_differs_is_named_and_put_right(settings: Settings, client: AIOKafkaAdminClient) -> None:
    await topics.apply(settings)
    changelog = settings.changelog_topic("cases")
    await configure(client, changelog, cleanup_policy="delete", retention_bytes="12345")
    mismatches = {item.setting: item for item in await topics.check(settings)}
    assert mismatches["cleanup.policy"] == Mismatch(changelog, "cleanup.policy", "delete", "compact")
    assert str(mismatches["cleanup.policy"]) == f"{changelog}: cleanup.policy is delete, should be compact"
    assert [item.topic for item in await topics.apply(settings) if item.outcome == "altered"] == [changelog]
    assert await topics.check(settings) == []


async def test_settings_that_are_none_of_ours_are_left_alone(settings: Settings, client: AIOKafkaAdminClient) -> None:
    await topics.apply(settings)
    changelog = settings.changelog_topic("cases")
    await configure(client, changelog, cleanup_policy="delete", retention_bytes="12345")
    await topics.apply(settings)
    assert (await configuration(client, changelog))["retention.bytes"] == "12345"


async def test_a_partition_count_is_never_changed_and_the_reason_is_said(
    settings: Settings, client: AIOKafkaAdminClient
) -> None:
    topic = settings.source_topic("surveys")
    await client.create_topics([NewTopic(topic, 2, 1)])
    (refused,) = [item for item in await topics.apply(settings) if item.outcome == "refused"]
    assert refused.topic == topic
    assert "fixed for life" in refused.why
    assert await topics.check(settings) == [Mismatch(topic, "partitions", "2", "3")]


async def test_what_may_be_altered_is_altered_although_the_partitions_are_refused(
    settings: Settings, client: AIOKafkaAdminClient
) -> None:
    topic = settings.source_topic("surveys")
    await client.create_topics([NewTopic(topic, 2, 1, topic_configs={"retention.ms": "1000"})])
    await topics.apply(settings)
    assert (await configuration(client, topic))["retention.ms"] == "34560000000"


async def test_a_worker_is_told_every_mismatch_before_it_starts(settings: Settings) -> None:
    with pytest.raises(TopicsMismatchError) as caught:
        await topics.require(settings)
    assert len(caught.value.mismatches) == 9
    assert f"{settings.source_topic('cases')}: topic is missing" in str(caught.value)


async def test_a_broker_that_does_not_answer_is_named() -> None:
    with pytest.raises(BrokerUnreachableError, match=r"127\.0\.0\.1:1 "):
        await topics.check(Settings(kafka=KafkaSettings(bootstrap_servers="127.0.0.1:1")))


def test_the_commands_end_with_1_on_a_mismatch_0_when_all_is_well_and_3_without_a_broker(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "KAFKA__BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers,
        "KAFKA__REPLICATION_FACTOR": "1",
        "KAFKA__MIN_INSYNC_REPLICAS": "1",
        "TOPICS__PREFIX": settings.topics.prefix,
        "APP__ID": settings.app.id,
    }.items():
        monkeypatch.setenv(f"STREAM_APP_{name}", value)

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["topics", *arguments])
        return int(ended.value.code or 0), capsys.readouterr().out

    code, out = run("check", "--json")
    assert (code, {item["found"] for item in json.loads(out)}) == (1, {"missing"})
    code, out = run("apply", "--json")
    assert (code, {item["outcome"] for item in json.loads(out)}) == (0, {"created"})
    assert run("check") == (0, "all topics are as they should be\n")
    monkeypatch.setenv("STREAM_APP_TOPICS__PARTITIONS", "4")
    assert run("apply")[0] == 1
    monkeypatch.setenv("STREAM_APP_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:1")
    code, out = run("check", "--json")
    assert (code, json.loads(out)["exit_code"]) == (3, 3)
