"""The broker: source logs with honest gaps, changelogs with compaction, one consumer group with eager rebalances."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import NamedTuple

from .rows import Event, Row, Rows

TP = tuple[str, int]
Member = tuple[int, int]
"""(host, incarnation)"""


class ViolationError(AssertionError):
    """A promise of the protocol was broken."""


class SourceLog:
    """One partition of the source topic, and beside it what a plain fold of it gives."""

    def __init__(self) -> None:
        self.offsets: list[int] = []
        self.events: list[Event] = []
        self.applied: list[bool] = []
        self.end = 0
        self.plain: dict[str, Row] = {}
        self._rows = Rows()

    def append(self, event: Event) -> int:
        offset = self.end
        before = self.plain.get(event.key)
        after = self._rows.step(before, event, offset)
        self.offsets.append(offset)
        self.events.append(event)
        self.applied.append(after is not before)
        if after is not None:
            self.plain[event.key] = after
        self.end += 1
        return offset

    def gap(self, width: int) -> None:
        """Offsets without records: transaction markers, aborted records."""
        self.end += width

    def fetch(self, position: int, limit: int, *, past_gap: bool) -> tuple[list[tuple[int, Event]], int]:
        """Up to `limit` records from `position` on, and the position after them, before or past a gap behind them."""
        first = bisect_left(self.offsets, position)
        last = min(first + limit, len(self.offsets))
        records = list(zip(self.offsets[first:last], self.events[first:last], strict=True))
        if past_gap or not records:
            return records, self.offsets[last] if last < len(self.offsets) else self.end
        return records, records[-1][0] + 1


class Entry(NamedTuple):
    """A changelog record; `row` None is a tombstone. `stamp` is the row offset it carries."""

    offset: int
    key: str
    row: Row | None
    stamp: int
    at: int

    @property
    def rank(self) -> int:
        return 2 * self.stamp + (self.row is None)


class Changelog:
    """One compacted partition. Knows the highest record of each key and insists that compaction keeps it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.end = 0
        self.best: dict[str, int] = {}
        self._cleaned: dict[int, int] = {}  # offset of a tombstone -> when it was first cleaned

    def append(self, records: Iterable[tuple[str, Row | None, int]], now: int) -> int:
        first = self.end
        for key, row, stamp in records:
            entry = Entry(self.end, key, row, stamp, now)
            self.entries.append(entry)
            self.end += 1
            if entry.rank > self.best.get(key, -1):
                self.best[key] = entry.rank
        return first

    def compacted(self, now: int, lag: int, delete_retention: int) -> list[Entry]:
        """What cleaning leaves: of the part older than `lag` the last record of each key, a tombstone for a while."""
        head = 0
        while head < len(self.entries) and self.entries[head].at <= now - lag:
            head += 1
        last = {entry.key: entry.offset for entry in self.entries[:head]}
        kept = []
        for entry in self.entries[:head]:
            if last[entry.key] != entry.offset:
                continue
            if entry.row is None and self._cleaned.setdefault(entry.offset, now) <= now - delete_retention:
                continue
            kept.append(entry)
        return kept + self.entries[head:]

    def compact(self, now: int, lag: int, delete_retention: int) -> int:
        """Clean in place; returns how many records went."""
        kept = self.compacted(now, lag, delete_retention)
        gone = len(self.entries) - len(kept)
        if not gone:
            return 0
        self.entries = kept
        left: dict[str, int] = {}
        for entry in kept:
            left[entry.key] = max(entry.rank, left.get(entry.key, -1))
        for key, rank in self.best.items():
            if left.get(key, -1) != rank and not (rank & 1 and key not in left):
                msg = f"compaction left {key} at rank {left.get(key)}, the highest was {rank}"
                raise ViolationError(msg)
        self.best = left
        return gone


class Group:
    """The group coordinator: membership, generations, eager rebalances, committed offsets."""

    def __init__(self, rng: Random, partitions: list[TP], session_ms: int, rebalance_ms: int) -> None:
        self._rng = rng
        self._partitions = partitions
        self._session_ms = session_ms
        self._rebalance_ms = rebalance_ms
        self.generation = 0
        self.members: dict[Member, int] = {}  # -> time of the last sign of life
        self.joining: dict[Member, None] | None = None  # those who joined again, while a rebalance runs
        self._deadline = 0
        self.assignment: dict[Member, list[TP]] = {}
        self.committed: dict[TP, int] = {}
        self.committers: dict[tuple[TP, int], Member] = {}
        self.on_complete: Callable[[Member, int], None] = lambda _member, _generation: None
        self.on_commit: Callable[[TP, int, int], None] = lambda _tp, _before, _after: None

    def join(self, member: Member, now: int) -> None:
        self.members[member] = now
        self._rebalance(now)
        assert self.joining is not None
        self.joining[member] = None
        self.sweep(now)

    def leave(self, member: Member, now: int) -> None:
        if self.members.pop(member, None) is not None:
            if self.joining is not None:
                self.joining.pop(member, None)
            self._rebalance(now)

    def heartbeat(self, member: Member, generation: int, now: int) -> str:
        if member not in self.members:
            return "unknown"
        self.members[member] = now
        return "ok" if self.joining is None and generation == self.generation else "rebalance"

    def sync(self, member: Member, generation: int, now: int) -> list[TP] | None:
        """The partitions of a member of this generation; None when it has passed."""
        if self.heartbeat(member, generation, now) != "ok":
            return None
        return self.assignment[member]

    def commit(self, member: Member, generation: int, offsets: Mapping[TP, int]) -> bool:
        if member not in self.members or generation != self.generation:
            return False
        for tp, offset in offsets.items():
            before = self.committed.get(tp, 0)
            if offset < before:
                msg = f"committed offset of {tp} falls from {before} to {offset}"
                raise ViolationError(msg)
            if self.committers.setdefault((tp, generation), member) != member:
                msg = f"two writers committed {tp} in generation {generation}"
                raise ViolationError(msg)
            self.on_commit(tp, before, offset)
            self.committed[tp] = offset
        return True

    def sweep(self, now: int) -> None:
        """Expire silent members; complete a rebalance everybody joined or that has waited long enough."""
        silent = [
            member
            for member, seen in self.members.items()
            if now - seen > self._session_ms and not (self.joining is not None and member in self.joining)
        ]
        for member in silent:
            del self.members[member]
        if silent:
            self._rebalance(now)
        if self.joining is not None and (now >= self._deadline or len(self.joining) == len(self.members)):
            self._complete(now)

    def _rebalance(self, now: int) -> None:
        if self.joining is None:
            self.joining = {}
            self._deadline = now + self._rebalance_ms

    def _complete(self, now: int) -> None:
        joined = sorted(self.joining or ())
        self.joining = None
        self.generation += 1
        self.members = dict.fromkeys(joined, now)
        self.assignment = {member: [] for member in joined}
        self._rng.shuffle(joined)
        if joined:
            for number, tp in enumerate(self._partitions):
                self.assignment[joined[number % len(joined)]].append(tp)
        for member in joined:
            self.on_complete(member, self.generation)
