"""What a worker measures of itself: counters and timings, beside the numbers of the boards."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, product
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client import Counter as CounterMetric
from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from stream_app.catalogue import Metric as Row
from stream_app.catalogue import Scope, worker
from stream_app.catalogue.worker import DELAY_BOUNDS, SHARE_OF
from stream_app.domain.fold import Outcome

_DELAYS_MS: Final = [bound * 1000 for bound in DELAY_BOUNDS]


class Delays(Collector):
    """Histogram of the time from a record's timestamp to its being counted, filled a batch at a time."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, int] = {}

    def observe(self, topic: str, now_ms: int, stamps: Mapping[int, int]) -> None:
        """Count each record of a batch, by how many have each timestamp; `now_ms` is when the batch was absorbed."""
        counts = self._counts.setdefault(topic, [0] * (len(DELAY_BOUNDS) + 1))
        total = 0
        for stamp, records in stamps.items():
            delay = now_ms - stamp if now_ms > stamp else 0
            counts[bisect_left(_DELAYS_MS, delay)] += records
            total += delay * records
        self._sums[topic] = self._sums.get(topic, 0) + total

    def collect(self) -> Iterator[Metric]:
        """The histogram by topic."""
        row = worker.EVENT_TO_BOARD
        family = HistogramMetricFamily(row.name, row.help, labels=row.label_names)
        for topic, counts in sorted(self._counts.items()):
            bounds = [*(str(bound) for bound in row.bounds), "+Inf"]
            buckets = list(zip(bounds, accumulate(counts), strict=True))
            family.add_metric([topic], buckets, self._sums[topic] / 1000)
        yield family


class Stats:
    """The `stream_app_*` series of one worker, in a registry of their own; the catalogue says what they are."""

    def __init__(self, topics: Iterable[str]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a start time beside every counter would double their number
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._scope = Scope(topics=tuple(topics))
        self.events = self._counter(worker.EVENTS)
        self.rejects = self._counter(worker.REJECTS)
        self.late = self._counter(worker.LATE)
        self.lost = self._counter(worker.LOST)
        self.holes = self._counter(worker.HOLES)
        self.newest = self._gauge(worker.NEWEST)
        self.lag = self._gauge(worker.LAG)
        self.lag_seconds = self._gauge(worker.LAG_SECONDS)
        self.reject_share = self._gauge(worker.REJECT_SHARE)
        self.delays = Delays()
        self.registry.register(self.delays)
        self.flushed_rows = self._counter(worker.FLUSHED)
        flushes = worker.FLUSH_SECONDS
        self.flush_seconds = Histogram(flushes.name, flushes.help, registry=self.registry, buckets=flushes.bounds)
        stalls = worker.LOOP_STALL
        self.loop_stall_seconds = Histogram(stalls.name, stalls.help, registry=self.registry, buckets=stalls.bounds)
        self.commits = self._counter(worker.COMMITS)
        self.recovery_seconds = self._gauge(worker.RECOVERY_SECONDS)
        self.collect_seconds = self._gauge(worker.COLLECT_SECONDS)
        self._recent: dict[tuple[str, int], deque[int]] = {}

    def _counter(self, row: Row) -> CounterMetric:
        counter = CounterMetric(row.name, row.help, row.label_names, registry=self.registry)
        self._zeros(row, counter)
        return counter

    def _gauge(self, row: Row) -> Gauge:
        gauge = Gauge(row.name, row.help, row.label_names, registry=self.registry)
        self._zeros(row, gauge)
        return gauge

    def _zeros(self, row: Row, instrument: Any) -> None:
        if row.zeros:
            for labels in product(*(values(self._scope) for values in row.labels.values())):
                instrument.labels(*labels)

    def absorbed(self, topic: str, outcomes: Mapping[Outcome, int], rejects: Mapping[str, int], late: int) -> None:
        """Count one batch."""
        for outcome, count in outcomes.items():
            self.events.labels(topic, outcome.value).inc(count)
        for reason, count in rejects.items():
            self.rejects.labels(topic, reason).inc(count)
        if late:
            self.late.labels(topic).inc(late)

    def shared(self, topic: str, partition: int, records: int, rejected: int) -> None:
        """Note how many of a batch's records were rejects, for the share of the last 1,000."""
        recent = self._recent.setdefault((topic, partition), deque())
        recent.append(records)
        recent.append(rejected)
        total, bad = sum(list(recent)[::2]), sum(list(recent)[1::2])
        while len(recent) > 2 and total - recent[0] >= SHARE_OF:
            total -= recent.popleft()
            bad -= recent.popleft()
        self.reject_share.labels(topic, str(partition)).set(bad / total if total else 0)

    def gave_up(self, topic: str, partition: int) -> None:
        """Forget what is kept of a partition that is no longer ours."""
        if self._recent.pop((topic, partition), None) is not None:
            self.reject_share.remove(topic, str(partition))
