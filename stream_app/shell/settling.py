"""Writes out: every changed row and dead letter first, then the commit of the offsets they make safe."""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, cast

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faust.types import TP

from stream_app.codec import dump_key, row_offset
from stream_app.domain.delivery import Commit, Die, Flush, Stray
from stream_app.domain.fold import Key
from stream_app.shell.changelog import Changelog, Range, Stored
from stream_app.shell.holdings import CHUNK, Holdings, Place, give_up, monotonic_ms
from stream_app.shell.writer import Writer, Written

log = logging.getLogger(__name__)


class Settling:
    """The way out of one worker: one flush with its commit at a time."""

    def __init__(self, holdings: Holdings, writer: Writer, changelog: Changelog) -> None:
        self._held = holdings
        self._writer = writer
        self._changelog = changelog
        self._turn = asyncio.Lock()
        self._commits = 0

    async def settle(self) -> None:
        """Flush and commit what is absorbed by now. Ends the worker when a record is not acknowledged.

        A caller that stops waiting does not stop it: a flush left half way would be under way for ever.
        """
        await asyncio.shield(asyncio.ensure_future(self._settle()))

    async def _settle(self) -> None:
        async with self._turn:
            flush = self._held.delivery.begin(monotonic_ms())
            if isinstance(flush, Die):
                give_up(flush.reason)
            if flush is None:
                return
            began = time.monotonic()
            strays = await self._flush(flush)
            self._held.failpoints.reach("flushed")
            commit = self._held.delivery.flushed(flush.token)
            if commit is not None:
                await self._commit(commit)
            self._held.stats.flush_seconds.observe(time.monotonic() - began)
            for where, stray in strays:
                await self._read_again(where, stray)
            for partition in tuple(self._held.partitions.values()):
                partition.board.settle()
                await asyncio.sleep(0)

    async def _flush(self, flush: Flush) -> list[tuple[Place, Stray]]:
        """Write it all and wait for every acknowledgement; returns what others wrote in between."""
        letters, self._held.letters = self._held.letters, []
        try:
            waiting = [await self._writer.letter(topic, number, *dead) for topic, number, dead in letters]
            written = await self._write(flush)
            await asyncio.gather(*waiting)
            return [stray for part in written for stray in await self._acknowledged(flush, *part)]
        except Exception as error:  # noqa: BLE001  whatever failed, what the changelog holds is unknown
            reason = f"{type(error).__name__}: {error}"
            die = self._held.delivery.flush_failed(flush.token, reason) or Die(reason)
            give_up(die.reason)

    async def _write(self, flush: Flush) -> list[tuple[Place, Written]]:
        written: list[tuple[Place, Written]] = []
        for where, keys in _in_turn(flush.rows):
            if self._may_write(flush, where):
                written += await self._write_rows(where, keys)
                self._held.failpoints.reach("mid_flush")
            await asyncio.sleep(0)
        for where, graves in flush.tombstones.items():
            if graves and self._may_write(flush, where):
                written += await self._write_tombstones(where, cast(Mapping[Key, int], graves))
        return written

    async def _write_rows(self, where: Place, keys: tuple[Key, ...]) -> list[tuple[Place, Written]]:
        source = self._held.sources[where[0]]
        rows = self._held.partitions[where[1]].rows[source.area.topic]
        chunk = [(dump_key(key), source.dump(row), row.offset) for key in keys if (row := rows.get(key)) is not None]
        self._held.stats.flushed_rows.labels(where[0]).inc(len(chunk))
        return [(where, part) for part in await self._writer.rows(source.changelog, where[1], chunk)]

    async def _write_tombstones(self, where: Place, graves: Mapping[Key, int]) -> list[tuple[Place, Written]]:
        chunk = [(dump_key(key), None, offset) for key, offset in graves.items()]
        changelog = self._held.sources[where[0]].changelog
        return [(where, part) for part in await self._writer.rows(changelog, where[1], chunk)]

    def _may_write(self, flush: Flush, where: Place) -> bool:
        dead = self._held.delivery.alive(monotonic_ms())
        if dead is not None:
            give_up(dead.reason)
        return self._held.delivery.current(flush.token, where)

    async def _acknowledged(self, flush: Flush, where: Place, part: Written) -> list[tuple[Place, Stray]]:
        metadata = await part.future
        stray = self._held.delivery.appended(flush.token, where, metadata.offset, part.count)
        return [(where, stray)] if stray is not None else []

    async def _commit(self, commit: Commit) -> None:
        held = self._held
        if not self._commits:
            held.failpoints.reach("first_commit")
        try:
            taken = await held.consumer.commit_once({TP(*where): offset for where, offset in commit.offsets.items()})
        except KafkaError as error:
            give_up(f"commit failed: {type(error).__name__}: {error}")
        self._commits += 1
        held.failpoints.reach("commit")
        held.stats.commits.labels("ok" if taken else "refused").inc()
        if taken:
            held.delivery.committed(commit.token)
        else:
            held.delivery.commit_refused(commit.token)

    async def look_for_strays(self) -> None:
        """Read what others wrote behind our rows in the changelogs, and write ours again where it counts."""
        held = self._held
        places = {TP(held.sources[topic].changelog, number): (topic, number) for topic, number in held.delivery.owned()}
        if not places:
            return
        ends = await held.consumer.highwaters(*places)
        for changelog, end in ends.items():
            where = places[TP(changelog.topic, changelog.partition)]
            async with self._turn:
                stray = held.delivery.looked(where, end or 0)
            if stray is not None:
                await self._read_again(where, stray)

    async def _read_again(self, where: Place, stray: Stray) -> None:
        source = self._held.sources[where[0]]

        def judge(_changelog: TopicPartition, records: Iterable[Stored]) -> None:
            for key, value, buried in records:
                partition = self._held.partitions.get(where[1])
                if partition is None:
                    return
                row = partition.rows[source.area.topic].get(key)
                held = None if row is None else row.offset
                offset = buried if value is None else row_offset(value)
                if self._held.delivery.strayed(where, key, offset, held, tombstone=value is None):
                    partition.drop(source.area, key)

        place = TopicPartition(source.changelog, where[1])
        await self._changelog.read({place: Range(stray.first, stray.end)}, judge)


def _in_turn(rows: Mapping[Place, tuple[Any, ...]]) -> Iterator[tuple[Place, tuple[Key, ...]]]:
    """The keys of every partition in chunks, a chunk of each partition in turn.

    A request to a broker takes one batch of a partition, and the next request waits for its answer.
    """
    chunks = (
        [(where, keys[begin : begin + CHUNK]) for begin in range(0, len(keys), CHUNK)] for where, keys in rows.items()
    )
    return (chunk for turn in zip_longest(*chunks) for chunk in turn if chunk is not None)
