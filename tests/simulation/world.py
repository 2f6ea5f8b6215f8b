"""One schedule: a seed draws the faults and their rates, runs hosts against the broker, and is judged.

During the run every commit, append, flush, deletion and compaction is checked as it happens. At the end, some seconds
after the last fault, everything must be drained, and three sets of rows must equal a plain fold of the source log:
those the owner holds, those the next host recovers, those it recovers from a changelog compacted as far as can be.
"""

import heapq
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any
from zlib import crc32

from stream_app.domain.delivery import Delivery

from .broker import TP, Changelog, Entry, Group, SourceLog, ViolationError
from .host import PATROL_MS, SESSION_MS, Host
from .rows import CLOSE, Event, Row, Rows

ACTIVE_MS = 9_000
"""Faults and publishing happen before this instant."""
DRAIN_MS = 12_000
"""Liveness: everything must be drained and looked over so long after the last fault."""
COMPACTION_LAG_MS = 6_000
"""The changelogs' min.compaction.lag.ms: longer than a stray may lie unseen (a patrol, a takeover, a flush)."""
DELETE_RETENTION_MS = 1_000
REBALANCE_MS = 700

MESSAGE_FAULTS = {
    "produce_lost": 0.03,
    "produce_ack_lost": 0.03,
    "produce_late": 0.08,
    "produce_twice": 0.1,
    "commit_lost": 0.2,
    "commit_late": 0.2,
    "torn_revocation": 0.7,
    "dropped_batches": 0.9,
    "fetch_late": 0.1,
    "flush_slow": 0.2,
    "duplicate": 0.25,
    "late_event": 0.3,
    "gap": 0.3,
    "kill_at_point": 0.03,
}
"""Kind -> the highest rate a schedule may draw for it, a message or an occasion."""

TIMED_FAULTS = {"kill": 4, "freeze": 4, "leave": 3, "compact": 6, "clock_jump": 3}
"""Kind -> the highest number a schedule may draw."""

POINTS = frozenset({"assigned", "recovered", "flush", "append", "commit", "revoking"})
"""Where `kill_at_point` strikes, a moment later."""


