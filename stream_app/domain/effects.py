"""What the delivery machine answers: each value tells the shell what to do next, and what to report then."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

Partition = tuple[str, int]
Key = Hashable


@dataclass(frozen=True, slots=True)
class Absorb:
    """Apply the batch's records at or beyond `first`, then report `absorbed`."""

    first: int


@dataclass(frozen=True, slots=True)
class Skip:
    """Do nothing with the batch: it lies behind the position, or the partition is not ours (yet)."""


@dataclass(frozen=True, slots=True)
class SeekBack:
    """Records are missing before the batch: ask for the log's start, report `log_starts`, seek to `position`."""

    position: int


@dataclass(frozen=True, slots=True)
class Lost:
    """The log no longer holds offsets `first` up to, not including, `end`: count them; consumption goes on at `end`."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Stray:
    """Read changelog offsets `first` up to, not including, `end` again and hand each record to `strayed`.

    Must be done well within the changelog's `min.compaction.lag.ms`; a read that fails is repeated.
    """

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Flush:
    """Write these to the changelogs, asking `alive` between chunks, then report `flushed` or `flush_failed`.

    `rows`: keys whose rows are written as they stand when encoded; left out are a key whose row is gone by then (its
    tombstone comes with the next flush) and a partition that is not `current` any more. `tombstones`: keys with the row
    offset each tombstone carries in its header.
    Dead letters of records below `offsets` must be acknowledged too before `flushed` is reported.
    """

    token: int
    rows: Mapping[Partition, tuple[Key, ...]]
    tombstones: Mapping[Partition, Mapping[Key, int]]
    offsets: Mapping[Partition, int]


@dataclass(frozen=True, slots=True)
class Commit:
    """Commit these positions in the group generation of this moment, then report `committed` or `commit_refused`."""

    token: int
    offsets: Mapping[Partition, int]


@dataclass(frozen=True, slots=True)
class Die:
    """End the process at once, without flushing or committing: another worker takes over from what is committed."""

    reason: str
