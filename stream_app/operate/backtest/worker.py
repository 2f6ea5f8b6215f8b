"""One worker that lives through a plan without a broker: it takes in what is published and is scraped.

Rows, boards, numbers, counters and lag are those of the program; only the log and the clock are not.
Of what Prometheus says by itself there is `up`.
"""

from collections import Counter, deque
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from stream_app.catalogue import METRICS, SERIES, read, worker
from stream_app.codec import Event, Reject
from stream_app.domain.behind import Behind
from stream_app.operate.backtest.history import Labels
from stream_app.operate.backtest.needed import Needed
from stream_app.operate.backtest.thin import Thin
from stream_app.pipeline import AREAS, Partition
from stream_app.settings import Settings
from stream_app.shell.stats import Stats
from stream_app.sources.simulate.incidents import Span
from stream_app.sources.simulate.plan import Record

_SLOW: Final = 10
"""A slow worker takes in one of so many records."""

_PARTITION: Final = 0
_TARGET: Final = (("instance", "worker"), ("job", "stream-app"))
_BATCH: Final = 500

Found = dict[tuple[str, Labels], float]
"""What one scrape finds: (name, labels) -> value."""


class Worker:
    """Owns the only partition of every topic. incidents: of them, those that befall a worker count here."""

    def __init__(self, settings: Settings, needed: Needed, incidents: Iterable[Span]) -> None:
        self._settings, self._rules, self._needed = settings, settings.rules.build(), needed
        self._spans = [span for span in incidents if span.kind in {"worker-down", "worker-slow", "unowned"}]
        self._partition = Partition(self._rules)
        self._codecs = {topic: area.codec() for topic, area in AREAS.items()}
        self._names = {topic: settings.source_topic(topic) for topic in AREAS}
        self._places: dict[tuple[str, tuple[str, ...]], tuple[str, Labels] | None] = {}
        self._log: deque[Record] = deque()
        self._offsets: Counter[str] = Counter()
        self._read = [
            (metric, Thin(self._partition.board, metric, needed, self._rules))
            for metric in METRICS
            if any(name in needed.selectors for name in metric.series)
        ]
        self._start()

    def _start(self) -> None:
        """A new process: rows are recovered, counters begin again."""
        self._stats = Stats(self._names.values())
        self._behind, self._stamps = Behind(), dict[tuple[str, int], int]()
        self._up = True

    def step(self, now_ms: int, records: Iterable[Record]) -> Found:
        """Let some records be published, and time come to `now_ms`; returns what is scraped then."""
        self._log.extend(records)
        if self._lasts("worker-down", now_ms):
            self._up = False
            return self._put({}, "up", (), 0)
        if not self._up:
            self._start()
        slow = self._lasts("worker-slow", now_ms)
        self._take(now_ms, max(len(self._log) // _SLOW, 1) if slow else len(self._log))
        return self._scraped(now_ms)

    def _unowned(self, at: int) -> set[str]:
        return {span.target for span in self._spans if span.kind == "unowned" and span.lasts(at)}

    def _lasts(self, kind: str, at: int) -> bool:
        return any(span.kind == kind and span.lasts(at) for span in self._spans)

    def _take(self, now_ms: int, count: int) -> None:
        unowned, taken, left = self._unowned(now_ms), list[Record](), deque[Record]()
        for record in self._log:
            (left if record[0] in unowned or len(taken) == count else taken).append(record)
        self._log = left
        for topic, run in groupby(taken, lambda record: record[0]):
            some = list(run)
            for start in range(0, len(some), _BATCH):
                self._absorb(topic, some[start : start + _BATCH])

    def _absorb(self, topic: str, records: list[Record]) -> None:
        name, app = self._names[topic], self._settings.app
        decode, stats = self._codecs[topic].decode, self._stats
        events: list[Event] = []
        reasons: Counter[str] = Counter()
        late = 0
        for _, _, value, published in records:
            self._offsets[topic] += 1
            found = decode(value, self._offsets[topic], published + app.skew_seconds * 1000)
            if isinstance(found, Reject):
                reasons[found.reason] += 1
            else:
                events.append(found)
                late += found.fact.at < published - app.late_seconds * 1000
        done = self._partition.absorb(AREAS[topic], events)
        stats.absorbed(name, done.outcomes, reasons, late)
        stats.shared(name, _PARTITION, len(records), reasons.total())
        if done.latest_ms:
            stats.newest.labels(name).set(done.latest_ms / 1000)
        self._stamps[name, _PARTITION] = records[-1][3]

    def _scraped(self, now_ms: int) -> Found:
        found: Found = {}
        self._put(found, "up", (), 1)
        for metric, board in self._read:
            for (suffix, values), value in read(metric, [board.at(now_ms)], now_ms, self._rules).items():
                self._put(found, metric.name + suffix, values, value)
        self._put_belief(found, now_ms)
        names = set(self._needed.selectors) & set(SERIES) - {worker.LAG.name, worker.LAG_SECONDS.name}
        for family in self._stats.registry.collect():
            for sample in family.samples:
                if sample.name in names:
                    labels = SERIES[sample.name].series[sample.name]
                    self._put(found, sample.name, tuple(sample.labels[label] for label in labels), sample.value)
        return found

    def _put_belief(self, found: Found, now_ms: int) -> None:
        unowned = self._unowned(now_ms)
        left = Counter(record[0] for record in self._log)
        lag = {(name, _PARTITION): left[topic] for topic, name in self._names.items() if topic not in unowned}
        for name in self._names.values():
            self._put(found, worker.TOPIC_PARTITIONS.name, (name,), 1)
            self._put(found, worker.ASSIGNED.name, (name,), 1)
        for (name, partition), records in lag.items():
            self._put(found, worker.PARTITION_OWNED.name, (name, str(partition)), 1)
            self._put(found, worker.LAG.name, (name,), records)
        for name, seconds in self._behind.seconds(lag, self._stamps, now_ms).items():
            self._put(found, worker.LAG_SECONDS.name, (name,), seconds)

    def _put(self, found: Found, name: str, values: tuple[str, ...], value: float) -> Found:
        """Keep a series if some rule reads it."""
        if (name, values) not in self._places:
            labels = dict(zip(SERIES[name].series[name] if name in SERIES else (), values, strict=True))
            wanted = self._needed.takes(name, labels | dict(_TARGET))
            self._places[name, values] = (name, (*sorted(labels.items()), *_TARGET)) if wanted else None
        place = self._places[name, values]
        if place is not None:
            found[place] = value
        return found
