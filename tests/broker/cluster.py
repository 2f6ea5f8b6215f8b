"""Workers as processes over topics of their own, and the check that what they hold is what was published."""

import asyncio
import operator
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client.parser import text_string_to_metric_families

from stream_app.catalogue import METRICS
from stream_app.codec import Event, load_key, row_offset
from stream_app.domain.fold import Key, Row, state_of
from stream_app.local.ports import free_port
from stream_app.local.processes import Child, Command, start
from stream_app.operate import topics
from stream_app.pipeline import AREAS, Area, Partition
from stream_app.settings import Settings
from tests import oracle

Numbers = dict[tuple[str, tuple[str, ...]], float]
OURS = {metric.name: metric for metric in METRICS}
TOGETHER: dict[str, Callable[[float, float], float]] = {"sum": operator.add, "max": max, "min": min}
SESSION_S = 6
STOP_S = 10


@dataclass
class Worker:
    """One worker process."""

    child: Child
    port: int
    proof: Path

    @property
    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    async def died(self, seconds: float) -> int:
        """The exit code; fails when the process still lives after so long."""
        until = time.monotonic() + seconds
        while self.child.is_alive:
            assert time.monotonic() < until, f"the worker did not die within {seconds} s: {self.child.command.log}"
            await asyncio.sleep(0.05)
        return self.child.process.wait()


@dataclass
class Model:
    """What the rows must be: the plain fold of the source topics, one record at a time, as far as they were read."""

    positions: dict[TopicPartition, int] = field(default_factory=dict)
    partitions: dict[int, Partition] = field(default_factory=dict)
    good: list[tuple[str, int, bytes | None]] = field(default_factory=list)
    bad: dict[tuple[str, int, int], tuple[bytes | None, str]] = field(default_factory=dict)


