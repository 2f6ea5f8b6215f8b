"""Workers killed at exact lines under load: nothing is lost, nothing counts twice, gauges equal a recomputation."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from stream_app.local.kafka import Broker
from stream_app.shell.holdings import EXIT_GAVE_UP
from tests.broker.cluster import SESSION_S, Cluster, Worker
from tests.broker.conftest import MakeBroker
from tests.broker.traffic import publish, traffic

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(600)]

RATE = 8_000
PHASE = 25_000
MOST = {"first_commit": 1, "fetch": 12, "absorb": 12, "mid_flush": 12, "flushed": 2, "commit": 2, "recovery": 2_000}
"""How often a phase surely reaches each line."""
LINES = (
    "first_commit:1",
    "fetch:9",
    "absorb:12",
    "mid_flush:7",
    "flushed:2",
    "commit:3",
    "recovery:2000",
    "revocation:1",
)
LINE_S = 240
"""Far more than a kill with its check takes, on a busy machine too: what takes longer hangs."""


@pytest.fixture
async def cluster(broker: Broker, tmp_path: Path) -> AsyncIterator[Cluster]:
    async with Cluster(broker.bootstrap, tmp_path) as made:
        yield made


async def load(cluster: Cluster, seed: int, count: int = PHASE) -> None:
    """Publish under the rate asked of the test; the rate reached is part of the promise."""
    records = traffic(seed, count, int(time.time() * 1000))
    reached = await publish(cluster.bootstrap, cluster.settings.topics.prefix, records, RATE)
    print(f"published {count} records at {reached:,.0f}/s")


async def killed_at(cluster: Cluster, line: str, seed: int, *, ready: bool) -> None:
    """A worker dies at a line under load and another one goes on; then the whole check.

    ready: whether the first one is, before anything is published.
    """
    dying = await cluster.worker(line, ready=ready)
    publishing = asyncio.create_task(load(cluster, seed))
    if line.startswith("revocation"):
        await asyncio.sleep(1)
        living = await cluster.worker(ready=False)
    assert await dying.died(90) == -signal.SIGKILL
    assert dying.proof.read_text() == line.partition(":")[0], "the failpoint was not hit"
    if not line.startswith("revocation"):
        living = await cluster.worker(ready=False)
    await publishing
    await cluster.drained()
    await cluster.until(living.is_ready, 60, "the living worker is ready")
    await cluster.check()
    assert living.child.stop() == 0


@pytest.mark.timeout(len(LINES) * LINE_S)
async def test_a_worker_killed_at_any_line_loses_nothing_and_counts_nothing_twice(cluster: Cluster) -> None:
    """One run of 200,000 records: a kill at each line, and after each the whole check."""
    for seed, line in enumerate(LINES):
        began = time.monotonic()
        async with asyncio.timeout(LINE_S):
            await killed_at(cluster, line, seed, ready=not line.startswith("recovery"))
        print(f"{line}: {time.monotonic() - began:.1f} s")
    assert len(cluster.model.good) + len(cluster.model.bad) == PHASE * len(LINES)


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_workers_frozen_at_random_lines_lose_nothing_and_come_back(cluster: Cluster) -> None:
    """SOAK_FREEZES freezes (default 60) longer than a session and a request, while another worker takes over."""
    seed = int(os.environ.get("SOAK_SEED", time.strftime("%Y%m%d")))
    rng = Random(seed)
    print(f"SOAK_SEED={seed}")
    frozen_s = cluster.settings.kafka.request_timeout_ms / 1000 + 1
    for number in range(int(os.environ.get("SOAK_FREEZES", "60"))):
        name = rng.choice([name for name in MOST if number or name != "recovery"])
        line = f"{name}:{rng.randint(1, MOST[name])}:freeze"
        frozen = await cluster.worker(line, ready=False)
        publishing = asyncio.create_task(load(cluster, seed + number))
        await cluster.until(frozen.proof.exists, 90, f"{line} is reached")
        other = await cluster.worker(ready=False)
        await asyncio.sleep(frozen_s)
        os.kill(frozen.child.pid, signal.SIGCONT)
        await publishing
        await cluster.drained()
        await cluster.until(other.is_ready, 60, "the other worker is ready")
        if frozen.child.is_alive:
            await cluster.until(frozen.is_ready, 60, "the worker that was frozen is ready")
        else:
            assert frozen.child.process.wait() == EXIT_GAVE_UP
        await cluster.check()
        for worker in (frozen, other):
            assert worker.child.stop() in (0, EXIT_GAVE_UP)
        print(f"{number}: {line}")


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_many_kills_at_random_lines_lose_nothing(cluster: Cluster) -> None:
    """SOAK_KILLS kills (default 60), each at a line and count drawn from SOAK_SEED (default: today's date)."""
    seed = int(os.environ.get("SOAK_SEED", time.strftime("%Y%m%d")))
    rng = Random(seed)
    print(f"SOAK_SEED={seed}")
    for number in range(int(os.environ.get("SOAK_KILLS", "60"))):
        reachable = [name for name in MOST if number or name != "recovery"]  # the first round has no rows to recover
        name = rng.choice(reachable)
        line = f"{name}:{rng.randint(1, MOST[name])}"
        await killed_at(cluster, line, seed + number, ready=False)
        print(f"{number}: {line}")


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_workers_told_to_stop_at_random_moments_stop_soon_and_lose_nothing(cluster: Cluster) -> None:
    """SOAK_STOPS stops (default 60) of workers that join one that stays: while they join, recover, count."""
    seed = int(os.environ.get("SOAK_SEED", time.strftime("%Y%m%d")))
    rng = Random(seed)
    print(f"SOAK_SEED={seed}")
    await cluster.worker()
    for number in range(int(os.environ.get("SOAK_STOPS", "60"))):
        publishing = asyncio.create_task(load(cluster, seed + number, PHASE // 4))
        joining, after_s = await cluster.worker(ready=False), rng.uniform(0, 5)
        await asyncio.sleep(after_s)
        await cluster.stopped_soon(joining)
        await publishing
        print(f"{number}: told to stop after {after_s:.2f} s")
        if number % 5 == 4:
            await cluster.drained()
            await cluster.check()


async def test_workers_that_join_leave_freeze_and_wake_lose_nothing(cluster: Cluster) -> None:
    first = await cluster.worker()
    publishing = asyncio.create_task(load(cluster, 101, 8 * PHASE))
    second = await cluster.worker()
    cluster.kill(second)
    third = await cluster.worker()
    assert await asyncio.to_thread(first.child.stop) == 0
    os.kill(third.child.pid, signal.SIGSTOP)
    fourth = await cluster.worker(ready=False)
    await asyncio.sleep(14)
    os.kill(third.child.pid, signal.SIGCONT)
    await publishing
    await cluster.drained(120)
    await cluster.until(fourth.is_ready, 60, "the fourth worker is ready")
    await asyncio.sleep(2)
    await cluster.check()


async def test_a_broker_that_stops_and_starts_loses_nothing(private_broker: MakeBroker, tmp_path: Path) -> None:
    """Back within the session of a worker, the same worker goes on; and its log can be read."""
    kafka = private_broker()
    async with Cluster(kafka.bootstrap, tmp_path) as cluster:
        worker = await cluster.worker(delivery__session_timeout_seconds="60")
        publishing = asyncio.create_task(load(cluster, 201, 4 * PHASE))
        await asyncio.sleep(4)
        await asyncio.to_thread(kafka.stop)
        await asyncio.sleep(2)
        await asyncio.to_thread(kafka.start)
        await publishing
        await cluster.drained(180)
        await cluster.until(worker.is_ready, 60, "the worker is ready")
        await cluster.check()
        said = worker.child.command.log.read_text().splitlines()
        assert len(said) < 200, said[-200:]


async def supervise(cluster: Cluster, worker: Worker) -> None:
    """Start a worker again when it has given up, as a supervisor does, until cancelled."""
    while True:
        if not worker.child.is_alive:
            assert worker.child.process.wait() == EXIT_GAVE_UP
            worker = await cluster.worker(ready=False)
        await asyncio.sleep(0.1)


async def test_a_broker_away_for_longer_than_a_session_loses_nothing(
    private_broker: MakeBroker, tmp_path: Path
) -> None:
    """The worker is heard before it writes again, or it gives up and the next one goes on: either is right."""
    kafka = private_broker()
    async with Cluster(kafka.bootstrap, tmp_path) as cluster:
        worker = await cluster.worker()
        supervising = asyncio.create_task(supervise(cluster, worker))
        publishing = asyncio.create_task(load(cluster, 202, 4 * PHASE))
        await asyncio.sleep(4)
        await asyncio.to_thread(kafka.stop)
        await asyncio.sleep(SESSION_S + 1)
        await asyncio.to_thread(kafka.start)
        await publishing
        await cluster.drained(180)
        await cluster.until(cluster.workers[-1].is_ready, 60, "the worker is ready")
        assert not supervising.done(), "a worker ended otherwise than by giving up"
        supervising.cancel()
        await cluster.check()
