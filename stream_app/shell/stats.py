"""What a worker measures of itself: counters and timings, beside the numbers of the boards."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client import Counter as CounterMetric
from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from stream_app.domain.fold import Outcome

DELAY_BOUNDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0)
_DELAYS_MS: Final = [bound * 1000 for bound in DELAY_BOUNDS]
SHARE_OF: Final = 1_000
"""The share of rejects is that of a partition's last so many records."""


class Delays(Collector):
    """Histogram of the time from a record's timestamp to its being counted, filled a batch at a time."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, int] = {}

    def observe(self, topic: str, now_ms: int, timestamps: Iterable[int]) -> None:
        """Count each record of a batch; `now_ms` is when the batch was absorbed."""
        counts = self._counts.setdefault(topic, [0] * (len(DELAY_BOUNDS) + 1))
        total = 0
        for stamp in timestamps:
            delay = now_ms - stamp if now_ms > stamp else 0
            counts[bisect_left(_DELAYS_MS, delay)] += 1
            total += delay
        self._sums[topic] = self._sums.get(topic, 0) + total

    def collect(self) -> Iterator[Metric]:
        """The histogram by topic."""
        family = HistogramMetricFamily(
            "stream_app_event_to_gauge_seconds",
            "From the record's timestamp to its being counted in the boards.",
            labels=["topic"],
        )
        for topic, counts in sorted(self._counts.items()):
            bounds = [*(str(bound) for bound in DELAY_BOUNDS), "+Inf"]
            buckets = list(zip(bounds, accumulate(counts), strict=True))
            family.add_metric([topic], buckets, self._sums[topic] / 1000)
        yield family


class Stats:
    """The `stream_app_*` series of one worker, in a registry of their own."""

    def __init__(self, topics: Iterable[str]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a start time beside every counter would double their number
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        make: dict[str, Any] = {"registry": self.registry}
        self.events = CounterMetric(
            "stream_app_events", "Events decoded, by what became of them.", ["topic", "outcome"], **make
        )
        self.rejects = CounterMetric(
            "stream_app_rejects", "Records that could not be used, by reason.", ["topic", "reason"], **make
        )
        self.late = CounterMetric(
            "stream_app_events_late",
            "Events applied long after they happened (setting app.late_seconds).",
            ["topic"],
            **make,
        )
        self.lost = CounterMetric(
            "stream_app_records_lost", "Records that left the log before they were read.", ["topic"], **make
        )
        self.holes = CounterMetric(
            "stream_app_fetch_holes", "Batches found missing and fetched again.", ["topic"], **make
        )
        self.newest = Gauge(
            "stream_app_newest_event_timestamp_seconds", "Latest event time applied.", ["topic"], **make
        )
        self.lag = Gauge("stream_app_lag_records", "Records not yet absorbed, of owned partitions.", ["topic"], **make)
        self.lag_seconds = Gauge(
            "stream_app_lag_seconds",
            "Age of the oldest record not yet absorbed, of owned partitions; 0 without lag.",
            ["topic"],
            **make,
        )
        self.reject_share = Gauge(
            "stream_app_reject_share",
            "Share of rejects among a partition's last 1,000 records.",
            ["topic", "partition"],
            **make,
        )
        self.delays = Delays()
        self.registry.register(self.delays)
        self.flushed_rows = CounterMetric("stream_app_rows_flushed", "Rows written to changelogs.", ["topic"], **make)
        self.flush_seconds = Histogram(
            "stream_app_flush_seconds", "Duration of a flush with its commit.", buckets=DELAY_BOUNDS, **make
        )
        self.commits = CounterMetric("stream_app_commits", "Offset commits, by result.", ["result"], **make)
        self.recovery_seconds = Gauge("stream_app_recovery_seconds", "Duration of the latest recovery.", **make)
        self.collect_seconds = Gauge(
            "stream_app_collect_seconds", "Duration of the latest reading of the boards.", **make
        )
        self._recent: dict[tuple[str, int], deque[int]] = {}
        for topic in topics:
            for outcome in Outcome:
                self.events.labels(topic, outcome.value)
            for metric in (self.late, self.lost, self.holes, self.lag, self.lag_seconds, self.flushed_rows):
                metric.labels(topic)
        for result in ("ok", "refused"):
            self.commits.labels(result)

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
