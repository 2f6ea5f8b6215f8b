"""Dead letters on a real broker: found, shown, and sent back exactly once."""

import asyncio
import json
import time
import uuid
from collections import Counter
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from stream_app.__main__ import main
from stream_app.codec import Event, Reject
from stream_app.connection import client_arguments, reaching
from stream_app.dead_letters import letter
from stream_app.local.kafka import Broker
from stream_app.operate import dead_letters, topics
from stream_app.operate.dead_letters import Choice, LettersError
from stream_app.operate.routing import partition_of
from stream_app.pipeline import AREAS
from stream_app.settings import AppSettings, KafkaSettings, Settings, TopicsSettings

pytestmark = pytest.mark.broker

PARTITIONS = 3


@pytest.fixture
async def settings(broker: Broker) -> Settings:
    """Settings with topics of this test's own, which are there."""
    unique = uuid.uuid4().hex[:8]
    made = Settings(
        kafka=KafkaSettings(bootstrap_servers=broker.bootstrap, replication_factor=1, min_insync_replicas=1),
        topics=TopicsSettings(prefix=f"{unique}.", partitions=PARTITIONS),
        app=AppSettings(id=f"app-{unique}"),
    )
    await topics.apply(made)
    return made


def created(number: int, **more: Any) -> dict[str, Any]:
    return {
        "event_id": f"e{number}", "kind": "created", "at": "2026-03-02T08:14:05Z", "account": f"acc-{number}",
        "source": "test", "case": f"CS-{number}", **more,
    }  # fmt: skip


async def rejected(settings: Settings, *events: dict[str, Any] | bytes, reason: str = "future") -> None:
    """Put events into the source topic's dead letters, as a worker that refused them would."""
    source, target = settings.source_topic("cases"), settings.dead_letter_topic("cases")
    producer = AIOKafkaProducer(**client_arguments(settings.kafka))
    reader = AIOKafkaConsumer(**client_arguments(settings.kafka))
    async with reaching(settings.kafka, producer), reaching(settings.kafka, reader):
        for event in events:
            value = event if isinstance(event, bytes) else json.dumps(event).encode()
            key = b"acc-0" if isinstance(event, bytes) else event["account"].encode()
            headers = [("trace", b"\x01\x02")]
            put = await producer.send_and_wait(source, value, key=key, headers=headers)
            part = TopicPartition(source, put.partition)
            reader.assign([part])
            reader.seek(part, put.offset)
            record = await reader.getone(part)
            reject = Reject(record.offset, reason, "`$.at` lies ahead")
            dead = letter((record.topic, record.partition), record, reject, time.time_ns() // 1_000_000)
            await producer.send_and_wait(
                target, dead.value, key=dead.key, partition=part.partition, headers=dead.headers
            )


async def transactions_ended(settings: Settings, topic: str) -> None:
    """Wait until the broker has marked how each transaction ended, which it does after it has answered the commit."""
    parts = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    ends = []
    for level in ("read_committed", "read_uncommitted"):
        consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka.bootstrap_servers, isolation_level=level)
        await consumer.start()
        ends.append((consumer, level))
    try:
        until = time.monotonic() + 10
        while True:
            stable, all_of_it = [await consumer.end_offsets(parts) for consumer, _level in ends]
            if stable == all_of_it or time.monotonic() > until:
                return
            await asyncio.sleep(0.05)
    finally:
        for consumer, _level in ends:
            await consumer.stop()


async def in_source(settings: Settings) -> list[Any]:
    """The committed records of the source topic."""
    await transactions_ended(settings, settings.source_topic("cases"))
    return [record async for record in dead_letters._records(settings, settings.source_topic("cases"), None)]


