"""A batch that fails half way ends the worker, and the log does not say what stood in it."""

import logging
from typing import Any

import pytest

from stream_app.shell import app
from stream_app.shell.transport import Batch

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


async def test_a_batch_that_cannot_be_absorbed_ends_the_worker(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reasons: list[str] = []

    def ended(reason: str) -> None:
        reasons.append(reason)
        raise Ended

    monkeypatch.setattr(app, "give_up", ended)
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
