"""One promise of the delivery protocol a test; small counter-examples by a state machine at the end."""

from collections.abc import Hashable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stream_app.domain.delivery import (
    Absorb,
    Commit,
    Delivery,
    Die,
    Flush,
    Lost,
    ProtocolError,
    SeekBack,
    Skip,
    Stray,
)

TP = ("cases", 0)
OTHER = ("cases", 1)


def live(committed: int | None = 10, tail: int = 0) -> Delivery:
    """A worker that owns TP, recovered, with a heartbeat at 0."""
    machine = Delivery(session_ms=1_000, max_dirty=3, max_age_ms=100)
    machine.heartbeat(0)
    machine.assigned(TP, committed, 0)
    machine.recovered(TP, tail)
    return machine


def begun(machine: Delivery, now_ms: int = 1) -> Flush:
    flush = machine.begin(now_ms)
    assert isinstance(flush, Flush)
    return flush


def settle(machine: Delivery, now_ms: int = 1) -> Flush:
    """Flush and commit everything."""
    flush = begun(machine, now_ms)
    if machine.flushed(flush.token) is not None:
        machine.committed(flush.token)
    return flush


# -- absorbing


def test_a_batch_at_the_position_is_absorbed() -> None:
    machine = live()
    assert machine.offered(TP, 10, 20) == Absorb(10)
    machine.absorbed(TP, 20, ["a"], 0)
    assert machine.position(TP) == 20


def test_a_batch_that_overlaps_the_position_is_absorbed_from_there() -> None:
    assert live().offered(TP, 5, 20) == Absorb(10)


def test_a_batch_behind_the_position_is_skipped() -> None:
    assert live().offered(TP, 5, 10) == Skip()


def test_a_hole_before_a_batch_sends_the_consumer_back() -> None:
    assert live().offered(TP, 12, 20) == SeekBack(10)


def test_an_empty_batch_beyond_the_position_sends_the_consumer_back() -> None:
    assert live().offered(TP, 12, 12) == SeekBack(10)
    assert live().offered(TP, 10, 10) == Skip()


def test_a_group_without_an_offset_begins_at_the_start_of_the_log() -> None:
    machine = Delivery(1_000)
    assert machine.assigned(TP, None, 7) is None
    machine.recovered(TP, 0)
    assert machine.offered(TP, 9, 12) == SeekBack(7)


def test_what_retention_took_is_reported_and_consumption_goes_on() -> None:
    machine = live()
    assert machine.log_starts(TP, 15) == Lost(10, 15)
    assert machine.offered(TP, 15, 20) == Absorb(15)
    assert machine.log_starts(TP, 15) is None


def test_a_log_that_starts_beyond_the_committed_offset_at_assignment_is_a_loss() -> None:
    assert Delivery(1_000).assigned(TP, 10, 12) == Lost(10, 12)


def test_an_offset_moved_by_a_loss_alone_is_committed() -> None:
    machine = live()
    machine.log_starts(TP, 15)
    assert begun(machine).offsets == {TP: 15}


def test_nothing_is_absorbed_before_recovery_ends_nor_after_revocation() -> None:
    machine = Delivery(1_000)
    assert machine.offered(TP, 0, 5) == Skip()
    machine.assigned(TP, 0, 0)
    assert machine.offered(TP, 0, 5) == Skip()
    with pytest.raises(ProtocolError):
        machine.absorbed(TP, 5, [], 0)
    machine.recovered(TP, 0)
    assert machine.offered(TP, 0, 5) == Absorb(0)
    machine.revoked([TP])
    assert machine.offered(TP, 0, 5) == Skip()


def test_an_absorbed_batch_that_goes_backwards_is_an_error_of_the_caller_and_changes_nothing() -> None:
    machine = live()
    with pytest.raises(ProtocolError):
        machine.absorbed(TP, 9, ["a"], 0)
    assert machine.position(TP) == 10
    assert machine.waiting() == 0


# -- recovery


def restored(records: list[tuple[str, int, bool]]) -> tuple[dict[str, int], Delivery]:
    """The table (key -> row offset) after these (key, offset, tombstone) records, and the machine, recovered."""
    machine = Delivery(1_000)
    machine.heartbeat(0)
    machine.assigned(TP, 0, 0)
    table: dict[str, int] = {}
    for key, offset, tombstone in records:
        if machine.restored(TP, key, offset, table.get(key), tombstone=tombstone):
            if tombstone:
                table.pop(key, None)
            else:
                table[key] = offset
    machine.recovered(TP, len(records))
    return table, machine


