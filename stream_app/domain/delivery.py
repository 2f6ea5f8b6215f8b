"""The delivery protocol of one worker: what may be absorbed, flushed, committed, deleted.

The machine knows neither clock, network nor asyncio: the shell tells it what happened and does what it answers. It
holds no rows, the shell's tables do. It rests on four laws, which the simulation in `tests/simulation` tries to break:

1. A row is a function of one partition's events and carries the offset of the last one applied: a replay changes
   nothing.
2. Offsets are committed only after every row they changed is acknowledged in the changelog.
3. Of a key's changelog records the one with the higher row offset counts, wherever it lies; at equal offsets a
   tombstone counts, for it can only have been written after the row.
4. Compaction keeps the *last* record. So an owner that sees a lower record behind a higher one writes the higher one
   again; and it looks for such records ("strays") as long as it owns the partition, for a frozen worker's may come at
   any time.

Times are ms of a monotonic clock. A position is the offset of the next record to fetch. What the shell does between
`offered` and `absorbed` for one batch must happen without giving up control.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from stream_app.domain.effects import Absorb, Commit, Die, Flush, Key, Lost, Partition, SeekBack, Skip, Stray

__all__ = [
    "Absorb",
    "Commit",
    "Delivery",
    "Die",
    "Flush",
    "Key",
    "Lost",
    "Partition",
    "ProtocolError",
    "SeekBack",
    "Skip",
    "Stray",
]


class ProtocolError(Exception):
    """The shell broke the order of calls: a bug of the caller, never of the input."""


@dataclass(slots=True)
class _Part:
    """What is known of one partition during one ownership (`epoch`)."""

    epoch: int
    position: int
    committed: int
    tail: int = 0  # changelog offset before which every record is accounted for
    live: bool = False
    strays: bool = False  # others wrote behind us: what of it has been read since is not known here
    dirty: dict[Key, None] = field(default_factory=dict)  # a set that keeps its order, so that runs repeat exactly
    graves: dict[Key, int] = field(default_factory=dict)  # deleted keys whose tombstones are not settled


@dataclass(slots=True)
class _Flight:
    """The one flush or commit under way, and the ownerships it was made in."""

    flush: Flush
    epochs: Mapping[Partition, int]
    committing: bool = False


class Delivery:
    """The delivery state of one worker over all its source partitions.

    A flush is due when `max_dirty` rows wait or the oldest unflushed change is `max_age_ms` old. A worker that has no
    heartbeat answered for `session_ms` (the group's session timeout) may no longer write.
    """

    def __init__(self, session_ms: int, max_dirty: int = 10_000, max_age_ms: int = 1_000) -> None:
        self._session_ms = session_ms
        self._max_dirty = max_dirty
        self._max_age_ms = max_age_ms
        self._parts: dict[Partition, _Part] = {}
        self._epoch = 0
        self._token = 0
        self._flight: _Flight | None = None
        self._beat: int | None = None
        self._since: int | None = None  # when the oldest change no flush has taken came
        self._now = 0
        self._dead: Die | None = None

    # -- ownership and recovery

    def assigned(self, tp: Partition, committed: int | None, log_start: int) -> Lost | None:
        """Begin an ownership of `tp`: recovery starts, nothing is absorbed.

        `committed` is the group's committed offset (None: never), `log_start` the first offset the source log holds. A
        group without an offset starts at the log's start, asked from the broker: the first batch to arrive may not be
        the first of the log. Returns what retention took before it was read.
        """
        self._epoch += 1
        start = log_start if committed is None else committed
        self._parts[tp] = _Part(self._epoch, position=start, committed=start)
        return self.log_starts(tp, log_start)

    def restored(self, tp: Partition, key: Key, offset: int, held: int | None, *, tombstone: bool = False) -> bool:
        """Whether a changelog record read in recovery replaces what the table holds of `key`.

        `offset` is the row offset the record carries, `held` that of the row in the table (None: no row). On True put
        the row, or for a tombstone remove it; on False leave the table alone.
        """
        part = self._parts.get(tp)
        if part is None or part.live:
            return False
        grave = part.graves.get(key)
        best = -1 if held is None and grave is None else 2 * held if held is not None else 2 * (grave or 0) + 1
        rank = 2 * offset + tombstone
        if rank < best:
            part.dirty[key] = None  # the lower record is the last now: compaction would keep it
            return False
        part.dirty.pop(key, None)
        if rank == best:
            return False
        if tombstone:
            part.graves[key] = offset
        else:
            part.graves.pop(key, None)
        return True

    def recovered(self, tp: Partition, tail: int) -> None:
        """End recovery: every changelog record below offset `tail` was handed to `restored`. Absorbing may begin."""
        part = self._parts.get(tp)
        if part is None:
            return
        part.live, part.tail = True, tail
        part.graves = {key: offset for key, offset in part.graves.items() if key in part.dirty}
        if part.dirty:
            self._touch()

    def revoked(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """End these ownerships. Answers still under way for them change nothing from here on.

        Returns those whose rows the changelog holds to the last, with its end. Rows that are kept are what recovery
        would read as long as the changelog ends there: then `recovered` may follow `assigned` at once.
        """
        settled: dict[Partition, int] = {}
        for tp in partitions:
            part = self._parts.pop(tp, None)
            if part is not None and part.live and not (part.dirty or part.graves or part.strays or self._flight):
                settled[tp] = part.tail
        return settled

    def taken(self) -> frozenset[Partition]:
        """The partitions whose ownership began and has not ended, recovered or not."""
        return frozenset(self._parts)

    def owned(self) -> frozenset[Partition]:
        """The partitions that are ours and recovered: those whose rows may be shown."""
        return frozenset(tp for tp, part in self._parts.items() if part.live)

    def position(self, tp: Partition) -> int | None:
        """Where to fetch `tp` from next; None when it is not ours."""
        part = self._parts.get(tp)
        return part.position if part else None

    # -- absorbing

    def offered(self, tp: Partition, start: int, end: int) -> Absorb | Skip | SeekBack:
        """Judge a fetched batch by the fetch positions before (`start`) and after it (`end`).

        Positions, not record offsets: transactions and compaction leave honest gaps between records, none between
        positions. Offer an empty batch (`start` = `end` = the consumer's fetch position) whenever a partition is idle:
        else a batch dropped at the end of the log is missed only when the next event comes.
        """
        part = self._parts.get(tp)
        if part is None or not part.live or end <= part.position:
            return Skip()
        if start > part.position:
            return SeekBack(part.position)
        return Absorb(part.position)

    def log_starts(self, tp: Partition, offset: int) -> Lost | None:
        """Note the first offset the source log holds; beyond the position the records between are lost for good."""
        part = self._parts.get(tp)
        if part is None or offset <= part.position:
            return None
        lost = Lost(part.position, offset)
        part.position = offset
        self._touch()
        return lost

    def absorbed(self, tp: Partition, end: int, keys: Iterable[Key], now_ms: int) -> None:
        """The batch up to position `end` is in the rows; `keys` are those it changed. Follows `offered` -> `Absorb`.

        Raises ProtocolError when `tp` may not absorb or `end` lies behind the position.
        """
        part = self._parts.get(tp)
        if part is None or not part.live or end < part.position:
            raise ProtocolError(f"absorbed {tp} up to {end} while {part}")
        self._now = now_ms
        part.position = end
        changed = keys if isinstance(keys, dict) else dict.fromkeys(keys)
        part.dirty.update(changed)
        for key in part.graves.keys() & changed.keys():
            del part.graves[key]
        self._touch()

    # -- deleting

    def deletable(self, tp: Partition, key: Key, offset: int) -> bool:
        """Whether the row of `key`, last changed by the event at `offset`, may be deleted now.

        Only when that event is committed and the row is settled in the changelog; else a crash would replay some of its
        events into a half row.
        """
        part = self._parts.get(tp)
        if part is None or not part.live or offset >= part.committed or key in part.dirty:
            return False
        return self._flight is None or key not in self._flight.flush.rows.get(tp, ())

    def deleted(self, tp: Partition, key: Key, offset: int) -> None:
        """The row was removed from the table: its tombstone, carrying the row's `offset`, goes with the next flush.

        Raises ProtocolError unless it was `deletable`.
        """
        if not self.deletable(tp, key, offset):
            raise ProtocolError(f"deleted {key!r} of {tp} at {offset} before it was committed")
        self._bury(self._parts[tp], key, offset)

    # -- flushing and committing

    def heartbeat(self, sent_ms: int) -> None:
        """The group coordinator answered a heartbeat, or the last request of a join, that was sent at `sent_ms`."""
        self._beat = sent_ms

    def rejoined(self) -> None:
        """A new group generation began: earlier heartbeats prove nothing, and nothing is written until the next."""
        self._beat = None

    def alive(self, now_ms: int) -> Die | None:
        """Die when this worker may have lost its partitions without knowing it; ask before each changelog write."""
        if self._beat is not None and now_ms < self._beat:
            self._beat = None  # the clock went back: it proves nothing until the next heartbeat
        if self._dead is None and self._beat is not None and now_ms - self._beat >= self._session_ms:
            self._dead = Die(
                f"no heartbeat answered for {now_ms - self._beat} ms, the session ends after {self._session_ms}"
            )
        return self._dead

    def waiting(self) -> int:
        """How many rows wait for a flush."""
        return sum(len(part.dirty) for part in self._parts.values())

    def due(self, now_ms: int) -> bool:
        """Whether a flush should begin: enough rows wait, or one waits long enough, and none is under way."""
        self._now = now_ms
        if self._flight is not None or self._since is None:
            return False
        if not 0 <= now_ms - self._since < self._max_age_ms:
            return True
        return self.waiting() >= self._max_dirty

    def begin(self, now_ms: int) -> Flush | Die | None:
        """Start a flush of every row dirty at this instant, due or not.

        None when one is under way, nothing waits, or no heartbeat was answered yet.
        """
        self._now = now_ms
        if self._flight is not None:
            return self._dead
        live = {tp: part for tp, part in self._parts.items() if part.live}
        offsets = {tp: part.position for tp, part in live.items() if part.position > part.committed}
        dirty = {tp: part for tp, part in live.items() if part.dirty}
        if not offsets and not dirty:
            self._since = None
            return self._dead
        if (dead := self.alive(now_ms)) or self._beat is None:
            return dead
        self._since = None
        rows = {tp: _rows(part) for tp, part in dirty.items()}
        graves = {tp: dict(part.graves) for tp, part in dirty.items() if part.graves}
        for part in dirty.values():
            part.dirty = {}
        self._token += 1
        flush = Flush(self._token, rows, graves, offsets)
        self._flight = _Flight(flush, {tp: part.epoch for tp, part in live.items()})
        return flush

    def current(self, token: int, tp: Partition) -> bool:
        """Whether `tp` is still in the ownership in which this flush began; ask before each write to its changelog."""
        flight = self._flight
        return flight is not None and flight.flush.token == token and self._same(tp, flight) is not None

    def flushed(self, token: int) -> Commit | None:
        """Everything of the flush is acknowledged. Returns what to commit; None when nothing of it is ours any more."""
        flight = self._flight
        if flight is None or flight.flush.token != token or flight.committing:
            return None
        for tp, graves in flight.flush.tombstones.items():
            if part := self._same(tp, flight):
                for key, offset in graves.items():
                    if key not in part.dirty and part.graves.get(key) == offset:
                        del part.graves[key]
        offsets = {tp: offset for tp, offset in flight.flush.offsets.items() if self._same(tp, flight)}
        if not offsets:
            self._flight = None
            return None
        flight.committing = True
        return Commit(token, offsets)

    def flush_failed(self, token: int, reason: str) -> Die | None:
        """A record of the flush was not acknowledged: which rows the changelog holds is unknown, so the worker ends."""
        if self._flight is None or self._flight.flush.token != token:
            return None
        self._dead = self._dead or Die(f"changelog flush failed: {reason}")
        return self._dead

    def committed(self, token: int) -> None:
        """The broker took the commit. An answer for an earlier ownership, or a second answer, changes nothing."""
        flight = self._flight
        if flight is None or flight.flush.token != token or not flight.committing:
            return
        self._flight = None
        for tp, offset in flight.flush.offsets.items():
            if part := self._same(tp, flight):
                part.committed = max(part.committed, offset)

    def commit_refused(self, token: int) -> None:
        """The commit was refused or its answer is lost: its rows are safe, its offsets go with the next one."""
        flight = self._flight
        if flight is None or flight.flush.token != token or not flight.committing:
            return
        self._flight = None
        self._touch()

    # -- strays: changelog records another writer left behind ours

    def appended(self, token: int, tp: Partition, first: int, count: int) -> Stray | None:
        """`count` records of the flush were acknowledged at changelog offsets from `first` on.

        Returns the gap before them, if there is one: somebody else wrote there.
        """
        flight = self._flight
        part = self._same(tp, flight) if flight is not None and flight.flush.token == token else None
        if part is None or first + count <= part.tail:
            return None
        stray = Stray(part.tail, first) if first > part.tail else None
        part.tail = first + count
        part.strays |= stray is not None
        return stray

    def looked(self, tp: Partition, end: int) -> Stray | None:
        """The changelog ends at `end` (asked now and then, well within its `min.compaction.lag.ms`).

        Returns what is unknown.
        """
        part = self._parts.get(tp)
        if part is None or not part.live or end <= part.tail:
            return None
        stray = Stray(part.tail, end)
        part.tail = end
        part.strays = True
        return stray

    def strayed(self, tp: Partition, key: Key, offset: int, held: int | None, *, tombstone: bool = False) -> bool:
        """Judge a changelog record read again while live; True: remove the row of `key` from the table.

        Arguments as of `restored`. A row we do not hold and that lies ahead of the position we shall write in time.
        """
        part = self._parts.get(tp)
        if part is None or not part.live:
            return False
        if held is not None and offset < held:
            part.dirty[key] = None
            self._touch()
        elif tombstone and held is not None:
            self._bury(part, key, offset)
            return True
        elif not tombstone and held is None and offset < part.position:
            # Deleted long ago. Buried at the position, so that no lower tombstone ever follows a higher one.
            self._bury(part, key, max(part.position - 1, part.graves.get(key, -1)))
        return False

    # -- within

    def _same(self, tp: Partition, flight: _Flight) -> _Part | None:
        """The partition, if it is still in the ownership the flight was made in."""
        part = self._parts.get(tp)
        return part if part is not None and part.epoch == flight.epochs.get(tp) else None

    def _bury(self, part: _Part, key: Key, offset: int) -> None:
        part.graves[key] = offset
        part.dirty[key] = None
        self._touch()

    def _touch(self) -> None:
        if self._since is None:
            self._since = self._now


def _rows(part: _Part) -> tuple[Key, ...]:
    """The rows to write: what is dirty and not buried."""
    graves = part.graves
    return tuple(key for key in part.dirty if key not in graves) if graves else tuple(part.dirty)
