"""What one worker holds: the partitions it owns, and the delivery machine that says what may be done."""

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final, NoReturn, cast

from aiokafka import TopicPartition
from faust.types import TP

from stream_app.codec import Codec, Event, Reject, RowCodec, dump_key
from stream_app.dead_letters import DeadLetter, letter
from stream_app.domain.board import Board
from stream_app.domain.delivery import Absorb, Commit, Delivery, Die, Flush, Lost, SeekBack, Skip, Stray
from stream_app.domain.fold import Key, Outcome, Row
from stream_app.operate.routing import misrouted
from stream_app.pipeline import AREAS, Area, Partition
from stream_app.settings import Settings
from stream_app.shell.changelog import Changelog, Range
from stream_app.shell.failpoints import Failpoints
from stream_app.shell.stats import Stats
from stream_app.shell.transport import Batch
from stream_app.shell.writer import Writer, Written

log = logging.getLogger(__name__)

CHUNK: Final = 500
"""Rows encoded or restored before the event loop gets a turn."""

EXIT_GAVE_UP: Final = 70
"""Exit code of a worker that ended itself so that a supervisor starts it again."""


def give_up(reason: str) -> NoReturn:
    """End the process at once, without flushing or committing."""
    log.critical("ending this worker: %s", reason)
    logging.shutdown()
    os._exit(EXIT_GAVE_UP)


def monotonic_ms() -> int:
    """The clock of the delivery machine."""
    return int(time.monotonic() * 1000)


def wall_ms() -> int:
    """The wall clock."""
    return int(time.time() * 1000)


@dataclass(frozen=True, slots=True)
class _Source:
    """An area with its coders and the names of its topics."""

    area: Area
    codec: Codec
    rows: RowCodec
    changelog: str
    letters: str


