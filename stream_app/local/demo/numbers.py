"""What Prometheus knows now: one query for everything the demo shows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from stream_app.catalogue import SERIES
from stream_app.catalogue.worker import EVENTS, LAG, REJECTS
from stream_app.domain.fold import Outcome
from stream_app.local.demo.watching import JOB
from stream_app.local.prometheus import Prometheus
from stream_app.operate.rules import WATCHDOG

OPEN: Final = "support:cases_open:sum"
RESOLUTION: Final = "support:case_resolution_seconds:p50"
RESOLUTION_MEAN: Final = "support:case_resolution_seconds:mean"
CSAT: Final = "support:csat:ratio"
SILENT: Final = "support:devices_silent:sum"
COMPLETE: Final = "support:belief:complete"
_ALERTS: Final = "ALERTS"

_NAMES: Final = (
    EVENTS.name,
    REJECTS.name,
    LAG.name,
    OPEN,
    RESOLUTION,
    RESOLUTION_MEAN,
    CSAT,
    SILENT,
    COMPLETE,
    _ALERTS,
)
FINEST_SECONDS: Final = SERIES["support_case_resolution_seconds_bucket"].bounds[0]
"""A percentile below this is not known any better: simulated life is quicker than the buckets are made for."""

QUERY: Final = f'{{__name__=~"{"|".join(_NAMES)}"}}'
_ONE_OF: Final[Mapping[str, dict[str, str]]] = {
    RESOLUTION: {"kind": "full", "clock": "elapsed"},
    RESOLUTION_MEAN: {"kind": "full", "clock": "elapsed"},
    CSAT: {"aspect": "overall"},
}
"""Recorded series of which one is shown -> its labels, beside the window."""

Samples = list[tuple[dict[str, str], float]]


@dataclass(slots=True)
class Numbers:
    """Now. outcomes, reasons: records by what became of them. None: not known, or nothing to judge by."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    lag: int | None = None
    open: int | None = None
    resolution_p50_seconds: float | None = None
    resolution_mean_seconds: float | None = None
    csat: float | None = None
    silent: int | None = None
    belief: int | None = None
    firing: tuple[str, ...] = ()

    @property
    def applied(self) -> int:
        """Events that moved a row."""
        return self.outcomes[Outcome.APPLIED.value]

    @property
    def refused(self) -> int:
        """Events that could be decoded and changed nothing."""
        return self.outcomes.total() - self.applied

    @property
    def rejected(self) -> int:
        """Records that could not be used."""
        return self.reasons.total()

    @property
    def counted(self) -> int:
        """All records that the worker absorbed since it started."""
        return self.outcomes.total() + self.rejected


def now(prometheus: Prometheus, window: str) -> Numbers:
    """Ask Prometheus. Raises LocalError."""
    return numbers(prometheus.query(QUERY), window)


def numbers(samples: Samples, window: str) -> Numbers:
    """The numbers that these samples say; of those that look back, the ones of a window."""
    found, firing = Numbers(), set()
    for labels, value in samples:
        name = labels["__name__"]
        if name == EVENTS.name:
            found.outcomes[labels["outcome"]] += int(value)
        elif name == REJECTS.name:
            found.reasons[labels["reason"]] += int(value)
        elif name == _ALERTS and labels["alertstate"] == "firing" and labels["alertname"] != WATCHDOG:
            firing.add(labels["alertname"])
    totals = {name: _one(samples, name, {}) for name in (LAG.name, OPEN, SILENT, COMPLETE)}
    found.lag, found.open, found.silent, found.belief = (
        None if value is None else round(value) for value in totals.values()
    )
    found.resolution_p50_seconds, found.resolution_mean_seconds, found.csat = (
        _one(samples, name, labels | {"window": window}) for name, labels in _ONE_OF.items()
    )
    found.firing = tuple(sorted(firing))
    return found


def _one(samples: Samples, name: str, chosen: Mapping[str, str]) -> float | None:
    """The sum of a series over the labels that are not chosen."""
    values = [value for labels, value in samples if labels["__name__"] == name and chosen.items() <= labels.items()]
    return sum(values) if values else None


def series(prometheus: Prometheus) -> tuple[int, int]:
    """How many gauges of support the worker shows now, and how many series all in all. Raises LocalError."""
    gauges = prometheus.query(f'count({{job="{JOB}",__name__=~"support_.+"}})')
    every = prometheus.query(f'scrape_samples_scraped{{job="{JOB}"}}')
    return (round(gauges[0][1]) if gauges else 0), (round(every[0][1]) if every else 0)
