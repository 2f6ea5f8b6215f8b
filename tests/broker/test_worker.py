"""What a worker promises beside counting right: when it refuses, what it shows, how it ends."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

import stream_app
from stream_app.codec import dump_key
from stream_app.local.kafka import Broker
from stream_app.operate import topics
from tests.broker.cluster import Cluster, Worker, numbers
from tests.broker.conftest import MakeBroker
from tests.broker.traffic import Published, publish, traffic

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture
async def cluster(broker: Broker, tmp_path: Path) -> AsyncIterator[Cluster]:
    async with Cluster(broker.bootstrap, tmp_path, partitions=4) as made:
        yield made


def now_ms() -> int:
    return int(time.time() * 1000)


def created(number: int, **fields: object) -> Published:
    event = {
        "kind": "created", "event_id": f"e{number}", "at": now_ms(), "account": f"a{number}", "source": "test",
        "case": f"c{number}", "priority": "p1", **fields,
    }  # fmt: skip
    return Published("cases", f"a{number}".encode(), json.dumps(event).encode(), "")


def said(worker: Worker) -> list[str]:
    return worker.child.command.log.read_text().splitlines()


async def send(cluster: Cluster, *records: Published) -> None:
    await publish(cluster.bootstrap, cluster.settings.topics.prefix, iter(records), 10_000)


async def test_two_workers_share_the_partitions_and_one_that_leaves_takes_its_series_along(cluster: Cluster) -> None:
    await send(cluster, *traffic(1, 4_000, now_ms()))
    first = await cluster.worker()
    await cluster.drained()
    await cluster.check()
    second = await cluster.worker()
    await cluster.until(first.is_ready, 60, "the first worker is ready again")
    await cluster.check_gauges()
    alone = first.metrics
    assert alone.count("stream_app_partition_owned{") == 6
    assert second.metrics.count("stream_app_partition_owned{") == 6
    assert await asyncio.to_thread(second.child.stop) == 0
    await cluster.until(lambda: first.metrics.count("stream_app_partition_owned{") == 12, 60, "all come back")
    await cluster.check_gauges()
    alone_at_first, shared, alone_again = (line for line in said(first) if "rows recovered" in line)
    assert "0 rows recovered" in alone_at_first
    assert " 0 rows recovered" in shared, "what stays where it was is not read again"
    assert "those of 6 partitions were still here" in shared
    assert "those of 6 partitions were still here" in alone_again
    assert " 0 rows recovered" not in alone_again


async def test_nothing_is_shown_before_recovery_is_complete(cluster: Cluster) -> None:
    await send(cluster, *traffic(2, 8_000, now_ms()))
    first = await cluster.worker()
    await cluster.drained()
    whole = sum(numbers(first.metrics).values())
    await asyncio.to_thread(first.child.stop)
    second = await cluster.worker(ready=False)
    seen = set()
    while not second.is_ready():
        found = numbers(second.metrics)
        seen.add(bool(found))
        assert not found or second.is_ready(), "numbers were shown before every row was there"
    assert False in seen
    assert sum(numbers(second.metrics).values()) == pytest.approx(whole, rel=0.5)
    await cluster.check()


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
async def test_events_compressed_by_any_codec_are_counted(cluster: Cluster, codec: str | None) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, compression_type=codec)
    await producer.start()
    for number in range(50):
        record = created(number)
        await producer.send(cluster.settings.source_topic("cases"), record.value, key=record.key)
    await producer.stop()
    worker = await cluster.worker()
    await cluster.drained()
    found = numbers(worker.metrics)
    assert found["support_cases_open", ("p1", "new", "unknown")] == 50


async def test_what_a_transaction_took_back_is_not_counted_and_the_gap_it_leaves_is_no_hole(cluster: Cluster) -> None:
    worker = await cluster.worker()
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id=cluster.name)
    await producer.start()
    for first, kept in ((0, True), (10, False), (20, True), (30, False)):
        await producer.begin_transaction()
        for number in range(first, first + 10):
            record = created(number)
            await producer.send(cluster.settings.source_topic("cases"), record.value, key=record.key)
        await (producer.commit_transaction() if kept else producer.abort_transaction())
    await producer.stop()
    await cluster.drained()
    text = worker.metrics
    assert numbers(text)["support_cases_open", ("p1", "new", "unknown")] == 20
    assert f'stream_app_fetch_holes_total{{topic="{cluster.settings.source_topic("cases")}"}} 0.0' in text


async def test_a_worker_refuses_topics_that_are_not_as_they_should_be(broker: Broker, tmp_path: Path) -> None:
    cluster = Cluster(broker.bootstrap, tmp_path, partitions=4)
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(cluster.settings.source_topic("cases"), 3, 1)])
    await admin.close()
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "stream_app", "worker"],
        env=os.environ | cluster.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode != 0
    line = next(line for line in ended.stderr.splitlines() if f"{cluster.settings.source_topic('cases')}:" in line)
    assert "partitions" in line
    assert "3" in line
    assert "4" in line
    assert "Traceback" not in ended.stderr


async def test_a_row_of_an_unknown_version_ends_the_worker_with_a_clear_message(cluster: Cluster) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap)
    await producer.start()
    row = b"\x97\xcc\x63\x05\x01\x00\xc0\xc0\x90"  # version 99, offset 5
    await producer.send_and_wait(cluster.settings.changelog_topic("cases"), row, key=dump_key(("a", "c")), partition=1)
    await producer.stop()
    worker = await cluster.worker(ready=False)
    assert await worker.died(30) == 70
    log = worker.child.command.log.read_text()
    assert "a stored row of 'cases' has version 99, this program reads version 1" in log


async def test_a_flush_that_fails_ends_the_worker_before_it_commits_and_the_next_one_makes_it_good(
    cluster: Cluster,
) -> None:
    worker = await cluster.worker()
    changelogs = [cluster.settings.changelog_topic(area) for area in ("cases", "surveys", "callhome")]
    await _set_largest_record(cluster, changelogs, "100")
    await send(cluster, *traffic(4, 1_000, now_ms()))
    assert await worker.died(30) == 70
    assert "changelog flush failed: MessageSizeTooLargeError" in worker.child.command.log.read_text()
    await _set_largest_record(cluster, changelogs, "1048588")
    await topics.apply(cluster.settings)
    await cluster.worker()
    await cluster.drained()
    await cluster.check()


async def _set_largest_record(cluster: Cluster, names: list[str], size: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    for topic in names:
        wanted = {"max.message.bytes": size, "cleanup.policy": "compact"}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wanted)])
    await admin.close()
    await asyncio.sleep(1)


async def test_what_left_the_log_before_it_was_read_is_counted_and_consumption_goes_on(cluster: Cluster) -> None:
    worker = await cluster.worker()
    await send(cluster, *(created(number) for number in range(100)))
    await cluster.drained()
    await asyncio.to_thread(worker.child.stop)
    await send(cluster, *(created(number) for number in range(100, 200)))
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    tp = TopicPartition(cluster.settings.source_topic("cases"), 0)
    before = (await admin.list_consumer_group_offsets(cluster.settings.app.id))[tp].offset
    await admin.delete_records({tp: RecordsToDelete(before_offset=before + 5)})
    await admin.close()
    again = await cluster.worker()
    await cluster.drained()
    topic = cluster.settings.source_topic("cases")
    assert f'stream_app_records_lost_total{{topic="{topic}"}} 5.0' in again.metrics
    assert numbers(again.metrics)["support_cases_open", ("p1", "new", "unknown")] == 195


async def test_a_worker_that_gets_no_further_although_there_is_lag_ends_and_the_next_one_makes_it_good(
    cluster: Cluster,
) -> None:
    await send(cluster, *(created(number) for number in range(40)))
    worker = await cluster.worker("fetch:1:stall", delivery__progress_timeout_seconds="4")
    await send(cluster, *(created(number) for number in range(40, 200)))
    assert await worker.died(40) == 70
    assert worker.proof.read_text() == "fetch"
    topic, log = cluster.settings.source_topic("cases"), worker.child.command.log.read_text()
    assert re.search(rf"{topic}/\d: no progress for 4 s with \d+ records to read", log)
    again = await cluster.worker()
    await cluster.drained()
    assert numbers(again.metrics)["support_cases_open", ("p1", "new", "unknown")] == 200


async def test_records_behind_a_transaction_that_does_not_end_are_lag_and_are_said(cluster: Cluster) -> None:
    topic = cluster.settings.source_topic("cases")
    worker = await cluster.worker(delivery__progress_timeout_seconds="2")
    await send(cluster, *(created(number) for number in range(40)))
    await cluster.drained()
    holding = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id=cluster.name)
    await holding.start()
    await holding.begin_transaction()
    held = created(40)
    await holding.send_and_wait(topic, held.value, key=held.key)
    await send(cluster, *(created(number) for number in range(41, 200)))
    await cluster.until(lambda: _lag(worker.metrics, topic) > 10, 20, "records wait")
    waiting = re.compile(rf"{topic}/\d: \d+ records wait for the end of a transaction")
    await cluster.until(lambda: waiting.search(worker.child.command.log.read_text()), 20, "it is said")
    await holding.commit_transaction()
    await holding.stop()
    await cluster.drained()
    assert numbers(worker.metrics)["support_cases_open", ("p1", "new", "unknown")] == 200
    await cluster.until(lambda: _lag(worker.metrics, topic) == 0, 20, "nothing waits any more")


def _lag(text: str, topic: str) -> float:
    found = re.search(rf'^stream_app_lag_records{{topic="{re.escape(topic)}"}} (\S+)$', text, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def test_a_worker_that_is_asked_to_stop_commits_what_it_has_and_ends_well(cluster: Cluster) -> None:
    worker = await cluster.worker(delivery__progress_timeout_seconds="1")
    await asyncio.sleep(2)  # its recovery is long ago
    await send(cluster, *traffic(3, 2_000, now_ms()))
    await cluster.until(lambda: 'outcome="applied"' in worker.metrics, 10, "something is applied")
    assert await asyncio.to_thread(worker.child.stop) == 0
    await cluster.worker()
    await cluster.drained()
    await cluster.check()


async def test_a_worker_leaves_nothing_on_the_disk(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    for folder in (home, scratch):
        folder.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setenv("PYTHONPATH", str(Path(stream_app.__file__).parents[1]))
    worker = await cluster.worker()
    await send(cluster, created(1))
    await cluster.drained()
    assert await asyncio.to_thread(worker.child.stop) == 0
    assert [*home.iterdir(), *scratch.iterdir()] == []


async def test_a_record_under_a_wrong_key_is_rejected_as_misrouted(cluster: Cluster) -> None:
    record = created(1)
    await send(cluster, record._replace(key=b"somebody-else"), created(2))
    worker = await cluster.worker()
    await cluster.drained()
    topic = cluster.settings.source_topic("cases")
    assert f'stream_app_rejects_total{{reason="misrouted",topic="{topic}"}} 1.0' in worker.metrics
    assert numbers(worker.metrics)["support_cases_open", ("p1", "new", "unknown")] == 1


async def test_a_worker_whose_broker_is_gone_ends_within_seconds_of_being_told(
    private_broker: MakeBroker, tmp_path: Path
) -> None:
    kafka = private_broker()
    async with Cluster(kafka.bootstrap, tmp_path, partitions=4) as cluster:
        worker = await cluster.worker(delivery__max_age_ms="60000")
        await send(cluster, *(created(number) for number in range(1_000)))
        await cluster.until(
            lambda: numbers(worker.metrics).get(("support_cases_open", ("p1", "new", "unknown"))) == 1_000,
            30, "all are absorbed; their rows wait to be written",
        )  # fmt: skip
        await asyncio.to_thread(kafka.kill)
        await asyncio.sleep(1)  # its fetches fail by now
        await cluster.stopped_soon(worker)


async def test_a_worker_may_be_told_to_stop_at_any_moment_of_its_start(cluster: Cluster) -> None:
    for tenth in range(4, 14):
        worker = await cluster.worker(ready=False)
        await asyncio.sleep(tenth / 10)
        await cluster.stopped_soon(worker)
