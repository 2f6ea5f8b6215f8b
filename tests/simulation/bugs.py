"""Bugs planted on purpose: each must make the simulation fail. They live here, the product has no switches for them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from stream_app.domain.delivery import Absorb, Commit, Delivery, Die, Flush, Key, Lost, Partition, SeekBack, Skip, Stray

from .broker import TP
from .host import Host
from .rows import NEW, Event, Row, Rows


class Bug(NamedTuple):
    """What is broken, where."""

    host: type[Host] = Host
    rows: type[Rows] = Rows


def machine(kind: type[Delivery]) -> Bug:
    """A host that runs a broken machine."""
    return Bug(host=type(f"HostOf{kind.__name__}", (Host,), {"make_delivery": kind}))


# -- rows


class NoRowOffset(Rows):
    """Events delivered again are applied again."""

    def step(self, row: Row | None, event: Event, offset: int) -> Row | None:
        after = super().step(row and row._replace(offset=-1), event, offset)
        return row if row is not None and after == row._replace(offset=-1) else after


class NoEventId(Rows):
    """Events published again are applied again."""

    def step(self, row: Row | None, event: Event, offset: int) -> Row | None:
        if row is None or offset <= row.offset or event.id == 0:
            return super().step(row, event, offset)
        facts = tuple(sorted((*row.facts, (event.time, event.id, event.value))))
        return Row(offset, facts, row.beats, max(row.last, event.time), row.closed or event.value < 0)


class ArrivalOrder(Rows):
    """A late event is put last."""

    def step(self, row: Row | None, event: Event, offset: int) -> Row | None:
        after = super().step(row, event, offset)
        if after is row or after is None or event.id == 0:
            return after
        return after._replace(facts=(*(row or NEW).facts, (event.time, event.id, event.value)))


class NoRefusal(Rows):
    """An event published again after its row was deleted begins a half row."""

    def step(self, row: Row | None, event: Event, offset: int) -> Row | None:
        return super().step(NEW if row is None else row, event, offset)


# -- the machine


class NoContinuityCheck(Delivery):
    """A batch beyond a hole is absorbed."""

    def offered(self, tp: Partition, start: int, end: int) -> Absorb | Skip | SeekBack:
        verdict = super().offered(tp, start, end)
        return Absorb(start) if isinstance(verdict, SeekBack) else verdict


class StartLearntFromFirstBatch(Delivery):
    """A group without an offset takes the first batch that arrives for the log's start."""

    _unknown: set[Partition]

    def assigned(self, tp: Partition, committed: int | None, log_start: int) -> Lost | None:
        self._unknown = getattr(self, "_unknown", set())
        (self._unknown.add if committed is None else self._unknown.discard)(tp)
        return super().assigned(tp, committed, log_start)

    def offered(self, tp: Partition, start: int, end: int) -> Absorb | Skip | SeekBack:
        part = self._parts.get(tp)
        if part and part.live and tp in self._unknown:
            self._unknown.discard(tp)
            self.log_starts(tp, start)
        return super().offered(tp, start, end)


class AbsorbsInRecovery(Delivery):
    """Batches are absorbed before recovery has ended."""

    def offered(self, tp: Partition, start: int, end: int) -> Absorb | Skip | SeekBack:
        part = self._parts.get(tp)
        if part is None or part.live:
            return super().offered(tp, start, end)
        part.live = True
        verdict = super().offered(tp, start, end)
        part.live = False
        return verdict

    def absorbed(self, tp: Partition, end: int, keys: Iterable[Key], now_ms: int) -> None:
        part = self._parts[tp]
        live, part.live = part.live, True
        super().absorbed(tp, end, keys, now_ms)
        part.live = live


class LastRecordWins(Delivery):
    """Recovery keeps the last record of a key, as a plain changelog would have it."""

    def restored(self, tp: Partition, key: Key, offset: int, held: int | None, *, tombstone: bool = False) -> bool:
        return True


class NoRewrite(Delivery):
    """Recovery keeps the higher row but does not write it again."""

    def restored(self, tp: Partition, key: Key, offset: int, held: int | None, *, tombstone: bool = False) -> bool:
        taken = super().restored(tp, key, offset, held, tombstone=tombstone)
        if part := self._parts.get(tp):
            part.dirty.pop(key, None)
        return taken