async def test_letters_are_found_by_reason_place_age_and_partition(settings: Settings) -> None:
    await rejected(settings, *(created(n) for n in range(6)))
    await rejected(settings, b"{oops", reason="malformed")

    async def found(**choice: Any) -> int:
        return len(await dead_letters.letters(settings, Choice(**choice)))

    assert await found() == 7
    assert await found(reasons=("malformed",)) == 1
    assert await found(areas=("surveys",)) == 0
    assert await found(detail="`$.at`") == 7
    assert await found(detail="`$.case`") == 0
    assert sum([await found(partition=number) for number in range(PARTITIONS)]) == 7
    assert await found(since_ms=time.time_ns() // 1_000_000 + 60_000) == 0
    assert await found(until_ms=time.time_ns() // 1_000_000 - 60_000) == 0


async def test_a_list_holds_no_value(settings: Settings) -> None:
    await rejected(settings, created(1))
    (found,) = await dead_letters.letters(settings, Choice())
    assert (found.key, found.value, found.headers) == (None, None, ())
    assert found.size > 0


async def test_one_letter_is_shown_with_its_original_bytes(settings: Settings) -> None:
    await rejected(settings, b"\xff{oops", reason="malformed")
    (found,) = await dead_letters.letters(settings, Choice())
    whole = await dead_letters.letter_at(settings, found.topic, found.partition, found.offset)
    assert whole.value == b"\xff{oops"
    assert whole.headers[0] == ("trace", b"\x01\x02")
    with pytest.raises(LettersError, match="there is no dead letter"):
        await dead_letters.letter_at(settings, found.topic, found.partition, found.offset + 1)


async def test_an_original_goes_back_as_it_was_to_the_partition_of_its_account(settings: Settings) -> None:
    await rejected(settings, created(1))
    before = await in_source(settings)
    done = await dead_letters.redrive(settings, Choice())
    assert done.sent.total() == 1
    first, again = await in_source(settings)
    assert before == [first]
    assert (again.key, again.value, again.headers) == (first.key, first.value, first.headers)
    assert again.partition == partition_of(b"acc-1", PARTITIONS)


async def test_each_letter_is_sent_back_once_however_often_it_is_asked_for(settings: Settings) -> None:
    await rejected(settings, *(created(n) for n in range(20)))
    await dead_letters.redrive(settings, Choice(), limit=7)
    for _ in range(3):
        await dead_letters.redrive(settings, Choice())
    ids = Counter(record.value for record in await in_source(settings))
    assert set(ids.values()) == {2}
    assert len(await dead_letters.letters(settings, Choice(redriven=True))) == 20
    assert await dead_letters.letters(settings, Choice(redriven=False)) == []


async def test_a_limit_and_a_choice_leave_the_others_for_later(settings: Settings) -> None:
    await rejected(settings, *(created(n) for n in range(4)))
    await rejected(settings, *(created(n) for n in range(4, 8)), reason="misrouted")
    await dead_letters.redrive(settings, Choice(reasons=("misrouted",)), limit=3)
    left = await dead_letters.letters(settings, Choice(redriven=False))
    assert Counter(item.origin.reason for item in left) == {"future": 4, "misrouted": 1}


async def test_two_runs_at_the_same_time_send_nothing_twice(settings: Settings) -> None:
    await rejected(settings, *(created(n) for n in range(30)))
    runs = [dead_letters.redrive(settings, Choice()) for _ in range(3)]
    await asyncio.gather(*runs, return_exceptions=True)
    await dead_letters.redrive(settings, Choice())
    ids = Counter(record.value for record in await in_source(settings))
    assert (len(ids), set(ids.values())) == (30, {2})


async def test_a_run_that_is_stopped_before_its_commit_sends_nothing_twice(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rejected(settings, *(created(n) for n in range(5)))
    real, sent = dead_letters._send, 0

    async def dies_after_two(*arguments: Any) -> None:
        nonlocal sent
        await real(*arguments)
        sent += 1
        if sent == 2:
            raise SystemExit("killed")

    monkeypatch.setattr(dead_letters, "_send", dies_after_two)
    with pytest.raises(SystemExit):
        await dead_letters.redrive(settings, Choice())
    assert len(await in_source(settings)) == 5
    monkeypatch.setattr(dead_letters, "_send", real)
    await dead_letters.redrive(settings, Choice())
    ids = Counter(record.value for record in await in_source(settings))
    assert (len(ids), set(ids.values())) == (5, {2})


async def test_letters_that_would_be_refused_again_stay_unless_forced(settings: Settings) -> None:
    await rejected(settings, created(1), created(2, by="robot"), b"{oops")
    done = await dead_letters.redrive(settings, Choice())
    assert (done.sent.total(), done.left) == (1, {"invalid": 1, "malformed": 1})
    forced = await dead_letters.redrive(settings, Choice(), force=True)
    assert forced.sent.total() == 2


async def test_a_dry_run_says_the_same_and_does_nothing(settings: Settings) -> None:
    await rejected(settings, created(1), b"{oops")
    done = await dead_letters.redrive(settings, Choice(), dry_run=True)
    assert (done.sent.total(), done.left) == (1, {"malformed": 1})
    assert len(await in_source(settings)) == 2


async def test_a_misrouted_event_goes_to_the_partition_of_its_account_with_its_key(settings: Settings) -> None:
    event = created(1)
    wrong = next(f"x{n}".encode() for n in range(99) if partition_of(f"x{n}".encode(), 3) != partition_of(b"acc-1", 3))
    producer = AIOKafkaProducer(**client_arguments(settings.kafka))
    async with reaching(settings.kafka, producer):
        await producer.send_and_wait(settings.source_topic("cases"), json.dumps(event).encode(), key=wrong)
        (record,) = await in_source(settings)
        dead = letter((record.topic, record.partition), record, Reject(0, "misrouted", "another key"), 1)
        target = settings.dead_letter_topic("cases")
        await producer.send_and_wait(target, dead.value, key=dead.key, partition=record.partition, headers=dead.headers)
    await dead_letters.redrive(settings, Choice())
    again = next(record for record in await in_source(settings) if record.key != wrong)
    assert (again.key, again.partition) == (b"acc-1", partition_of(b"acc-1", 3))
    assert isinstance(AREAS["cases"].codec().decode(again.value, 0, time.time_ns()), Event)


async def test_records_of_somebody_else_are_counted_and_left_alone(settings: Settings) -> None:
    producer = AIOKafkaProducer(**client_arguments(settings.kafka))
    async with reaching(settings.kafka, producer):
        await producer.send_and_wait(settings.dead_letter_topic("cases"), b"hello")
    strangers: Counter[str] = Counter()
    assert await dead_letters.letters(settings, Choice(), strangers) == []
    assert strangers == {settings.dead_letter_topic("cases"): 1}
    assert (await dead_letters.redrive(settings, Choice(), force=True)).sent.total() == 0


async def test_topics_that_are_missing_are_named(broker: Broker) -> None:
    nowhere = Settings(
        kafka=KafkaSettings(bootstrap_servers=broker.bootstrap), topics=TopicsSettings(prefix=uuid.uuid4().hex)
    )
    with pytest.raises(LettersError, match="topics apply"):
        await dead_letters.letters(nowhere, Choice())


def test_the_commands_list_show_and_send_back(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unique = uuid.uuid4().hex[:8]
    environment = {
        "KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap,
        "KAFKA__REPLICATION_FACTOR": "1",
        "KAFKA__MIN_INSYNC_REPLICAS": "1",
        "TOPICS__PREFIX": f"{unique}.",
        "TOPICS__PARTITIONS": "3",
        "APP__ID": unique,
    }
    for name, value in environment.items():
        monkeypatch.setenv(f"STREAM_APP_{name}", value)
    made = Settings(
        kafka=KafkaSettings(bootstrap_servers=broker.bootstrap, replication_factor=1, min_insync_replicas=1),
        topics=TopicsSettings(prefix=f"{unique}.", partitions=3),
        app=AppSettings(id=unique),
    )
    asyncio.run(topics.apply(made))
    asyncio.run(rejected(made, created(1), created(2, by="robot")))

    def run(*arguments: str) -> Any:
        with pytest.raises(SystemExit) as ended:
            main(["dead-letters", *arguments, "--json"])
        assert ended.value.code in {0, None}
        return json.loads(capsys.readouterr().out)

    listed = run("list", "--reason", "future", "--since", "5m")
    assert listed["counts"] == [{"topic": "cases", "reason": "future", "redriven": False, "letters": 2}]
    assert "robot" not in json.dumps(listed)
    shown = run("show", listed["letters"][1]["place"])
    assert json.loads(shown["value"])["by"] == "robot"
    assert run("redrive", "--dry-run") == {
        "dry_run": True,
        "sent": {f"{unique}.cases.dead-letters": 1},
        "left": {"invalid": 1},
    }
    assert run("redrive")["dry_run"] is False
    assert {item["redriven"] for item in run("list")["letters"]} == {True, False}