class Keeper:
    """The state of one worker. Every method runs on the event loop; `absorb` never gives up control."""

    def __init__(self, settings: Settings, stats: Stats, writer: Writer, changelog: Changelog) -> None:
        self.settings = settings
        self.rules = settings.rules.build()
        self.stats = stats
        self.failpoints = Failpoints()
        self.max_batch = settings.delivery.max_batch
        self.delivery = Delivery(
            int(settings.delivery.session_timeout_seconds * 1000),
            settings.delivery.max_dirty,
            settings.delivery.max_age_ms,
        )
        self.sources = {
            settings.source_topic(name): _Source(
                area, area.codec(), area.row_codec(), settings.changelog_topic(name), settings.dead_letter_topic(name)
            )
            for name, area in AREAS.items()
        }
        self.partitions: dict[int, Partition] = {}
        self.assigned: frozenset[TP] = frozenset()
        self.latest_ms = 0
        self.consumer: Any = None
        self._writer = writer
        self._changelog = changelog
        self._known: dict[int, set[str]] = {}
        self._letters: list[tuple[str, int, DeadLetter]] = []
        self._settling = asyncio.Lock()
        self._commits = 0
        self._stamps: dict[tuple[str, int], int] = {}

    # -- what a scrape sees

    def now_ms(self) -> int:
        """The clock of the numbers: the wall clock, or the latest event time applied (setting app.clock)."""
        return wall_ms() if self.settings.app.clock == "wall" else self.latest_ms

    def live(self) -> frozenset[tuple[str, int]]:
        """The source partitions that are owned and recovered."""
        return self.delivery.owned()

    def boards(self) -> list[Board]:
        """The boards of the partitions whose topics are all owned and recovered."""
        live = self.live()
        return [
            partition.board
            for number, partition in self.partitions.items()
            if all((topic, number) in live for topic in self.sources)
        ]

    def ready(self) -> bool:
        """Whether everything assigned is recovered; a worker with nothing assigned is not."""
        return bool(self.assigned) and self.assigned <= self.live()

    def lag_seconds(self, topic: str) -> float:
        """Age of the latest record absorbed of a topic, by its own timestamp: how far behind a lagging worker is."""
        stamps = [stamp for (name, _), stamp in self._stamps.items() if name == topic]
        return max((wall_ms() - min(stamps)) / 1000, 0.0) if stamps else 0.0

    # -- ownership

    def heartbeat(self, sent_ms: int) -> None:
        """The group's coordinator answered a heartbeat."""
        self.delivery.heartbeat(sent_ms)

    def rejoined(self) -> None:
        """A new generation of the group began: nothing is written until a heartbeat of it is answered."""
        self.delivery.rejoined()

    def positions(self) -> dict[TP, int]:
        """Where to fetch next, for partitions owned and recovered."""
        return {TP(*tp): position for tp in self.live() if (position := self.delivery.position(tp)) is not None}

    async def revoke(self, partitions: AbstractSet[TP]) -> None:
        """Settle, then give these partitions up with everything known of them."""
        if not partitions:
            return
        self.failpoints.reach("revocation")
        try:
            await asyncio.wait_for(self.settle(), self.settings.delivery.session_timeout_seconds / 2)
        except TimeoutError:
            log.warning("not everything was committed before the partitions went: their new owner does it again")
        self.delivery.revoked([_place(tp) for tp in partitions])
        for tp in partitions:
            self.stats.gave_up(tp.topic, tp.partition)
            self._stamps.pop((tp.topic, tp.partition), None)
        self._forget({tp.partition for tp in partitions if tp.topic in self.sources})
        self.assigned -= partitions

    def _forget(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.partitions.pop(number, None)
            self._known.pop(number, None)

    async def recover(self, consumer: Any, assigned: AbstractSet[TP]) -> None:
        """Take these partitions: read their rows from the changelogs. Raises when that cannot be done."""
        began = time.monotonic()
        self.consumer = consumer
        self.assigned = frozenset(assigned)
        self._check_clock()
        tps = sorted(assigned)
        self.delivery.revoked([_place(tp) for tp in tps])
        self._forget({tp.partition for tp in tps})
        committed = await consumer.committed_offsets(tps)
        starts = await consumer.earliest_offsets(*tps) if tps else {}
        for tp in tps:
            self._count_lost(tp, self.delivery.assigned(_place(tp), committed[tp], starts[tp] or 0))
        count = await self._restore(tps)
        self.stats.recovery_seconds.set(_since(began))
        log.info("own %d partitions (%s); %d rows recovered in %.1f s", len(tps), _named(tps), count, _since(began))

    def _check_clock(self) -> None:
        """The event clock is one worker's: with partitions elsewhere its time would not be theirs."""
        wanted = self.settings.topics.partitions * len(self.sources)
        if self.settings.app.clock == "event" and 0 < len(self.assigned) < wanted:
            give_up("app.clock = event is for a single worker, but others of the group own partitions too")

    async def _restore(self, tps: list[TP]) -> int:
        """Read the changelogs of these source partitions and weigh their rows; returns how many there are."""
        places = {TopicPartition(self.sources[tp.topic].changelog, tp.partition): _place(tp) for tp in tps}
        best: dict[tuple[str, int], dict[Key, tuple[int, bytes]]] = {place: {} for place in places.values()}

        def judge(tp: TopicPartition, key: Key, offset: int, value: bytes | None) -> None:
            self.failpoints.reach("recovery")
            place = places[tp]
            rows = best[place]
            held = rows.get(key)
            if self.delivery.restored(place, key, offset, held[0] if held else None, tombstone=value is None):
                if value is None:
                    rows.pop(key, None)
                else:
                    rows[key] = (offset, value)

        ends = await self._changelog.read({tp: Range() for tp in places}, judge)
        for tp, place in places.items():
            await self._weigh(place, best[place])
            self.delivery.recovered(place, ends[tp])
        return sum(map(len, best.values()))

    async def _weigh(self, place: tuple[str, int], best: Mapping[Key, tuple[int, bytes]]) -> None:
        source = self.sources[place[0]]
        partition = self.partitions.setdefault(place[1], Partition(self.rules))
        rows: dict[Key, Row] = {}
        for key, (_offset, value) in best.items():
            rows[key] = source.rows.load(value)
            if len(rows) >= CHUNK:
                partition.restore(source.area, rows)
                rows = {}
                await asyncio.sleep(0)
        partition.restore(source.area, rows)

    def _count_lost(self, tp: TP, lost: Lost | None) -> None:
        if lost is not None:
            self.stats.lost.labels(tp.topic).inc(lost.end - lost.first)
            log.critical(
                "%s/%d: offsets %d to %d left the log before they were read; their events are lost",
                tp.topic, tp.partition, lost.first, lost.end - 1,
            )  # fmt: skip

    # -- absorbing

    async def take(self, batch: Batch) -> None:
        """Absorb one batch, or go back to what is missing before it."""
        self.failpoints.reach("fetch")
        tp = TP(batch.topic, batch.partition)
        verdict = self.delivery.offered(_place(tp), batch.start, batch.end)
        if isinstance(verdict, Absorb):
            self._absorb(batch, verdict.first)
            self.failpoints.reach("absorb")
        elif isinstance(verdict, SeekBack):
            await self.go_back(tp)
        else:
            assert isinstance(verdict, Skip)  # noqa: S101  the union's last member
        if len(self._letters) >= self.settings.delivery.max_dirty:
            await self.settle()

    async def go_back(self, tp: TP) -> None:
        """Fetch again from where we stand; what has left the log meanwhile is counted as lost."""
        self.stats.holes.labels(tp.topic).inc()
        starts = await self.consumer.earliest_offsets(tp)
        self._count_lost(tp, self.delivery.log_starts(_place(tp), starts[tp] or 0))
        position = self.delivery.position(_place(tp))
        if position is not None:
            log.info("%s/%d: a batch is missing, fetching again from offset %d", tp.topic, tp.partition, position)
            await self.consumer.seek(tp, position)

    def _absorb(self, batch: Batch, first: int) -> None:
        source = self.sources[batch.topic]
        number = batch.partition
        partition = self.partitions[number]
        now = wall_ms()
        latest_allowed = now + self.settings.app.skew_seconds * 1000
        decode = source.codec.decode
        known = self._known.setdefault(number, set())
        events: list[Event] = []
        rejected: Counter[str] = Counter()
        records = batch.records if not batch.records or batch.records[0].offset >= first else [
            record for record in batch.records if record.offset >= first
        ]  # fmt: skip
        for record in records:
            event = decode(record.value, record.offset, latest_allowed)
            if type(event) is Event:
                account = event.key[0]
                if account not in known:
                    if misrouted(account, record.key, number, self.settings.topics.partitions):
                        event = Reject(record.offset, "misrouted", "the record's key or partition is not its account's")
                    else:
                        known.add(account)
                if type(event) is Event:
                    events.append(event)
                    continue
            assert isinstance(event, Reject)  # noqa: S101
            rejected[event.reason] += 1
            self._letters.append((source.letters, number, letter(record, event, now)))
        absorbed = partition.absorb(source.area, events)
        self.delivery.absorbed((batch.topic, number), batch.end, absorbed.changed, monotonic_ms())
        self._count(batch, records, absorbed.outcomes, rejected, events, now, absorbed.latest_ms)

    def _count(
        self, batch: Batch, records: list[Any], outcomes: Mapping[Outcome, int], rejected: Counter[str],
        events: list[Event], now: int, latest: int,
    ) -> None:  # fmt: skip
        late_before = now - self.settings.app.late_seconds * 1000
        late = sum(1 for event in events if event.fact.at < late_before)
        self.stats.absorbed(batch.topic, outcomes, rejected, late)
        if records:
            self._stamps[batch.topic, batch.partition] = records[-1].timestamp
            self.stats.shared(batch.topic, batch.partition, len(records), rejected.total())
            self.stats.delays.observe(batch.topic, wall_ms(), (record.timestamp for record in records))
        self.latest_ms = max(self.latest_ms, latest)
        if latest:
            newest = self.stats.newest.labels(batch.topic)
            newest.set(max(newest._value.get(), latest / 1000))

    # -- flushing and committing

    async def settle(self) -> None:
        """Write every changed row and dead letter, then commit the offsets they make safe."""
        async with self._settling:
            flush = self.delivery.begin(monotonic_ms())
            if isinstance(flush, Die):
                give_up(flush.reason)
            if flush is None:
                return
            began = time.monotonic()
            letters, self._letters = self._letters, []
            try:
                waiting = [await self._writer.letter(topic, number, *dead) for topic, number, dead in letters]
                written = await self._write(flush)
                await asyncio.gather(*waiting)
                strays = [stray for part in written for stray in await self._acknowledged(flush, *part)]
            except Exception as error:  # noqa: BLE001  whatever failed, what the changelog holds is unknown
                die = self.delivery.flush_failed(flush.token, f"{type(error).__name__}: {error}")
                if die is not None:
                    give_up(die.reason)
                return
            self.failpoints.reach("flushed")
            commit = self.delivery.flushed(flush.token)
            if commit is not None:
                await self._commit(commit)
            for tp, stray in strays:
                await self._read_again(tp, stray)
            self.stats.flush_seconds.observe(_since(began))

    async def _write(self, flush: Flush) -> list[tuple[tuple[str, int], Written]]:
        written: list[tuple[tuple[str, int], Written]] = []
        for tp in flush.rows.keys() | flush.tombstones.keys():
            source = self.sources[tp[0]]
            keys = cast(tuple[Key, ...], flush.rows.get(tp, ()))
            for begin in range(0, len(keys), CHUNK):
                if not self._may_write(flush, tp):
                    break
                rows = self.partitions[tp[1]].rows[source.area.topic]
                chunk = [
                    (dump_key(key), source.rows.dump(row), row.offset)
                    for key in keys[begin : begin + CHUNK]
                    if (row := rows.get(key)) is not None
                ]
                written += [(tp, part) for part in await self._writer.rows(source.changelog, tp[1], chunk)]
                self.stats.flushed_rows.labels(tp[0]).inc(len(chunk))
                self.failpoints.reach("mid_flush")
                await asyncio.sleep(0)
            graves = cast(Mapping[Key, int], flush.tombstones.get(tp, {}))
            if graves and self._may_write(flush, tp):
                dead = [(dump_key(key), None, offset) for key, offset in graves.items()]
                written += [(tp, part) for part in await self._writer.rows(source.changelog, tp[1], dead)]
        return written

    def _may_write(self, flush: Flush, tp: tuple[str, int]) -> bool:
        dead = self.delivery.alive(monotonic_ms())
        if dead is not None:
            give_up(dead.reason)
        return self.delivery.current(flush.token, tp)

    async def _acknowledged(
        self, flush: Flush, tp: tuple[str, int], part: Written
    ) -> list[tuple[tuple[str, int], Stray]]:
        metadata = await part.future
        stray = self.delivery.appended(flush.token, tp, metadata.offset, part.count)
        return [(tp, stray)] if stray is not None else []

    async def _commit(self, commit: Commit) -> None:
        if not self._commits:
            self.failpoints.reach("first_commit")
        offsets = {TP(*tp): offset for tp, offset in commit.offsets.items()}
        taken = await self.consumer._commit(offsets)
        self._commits += 1
        self.failpoints.reach("commit")
        self.stats.commits.labels("ok" if taken else "refused").inc()
        if taken:
            self.delivery.committed(commit.token)
        else:
            self.delivery.commit_refused(commit.token)

    async def look_for_strays(self) -> None:
        """Read what others wrote behind our rows in the changelogs, and write ours again where it counts."""
        tps = {TP(self.sources[topic].changelog, number): (topic, number) for topic, number in self.live()}
        if not tps:
            return
        ends = await self.consumer.highwaters(*tps)
        for changelog, end in ends.items():
            tp = tps[TP(changelog.topic, changelog.partition)]
            async with self._settling:
                stray = self.delivery.looked(tp, end or 0)
            if stray is not None:
                await self._read_again(tp, stray)

    async def _read_again(self, tp: tuple[str, int], stray: Stray) -> None:
        source = self.sources[tp[0]]

        def judge(_changelog: TopicPartition, key: Key, offset: int, value: bytes | None) -> None:
            partition = self.partitions.get(tp[1])
            if partition is None:
                return
            row = partition.rows[source.area.topic].get(key)
            held = None if row is None else row.offset
            if self.delivery.strayed(tp, key, offset, held, tombstone=value is None):
                partition.drop(source.area, key)

        place = TopicPartition(source.changelog, tp[1])
        await self._changelog.read({place: Range(stray.first, stray.end)}, judge)


def _since(began: float) -> float:
    return time.monotonic() - began


def _place(tp: TP) -> tuple[str, int]:
    return (tp.topic, tp.partition)


def _named(tps: Iterable[TP]) -> str:
    by_topic: dict[str, list[str]] = {}
    for tp in tps:
        by_topic.setdefault(tp.topic, []).append(str(tp.partition))
    return "; ".join(f"{topic} {','.join(numbers)}" for topic, numbers in sorted(by_topic.items())) or "none"
