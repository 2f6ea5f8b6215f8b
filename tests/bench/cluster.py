"""Workers under measurement: real processes over topics made beforehand, and what they cost from outside."""

import asyncio
import contextlib
import http.client
import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import orjson
import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupCoordinatorNotAvailableError

from stream_app.local.ports import LOOPBACK, free_port
from stream_app.local.processes import Child, Command, start
from stream_app.operate import topics
from stream_app.pipeline import AREAS
from stream_app.settings import Settings
from tests.bench.load import Load, publish

PARTITIONS: Final = 8
POLL_S: Final = 0.05
PATIENCE_S: Final = 900.0
"""A measurement that takes longer has failed."""

PATIENT: Final = {"STREAM_APP_DELIVERY__SESSION_TIMEOUT_SECONDS": "600"}
"""Settings of workers that are frozen while a load is published, and must not lose their partitions over it."""

_RECOVERED: Final = re.compile(r"own \d+ partitions")
_OWNED: Final = re.compile(r"^stream_app_partition_owned\{.*\} 1", re.MULTILINE)

Say = Callable[[str], None]


class BenchError(Exception):
    """A measurement could not be made; says why."""


@dataclass(frozen=True)
class Usage:
    """CPU seconds and resident bytes of a process at an instant of the monotonic clock."""

    at: float
    cpu: float
    rss: int


def usage(process: psutil.Process) -> Usage:
    """What the process has used so far."""
    with process.oneshot():
        times = process.cpu_times()
        return Usage(time.monotonic(), times.user + times.system, process.memory_info().rss)


@dataclass
class Worker:
    """A worker process whose rows are recovered; `began` is what it had used by then."""

    child: Child
    port: int
    process: psutil.Process
    began: Usage

    def metrics(self) -> str:
        """The metrics text."""
        return scrape(self.port).decode()

    def number(self, series: str) -> float:
        """One number of the metrics text, by its exact series."""
        for line in self.metrics().splitlines():
            if line.startswith(series + " "):
                return float(line.rpartition(" ")[2])
        raise BenchError(f"the worker does not show {series}")

    async def stop(self) -> None:
        """End it as an operator would."""
        await asyncio.to_thread(self.child.stop)


def scrape(port: int) -> bytes:
    """The body of /metrics."""
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
    try:
        link.request("GET", "/metrics")
        return link.getresponse().read()
    finally:
        link.close()


@dataclass(frozen=True)
class Work:
    """What it took a worker to absorb, flush and commit everything that was published.

    events_per_s: the most that was committed by any time since the start, divided by that time. Commits are few, and
    the last one waits until its rows are of age, so it is a little less than what was absorbed.
    """

    events: int
    rows: int
    cpu_s: float
    events_per_s: float
    rss_bytes: int
    grown_bytes: int

    @property
    def cpu_us_per_event(self) -> float:
        """CPU microseconds for one event."""
        return self.cpu_s / self.events * 1e6

    @property
    def bytes_per_row(self) -> float:
        """How much the process grew for each row."""
        return self.grown_bytes / self.rows


@dataclass(frozen=True)
class Fed:
    """What a load cost workers that began with all of it: CPU microseconds for one event; events a second together."""

    cpu_us_per_event: float
    events_per_s: float


