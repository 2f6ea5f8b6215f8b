"""How quickly an event becomes visible: from its record's timestamp to the first scrape that counts it.

Prometheus keeps, for each scrape, how many records of a topic the worker had absorbed (events by outcome and rejects,
which are every record once). Kafka keeps when each record came. Both are read as they are; nothing is added to the
traffic. The records of a topic, in the order of their timestamps, are matched with the counts: when a scrape counts n
records more than the one before it, the next n became visible when that scrape had been taken in, which is its time
and its duration. Records of different partitions may be absorbed in another order than their timestamps', so a single
record may be matched with its neighbour's scrape; the mean does not depend on that, and a quantile is off by no more
than the partitions are apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stream_app.catalogue.worker import EVENTS, REJECTS
from stream_app.local.demo.logs import Tail
from stream_app.local.demo.watching import JOB
from stream_app.local.prometheus import Prometheus

Scrapes = Sequence[tuple[float, float]]
"""When each scrape was taken in (ms), and how many records of a topic it counts."""

_DURATION: Final = f'scrape_duration_seconds{{job="{JOB}"}}'


@dataclass(frozen=True, slots=True)
class Freshness:
    """Quantiles of the time from event to scrape, s, and over how many events."""

    events: int
    p50: float
    p99: float


def scrapes(prometheus: Prometheus, seconds: int) -> dict[str, Scrapes]:
    """Topic -> its scrapes of the last seconds. Raises LocalError."""
    took = {at: value for _, samples in _raw(prometheus, _DURATION, seconds) for at, value in samples}
    counts: dict[str, dict[float, float]] = {}
    for name in (EVENTS.name, REJECTS.name):
        for labels, samples in _raw(prometheus, name, seconds):
            topic = counts.setdefault(labels["topic"], {})
            for at, value in samples:
                topic[at] = topic.get(at, 0) + value
    return {
        topic: [((at + took.get(at, 0)) * 1000, count) for at, count in sorted(counted.items())]
        for topic, counted in counts.items()
    }


def delays(tail: Tail, seen: Scrapes) -> list[float]:
    """Seconds from each of a topic's last records to the first scrape that counts it; not those no scrape counts."""
    found: list[float] = []
    place = 0
    for number, (at_ms, count) in enumerate(seen):
        reach = max(place, min(int(count) - tail.before, len(tail.timestamps)))
        if number:  # what the first of these scrapes counts may have been counted by one before it
            found += [(at_ms - stamp) / 1000 for stamp in tail.timestamps[place:reach]]
        place = reach
    return found


def freshness(tails: Mapping[str, Tail], seen: Mapping[str, Scrapes]) -> Freshness | None:
    """The quantiles over all topics; None without an event."""
    every = sorted(delay for topic, tail in tails.items() for delay in delays(tail, seen.get(topic, ())))
    if not every:
        return None
    return Freshness(len(every), quantile(every, 0.5), quantile(every, 0.99))


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest of these that at least so large a share of them does not exceed."""
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def _raw(prometheus: Prometheus, selector: str, seconds: int) -> list[tuple[dict[str, str], list[tuple[float, float]]]]:
    """Each series with its samples as they were scraped."""
    answer: list[dict[str, Any]] = prometheus.get("/api/v1/query", query=f"{selector}[{seconds}s]")["data"]["result"]
    return [(series["metric"], [(float(at), float(value)) for at, value in series["values"]]) for series in answer]