def test_recovery_keeps_the_higher_offset_wherever_it_lies() -> None:
    assert restored([("a", 5, False), ("a", 9, False), ("a", 7, False)])[0] == {"a": 9}


def test_a_lower_record_behind_a_higher_one_makes_the_owner_write_the_higher_one_again() -> None:
    _, machine = restored([("a", 9, False), ("a", 7, False), ("b", 1, False)])
    assert begun(machine).rows == {TP: ("a",)}


def test_nothing_is_written_again_when_the_last_record_is_the_highest() -> None:
    _, machine = restored([("a", 9, False), ("a", 7, False), ("a", 9, False)])
    assert machine.begin(1) is None


def test_a_tombstone_removes_rows_up_to_its_offset_in_any_order() -> None:
    assert restored([("a", 9, False), ("a", 9, True)])[0] == {}
    assert restored([("a", 9, True), ("a", 9, False)])[0] == {}
    assert restored([("a", 9, True), ("a", 10, False)])[0] == {"a": 10}


def test_a_row_behind_its_tombstone_makes_the_owner_write_the_tombstone_again() -> None:
    _, machine = restored([("a", 9, True), ("a", 7, False)])
    flush = begun(machine)
    assert flush.rows == {TP: ()}
    assert flush.tombstones == {TP: {"a": 9}}


def test_rows_wait_for_a_flush_only_once_recovery_has_ended() -> None:
    machine = Delivery(1_000)
    machine.heartbeat(0)
    machine.assigned(TP, 0, 0)
    machine.restored(TP, "a", 9, None)
    machine.restored(TP, "a", 7, 9)
    assert machine.begin(1) is None
    machine.recovered(TP, 2)
    assert begun(machine).rows == {TP: ("a",)}


# -- flush and commit


def test_a_commit_holds_the_positions_of_when_its_flush_began() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    machine.absorbed(TP, 30, ["b"], 1)
    assert machine.flushed(flush.token) == Commit(flush.token, {TP: 20})


def test_a_row_that_changes_while_it_is_flushed_is_flushed_again() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    machine.absorbed(TP, 30, ["a"], 1)
    machine.flushed(flush.token)
    machine.committed(flush.token)
    assert begun(machine).rows == {TP: ("a",)}


def test_only_one_flush_or_commit_is_under_way() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    machine.absorbed(TP, 30, ["b"], 1)
    assert machine.begin(2) is None
    machine.flushed(flush.token)
    assert machine.begin(2) is None
    machine.committed(flush.token)
    assert begun(machine).offsets == {TP: 30}


def test_a_flush_that_failed_ends_the_worker_for_good() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    assert isinstance(machine.flush_failed(flush.token, "timed out"), Die)
    assert isinstance(machine.begin(2), Die)
    assert isinstance(machine.alive(2), Die)


def test_a_refused_commit_goes_with_the_next() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    machine.flushed(flush.token)
    machine.commit_refused(flush.token)
    assert machine.due(200)
    again = begun(machine, 200)
    assert (again.rows, again.offsets) == ({}, {TP: 20})


def test_answers_of_an_earlier_ownership_change_nothing() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    machine.revoked([TP])
    machine.assigned(TP, 10, 0)
    machine.recovered(TP, 0)
    assert not machine.current(flush.token, TP)
    assert machine.flushed(flush.token) is None
    assert machine.position(TP) == 10


def test_a_commit_answer_of_an_earlier_ownership_makes_nothing_deletable() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    machine.flushed(flush.token)
    machine.revoked([TP])
    machine.assigned(TP, 10, 0)
    machine.recovered(TP, 0)
    machine.committed(flush.token)
    assert not machine.deletable(TP, "a", 15)


def test_a_revoked_partition_leaves_the_commit_and_the_others_stay() -> None:
    machine = live()
    machine.assigned(OTHER, 0, 0)
    machine.recovered(OTHER, 0)
    machine.absorbed(TP, 20, ["a"], 0)
    machine.absorbed(OTHER, 5, ["b"], 0)
    flush = begun(machine)
    machine.revoked([TP])
    assert machine.current(flush.token, OTHER)
    assert machine.flushed(flush.token) == Commit(flush.token, {OTHER: 5})