class World:
    """Everything of one schedule."""

    def __init__(
        self,
        seed: int,
        host_type: type[Host] = Host,
        rows: Rows | None = None,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.rows = rows or Rows()
        self.now = 0
        self.digest = 0
        self.counts: Counter[str] = Counter()
        self.wire = 0  # produce requests under way
        self.clocks_jump = False
        self._trace = trace
        self._heap: list[tuple[int, int, Host | None, int, Callable[..., None], tuple[Any, ...]]] = []
        self._number = 0
        rng = self.rng
        self.partitions: list[TP] = [("cases", number) for number in range(rng.choice((1, 2, 2, 3)))]
        self.logs = {tp: SourceLog() for tp in self.partitions}
        self.changelogs = {tp: Changelog() for tp in self.partitions}
        self.group = Group(rng, self.partitions, SESSION_MS, REBALANCE_MS)
        self.group.on_complete = self._joined
        self.group.on_commit = self._check_commit
        self.hosts = [host_type(self, number) for number in range(rng.choice((2, 2, 3)))]
        self.rates = {kind: rng.uniform(0, most) for kind, most in MESSAGE_FAULTS.items() if rng.random() < 0.5}
        if rng.random() < 0.15:  # a slow network: old writes land before new owners have come as far
            self.rates |= {"produce_late": 0.4, "fetch_late": 0.5, "torn_revocation": 0.9}
        self._active: dict[TP, list[str]] = {tp: [] for tp in self.partitions}
        self._last_id = 0
        self._quiet_since: int | None = None
        self._drained = False
        for host in self.hosts:
            self.at(rng.randrange(0, 1_500), None, host.start)
        for kind, most in TIMED_FAULTS.items():
            for _ in range(rng.randint(1, most) if rng.random() < 0.5 else 0):
                self.at(rng.randrange(300, ACTIVE_MS), None, self._fault, kind)
        self.at(0, None, self._publish, rng.randrange(25, 90))
        self.at(250, None, self._sweep)
        self.at(ACTIVE_MS, None, self._check_drained)

    # -- the heap

    def at(self, delay: int, host: Host | None, act: Callable[..., None], *args: Any) -> None:
        """Let `act` happen after `delay` ms; on a host only while its incarnation lives and is not frozen."""
        self.at_incarnation(delay, host, 0 if host is None else host.incarnation, act, *args)

    def at_incarnation(
        self, delay: int, host: Host | None, incarnation: int, act: Callable[..., None], *args: Any
    ) -> None:
        self._number += 1
        heapq.heappush(self._heap, (self.now + delay, self._number, host, incarnation, act, args))

    def run(self) -> "World":
        """Run to the end and judge. Raises ViolationError."""
        self.advance(ACTIVE_MS + 2 * DRAIN_MS)
        self._judge()
        return self

    def advance(self, until_ms: int) -> None:
        """Let everything happen that is due by `until_ms`, or until all is drained."""
        heap = self._heap
        while not self._drained and heap and heap[0][0] <= until_ms:
            self.now, _, host, incarnation, act, args = heapq.heappop(heap)
            if host is not None:
                if host.incarnation != incarnation or not host.up:
                    continue
                if host.frozen_until > self.now:
                    self.at_incarnation(host.frozen_until - self.now, host, incarnation, act, *args)
                    continue
            act(*args)

    def latency(self) -> int:
        return self.rng.randrange(2, 40)

    def request(
        self,
        host: Host,
        arrives: Callable[[], Any],
        answered: Callable[[Any], None],
        lost: str | None = None,
        late: str | None = None,
    ) -> None:
        """A request to the broker and its answer; either may be lost or late by the fault kinds named."""
        incarnation = host.incarnation

        def arrive() -> None:
            answer = arrives()
            if lost and self.chance(lost):
                return
            delay = self.latency()
            if late and self.chance(late):
                delay += self.rng.randrange(200, 2_500)
            self.at_incarnation(delay, host, incarnation, answered, answer)

        if lost and self.chance(lost):
            return
        self.at(self.latency(), None, arrive)

    # -- faults and their record

    def chance(self, kind: str) -> bool:
        rate = self.rates.get(kind)
        if rate is None or self.now >= ACTIVE_MS or self.rng.random() >= rate:
            return False
        self.counts[kind] += 1
        return True

    def seen(self, kind: str) -> None:
        self.counts[kind] += 1

    def note(self, kind: str, *details: Any) -> None:
        line = f"{self.now} {kind} {details}"
        self.digest = crc32(line.encode(), self.digest)
        if self._trace:
            self._trace(line)
        if kind in POINTS and self.chance("kill_at_point"):
            number = details[0] if isinstance(details[0], int) else details[0][0]
            self.counts[f"kill at {kind}"] += 1
            self.at(self.rng.randrange(0, 30), None, self._kill, self.hosts[number])

    def _kill(self, host: Host) -> None:
        if host.up:
            host.end("killed")

    def _fault(self, kind: str) -> None:
        rng = self.rng
        host = rng.choice(self.hosts)
        if kind == "compact":
            tp = rng.choice(self.partitions)
            if gone := self.changelogs[tp].compact(self.now, COMPACTION_LAG_MS, DELETE_RETENTION_MS):
                self.counts["compact"] += 1
                self.note("compacted", tp, gone)
            self.at(rng.randrange(1_000, 6_000), None, self._fault, kind)
            return
        if not host.up or host.frozen_until > self.now:
            return
        self.counts[kind] += 1
        if kind == "kill":
            self._kill(host)
        elif kind == "freeze":
            host.frozen_until = self.now + rng.choice((300, 1_500, 2_500, 4_000))
            self.note("frozen", host.member, host.frozen_until)
        elif kind == "leave":
            if host.steady:
                host.leave_generation(lambda: self._leave(host))
        elif kind == "clock_jump":
            self.clocks_jump = True
            host.clock_skew += rng.choice((-5_000, -900, -200, 200, 900, 5_000))
            self.note("clock", host.member, host.clock_skew)

    def _leave(self, host: Host) -> None:
        member = host.member
        self.at(self.latency(), None, lambda: self.group.leave(member, self.now))
        host.end("left", self.rng.randrange(100, 2_000))

    def _sweep(self) -> None:
        self.group.sweep(self.now)
        self.at(250, None, self._sweep)

    def _joined(self, member: tuple[int, int], generation: int) -> None:
        number, incarnation = member
        host = self.hosts[number]
        self.at_incarnation(self.latency(), host, incarnation, host.joined, generation)

    # -- the publisher

    def _publish(self, pace_ms: int) -> None:
        rng = self.rng
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            tp = rng.choice(self.partitions)
            log = self.logs[tp]
            if self.chance("gap"):
                log.gap(rng.randint(1, 3))
            if log.events and self.chance("duplicate"):
                again = rng.choice(log.events[-10:] if rng.random() < 0.6 else log.events)
                if again.id:
                    log.append(again._replace(sent=self.now))
                    continue
            log.append(self._event(tp))
        if self.now < ACTIVE_MS:
            self.at(rng.randrange(1, 2 * pace_ms), None, self._publish, pace_ms)

    def _event(self, tp: TP) -> Event:
        rng = self.rng
        active = self._active[tp]
        self._last_id += 1
        if len(active) < 5:
            active.append(f"k{self._last_id}")
            return Event(self._last_id, active[-1], self.now, rng.randrange(100), self.now)
        time = self.now - (rng.randrange(1, 900) if self.chance("late_event") else 0)
        key = rng.choice(active)
        draw = rng.random()
        if draw < 0.2:
            active.remove(key)
            return Event(self._last_id, key, time, CLOSE, self.now)
        return Event(0 if draw < 0.4 else self._last_id, key, time, rng.randrange(100), self.now)

    # -- the oracle

    def _check_commit(self, tp: TP, before: int, after: int) -> None:
        """Nothing is committed whose rows are not in the changelog."""
        log, best = self.logs[tp], self.changelogs[tp].best
        for offset, event, applied in zip(log.offsets, log.events, log.applied, strict=True):
            if applied and before <= offset < after and best.get(event.key, -1) < 2 * offset:
                msg = f"{tp} committed to {after}, but the changelog lacks {event.key} at {offset}"
                raise ViolationError(msg)

    def _check_drained(self) -> None:
        if self.now > ACTIVE_MS + DRAIN_MS:
            state = {host.number: (host.up, host.steady, host.busy) for host in self.hosts}
            lag = {tp: (self.group.committed.get(tp), log.end) for tp, log in self.logs.items()}
            msg = f"not drained {DRAIN_MS} ms after the last fault: committed and end {lag}, hosts {state}"
            raise ViolationError(msg)
        if not self._quiet():
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = self.now
        elif self.now - self._quiet_since > 2 * PATROL_MS:
            self._drained = True
        self.at(100, None, self._check_drained)

    def _quiet(self) -> bool:
        """All is committed, nothing is under way; strays may still lie unseen for a patrol."""
        if self.wire or self.group.joining is not None:
            return False
        for tp, log in self.logs.items():
            if log.offsets and self.group.committed.get(tp, 0) <= log.offsets[-1]:
                return False
        return all(
            host.up and host.steady and not host.busy and host.frozen_until <= self.now and not host.machine.waiting()
            for host in self.hosts
        )

    def _judge(self) -> None:
        owners = {tp: host for host in self.hosts for tp in host.machine.owned()}
        for tp, log in self.logs.items():
            if tp not in owners:
                msg = f"nobody owns {tp}"
                raise ViolationError(msg)
            held = owners[tp].tables[tp]
            changelog = self.changelogs[tp]
            self._compare(tp, "the owner", held, log)
            self._compare(tp, "the next host", self._recovered(owners[tp], tp, changelog.entries), log, held)
            compacted = changelog.compacted(self.now + COMPACTION_LAG_MS, COMPACTION_LAG_MS, DELETE_RETENTION_MS)
            self._compare(tp, "the next host after compaction", self._recovered(owners[tp], tp, compacted), log, held)

    def _recovered(self, host: Host, tp: TP, entries: list[Entry]) -> dict[str, Row]:
        machine: Delivery = host.make_delivery(SESSION_MS)
        machine.assigned(tp, self.group.committed.get(tp), 0)
        table: dict[str, Row] = {}
        for entry in entries:
            host.restore(machine, tp, entry, table)
        return table

    def _compare(
        self, tp: TP, who: str, rows: dict[str, Row], log: SourceLog, held: dict[str, Row] | None = None
    ) -> None:
        """Rows equal the plain fold; only ended rows may be absent, and then for the next host as for the owner."""
        for key in {**log.plain, **rows, **(held or {})}:
            expected, found = log.plain.get(key), rows.get(key)
            if found is None and expected is not None and self.rows.ended(expected, self.now):
                if held is None or key not in held:
                    continue
            elif found == expected and (held is None or key in held):
                continue
            owner = "" if held is None else f", the owner has {held.get(key)}"
            msg = f"{who} of {tp} has {key} as {found}, expected {expected}{owner}"
            raise ViolationError(msg)
