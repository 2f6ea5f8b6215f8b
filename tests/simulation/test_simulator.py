"""The simulated broker keeps what Kafka promises; else the simulation proves nothing."""

from random import Random

import pytest

from .broker import Changelog, Group, SourceLog, ViolationError
from .rows import CLOSE, Event, Row, Rows
from .world import World

TP = ("cases", 0)


def event(key: str = "k", number: int = 1, time: int = 0, value: int = 5, sent: int = 0) -> Event:
    return Event(number, key, time, value, sent)


def row(offset: int) -> Row:
    return Row(offset, (), 0, 0, closed=False)


def group(*members: tuple[int, int]) -> Group:
    made = Group(Random(1), [TP], session_ms=1_000, rebalance_ms=700)
    for member in members:
        made.join(member, 0)
    for member in members:
        if made.joining is not None and member not in made.joining:
            made.join(member, 700)
    return made


def test_fetch_positions_are_unbroken_where_offsets_have_gaps() -> None:
    log = SourceLog()
    log.append(event(number=1))
    log.gap(3)
    log.append(event(number=2))
    records, end = log.fetch(0, 1, past_gap=False)
    assert ([offset for offset, _ in records], end) == ([0], 1)
    records, end = log.fetch(end, 5, past_gap=True)
    assert ([offset for offset, _ in records], end) == ([4], 5)


def test_a_fetch_may_end_past_the_gap_behind_its_records() -> None:
    log = SourceLog()
    log.append(event())
    log.gap(3)
    assert log.fetch(0, 5, past_gap=True)[1] == 4


def test_compaction_keeps_the_last_record_of_a_key_and_leaves_the_young_part_alone() -> None:
    log = Changelog()
    log.append([("a", row(1), 1), ("b", row(2), 2), ("a", row(3), 3)], now=0)
    log.append([("a", row(4), 4), ("b", row(5), 5)], now=90)
    log.compact(now=100, lag=50, delete_retention=10)
    assert [(entry.key, entry.stamp) for entry in log.entries] == [("b", 2), ("a", 3), ("a", 4), ("b", 5)]
    assert [entry.offset for entry in log.entries] == [1, 2, 3, 4]


def test_a_tombstone_goes_only_some_time_after_it_was_cleaned() -> None:
    log = Changelog()
    log.append([("a", row(1), 1), ("a", None, 1)], now=0)
    log.compact(now=100, lag=50, delete_retention=10)
    assert [entry.row for entry in log.entries] == [None]
    log.compact(now=105, lag=50, delete_retention=10)
    assert len(log.entries) == 1
    log.compact(now=110, lag=50, delete_retention=10)
    assert log.entries == []


def test_compaction_that_would_lose_the_highest_record_is_a_violation() -> None:
    log = Changelog()
    log.append([("a", row(9), 9), ("a", row(3), 3)], now=0)
    with pytest.raises(ViolationError, match="compaction"):
        log.compact(now=100, lag=50, delete_retention=10)


def test_a_commit_of_an_older_generation_is_refused() -> None:
    members = group((0, 0))
    old = members.generation
    members.join((1, 0), 800)
    members.join((0, 0), 800)
    assert members.generation == old + 1
    assert not members.commit((0, 0), old, {TP: 5})
    assert members.committed == {}


def test_a_commit_of_a_member_that_was_expelled_is_refused() -> None:
    members = group((0, 0))
    members.sweep(5_000)
    assert not members.commit((0, 0), members.generation, {TP: 5})


def test_a_silent_member_is_expelled_and_its_partitions_go_to_another() -> None:
    members = group((0, 0), (1, 0))
    now = 700
    owner = next(member for member, owned in members.assignment.items() if owned)
    other = next(member for member in members.members if member != owner)
    members.heartbeat(other, members.generation, now + 900)
    members.sweep(now + 1_500)
    assert owner not in members.members
    assert members.heartbeat(other, members.generation, now + 1_500) == "rebalance"
    members.join(other, now + 1_500)
    assert members.assignment == {other: [TP]}


def test_a_committed_offset_that_falls_is_a_violation() -> None:
    members = group((0, 0))
    assert members.commit((0, 0), members.generation, {TP: 5})
    with pytest.raises(ViolationError, match="falls"):
        members.commit((0, 0), members.generation, {TP: 4})


def test_a_second_writer_in_a_generation_is_a_violation() -> None:
    members = group((0, 0), (1, 0))
    assert members.commit((0, 0), members.generation, {TP: 5})
    with pytest.raises(ViolationError, match="two writers"):
        members.commit((1, 0), members.generation, {TP: 6})


def test_a_frozen_host_acts_when_it_wakes_and_a_dead_one_never() -> None:
    world = World(0)
    world._heap.clear()
    seen: list[tuple[str, int]] = []
    for host, name in zip(world.hosts[:2], ("frozen", "dead"), strict=True):
        host.up = True
        world.at(1, host, lambda name: seen.append((name, world.now)), name)
    world.hosts[0].frozen_until = 50
    world.hosts[1].incarnation += 1
    world.advance(100)
    assert seen == [("frozen", 50)]


def test_the_fold_ignores_what_it_has_seen_by_offset_and_by_id() -> None:
    rows = Rows()
    first = rows.step(None, event(number=1), 3)
    assert first is not None
    assert rows.step(first, event(number=2), 3) is first
    assert rows.step(first, event(number=1), 4) is first
    beat = rows.step(first, event(number=0), 5)
    assert beat is not None
    assert (beat.beats, beat.offset) == (1, 5)


def test_the_fold_refuses_an_old_event_for_an_absent_row() -> None:
    assert Rows().step(None, event(time=0, sent=501), 3) is None
    assert Rows().step(None, event(time=0, sent=500), 3) is not None


def test_only_a_closed_row_ends() -> None:
    rows = Rows()
    assert not rows.ended(row(1), 10_000)
    closed = rows.step(None, event(value=CLOSE), 1)
    assert closed is not None
    assert not rows.ended(closed, 500)
    assert rows.ended(closed, 501)
