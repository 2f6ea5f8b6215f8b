"""Takes in batches: judged by the delivery machine, decoded, folded into rows and boards, counted."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

from faust.types import TP

from stream_app.codec import Judged, Records
from stream_app.dead_letters import letter
from stream_app.domain.delivery import Absorb, SeekBack
from stream_app.operate.routing import misrouted
from stream_app.pipeline import Absorbed
from stream_app.shell.fetched import since, stamps
from stream_app.shell.holdings import Holdings, Place, Source, monotonic_ms, place, wall_ms
from stream_app.shell.transport import Batch

log = logging.getLogger(__name__)


class Intake:
    """The way in of one worker. Absorbing a batch never gives up control."""

    def __init__(self, holdings: Holdings) -> None:
        self._held = holdings
        self._known: dict[int, dict[str, str]] = {}
        self._stamps: dict[Place, int] = {}
        self._newest: dict[str, int] = {}

    @property
    def stamps(self) -> Mapping[Place, int]:
        """The timestamp of the latest record absorbed of each owned partition, ms; none before the first."""
        return self._stamps

    def gave_up(self, tps: Iterable[TP]) -> None:
        """Forget what is known of these partitions."""
        for tp in tps:
            self._known.pop(tp.partition, None)
            self._stamps.pop(place(tp), None)

    async def take(self, batch: Batch) -> None:
        """Absorb one batch, or go back to what is missing before it."""
        await self._held.failpoints.pass_by("fetch")
        verdict = self._held.delivery.offered((batch.topic, batch.partition), batch.start, batch.end)
        if isinstance(verdict, Absorb):
            self._absorb(batch, verdict.first)
            self._held.failpoints.reach("absorb")
        elif isinstance(verdict, SeekBack):
            await self.go_back(TP(batch.topic, batch.partition))

    async def go_back(self, tp: TP) -> None:
        """Fetch again from where we stand; what has left the log meanwhile is counted as lost."""
        held = self._held
        held.stats.holes.labels(tp.topic).inc()
        starts = await held.consumer.earliest_offsets(tp)
        held.lost(place(tp), held.delivery.log_starts(place(tp), starts[tp] or 0))
        position = held.delivery.position(place(tp))
        if position is not None:
            log.info("%s/%d: a batch is missing, fetching again from offset %d", tp.topic, tp.partition, position)
            await held.consumer.seek(tp, position)

    def _absorb(self, batch: Batch, first: int) -> None:
        held = self._held
        source, now = held.sources[batch.topic], wall_ms()
        records = batch.records
        if records and records[0].offset < first:
            records = since(records, first)
        judged = self._judged(source, batch.partition, records, now)
        absorbed = held.partitions[batch.partition].absorb(source.area, judged.events)
        for record, reject in judged.rejects:
            dead = letter((batch.topic, batch.partition), record, reject, now)
            held.letters.append((source.letters, batch.partition, dead))
        held.delivery.absorbed((batch.topic, batch.partition), batch.end, absorbed.changed, monotonic_ms())
        if records:
            self._count(batch, records, judged, absorbed)

    def _judged(self, source: Source, number: int, records: Records, now_ms: int) -> Judged:
        """The records as events, and those that are none with the reason."""
        settings = self._held.settings
        latest, late_before = now_ms + settings.app.skew_seconds * 1000, now_ms - settings.app.late_seconds * 1000
        strays = partial(misrouted, partition=number, partitions=settings.topics.partitions)
        return source.reader.judged(records, latest, late_before, self._known.setdefault(number, {}), strays)

    def _count(self, batch: Batch, records: Records, judged: Judged, absorbed: Absorbed) -> None:
        held, topic = self._held, batch.topic
        reasons = Counter(reject.reason for _record, reject in judged.rejects)
        held.stats.absorbed(topic, absorbed.outcomes, reasons, judged.late)
        held.stats.shared(topic, batch.partition, len(records), len(judged.rejects))
        held.stats.delays.observe(topic, wall_ms(), stamps(records))
        self._stamps[topic, batch.partition] = records[-1].timestamp
        held.latest_ms = max(held.latest_ms, absorbed.latest_ms)
        if absorbed.latest_ms > self._newest.get(topic, 0):
            self._newest[topic] = absorbed.latest_ms
            held.stats.newest.labels(topic).set(absorbed.latest_ms / 1000)