def test_rows_of_a_revoked_partition_are_never_flushed() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    machine.revoked([TP])
    assert machine.begin(1) is None
    assert machine.waiting() == 0


def test_rows_may_be_kept_of_partitions_whose_changelog_holds_them_to_the_last() -> None:
    machine = live()
    machine.recovered(TP, 7)
    machine.assigned(OTHER, 0, 0)
    machine.recovered(OTHER, 3)
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    machine.appended(flush.token, TP, 7, 1)
    machine.flushed(flush.token)
    machine.committed(flush.token)
    assert machine.taken() == {TP, OTHER}
    assert machine.revoked([TP, OTHER, ("unknown", 0)]) == {TP: 8, OTHER: 3}
    assert machine.taken() == frozenset()


def test_rows_are_not_kept_that_wait_to_be_written_or_are_being_written() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    assert machine.revoked([TP]) == {}
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    begun(machine)
    assert machine.revoked([TP]) == {}


def test_rows_are_kept_though_the_commit_of_what_they_hold_was_refused() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    machine.appended(flush.token, TP, 0, 1)
    machine.flushed(flush.token)
    machine.commit_refused(flush.token)
    assert machine.revoked([TP]) == {TP: 1}


def test_rows_are_not_kept_behind_which_others_wrote_nor_before_recovery() -> None:
    machine = live()
    machine.looked(TP, 5)
    assert machine.revoked([TP]) == {}
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    machine.appended(flush.token, TP, 3, 1)
    machine.flushed(flush.token)
    machine.committed(flush.token)
    assert machine.revoked([TP]) == {}
    machine.assigned(TP, 20, 0)
    assert machine.revoked([TP]) == {}


def test_a_late_or_second_answer_changes_nothing() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    machine.flushed(flush.token)
    machine.commit_refused(flush.token)
    machine.committed(flush.token)
    assert not machine.deletable(TP, "a", 15)
    assert machine.flushed(flush.token) is None
    assert machine.flush_failed(flush.token, "late") is None


def test_a_flush_is_due_by_age_and_by_number_of_rows() -> None:
    machine = live()
    assert not machine.due(0)
    machine.absorbed(TP, 20, ["a"], 0)
    assert not machine.due(99)
    assert machine.due(100)
    machine.absorbed(TP, 21, ["b", "c"], 0)
    assert machine.due(0)


def test_nothing_is_due_while_a_flush_is_under_way_or_when_nothing_waits() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    begun(machine)
    assert not machine.due(5_000)
    assert not live().due(5_000)


def test_a_batch_that_changed_no_row_still_moves_the_commit() -> None:
    machine = live()
    machine.absorbed(TP, 20, [], 0)
    assert machine.due(100)
    assert begun(machine).offsets == {TP: 20}


# -- heartbeats


def test_a_worker_without_a_heartbeat_for_a_session_dies_before_it_flushes() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    assert isinstance(machine.begin(1_000), Die)


def test_a_worker_with_a_heartbeat_just_within_the_session_flushes() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    assert isinstance(machine.begin(999), Flush)


def test_a_worker_that_is_frozen_during_a_flush_dies_before_the_next_write() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    begun(machine)
    assert machine.alive(500) is None
    assert isinstance(machine.alive(1_500), Die)


def test_a_worker_with_nothing_to_flush_does_not_die_of_an_old_heartbeat() -> None:
    assert live().begin(5_000) is None


def test_a_clock_that_went_back_proves_nothing_until_the_next_heartbeat() -> None:
    machine = live()
    machine.heartbeat(500)
    machine.absorbed(TP, 20, ["a"], 400)
    assert machine.begin(400) is None
    machine.heartbeat(410)
    assert isinstance(machine.begin(420), Flush)


def test_nothing_is_flushed_before_the_first_heartbeat() -> None:
    machine = Delivery(1_000)
    machine.assigned(TP, 0, 0)
    machine.recovered(TP, 0)
    machine.absorbed(TP, 5, ["a"], 0)
    assert machine.begin(1) is None


# -- deleting


def test_a_row_is_deletable_only_when_its_last_event_is_committed_and_the_row_settled() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    assert not machine.deletable(TP, "a", 19)
    flush = begun(machine)
    assert not machine.deletable(TP, "a", 19)
    machine.flushed(flush.token)
    assert not machine.deletable(TP, "a", 19)
    machine.committed(flush.token)
    assert machine.deletable(TP, "a", 19)
    assert not machine.deletable(TP, "a", 20)


