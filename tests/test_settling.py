"""A flush and its commit: in which turn rows are written, and what happens when those who wait lose patience."""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from faust.types import TP

from stream_app.domain.fold import new_row
from stream_app.pipeline import AREAS, Partition
from stream_app.settings import Settings
from stream_app.shell.changelog import Changelog
from stream_app.shell.holdings import CHUNK, monotonic_ms
from stream_app.shell.keeper import Keeper
from stream_app.shell.stats import Stats
from stream_app.shell.writer import Writer, Written

PLACE = ("cases", 0)
KEY = ("account", "case")


class SlowWriter(Writer):
    """Acknowledges what it was given when told to."""

    def __init__(self) -> None:
        super().__init__({}, 1)
        self.acknowledgement: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def rows(self, topic: str, partition: int, rows: Iterable[Any]) -> list[Written]:
        return [Written(len(list(rows)), self.acknowledgement)]


class Group:
    """The group's coordinator, which takes every commit."""

    def __init__(self) -> None:
        self.commits: list[dict[TP, int]] = []

    async def commit_once(self, offsets: dict[TP, int]) -> bool:
        self.commits.append(offsets)
        return True


def own(keeper: Keeper) -> None:
    keeper.held.assigned = frozenset({TP(*PLACE)})
    keeper.held.delivery.assigned(PLACE, None, 0)
    keeper.held.delivery.recovered(PLACE, 0)


def change(keeper: Keeper, end: int) -> None:
    partition = keeper.held.partitions.setdefault(0, Partition(keeper.held.rules))
    partition.rows["cases"][KEY] = new_row(AREAS["cases"].folding)
    keeper.held.delivery.absorbed(PLACE, end, [KEY], monotonic_ms())


async def test_a_flush_that_outlasts_a_revocation_ends_all_the_same_and_the_next_one_can_begin() -> None:
    settings = Settings.model_validate({"delivery": {"session_timeout_seconds": 1, "heartbeat_seconds": 0.3}})
    writer, group = SlowWriter(), Group()
    keeper = Keeper(settings, Stats(AREAS), writer, Changelog({}, 1))
    keeper.held.consumer = group
    own(keeper)
    change(keeper, 5)
    keeper.heartbeat(monotonic_ms())
    await keeper.revoke({TP(*PLACE)})
    assert group.commits == [], "what is not acknowledged was committed"
    own(keeper)
    change(keeper, 7)
    writer.acknowledgement.set_result(SimpleNamespace(offset=0))
    await asyncio.sleep(0.05)
    assert group.commits == [], "offsets of an ownership that is over were committed"
    keeper.heartbeat(monotonic_ms())
    await keeper.settle()
    assert group.commits == [{TP(*PLACE): 7}]


class NotingWriter(Writer):
    """Acknowledges everything at once and notes how many rows of which partition it was given, in which order."""

    def __init__(self) -> None:
        super().__init__({}, 1)
        self.given: list[tuple[int, int]] = []

    async def rows(self, topic: str, partition: int, rows: Iterable[Any]) -> list[Written]:
        count = len(list(rows))
        first = sum(rows for number, rows in self.given if number == partition)
        self.given.append((partition, count))
        acknowledged: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        acknowledged.set_result(SimpleNamespace(offset=first))
        return [Written(count, acknowledged)]


async def test_partitions_are_written_in_turn_for_a_request_takes_one_batch_of_each() -> None:
    writer, group = NotingWriter(), Group()
    keeper = Keeper(Settings(), Stats(AREAS), writer, Changelog({}, 1))
    keeper.held.consumer = group
    rows = {0: 2 * CHUNK + 7, 1: 3, 2: CHUNK + 1}
    for number, count in rows.items():
        place = ("cases", number)
        keeper.held.delivery.assigned(place, None, 0)
        keeper.held.delivery.recovered(place, 0)
        partition = keeper.held.partitions.setdefault(number, Partition(keeper.held.rules))
        keys = [("account", f"case-{index}") for index in range(count)]
        partition.rows["cases"].update({key: new_row(AREAS["cases"].folding) for key in keys})
        keeper.held.delivery.absorbed(place, count, keys, monotonic_ms())
    keeper.heartbeat(monotonic_ms())
    await keeper.settle()
    assert writer.given == [(0, CHUNK), (1, 3), (2, CHUNK), (0, CHUNK), (2, 1), (0, 7)]
    assert group.commits == [{TP("cases", number): count for number, count in rows.items()}]
