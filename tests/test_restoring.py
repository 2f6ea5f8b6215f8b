"""What a worker reads again after a rebalance, and what of its rows it keeps."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from aiokafka import TopicPartition
from faust.tables.recovery import RebalanceAgain
from faust.types import TP

from stream_app.domain.fold import new_row
from stream_app.pipeline import AREAS
from stream_app.settings import Settings
from stream_app.shell.changelog import Changelog, Judge, Range
from stream_app.shell.holdings import monotonic_ms
from stream_app.shell.keeper import Keeper
from stream_app.shell.stats import Stats
from stream_app.shell.writer import Writer

KEY = ("account", "case")
END = 7


class Group:
    """The brokers: every changelog ends at `ends`, nothing was ever committed; `meanwhile` happens while they think."""

    def __init__(self) -> None:
        self.ends = END
        self.meanwhile: Callable[[], None] = lambda: None

    async def committed_offsets(self, tps: Iterable[TP]) -> dict[TP, int | None]:
        return dict.fromkeys(tps)

    async def earliest_offsets(self, *tps: TP) -> dict[TP, int]:
        return dict.fromkeys(tps, 0)

    async def highwaters(self, *tps: TP) -> dict[TP, int]:
        self.meanwhile()
        return dict.fromkeys(tps, self.ends)

    async def commit_once(self, _offsets: Mapping[TP, int]) -> bool:
        return True


class EmptyChangelog(Changelog):
    """Changelogs without a row; `read_of` says which partitions were read."""

    def __init__(self, group: Group) -> None:
        super().__init__({}, 1)
        self.group = group
        self.read_of: list[int] = []
        self.under_way = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def read(self, ranges: Mapping[TopicPartition, Range], judge: Judge) -> dict[TopicPartition, int]:
        self.read_of += sorted({tp.partition for tp in ranges})
        self.under_way.set()
        await self.may_end.wait()
        return dict.fromkeys(ranges, self.group.ends)


class Worker:
    """A worker of a group, by the calls that its transport makes."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.group = Group()
        self.changelog = EmptyChangelog(self.group)
        self.keeper = Keeper(self.settings, Stats(AREAS), Writer({}, 1), self.changelog)

    def partitions(self, *numbers: int) -> frozenset[TP]:
        return frozenset(TP(self.settings.source_topic(area), number) for area in AREAS for number in numbers)

    async def assigned(self, *numbers: int) -> list[int]:
        """A new generation gives us these; returns which of them were read."""
        self.changelog.read_of.clear()
        self.keeper.rejoined(self.partitions(*numbers))
        await self.keeper.recover(self.group, self.partitions(*numbers))
        return list(self.changelog.read_of)

    async def revoked(self, *numbers: int) -> None:
        await self.keeper.revoke(self.partitions(*numbers))

    def put(self, number: int) -> None:
        self.keeper.held.partitions[number].rows["cases"][KEY] = new_row(AREAS["cases"].folding)

    def has(self, number: int) -> bool:
        partition = self.keeper.held.partitions.get(number)
        return partition is not None and KEY in partition.rows["cases"]


@pytest.fixture
async def worker() -> Worker:
    """A worker with two partitions and a row in each."""
    worker = Worker()
    assert await worker.assigned(0, 1) == [0, 1]
    worker.put(0)
    worker.put(1)
    return worker


async def test_what_stays_is_kept_what_comes_is_read_and_what_goes_is_dropped(worker: Worker) -> None:
    await worker.revoked(0, 1)
    assert not worker.keeper.ready()
    assert worker.keeper.boards() == []
    assert await worker.assigned(1, 2) == [2]
    assert worker.has(1)
    assert not worker.has(0)
    assert worker.keeper.ready()
    assert len(worker.keeper.boards()) == 2
    await worker.revoked(1, 2)
    assert await worker.assigned(0, 1, 2) == [0], "what it had once and gave away is not remembered"


async def test_rows_are_read_again_when_somebody_wrote_behind_them(worker: Worker) -> None:
    await worker.revoked(0, 1)
    worker.group.ends += 1
    assert await worker.assigned(0, 1) == [0, 1]
    assert not worker.has(0)


async def test_rows_that_wait_to_be_written_are_not_kept(worker: Worker) -> None:
    cases = (worker.settings.source_topic("cases"), 0)
    worker.keeper.held.delivery.absorbed(cases, 5, [KEY], monotonic_ms())  # without a heartbeat nothing is written
    await worker.revoked(0, 1)
    assert await worker.assigned(0, 1) == [0]
    assert worker.has(1)
    assert not worker.has(0)


async def test_a_recovery_that_a_rebalance_overtakes_takes_nothing(worker: Worker) -> None:
    await worker.revoked(0, 1)
    worker.group.meanwhile = lambda: worker.keeper.rejoined(worker.partitions(1))
    with pytest.raises(RebalanceAgain):
        await worker.assigned(0, 1)
    assert worker.keeper.live() == frozenset()
    worker.group.meanwhile = lambda: None
    assert await worker.assigned(1) == []
    assert worker.has(1)
    assert worker.keeper.live() == {(tp.topic, tp.partition) for tp in worker.partitions(1)}


async def test_what_a_recovery_has_taken_that_a_rebalance_cut_off_is_given_up(worker: Worker) -> None:
    await worker.revoked(0, 1)
    worker.changelog.may_end.clear()
    worker.changelog.under_way.clear()
    overtaken: asyncio.Task[Any] = asyncio.ensure_future(worker.assigned(0, 1, 2))
    await worker.changelog.under_way.wait()
    overtaken.cancel()
    worker.changelog.may_end.set()
    assert await worker.assigned(1) == [1]
    assert worker.keeper.live() == {(tp.topic, tp.partition) for tp in worker.partitions(1)}
    assert list(worker.keeper.held.partitions) == [1]