class Cluster:
    """Topics with a prefix of their own on a broker, and the workers of a group of their own."""

    def __init__(self, bootstrap: str, directory: Path, partitions: int = 8) -> None:
        self.name = f"t{uuid4().hex[:8]}"
        self.directory = directory
        self.settings = Settings.model_validate({
            "kafka": {"bootstrap_servers": bootstrap, "replication_factor": 1, "min_insync_replicas": 1},
            "topics": {"prefix": f"{self.name}.", "partitions": partitions},
            "app": {"id": self.name},
        })  # fmt: skip
        self.bootstrap = bootstrap
        self.workers: list[Worker] = []
        self.model = Model()

    async def __aenter__(self) -> Self:
        await topics.apply(self.settings)
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.child.kill()

    def environment(self) -> dict[str, str]:
        """The settings of this cluster, for any verb of the command."""
        return {
            "STREAM_APP_KAFKA__BOOTSTRAP_SERVERS": self.bootstrap,
            "STREAM_APP_KAFKA__REPLICATION_FACTOR": "1",
            "STREAM_APP_KAFKA__MIN_INSYNC_REPLICAS": "1",
            "STREAM_APP_TOPICS__PREFIX": self.settings.topics.prefix,
            "STREAM_APP_TOPICS__PARTITIONS": str(self.settings.topics.partitions),
            "STREAM_APP_APP__ID": self.settings.app.id,
        }

    # -- workers

    async def worker(self, failpoint: str = "", *, ready: bool = True, **settings: str) -> Worker:
        """Start a worker and wait until it is ready, or only until it serves."""
        port = free_port()
        name = f"{self.name}-{len(self.workers)}"
        proof = self.directory / f"{name}.failpoint"
        environment = self.environment() | {
            "STREAM_APP_WEB__PORT": str(port),
            "STREAM_APP_DELIVERY__SESSION_TIMEOUT_SECONDS": str(SESSION_S),
            "STREAM_APP_DELIVERY__HEARTBEAT_SECONDS": "1",
            "STREAM_APP_FAILPOINT": failpoint,
            "STREAM_APP_FAILPOINT_FILE": str(proof),
            **{f"STREAM_APP_{key.upper()}": value for key, value in settings.items()},
        }
        command = Command(
            name, [sys.executable, "-m", "stream_app", "worker"], self.directory / f"{name}.log", environment
        )

        # Making the child and waiting for it blocks: in a thread, so that publishing goes on meanwhile.
        def serves() -> bool:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
            except OSError:
                return False
            return True

        child = await asyncio.to_thread(start, command, serves, timeout_seconds=60)
        worker = Worker(child, port, proof)
        self.workers.append(worker)
        if ready:
            await self.until(worker.is_ready, 60, "the worker is ready")
        return worker

    async def stopped_soon(self, worker: Worker) -> None:
        """Tell a worker to stop; fails unless it ends well within what a supervisor grants, and without a complaint."""
        told = time.monotonic()
        assert await asyncio.to_thread(worker.child.stop) == 0
        assert time.monotonic() - told < STOP_S
        assert "Traceback" not in worker.child.command.log.read_text()

    async def until(self, holds: Any, seconds: float, what: str) -> None:
        """Wait until `holds()`, which may block."""
        until = time.monotonic() + seconds
        while not await asyncio.to_thread(holds):
            assert time.monotonic() < until, f"not within {seconds} s: {what} (logs in {self.directory})"
            await asyncio.sleep(0.1)

    # -- progress

    def sources(self) -> list[TopicPartition]:
        count = self.settings.topics.partitions
        return [TopicPartition(self.settings.source_topic(area), p) for area in AREAS for p in range(count)]

    async def drained(self, seconds: float = 90) -> None:
        """Wait until everything published is committed."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await consumer.start()
        await admin.start()
        try:
            until = time.monotonic() + seconds
            while True:
                ends = await consumer.end_offsets(self.sources())
                committed = await admin.list_consumer_group_offsets(self.settings.app.id)
                left = {
                    tp: end - (committed[tp].offset if tp in committed else 0)
                    for tp, end in ends.items()
                    if end > (committed[tp].offset if tp in committed else 0)
                }
                if not left:
                    return
                assert time.monotonic() < until, f"not committed within {seconds} s: {left} (logs in {self.directory})"
                await asyncio.sleep(0.2)
        finally:
            await consumer.stop()
            await admin.close()

    # -- the check

    async def check(self) -> None:
        """Rows of the changelog, gauges of the workers and dead letters equal what was published, exactly."""
        await self._advance()
        rows = await self._changelog_rows()
        await asyncio.to_thread(self._compare_rows, rows)
        await self._check_letters()
        await self.check_gauges()

    async def _read(self, tps: list[TopicPartition], begin: dict[TopicPartition, int]) -> list[Any]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, enable_auto_commit=False, isolation_level="read_committed",
            max_partition_fetch_bytes=8 << 20, auto_offset_reset="earliest",
        )  # fmt: skip
        await consumer.start()
        found: list[Any] = []
        try:
            ends = await consumer.end_offsets(tps)
            left = {tp for tp in tps if ends[tp] > begin.get(tp, 0)}
            consumer.assign(list(left))
            for tp in left:
                consumer.seek(tp, begin.get(tp, 0))
            while left:
                for tp, records in (await consumer.getmany(timeout_ms=500)).items():
                    found += [record for record in records if record.offset < ends[tp]]
                left = {tp for tp in left if await consumer.position(tp) < ends[tp]}
        finally:
            await consumer.stop()
        return found

    async def _advance(self) -> None:
        records = await self._read(self.sources(), self.model.positions)
        await asyncio.to_thread(self._fold, records)

    def _fold(self, records: list[Any]) -> None:
        model = self.model
        rules = self.settings.rules.build()
        for area in AREAS.values():
            codec, topic = area.codec(), self.settings.source_topic(area.topic)
            for record in records:
                if record.topic != topic:
                    continue
                tp = TopicPartition(record.topic, record.partition)
                model.positions[tp] = max(model.positions.get(tp, 0), record.offset + 1)
                reason = dict(record.headers).get("bad")
                if reason is not None:
                    model.bad[topic, record.partition, record.offset] = (record.value, reason.decode())
                    continue
                event = codec.decode(record.value, record.offset, 1 << 60)
                assert isinstance(event, Event), event
                if record.partition not in model.partitions:
                    model.partitions[record.partition] = Partition(rules)
                model.partitions[record.partition].absorb(area, [event])
                model.good.append((area.topic, record.offset, record.value))

    async def _changelog_rows(self) -> dict[tuple[str, int], dict[Key, Row]]:
        found: dict[tuple[str, int], dict[Key, Row]] = {}
        count = self.settings.topics.partitions
        for area in AREAS.values():
            codec = area.row_codec()
            topic = self.settings.changelog_topic(area.topic)
            best: dict[tuple[int, bytes], bytes] = {}
            for record in await self._read([TopicPartition(topic, p) for p in range(count)], {}):
                place = (record.partition, record.key)
                if place not in best or row_offset(record.value) >= row_offset(best[place]):
                    best[place] = record.value
            for (partition, key), value in best.items():
                found.setdefault((area.topic, partition), {})[load_key(key)] = codec.load(value)
        return found

    def _compare_rows(self, rows: dict[tuple[str, int], dict[Key, Row]]) -> None:
        for area in AREAS.values():
            for number, partition in self.model.partitions.items():
                expected = {key: _plain(area, row) for key, row in partition.rows[area.topic].items()}
                actual = {key: _plain(area, row) for key, row in rows.get((area.topic, number), {}).items()}
                wrong = {k for k in expected.keys() | actual.keys() if expected.get(k) != actual.get(k)}
                example = next(iter(wrong), None)
                assert not wrong, (
                    f"{area.topic}/{number}: {len(wrong)} of {len(expected)} rows differ, e.g. {example}:\n"
                    f"expected {expected.get(example)}\nfound    {actual.get(example)}"  # type: ignore[arg-type]
                )

    async def _check_letters(self) -> None:
        count = self.settings.topics.partitions
        names = [self.settings.dead_letter_topic(area) for area in AREAS]
        found: dict[tuple[str, int, int], tuple[bytes | None, str]] = {}
        for record in await self._read([TopicPartition(name, p) for name in names for p in range(count)], {}):
            headers = {name: value.decode() for name, value in record.headers}
            place = (
                headers["dead-letter-topic"],
                int(headers["dead-letter-partition"]),
                int(headers["dead-letter-offset"]),
            )
            found[place] = (record.value, headers["dead-letter-reason"])
        assert found == self.model.bad

    async def check_gauges(self) -> None:
        """The workers' gauges added up equal the numbers recomputed in SQL at the minute of the scrape."""
        await self.until(self.owned_once, 60, "every partition is owned and recovered once")
        while True:
            before = int(time.time()) // 60
            actual = await asyncio.to_thread(self.gauges)
            if int(time.time()) // 60 == before:
                break
        rules = asdict(self.settings.rules.build())
        (expected,) = await asyncio.to_thread(oracle.numbers, self.model.good, [before * 60_000], rules)
        left = {place: value for place, value in expected.items() if value}
        right = {place: value for place, value in actual.items() if value}
        wrong = {place: (left.get(place), right.get(place)) for place in left.keys() | right.keys()
                 if abs(left.get(place, 0) - right.get(place, 0)) > 1e-6 * abs(left.get(place, 0))}  # fmt: skip
        assert not wrong, f"{len(wrong)} numbers differ (expected, found): {dict(list(wrong.items())[:5])}"

    def gauges(self) -> Numbers:
        """Every number of the boards over all living workers, put together as the catalogue states."""
        found: Numbers = {}
        for worker in self.workers:
            if worker.child.is_alive:
                for place, value in numbers(worker.metrics).items():
                    whole = TOGETHER[_metric(place[0]).aggregation]
                    found[place] = whole(found[place], value) if place in found else value
        return self._cut(found)

    def owned_once(self) -> bool:
        """Whether each partition is owned and recovered by one living worker: else no number may be believed."""
        owned = Counter[tuple[str, str]]()
        for worker in self.workers:
            if worker.child.is_alive:
                for family in text_string_to_metric_families(worker.metrics):
                    for sample in family.samples:
                        if sample.name == "stream_app_partition_owned":
                            owned[sample.labels["topic"], sample.labels["partition"]] += int(sample.value)
        return len(owned) == len(AREAS) * self.settings.topics.partitions and set(owned.values()) == {1}

    def _cut(self, found: Numbers) -> Numbers:
        """Of what is shown only as the first or last few: as many of the whole as one worker shows of its own."""
        rules = self.settings.rules.build()
        for metric in METRICS:
            if metric.cut is not None:
                own = {("", labels): value for (name, labels), value in found.items() if name == metric.name}
                left = metric.cut(own, rules)
                found = {place: value for place, value in found.items() if place[0] != metric.name}
                found |= {(metric.name, labels): value for (_, labels), value in left.items()}
        return found

    def kill(self, worker: Worker) -> None:
        """SIGKILL, as a machine fails."""
        os.kill(worker.child.pid, signal.SIGKILL)


def _metric(name: str) -> Any:
    """The catalogue's row of a sample, None when it has none."""
    for suffix in ("_bucket", "_gcount", "_gsum"):
        name = name.removesuffix(suffix)
    return OURS.get(name)


def numbers(text: str) -> Numbers:
    """The catalogue's numbers in a metrics text: (name with suffix, label values in the catalogue's order) -> value."""
    found: Numbers = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            metric = _metric(sample.name)
            if metric is not None and metric.read is not None:
                names = (*metric.labels, *(["le"] if sample.name.endswith("_bucket") else []))
                found[sample.name, tuple(sample.labels[name] for name in names)] = sample.value
    return found


def _plain(area: Area, row: Row) -> tuple[Any, ...]:
    return (row.offset, row.count, row.seen, row.horizon, row.base, row.facts, state_of(area.folding, row))