class TombstonesForgotten(Delivery):
    """A tombstone read in recovery removes the row and is forgotten: a lower row behind it comes back."""

    def restored(self, tp: Partition, key: Key, offset: int, held: int | None, *, tombstone: bool = False) -> bool:
        taken = super().restored(tp, key, offset, held, tombstone=tombstone)
        if part := self._parts.get(tp):
            part.graves.pop(key, None)
        return taken


class NoStrayLook(Delivery):
    """Only recovery looks for lower records: what a frozen worker writes afterwards wins at the next compaction."""

    def looked(self, tp: Partition, end: int) -> Stray | None:
        return None

    def appended(self, token: int, tp: Partition, first: int, count: int) -> Stray | None:
        return None


class NoLookWhileIdle(Delivery):
    """Strays are found by gaps between own writes only, never by the changelog's end."""

    def looked(self, tp: Partition, end: int) -> Stray | None:
        return None


class StraysAheadBuried(Delivery):
    """A key of a stray that lies ahead of us is taken for a deleted one."""

    def strayed(self, tp: Partition, key: Key, offset: int, held: int | None, *, tombstone: bool = False) -> bool:
        part = self._parts.get(tp)
        if part is None or not part.live:
            return False
        position, part.position = part.position, max(part.position, offset + 1)
        taken = super().strayed(tp, key, offset, held, tombstone=tombstone)
        part.position = position
        return taken


class TombstoneBeforeCommit(Delivery):
    """A row may be deleted at any time."""

    def deletable(self, tp: Partition, key: Key, offset: int) -> bool:
        part = self._parts.get(tp)
        return part is not None and part.live


class NoHeartbeatCheck(Delivery):
    """A worker that was frozen beyond its session writes on."""

    def alive(self, now_ms: int) -> Die | None:
        return self._dead


