"""A flush and its commit, when those who wait for it lose patience."""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from faust.types import TP

from stream_app.domain.fold import new_row
from stream_app.pipeline import AREAS, Partition
from stream_app.settings import Settings
from stream_app.shell.changelog import Changelog
from stream_app.shell.holdings import monotonic_ms
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