@dataclass
class Cluster:
    """A broker for measuring, topics with a prefix of their own, and workers of one group after the other."""

    bootstrap: str
    directory: Path
    say: Say
    name: str = "bench"
    groups: int = 0
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _workers: list[Worker] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self.consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap)
        self.admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await self.consumer.start()
        self._stack.push_async_callback(self.consumer.stop)
        await self.admin.start()
        self._stack.push_async_callback(self.admin.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.child.kill()
        await self._stack.aclose()

    # -- topics

    async def group(self, prefix: str = "") -> Settings:
        """Settings of a new group of workers, over source topics of `prefix`, with every topic made."""
        self.groups += 1
        settings = Settings.model_validate({
            "kafka": {"bootstrap_servers": self.bootstrap, "replication_factor": 1, "min_insync_replicas": 1},
            "topics": {"prefix": f"{self.name}.{prefix}", "partitions": PARTITIONS},
            "app": {"id": f"{self.name}-{self.groups}"},
        })  # fmt: skip
        await topics.apply(settings)
        return settings

    async def plain_topic(self, name: str) -> None:
        """A topic without a contract."""
        await self.admin.create_topics([NewTopic(name, PARTITIONS, 1)])

    async def publish(self, topic: str, load: Load) -> None:
        """Publish a load and say so."""
        sent = await publish(self.bootstrap, topic, PARTITIONS, load)
        self.say(
            f"published {sent.events:,} events of {load.things:,} things to {topic}, "
            f"{sent.payload_bytes / sent.events:.0f} bytes each, in {sent.seconds:.0f} s"
        )

    async def simulate(self, settings: Settings, *options: str) -> None:
        """Publish a little simulated traffic of every topic: other events than a load's, in all their kinds."""
        whole = ("--bad", "0", "--late", "0", "--duplicate", "0", "--disordered", "0", "--speed", "0")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "stream_app", "simulate", *whole, *options,
            env={**os.environ, **_environment(settings)}, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        if await asyncio.wait_for(process.wait(), PATIENCE_S):
            raise BenchError("the simulated traffic could not be published")

    async def ends(self, *names: str) -> dict[TopicPartition, int]:
        """Where the logs of these topics end."""
        tps = [TopicPartition(name, p) for name in names for p in range(PARTITIONS)]
        found: dict[TopicPartition, int] = await self.consumer.end_offsets(tps)
        return found

    async def records(self, name: str) -> int:
        """How many records a topic holds that was never compacted."""
        return sum((await self.ends(name)).values())

    # -- workers

    async def worker(self, settings: Settings, **environment: str) -> Worker:
        """Start a worker of a group and return it the moment its rows are recovered."""
        port = free_port()
        name = f"{settings.app.id}-worker-{len(self._workers)}"
        command = Command(
            name,
            [sys.executable, "-m", "stream_app", "worker"],
            self.directory / f"{name}.log",
            _environment(settings) | {"STREAM_APP_WEB__PORT": str(port)} | environment,
        )
        child = start(command, lambda: True)
        worker = Worker(child, port, psutil.Process(child.pid), Usage(0, 0, 0))
        self._workers.append(worker)
        until = time.monotonic() + PATIENCE_S
        while not _RECOVERED.search(command.log.read_text()):
            if not child.is_alive or time.monotonic() > until:
                raise BenchError(f"the worker did not become ready; its log: {command.log}")
            await asyncio.sleep(0.005)
        worker.began = usage(worker.process)
        return worker

    async def shared(self, workers: list[Worker]) -> None:
        """Wait until these workers own every partition of every topic, each of them some."""
        until = time.monotonic() + PATIENCE_S
        while True:
            owned = [len(_OWNED.findall(worker.metrics())) for worker in workers]
            if all(owned) and sum(owned) == PARTITIONS * len(AREAS):
                return
            if time.monotonic() > until:
                raise BenchError(f"the workers do not agree on who owns what: {owned}; logs in {self.directory}")
            await asyncio.sleep(POLL_S)

    async def drained(self, settings: Settings, area: str, since: dict[TopicPartition, int] | None = None) -> float:
        """Wait until all of an area is committed; returns the most events a second committed by any time."""
        ends = await self.ends(settings.source_topic(area))
        begin = sum((since or {}).values())
        total, began = sum(ends.values()) - begin, time.monotonic()
        rate, before = 0.0, 0
        while True:
            committed = await self.committed(settings, ends)
            done, now = sum(committed.values()) - begin, time.monotonic()
            if done > before:
                rate = max(rate, done / (now - began))
            before = done
            if done >= total:
                return rate
            if now - began > PATIENCE_S:
                raise BenchError(f"{total - done:,} events were not committed in time; logs in {self.directory}")
            await asyncio.sleep(POLL_S)

    async def committed(self, settings: Settings, tps: dict[TopicPartition, int]) -> dict[TopicPartition, int]:
        """What the group has committed of these partitions."""
        found: dict[TopicPartition, Any] = {}
        with contextlib.suppress(GroupCoordinatorNotAvailableError):  # the first group of a new broker
            found = await self.admin.list_consumer_group_offsets(settings.app.id)
        return {tp: max(found[tp].offset, 0) if tp in found else 0 for tp in tps}

    async def work(self, settings: Settings, area: str, **environment: str) -> tuple[Worker, Work]:
        """Run a worker over what is published and not yet committed; it still runs afterwards."""
        ends = await self.ends(settings.source_topic(area))
        since = await self.committed(settings, ends)
        worker = await self.worker(settings, **environment)
        rate = await self.drained(settings, area, since)
        ended = usage(worker.process)
        topic = settings.source_topic(area)
        events = sum(ends.values()) - sum(since.values())
        rows = int(worker.number(f'stream_app_rows{{topic="{topic}"}}'))
        applied = int(worker.number(f'stream_app_events_total{{outcome="applied",topic="{topic}"}}'))
        if applied < events * 0.99:
            raise BenchError(f"only {applied:,} of {events:,} events were applied: what was measured is not the work")
        began = worker.began
        work = Work(events, rows, ended.cpu - began.cpu, rate, ended.rss, ended.rss - began.rss)
        self.say(
            f"worker: {work.events:,} events, {work.cpu_us_per_event:.2f} us of CPU each, {work.events_per_s:,.0f}/s, "
            f"{work.rows:,} rows, {work.rss_bytes >> 20} MB"
        )
        return worker, work

    async def feed(self, workers: list[Worker], settings: Settings, load: Load) -> Fed:
        """Publish a load while the workers, who are `PATIENT`, are frozen; then let them take it in at once."""
        topic = settings.source_topic(load.area)
        since = await self.committed(settings, await self.ends(topic))
        for worker in workers:
            worker.process.suspend()
        await self.publish(topic, load)
        used = sum(usage(worker.process).cpu for worker in workers)
        for worker in workers:
            worker.process.resume()
        rate = await self.drained(settings, load.area, since)
        cpu_s = sum(usage(worker.process).cpu for worker in workers) - used
        return Fed(cpu_s / load.events * 1e6, rate)

    async def program(self, module: str, *arguments: str, seconds: float = 180) -> dict[str, Any]:
        """Run a peer's module until it prints its figures, a line of JSON that begins with a brace."""
        log = self.directory / f"{module}-{time.monotonic_ns()}.log"
        environment = {"TMPDIR": str(self.directory)}  # what stock Faust leaves on a disk goes with the rest
        command = Command(module, [sys.executable, "-m", module, *arguments], log, environment)
        with start(command, lambda: True) as child:
            until = time.monotonic() + seconds
            while True:
                alive = child.is_alive
                for line in log.read_text().splitlines(keepends=True):
                    if line.startswith("{") and line.endswith("\n"):
                        found: dict[str, Any] = orjson.loads(line)
                        child.kill()
                        return found
                if not alive or time.monotonic() > until:
                    raise BenchError(f"{module} gave no figures within {seconds:g} s; its log: {log}")
                await asyncio.sleep(POLL_S)


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "STREAM_APP_KAFKA__BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers,
        "STREAM_APP_KAFKA__REPLICATION_FACTOR": "1",
        "STREAM_APP_KAFKA__MIN_INSYNC_REPLICAS": "1",
        "STREAM_APP_TOPICS__PREFIX": settings.topics.prefix,
        "STREAM_APP_TOPICS__PARTITIONS": str(settings.topics.partitions),
        "STREAM_APP_APP__ID": settings.app.id,
    }