def test_deleting_too_early_is_an_error_of_the_caller() -> None:
    machine = live()
    machine.absorbed(TP, 20, ["a"], 0)
    with pytest.raises(ProtocolError):
        machine.deleted(TP, "a", 19)


def test_a_tombstone_carries_the_offset_of_its_row() -> None:
    machine = live()
    machine.deleted(TP, "a", 5)
    flush = begun(machine)
    assert flush.tombstones == {TP: {"a": 5}}
    assert machine.flushed(flush.token) is None
    assert machine.begin(2) is None


def test_a_key_that_comes_back_before_its_tombstone_is_written_is_a_row_again() -> None:
    machine = live()
    machine.deleted(TP, "a", 5)
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    assert flush.rows == {TP: ("a",)}
    assert flush.tombstones == {}


# -- strays


def test_own_writes_in_sequence_are_no_strays() -> None:
    machine = live(tail=100)
    machine.absorbed(TP, 20, ["a", "b"], 0)
    flush = begun(machine)
    assert machine.appended(flush.token, TP, 100, 1) is None
    assert machine.appended(flush.token, TP, 101, 1) is None
    assert machine.looked(TP, 102) is None


def test_a_gap_before_an_own_write_is_read_again() -> None:
    machine = live(tail=100)
    machine.absorbed(TP, 20, ["a"], 0)
    flush = begun(machine)
    assert machine.appended(flush.token, TP, 103, 1) == Stray(100, 103)


def test_what_another_wrote_at_the_end_is_found_by_looking() -> None:
    machine = live(tail=100)
    assert machine.looked(TP, 102) == Stray(100, 102)
    assert machine.looked(TP, 102) is None


def test_a_stray_behind_a_higher_row_makes_the_owner_write_it_again() -> None:
    machine = live(committed=50)
    assert not machine.strayed(TP, "a", 30, 40)
    assert begun(machine).rows == {TP: ("a",)}


def test_a_stray_behind_a_higher_row_counts_even_when_both_are_ahead_of_the_position() -> None:
    machine = live(committed=50)
    assert not machine.strayed(TP, "a", 60, 70)
    assert begun(machine).rows == {TP: ("a",)}


def test_a_stray_of_a_deleted_key_makes_the_owner_write_a_tombstone_above_it() -> None:
    machine = live(committed=50)
    assert not machine.strayed(TP, "a", 30, None)
    assert begun(machine).tombstones == {TP: {"a": 49}}


def test_a_stray_of_a_key_ahead_of_the_position_is_left_alone() -> None:
    machine = live(committed=50)
    assert not machine.strayed(TP, "a", 60, None)
    assert machine.begin(1) is None


def test_the_tombstone_of_another_for_the_row_held_is_followed() -> None:
    machine = live(committed=50)
    assert machine.strayed(TP, "a", 40, 40, tombstone=True)
    assert begun(machine).tombstones == {TP: {"a": 40}}


def test_the_tombstone_of_another_for_a_row_that_lived_on_is_overwritten() -> None:
    machine = live(committed=50)
    assert not machine.strayed(TP, "a", 30, 40, tombstone=True)
    assert begun(machine).rows == {TP: ("a",)}