class RevokedRowsFlushed(Delivery):
    """Rows of revoked partitions are kept and flushed."""

    def revoked(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        return {}


class UnwrittenRowsKept(Delivery):
    """Rows of revoked partitions are kept though some of them are not in the changelog yet."""

    def revoked(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        gone = list(partitions)
        kept = {tp: part.tail for tp in gone if (part := self._parts.get(tp)) and part.live and not part.strays}
        super().revoked(gone)
        return kept


class RowsKeptWithStrays(Delivery):
    """Rows of revoked partitions are kept though what others wrote behind them has not been read."""

    def looked(self, tp: Partition, end: int) -> Stray | None:
        stray = super().looked(tp, end)
        if part := self._parts.get(tp):
            part.strays = False
        return stray

    def appended(self, token: int, tp: Partition, first: int, count: int) -> Stray | None:
        stray = super().appended(token, tp, first, count)
        if part := self._parts.get(tp):
            part.strays = False
        return stray


class KeptRowsOfAnyAge(Host):
    """Rows that were kept are taken again whatever others wrote since."""

    def may_take(self, left_at: int, end: int) -> bool:
        return True


class OffsetsOfTheEnd(Delivery):
    """A commit takes the positions of when the flush ended, not of when it began."""

    def flushed(self, token: int) -> Commit | None:
        commit = super().flushed(token)
        if commit is None:
            return None
        return replace(commit, offsets={tp: self._parts[tp].position for tp in commit.offsets})


class NoEpochs(Delivery):
    """Answers of an earlier ownership count when the partition has come back."""

    def _same(self, tp: Partition, flight: object) -> object:  # type: ignore[override]
        return self._parts.get(tp)


class FailedFlushGoesOn(Delivery):
    """A failed flush is logged, its rows are not dirty any more, the worker goes on."""

    def flush_failed(self, token: int, reason: str) -> Die | None:
        self._flight = None
        return None


class DirtyClearedAtTheEnd(Delivery):
    """A row that changes again while it is being flushed is taken for clean when the flush ends."""

    def flushed(self, token: int) -> Commit | None:
        if self._flight:
            for tp, keys in self._flight.flush.rows.items():
                if part := self._parts.get(tp):
                    for key in keys:
                        part.dirty.pop(key, None)
        return super().flushed(token)


# -- the shell


class CommitBeforeFlush(Host):
    """Offsets go out first, rows afterwards."""

    def write(self, flush: Flush) -> None:
        self.commit(Commit(flush.token, flush.offsets))
        super().write(flush)


class RecordOffsets(Host):
    """A batch says the offset of its first record instead of the fetch position it was asked from."""

    def batch_start(self, start: int, records: list[tuple[int, Event]]) -> int:
        return records[0][0] if records else start


class NoOwnershipCheck(Host):
    """A flush under way writes the table of a partition that was lost and came back, half recovered."""

    def may_write(self, token: int, tp: TP) -> bool:
        return tp in self.tables


class FailedProduceIgnored(Host):
    """A produce that is not acknowledged is logged and forgotten."""

    def flush_failed(self, token: int) -> None:
        self.flushed(token)


class CommitInAnyGeneration(Host):
    """A commit carries whatever generation the group has when it is sent."""

    def commit_generation(self, at_flushed: int) -> int:
        return self.world.group.generation


class RefusedCommitCounts(Host):
    """A refused or unanswered commit is taken for a commit."""

    def committed(self, token: int, *, taken: bool) -> None:
        super().committed(token, taken=True)

    def committed_is(self, tp: TP, offset: int) -> bool:
        return True


class DeletesByWhatIsAbsorbed(Host):
    """Rows are deleted by the time of events that are not committed yet."""

    def deletion_clock(self, tp: TP) -> int:
        return self.absorbed_stream[tp]


class IdleNeverOffered(Host):
    """An idle partition is not looked at: a batch dropped at the log's end stays unseen."""

    def offer(self, tp: TP, start: int, end: int, records: list[tuple[int, Event]]) -> None:
        if start != end:
            super().offer(tp, start, end, records)


BUGS: dict[str, Bug] = {
    "no row offset check": Bug(rows=NoRowOffset),
    "no event id": Bug(rows=NoEventId),
    "late events put last": Bug(rows=ArrivalOrder),
    "no refusal of events older than deletion": Bug(rows=NoRefusal),
    "commit before flush": Bug(host=CommitBeforeFlush),
    "no continuity check": machine(NoContinuityCheck),
    "start learnt from the first batch": machine(StartLearntFromFirstBatch),
    "record offsets instead of fetch positions": Bug(host=RecordOffsets),
    "absorbs in recovery": machine(AbsorbsInRecovery),
    "last record wins in recovery": machine(LastRecordWins),
    "higher row not written again": machine(NoRewrite),
    "tombstones forgotten in recovery": machine(TombstonesForgotten),
    "no look for strays": machine(NoStrayLook),
    "no look for strays while idle": machine(NoLookWhileIdle),
    "strays ahead buried": machine(StraysAheadBuried),
    "tombstone before commit": machine(TombstoneBeforeCommit),
    "deletes by what is absorbed": Bug(host=DeletesByWhatIsAbsorbed),
    "no heartbeat check before flush": machine(NoHeartbeatCheck),
    "revoked rows still flushed": machine(RevokedRowsFlushed),
    "rows kept that are not written": machine(UnwrittenRowsKept),
    "rows kept with strays unread": machine(RowsKeptWithStrays),
    "kept rows of any age": Bug(host=KeptRowsOfAnyAge),
    "no ownership check before a write": Bug(host=NoOwnershipCheck),
    "offsets of the flush's end": machine(OffsetsOfTheEnd),
    "answers of an earlier ownership count": machine(NoEpochs),
    "commit in any generation": Bug(host=CommitInAnyGeneration),
    "refused commit taken for a commit": Bug(host=RefusedCommitCounts),
    "failed flush forgotten": machine(FailedFlushGoesOn),
    "failed produce ignored": Bug(host=FailedProduceIgnored),
    "row changed during its flush taken for clean": machine(DirtyClearedAtTheEnd),
    "idle partition never looked at": Bug(host=IdleNeverOffered),
}
