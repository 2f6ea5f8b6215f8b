"""A host: the small shell around `Delivery` that fetches, folds, flushes, commits and joins, over a faulty network.

What it does is what the real shell must do; comments name the duties the machine leaves to it.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from stream_app.domain.delivery import Absorb, Commit, Delivery, Die, Flush, SeekBack, Stray

from .broker import TP, Entry, ViolationError
from .rows import Event, Row

if TYPE_CHECKING:
    from .world import World

TICK_MS = 100
HEARTBEAT_MS = 300
SESSION_MS = 1_000
PATROL_MS = 1_000
TIMEOUT_MS = 600
BATCH = 12
CHUNK = 4


class Fetching:
    """The consumer's place in one partition; `series` tells batches asked for before a seek from those after it."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.series = 0
        self.inflight = 0


class Host:
    """One machine with a supervisor: a worker that dies is started again as a new incarnation."""

    make_delivery: Callable[..., Delivery] = Delivery

    def __init__(self, world: "World", number: int) -> None:
        self.world = world
        self.number = number
        self.incarnation = 0
        self.up = False
        self.frozen_until = 0
        self.clock_skew = world.rng.randrange(0, 100_000)

    @property
    def member(self) -> tuple[int, int]:
        return (self.number, self.incarnation)

    def clock(self) -> int:
        return self.world.now + self.clock_skew

    # -- life

    def start(self) -> None:
        self.up = True
        self.machine = self.make_delivery(SESSION_MS, max_dirty=12, max_age_ms=150)
        self.tables: dict[TP, dict[str, Row]] = {}
        self.kept: dict[TP, tuple[dict[str, Row], int]] = {}  # rows of partitions given up, and their changelog's end
        self.fetching: dict[TP, Fetching] = {}
        self.stream: dict[TP, int] = {}  # record time up to which events are committed
        self.absorbed_stream: dict[TP, int] = {}
        self.generation = -1
        self.assignment = 0  # counts what the group gave us, so that an old recovery ends
        self.steady = False
        self.awaiting = False  # a join is under way
        self.busy = False  # a flush or commit is under way
        self.leaving: Callable[[], None] | None = None
        self.beating = False
        self.true_beat = self.world.now
        self.beat_sent = -HEARTBEAT_MS
        self.patrolled = self.world.now
        self.unacked: dict[int, int] = {}
        self.flights: dict[int, tuple[Flush, dict[TP, int]]] = {}
        self.world.note("start", self.member)
        self.join()
        self.world.at(TICK_MS, self, self.tick)

    def end(self, reason: str, restart_ms: int | None = None) -> None:
        """The process is gone, with everything it had not yet handed to the network."""
        self.world.note("end", self.member, reason)
        self.up = False
        self.incarnation += 1
        self.frozen_until = 0
        delay = self.world.rng.randrange(50, 600) if restart_ms is None else restart_ms
        self.world.at(delay, None, self.start)

    def die(self, die: Die) -> None:
        self.world.seen("die")
        self.end(die.reason)

    # -- group

    def join(self) -> None:
        """Everything is revoked before this. One request at a time, as a client does it."""
        self.steady = False
        if self.awaiting:
            return
        self.awaiting = True
        member = self.member

        def arrives() -> None:
            if self.member != member or self.awaiting:
                self.world.group.join(member, self.world.now)

        self.world.request(self, arrives, lambda _: None)

    def joined(self, generation: int) -> None:
        """The group is complete: a last request proves that we are still in it, and dates our first sign of life."""
        if not self.awaiting:
            return
        self.awaiting = False
        sent, true_sent = self.clock(), self.world.now

        def answered(partitions: list[TP] | None) -> None:
            if partitions is None:
                self.join()
                return
            self.beat(sent, true_sent)
            self.assign(generation, partitions)

        member = self.member
        self.world.request(self, lambda: self.world.group.sync(member, generation, self.world.now), answered)

    def beat(self, sent: int, true_sent: int) -> None:
        self.true_beat = true_sent
        self.machine.heartbeat(sent)

    def send_heartbeat(self) -> None:
        self.beating = True
        self.beat_sent = self.clock()
        sent, true_sent, member, generation = self.beat_sent, self.world.now, self.member, self.generation

        def answered(verdict: str) -> None:
            self.beating = False
            if generation != self.generation or not self.steady:
                return
            if verdict == "ok":
                self.beat(sent, true_sent)
            elif verdict == "unknown":
                self.drop()
                self.join()
            else:
                self.leave_generation(self.join)

        self.world.request(self, lambda: self.world.group.heartbeat(member, generation, self.world.now), answered)

    def leave_generation(self, then: Callable[[], None]) -> None:
        """Revocation: flush and commit once more if there is time, then drop everything and go on with `then`."""
        self.steady = False
        self.leaving = then
        self.world.note("revoking", self.member)
        if self.world.chance("torn_revocation"):
            self.revocation_done()
            return
        self.world.at(400, self, self.revocation_timed_out, then)
        if not self.busy:
            self.flush()
        if self.up and not self.busy:
            self.revocation_done()

    def revocation_timed_out(self, then: Callable[[], None]) -> None:
        if self.leaving is then:
            self.world.seen("revocation timed out")
            self.revocation_done()

    def revocation_done(self) -> None:
        then, self.leaving = self.leaving, None
        self.drop()
        assert then is not None
        then()

    def drop(self) -> None:
        self.steady = False
        self.leaving = None
        if self.busy:
            self.world.seen("revoked during a flush or commit")
        settled = self.machine.revoked(list(self.tables))
        self.kept |= {tp: (self.tables[tp], end) for tp, end in settled.items()}
        self.tables.clear()
        self.fetching.clear()
        self.assignment += 1

    def assign(self, generation: int, partitions: list[TP]) -> None:
        self.world.note("assigned", self.member, generation, partitions)
        self.generation = generation
        self.steady = True
        self.assignment += 1
        for tp in partitions:
            committed = self.world.group.committed.get(tp)
            self.machine.assigned(tp, committed, 0)
            self.tables[tp] = {}
            self.stream[tp] = self.absorbed_stream[tp] = 0
            self.fetching[tp] = Fetching(committed or 0)
            self.world.at(self.world.latency(), self, self.take, tp, self.kept.get(tp), self.assignment)
        self.kept.clear()

    def take(self, tp: TP, kept: tuple[dict[str, Row], int] | None, assignment: int) -> None:
        """Ask where the changelog ends: rows that were kept are taken again if it is where they were left."""
        if assignment != self.assignment:
            return
        end = self.world.changelogs[tp].end
        if kept is not None and self.may_take(kept[1], end):
            self.world.at(self.world.latency(), self, self.resume, tp, kept[0], end, assignment)
            return
        middle = self.world.rng.randint(0, end)
        self.world.at(self.world.latency(), self, self.recover, tp, 0, middle, end, assignment)

    def may_take(self, left_at: int, end: int) -> bool:
        return left_at == end

    def resume(self, tp: TP, table: dict[str, Row], end: int, assignment: int) -> None:
        if assignment == self.assignment:
            self.tables[tp] = table
            self.world.seen("rows kept")
            self.recovery_done(tp, end, assignment)

    def recover(self, tp: TP, first: int, until: int, end: int, assignment: int) -> None:
        if assignment != self.assignment:
            return
        table = self.tables[tp]
        for entry in self.world.changelogs[tp].entries:
            if first <= entry.offset < until:
                self.restore(self.machine, tp, entry, table)
        if until < end:
            self.world.at(self.world.latency(), self, self.recover, tp, until, end, end, assignment)
            return
        self.recovery_done(tp, end, assignment)

    def recovery_done(self, tp: TP, end: int, assignment: int) -> None:
        self.machine.recovered(tp, end)
        self.world.note("recovered", self.member, tp, self.machine.position(tp), len(self.tables[tp]))
        self.world.at(self.world.rng.randrange(300), self, self.look, tp, assignment)
        fetching = self.fetching[tp]
        if fetching.inflight and self.world.chance("dropped_batches"):
            self.world.seen("batches dropped after a rebalance")
            fetching.series += 1
            fetching.inflight = 0

    @staticmethod
    def restore(machine: Delivery, tp: TP, entry: Entry, table: dict[str, Row]) -> None:
        held = table.get(entry.key)
        offset = None if held is None else held.offset
        if machine.restored(tp, entry.key, entry.stamp, offset, tombstone=entry.row is None):
            if entry.row is None:
                table.pop(entry.key, None)
            else:
                table[entry.key] = entry.row

    # -- the loop

    def tick(self) -> None:
        world = self.world
        world.at(TICK_MS, self, self.tick)
        if not self.steady:
            return
        if (not self.beating and self.clock() - self.beat_sent >= HEARTBEAT_MS) or self.clock() < self.beat_sent:
            self.send_heartbeat()
        for tp, fetching in self.fetching.items():
            if fetching.inflight < 2:
                self.fetch(tp, fetching)
        if world.now - self.patrolled >= PATROL_MS:
            self.patrol()
        if world.rng.random() < 0.3:
            self.delete()
        if not self.busy and self.machine.due(self.clock()):
            self.flush()

    def fetch(self, tp: TP, fetching: Fetching) -> None:
        start = fetching.position
        records, end = self.world.logs[tp].fetch(start, BATCH, past_gap=self.world.rng.random() < 0.5)
        if end == start:
            return
        fetching.position = end
        fetching.inflight += 1
        delay = self.world.latency()
        if self.world.chance("fetch_late"):
            delay += self.world.rng.randrange(200, 1_500)
        self.world.at(delay, self, self.fetched, tp, fetching, fetching.series, start, end, records)

    def batch_start(self, start: int, records: list[tuple[int, Event]]) -> int:
        """Every batch says the fetch position it was asked from."""
        return start

    def fetched(
        self, tp: TP, fetching: Fetching, series: int, start: int, end: int, records: list[tuple[int, Event]]
    ) -> None:
        if self.fetching.get(tp) is not fetching:
            if self.world.rng.random() < 0.5:
                return
            self.world.seen("batch of an earlier ownership")
        elif series == fetching.series:
            fetching.inflight -= 1
        else:
            return
        self.offer(tp, self.batch_start(start, records), end, records)

    def offer(self, tp: TP, start: int, end: int, records: list[tuple[int, Event]]) -> None:
        verdict = self.machine.offered(tp, start, end)
        if isinstance(verdict, SeekBack):
            self.world.seen("seek back")
            self.machine.log_starts(tp, 0)
            fetching = self.fetching[tp]
            fetching.position = verdict.position
            fetching.series += 1
            fetching.inflight = 0
        elif isinstance(verdict, Absorb):
            table = self.tables[tp]
            changed = []
            for offset, event in records:
                if offset < verdict.first:
                    self.world.seen("batch absorbed in part")
                    continue
                before = table.get(event.key)
                after = self.world.rows.step(before, event, offset)
                self.absorbed_stream[tp] = event.sent
                if after is not before and after is not None:
                    if before is not None and after.offset <= before.offset:
                        raise ViolationError(f"row {event.key} falls from {before.offset} to {after.offset}")
                    table[event.key] = after
                    changed.append(event.key)
            self.machine.absorbed(tp, end, changed, self.clock())

    def look(self, tp: TP, assignment: int) -> None:
        """Whoever owned the partition before may still be writing."""
        if assignment == self.assignment:
            self.stray(tp, self.machine.looked(tp, self.world.changelogs[tp].end))

    def patrol(self) -> None:
        """Now and then: look for strays, and for batches lost at the log's end."""
        self.patrolled = self.world.now
        for tp, fetching in self.fetching.items():
            if not fetching.inflight:
                self.offer(tp, fetching.position, fetching.position, [])
            self.look(tp, self.assignment)

    def delete(self) -> None:
        """Let ended rows go."""
        for tp, table in self.tables.items():
            stream = self.deletion_clock(tp)
            ended = [(key, row.offset) for key, row in table.items() if self.world.rows.ended(row, stream)]
            for key, offset in ended:
                if self.machine.deletable(tp, key, offset):
                    if offset >= self.world.group.committed.get(tp, 0):
                        raise ViolationError(f"{key} deleted at {offset}, beyond what is committed")
                    self.world.seen("deleted")
                    del table[key]
                    self.machine.deleted(tp, key, offset)

    def deletion_clock(self, tp: TP) -> int:
        """Rows are deleted by the time of records that are committed: a replay then refuses what it refused before."""
        return self.stream[tp]

    def stray(self, tp: TP, stray: Stray | None) -> None:
        if stray is not None:
            self.world.seen("stray look")
            self.world.at(self.world.latency(), self, self.read_strays, tp, stray, self.assignment)

    def read_strays(self, tp: TP, stray: Stray, assignment: int) -> None:
        if assignment != self.assignment:
            return
        table = self.tables[tp]
        for entry in self.world.changelogs[tp].entries:
            if stray.first <= entry.offset < stray.end:
                held = table.get(entry.key)
                offset = None if held is None else held.offset
                if held is not None and entry.stamp < held.offset:
                    self.world.seen("stray behind a higher row")
                if self.machine.strayed(tp, entry.key, entry.stamp, offset, tombstone=entry.row is None):
                    self.world.seen("tombstone of another taken over")
                    table.pop(entry.key, None)

    # -- flush and commit

    def flush(self) -> None:
        effect = self.machine.begin(self.clock())
        if isinstance(effect, Die):
            self.die(effect)
        elif effect is not None:
            self.write(effect)

    def write(self, flush: Flush) -> None:
        world = self.world
        world.note("flush", self.member, flush.rows, flush.tombstones, flush.offsets)
        for tp in {**flush.rows, **flush.offsets}:
            if tp not in self.tables:
                raise ViolationError(f"rows or offsets of {tp} flushed by {self.member} after it was revoked")
            end = world.logs[tp].end
            if flush.offsets.get(tp, 0) > end:
                raise ViolationError(f"offset {flush.offsets[tp]} of {tp} lies beyond its log's end {end}")
        if world.now - self.true_beat >= SESSION_MS and not world.clocks_jump:
            raise ViolationError(f"{self.member} flushes {world.now - self.true_beat} ms after its last heartbeat")
        self.busy = True
        self.flights[flush.token] = (flush, dict(self.absorbed_stream))
        chunks: list[tuple[TP, tuple[Any, ...], Mapping[Any, int]]] = []
        for tp, graves in flush.tombstones.items():
            chunks.append((tp, (), graves))
        for tp, keys in flush.rows.items():
            chunks.extend((tp, keys[at : at + CHUNK], {}) for at in range(0, len(keys), CHUNK))
        self.unacked[flush.token] = len(chunks)
        if not chunks:
            self.flushed(flush.token)
            return
        pause = world.rng.randrange(50, 400) if world.chance("flush_slow") else 15
        for number, (tp, keys, graves) in enumerate(chunks):
            # Even the first piece leaves later than `begin`: encoding takes time.
            world.at(1 + pause * number, self, self.write_chunk, flush.token, self.assignment, tp, keys, graves)

    def write_chunk(
        self, token: int, assignment: int, tp: TP, keys: tuple[str, ...], graves: Mapping[str, int]
    ) -> None:
        if die := self.machine.alive(self.clock()):
            self.die(die)
            return
        if not self.may_write(token, tp):
            self.world.seen("piece of a revoked partition left out")
            self.acked(token, tp, -1, 0)
            return
        if assignment != self.assignment:
            raise ViolationError(f"{self.member} writes {tp} for a flush of an earlier ownership")
        table = self.tables[tp]
        records: list[tuple[str, Row | None, int]] = [
            (key, table[key], table[key].offset) for key in keys if key in table
        ]
        records.extend((key, None, offset) for key, offset in graves.items())
        # Handed to the client's buffer: a frozen worker sends it when it wakes, whoever owns the partition by then.
        self.world.at(self.world.rng.randrange(1, 20), self, self.send, token, tp, records)

    def may_write(self, token: int, tp: TP) -> bool:
        return self.machine.current(token, tp)

    def send(self, token: int, tp: TP, records: list[tuple[str, Row | None, int]]) -> None:
        world = self.world
        world.at(TIMEOUT_MS, self, self.produce_timed_out, token)
        if world.chance("produce_lost"):
            return
        delay = world.latency()
        if world.chance("produce_late"):
            delay += world.rng.randrange(200, 3_000)
        times = 2 if world.chance("produce_twice") else 1
        world.wire += 1
        world.at(delay, None, self.landed, self.incarnation, token, tp, records, times)

    def landed(self, incarnation: int, token: int, tp: TP, records: list[Any], times: int) -> None:
        world = self.world
        world.wire -= 1
        first = 0
        for _ in range(times):
            first = world.changelogs[tp].append(records, world.now)
        owner = world.group.assignment.get((self.number, incarnation), ())
        if tp not in owner or (self.number, incarnation) not in world.group.members:
            world.seen("write of a former owner")
        world.note("append", self.number, incarnation, tp, first, [(key, stamp) for key, _, stamp in records])
        if world.chance("produce_ack_lost"):
            return
        world.at_incarnation(world.latency(), self, incarnation, self.acked, token, tp, first, len(records))

    def acked(self, token: int, tp: TP, first: int, count: int) -> None:
        if count:
            self.stray(tp, self.machine.appended(token, tp, first, count))
        if token in self.unacked:
            self.unacked[token] -= 1
            if not self.unacked[token]:
                self.flushed(token)

    def produce_timed_out(self, token: int) -> None:
        if self.unacked.get(token):
            self.flush_failed(token)

    def flush_failed(self, token: int) -> None:
        self.world.seen("flush failed")
        effect = self.machine.flush_failed(token, "no acknowledgement")
        if effect is not None:
            self.die(effect)
        else:
            del self.unacked[token]
            self.cycle_done()

    def flushed(self, token: int) -> None:
        self.unacked.pop(token, None)
        effect = self.machine.flushed(token)
        if effect is None:
            self.cycle_done()
        else:
            self.commit(effect)

    def commit_generation(self, at_flushed: int) -> int:
        """A commit carries the generation in which the machine gave it, also when it is tried again."""
        return at_flushed

    def commit(self, commit: Commit) -> None:
        world = self.world
        world.note("commit", self.member, commit.offsets)
        member, generation = self.member, self.generation

        def arrives() -> bool:
            taken = world.group.commit(member, self.commit_generation(generation), commit.offsets)
            world.seen("commit taken" if taken else "commit refused")
            return taken

        def answered(taken: bool) -> None:
            if commit.token not in self.flights:
                world.seen("commit answer came late")
            self.committed(commit.token, taken=taken)

        world.request(self, arrives, answered, lost="commit_lost", late="commit_late")
        world.at(TIMEOUT_MS, self, self.commit_timed_out, commit.token)

    def commit_timed_out(self, token: int) -> None:
        if token in self.flights:
            self.world.seen("commit answer lost")
            self.committed(token, taken=False)

    def committed(self, token: int, *, taken: bool) -> None:
        if not taken:
            self.machine.commit_refused(token)
        else:
            self.machine.committed(token)
        if token in self.flights:
            flush, stream = self.flights[token]
            if taken:
                for tp in flush.offsets:
                    if tp in self.tables and self.committed_is(tp, flush.offsets[tp]):
                        self.stream[tp] = stream[tp]
            self.cycle_done()

    def committed_is(self, tp: TP, offset: int) -> bool:
        return self.world.group.committed.get(tp, 0) >= offset

    def cycle_done(self) -> None:
        self.flights.clear()
        self.busy = False
        if self.leaving is not None:
            self.revocation_done()
