"""`stream-app import` against a real broker: what arrives, where, and that it may be interrupted."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.partitioner import murmur2

from stream_app.codec import Event
from stream_app.domain.fold import state_of
from stream_app.local.kafka import Broker
from stream_app.operate import topics
from stream_app.pipeline import AREAS, Partition
from stream_app.settings import Settings
from stream_app.sources import mapping, times
from stream_app.sources.log import Log
from stream_app.sources.replay import Replay
from stream_app.sources.summary import summary
from tests.broker.cluster import Cluster, numbers

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/data/servicenow_sample.csv"
MAPPING = ROOT / "topics/mappings/servicenow.toml"
PARTITIONS = 4

pytestmark = pytest.mark.broker


@pytest.fixture
async def settings(broker: Broker) -> Settings:
    name = f"import{uuid4().hex[:8]}"
    made = Settings.model_validate({
        "kafka": {"bootstrap_servers": broker.bootstrap, "replication_factor": 1, "min_insync_replicas": 1},
        "topics": {"prefix": f"{name}.", "partitions": PARTITIONS},
        "app": {"id": name},
    })  # fmt: skip
    await topics.apply(made)
    return made


async def importing(
    settings: Settings, *arguments: str, file: Path = SAMPLE, how: Path = MAPPING
) -> asyncio.subprocess.Process:
    environment = os.environ | {
        "STREAM_APP_KAFKA__BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers,
        "STREAM_APP_TOPICS__PREFIX": settings.topics.prefix,
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stream_app", "import", str(file), "-m", str(how), "--json", *arguments,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


Records = list[list[tuple[bytes, bytes]]]


async def records(settings: Settings) -> Records:
    """(key, value) of all records, by partition."""
    topic = settings.source_topic("cases")
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap_servers, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        assigned = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(assigned)
        ends = await consumer.end_offsets(assigned)
        found: Records = [[] for _ in assigned]
        while any(len(found[place.partition]) < end for place, end in ends.items()):
            for place, batch in (await consumer.getmany(timeout_ms=1000)).items():
                found[place.partition] += [(record.key, record.value) for record in batch]
        return found
    finally:
        await consumer.stop()


def absorbed(found: Records) -> list[Partition]:
    partitions = []
    for values in found:
        partition = Partition(Settings().rules.build())
        codec, area = AREAS["cases"].codec(), AREAS["cases"]
        events = [codec.decode(value, offset, 1 << 62) for offset, (_, value) in enumerate(values)]
        partition.absorb(area, [event for event in events if isinstance(event, Event)])
        partitions.append(partition)
    return partitions


def states(found: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: state_of(AREAS["cases"].folding, row) for key, row in found.items()}


def rows(partitions: Sequence[Partition]) -> dict[tuple[str, str], object]:
    return {key: row for partition in partitions for key, row in partition.rows["cases"].items()}


async def test_an_import_arrives_in_order_each_account_in_its_partition(settings: Settings) -> None:
    process = await importing(settings)
    out, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    with Log(SAMPLE, mapping.load(MAPPING)) as log:
        expected = [(item.message.account.encode(), item.message.value) for item in log.ready()]
    found = await records(settings)
    for number, values in enumerate(found):
        assert values == [item for item in expected if (murmur2(item[0]) & 0x7FFFFFFF) % PARTITIONS == number]
    said = json.loads(out)
    assert (said["published"], said["complete"]) == (len(expected), True)


async def test_the_rows_of_an_import_give_the_summary_of_replay(settings: Settings) -> None:
    process = await importing(settings)
    await process.communicate()
    held = rows(absorbed(await records(settings)))
    with Log(SAMPLE, mapping.load(MAPPING)) as log:
        run = Replay(log)
        run.until(None)
        assert summary(held) == run.summary()  # type: ignore[arg-type]


async def test_an_import_interrupted_and_begun_again_counts_nothing_twice(settings: Settings) -> None:
    process = await importing(settings, "--speed", "400000")
    for _ in range(100):
        await asyncio.sleep(0.2)
        if sum(map(len, await records(settings))) > 20:
            break
    process.send_signal(signal.SIGINT)
    out, error = await process.communicate()
    assert process.returncode == 130, error.decode()
    said = json.loads(out)
    assert not said["complete"]
    assert said["published"] == sum(map(len, await records(settings)))
    await (await importing(settings)).communicate()
    again = rows(absorbed(await records(settings)))
    with Log(SAMPLE, mapping.load(MAPPING)) as log:
        run = Replay(log)
        run.until(None)
    once = run.partition.rows["cases"]
    assert states(again) == states(once)


async def test_a_topic_that_is_not_there_is_named_with_what_to_do(broker: Broker) -> None:
    prefix = f"none{uuid4().hex[:8]}."
    kafka = {"bootstrap_servers": broker.bootstrap}
    process = await importing(Settings.model_validate({"kafka": kafka, "topics": {"prefix": prefix}}))
    out, error = await process.communicate()
    assert process.returncode == 3
    assert f"topic '{prefix}cases'" in json.loads(out)["error"]
    assert "stream-app topics check" in error.decode()
    assert "Traceback" not in error.decode()


WHOLE = (pytest.mark.slow, pytest.mark.timeout(600))


@pytest.mark.parametrize(
    ("name", "file", "until"),
    [
        ("servicenow", "servicenow_sample.csv", "2016-06-20T09:00:00Z"),
        ("helpdesk", "helpdesk_sample.csv", "2012-06-20T09:00:00Z"),
        pytest.param("servicenow", "servicenow_incidents.zip", "2016-05-27T22:47:15Z", marks=WHOLE),
        pytest.param("helpdesk", "helpdesk.csv.gz", "2013-01-05T18:10:49.75Z", marks=WHOLE),
    ],
)
async def test_after_an_import_a_worker_shows_and_its_changelog_holds_what_replay_does(
    broker: Broker, tmp_path: Path, name: str, file: str, until: str
) -> None:
    folder = ROOT / "tests/data" if "sample" in file else Path(os.environ.get("STREAM_APP_DATA_DIR", "/nowhere"))
    path, how = folder / file, ROOT / f"topics/mappings/{name}.toml"
    if not path.exists():
        pytest.skip(f"the whole logs are looked for in STREAM_APP_DATA_DIR, which has no {file}")
    async with Cluster(broker.bootstrap, tmp_path, PARTITIONS) as cluster:
        worker = await cluster.worker(app__clock="event")
        process = await importing(cluster.settings, "--until", until, file=path, how=how)
        out, error = await process.communicate()
        assert json.loads(out)["published"] > 100, error.decode()
        await cluster.drained()
        shown = numbers(await asyncio.to_thread(lambda: worker.metrics))
        held = await cluster._changelog_rows()
    with Log(path, mapping.load(how)) as log:
        latest = max(item.message.at for item in log.ready(times.instant(until)))
    with Log(path, mapping.load(how)) as log:
        run = Replay(log)
        (reading,) = run.readings([latest])
    replayed = numbers(reading.text)
    assert {place: value for place, value in shown.items() if value} == {
        place: value for place, value in replayed.items() if value
    }
    assert sum(value for (family, _), value in replayed.items() if family == "support_cases_open") > 0
    found = {key: row for (topic, _), rows in held.items() if topic == "cases" for key, row in rows.items()}
    assert summary(found) == run.summary()
