"""What ends a worker, so that it is started again: a batch half absorbed, a recovery that stands still or is gone."""

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from stream_app.pipeline import AREAS
from stream_app.shell import app, recovery, watch
from stream_app.shell.holdings import monotonic_ms
from stream_app.shell.recovery import BulkRecovery
from stream_app.shell.stats import Stats
from stream_app.shell.transport import Batch
from stream_app.shell.watch import Watch
from tests.workers import idle_keeper

WHAT_STOOD_THERE = "anna@example.com"
BATCH = Batch("cases", 3, 17, 20, [])


class Ended(BaseException):
    pass


class FailingKeeper:
    async def take(self, batch: Batch) -> None:
        raise ValueError(WHAT_STOOD_THERE)


class Keeper:
    taken: Batch | None = None

    async def take(self, batch: Batch) -> None:
        self.taken = batch


@pytest.fixture
def reasons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the worker says when it ends itself."""
    said: list[str] = []

    def ended(reason: str) -> None:
        said.append(reason)
        raise Ended

    for module in (app, recovery, watch):
        monkeypatch.setattr(module, "give_up", ended)
    return said


async def test_a_batch_that_cannot_be_absorbed_ends_the_worker(
    reasons: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    keeper: Any = FailingKeeper()
    with caplog.at_level(logging.DEBUG), pytest.raises(Ended):
        await app.take_or_give_up(keeper, BATCH)
    assert reasons == ["cases/3: the records from 17 up to 20 could not be absorbed: ValueError"]
    assert "in take" in caplog.text
    assert WHAT_STOOD_THERE not in caplog.text


async def test_a_batch_that_can_be_absorbed_is() -> None:
    keeper: Any = Keeper()
    await app.take_or_give_up(keeper, BATCH)
    assert keeper.taken is BATCH


async def test_a_recovery_that_stands_still_ends_the_worker(reasons: list[str]) -> None:
    keeper = idle_keeper(Stats(AREAS), 2, owned=False)
    watcher = Watch(keeper)
    watcher._look_at_recovery()  # nothing is assigned: nothing is to be recovered
    keeper.held.assigned = idle_keeper(Stats(AREAS), 2, owned=True).held.assigned
    keeper.held.recovering_ms = monotonic_ms() - 59_000
    watcher._look_at_recovery()
    keeper.held.recovering_ms = monotonic_ms() - 61_000
    with pytest.raises(Ended):
        watcher._look_at_recovery()
    assert reasons == ["6 partitions are assigned, but recovery stands still for 60 s"]


async def test_a_worker_that_is_told_to_stop_long_after_its_recovery_does_not_give_up(reasons: list[str]) -> None:
    keeper = idle_keeper(Stats(AREAS), 2, owned=True)
    keeper.held.recovering_ms = monotonic_ms() - 61_000
    watcher = Watch(keeper)
    await watcher.start()
    await asyncio.sleep(0)
    await watcher.stop()
    assert reasons == []


class Recovering(SimpleNamespace):
    """As much of the recovery service as its task needs."""

    should_stop = False
    _generation_id = 1

    async def wait_for_stopped(self, _signal: Any) -> bool:
        return False


async def test_a_recovery_that_is_cut_off_ends_the_worker_unless_it_was_asked_to_stop(reasons: list[str]) -> None:
    task: Any = BulkRecovery._restart_recovery

    async def cut_off(_generation: int) -> None:
        raise asyncio.CancelledError

    with pytest.raises(Ended):
        await task.fun(Recovering(signal_recovery_start=asyncio.Event(), _recover=cut_off))
    assert reasons == ["recovery was cut off, though nobody asked for it"]

    async def waiting(_generation: int) -> None:
        await asyncio.Event().wait()

    running = asyncio.ensure_future(task.fun(Recovering(signal_recovery_start=asyncio.Event(), _recover=waiting)))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(reasons) == 1