class Small(RuleBasedStateMachine):
    """One partition, one changelog, workers one after the other; a row is the list of event offsets of its key."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []
        self.changelog: list[tuple[Hashable, tuple[int, ...]]] = []
        self.committed: int | None = None
        self.now = 0
        self.own()

    def own(self) -> None:
        self.machine = Delivery(1_000, max_age_ms=0)
        self.machine.heartbeat(self.now)
        self.machine.assigned(TP, self.committed, 0)
        self.table: dict[Hashable, tuple[int, ...]] = {}
        for key, row in self.changelog:
            held = self.table.get(key)
            if self.machine.restored(TP, key, row[-1], None if held is None else held[-1]):
                self.table[key] = row
        self.machine.recovered(TP, len(self.changelog))
        self.flush: Flush | None = None
        self.commit: Commit | None = None
        self.unwritten: list[Hashable] = []

    @rule(keys=st.lists(st.sampled_from("ab"), min_size=1, max_size=4))
    def publish(self, keys: list[str]) -> None:
        self.log.extend(keys)

    @rule(shift=st.sampled_from((0, 0, 0, 1, -2)), width=st.integers(0, 5))
    def fetch(self, shift: int, width: int) -> None:
        self.absorb(shift, width)

    @rule(keys=st.lists(st.sampled_from("ab"), min_size=1, max_size=4))
    def publish_and_absorb(self, keys: list[str]) -> None:
        self.log.extend(keys)
        self.absorb(0, len(self.log))

    @precondition(lambda self: self.flush is None and self.commit is None)
    @rule()
    def flush_and_commit(self) -> None:
        self.start_flush()
        self.finish_flush()

    def absorb(self, shift: int, width: int) -> None:
        start = min(max(0, (self.machine.position(TP) or 0) + shift), len(self.log))
        end = min(start + width, len(self.log))
        verdict = self.machine.offered(TP, start, end)
        if isinstance(verdict, Absorb):
            keys = []
            for offset in range(verdict.first, end):
                key = self.log[offset]
                row = self.table.get(key, ())
                if not row or offset > row[-1]:
                    self.table[key] = (*row, offset)
                    keys.append(key)
            self.machine.absorbed(TP, end, keys, self.now)

    @precondition(lambda self: self.flush is None and self.commit is None)
    @rule()
    def begin(self) -> None:
        self.start_flush()

    def start_flush(self) -> None:
        effect = self.machine.begin(self.now)
        assert not isinstance(effect, Die)
        if effect is not None:
            self.flush = effect
            self.unwritten = list(effect.rows.get(TP, ()))

    @precondition(lambda self: bool(self.unwritten))
    @rule()
    def write_one(self) -> None:
        self.write()

    def write(self) -> None:
        key = self.unwritten.pop()
        self.changelog.append((key, self.table[key]))

    @precondition(lambda self: self.flush is not None and not self.unwritten)
    @rule()
    def acknowledge(self) -> None:
        assert self.flush is not None
        self.commit = self.machine.flushed(self.flush.token)
        self.flush = None

    @precondition(lambda self: self.commit is not None)
    @rule(taken=st.booleans(), answered=st.booleans())
    def answer_commit(self, taken: bool, answered: bool) -> None:
        assert self.commit is not None
        if taken:
            assert self.commit.offsets[TP] >= (self.committed or 0)
            self.committed = self.commit.offsets[TP]
        if taken and answered:
            self.machine.committed(self.commit.token)
        else:
            self.machine.commit_refused(self.commit.token)
        self.commit = None

    @rule()
    def kill(self) -> None:
        self.own()

    @precondition(lambda self: bool(self.changelog))
    @rule(which=st.integers(0, 50))
    def a_frozen_worker_writes(self, which: int) -> None:
        self.changelog.append(self.changelog[which % len(self.changelog)])
        stray = self.machine.looked(TP, len(self.changelog))
        if stray is not None:
            for key, row in self.changelog[stray.first : stray.end]:
                held = self.table.get(key)
                assert not self.machine.strayed(TP, key, row[-1], None if held is None else held[-1])

    @invariant()
    def what_is_committed_is_in_the_changelog(self) -> None:
        best: dict[Hashable, int] = {}
        for key, row in self.changelog:
            best[key] = max(best.get(key, -1), row[-1])
        for offset in range(self.committed or 0):
            assert best.get(self.log[offset], -1) >= offset

    @invariant()
    def rows_are_a_fold_of_the_log(self) -> None:
        position = self.machine.position(TP) or 0
        for key, row in self.table.items():
            seen = max(row[-1] + 1, position)
            assert row == tuple(offset for offset in range(seen) if self.log[offset] == key and offset <= row[-1])
        for offset in range(position):
            assert self.table[self.log[offset]][-1] >= offset

    @precondition(lambda self: self.flush is not None)
    @rule()
    def finish(self) -> None:
        self.finish_flush()

    def finish_flush(self) -> None:
        while self.unwritten:
            self.write()
        if self.flush is not None:
            self.commit = self.machine.flushed(self.flush.token)
        if self.commit is not None:
            self.committed = max(self.committed or 0, self.commit.offsets[TP])
            self.machine.committed(self.commit.token)
        self.flush = self.commit = None

    def teardown(self) -> None:
        """Once all is flushed, the last record of each key alone gives the rows: compaction may come."""
        for _ in range(2):
            self.finish_flush()
            self.start_flush()
        assert self.flush is None
        assert dict(self.changelog) == self.table


Small.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
TestSmallHistories = Small.TestCase
