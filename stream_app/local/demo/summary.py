"""The end of a run: what was counted, what was delivered, how long it took, and what went wrong."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from stream_app.local.demo.delivered import Delivered
from stream_app.local.demo.freshness import Freshness
from stream_app.local.demo.numbers import Numbers
from stream_app.local.demo.scene import INCIDENT, INCIDENT_ALERT


@dataclass(slots=True)
class Summary:
    """One run. incident_ms: when the incident's first event came to the broker; None if there was none.

    until_traffic_seconds: from the command to the first event. gauges, series: what the worker's pages showed.
    endings: what did not end well when it was stopped.
    """

    seed: int | None
    interrupted: bool
    seconds: float = 0.0
    until_traffic_seconds: float | None = None
    events_in: int = 0
    numbers: Numbers = field(default_factory=Numbers)
    gauges: int = 0
    series: int = 0
    alerts: list[Delivered] = field(default_factory=list)
    watchdog: bool = False
    incident_ms: int | None = None
    freshness: Freshness | None = None
    worker_restarts: int = 0
    endings: list[str] = field(default_factory=list)

    def after_incident(self, alert: Delivered) -> float | None:
        """Seconds from the incident's first event to an alert's delivery."""
        return None if self.incident_ms is None else (alert.at_ms - self.incident_ms) / 1000

    @property
    def notified_after(self) -> float | None:
        """Seconds from the incident's first event to the delivery of its alert."""
        of_incident = (alert for alert in self.alerts if alert.name == INCIDENT_ALERT)
        return next((self.after_incident(alert) for alert in of_incident), None)

    @property
    def faults(self) -> list[str]:
        """What did not go as it must; a run that somebody ended early owes no alert yet."""
        numbers = self.numbers
        found = [*self.endings]
        if not self.events_in:
            return found if self.interrupted else [*found, "no event came in"]
        if not self.worker_restarts and numbers.counted != self.events_in:
            found.append(f"{self.events_in:,} events came in, but {numbers.counted:,} were counted")
        if numbers.belief != 1:
            found.append(f"the numbers may not be believed: support:belief:complete is {numbers.belief}")
        if self.seed is not None and not self.interrupted:
            if not any(alert.name == INCIDENT_ALERT for alert in self.alerts):
                found.append(f"the incident {INCIDENT} made {INCIDENT_ALERT} reach nobody")
            if self.freshness is None and not self.worker_restarts:
                found.append("the time from event to scrape could not be measured")
        if not self.interrupted and not self.watchdog:
            found.append("not even the alert that always fires was delivered")
        return found

    def as_dict(self) -> dict[str, Any]:
        """The summary as one JSON object."""
        numbers, fresh = self.numbers, self.freshness
        return {
            "ok": not self.faults,
            "faults": self.faults,
            "interrupted": self.interrupted,
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "until_traffic_seconds": _rounded(self.until_traffic_seconds, 1),
            "events_in": self.events_in,
            "applied": numbers.applied,
            "refused": numbers.refused,
            "rejected": numbers.rejected,
            "outcomes": _present(numbers.outcomes),
            "reasons": _present(numbers.reasons),
            "belief": numbers.belief,
            "gauges": self.gauges,
            "series": self.series,
            "cases_open": numbers.open,
            "resolution_p50_seconds": _rounded(numbers.resolution_p50_seconds),
            "resolution_mean_seconds": _rounded(numbers.resolution_mean_seconds),
            "csat": _rounded(numbers.csat),
            "devices_silent": numbers.silent,
            "alerts": [
                asdict(alert) | {"after_incident_seconds": _rounded(self.after_incident(alert))}
                for alert in self.alerts
            ],
            "event_to_scrape_seconds": None if fresh is None else {
                "p50": round(fresh.p50, 3), "p99": round(fresh.p99, 3), "events": fresh.events,
            },
            "event_to_notification_seconds": _rounded(self.notified_after),
            "worker_restarts": self.worker_restarts,
        }  # fmt: skip

    def lines(self) -> Iterator[tuple[str, str]]:
        """The summary for people: what, and how much of it."""
        numbers = self.numbers
        if not self.events_in:
            yield "Ended", "before anything was counted"
            return
        since = "" if self.until_traffic_seconds is None else f", first event after {self.until_traffic_seconds:.1f} s"
        yield "Ran", f"{self.seconds:.0f} s{since}"
        yield "Events in", f"{self.events_in:,}"
        if self.worker_restarts:
            again = "once" if self.worker_restarts == 1 else f"{self.worker_restarts} times"
            yield "", f"the worker was started again {again}; its own counters, below, began anew, its rows did not"
        yield "  applied", f"{numbers.applied:,}"
        yield "  refused", _parts(numbers.refused, {k: v for k, v in numbers.outcomes.items() if k != "applied"})
        yield "  rejected", _parts(numbers.rejected, numbers.reasons)
        yield "Gauges exported", f"{self.gauges:,} (with the worker's own {self.series:,} series)"
        yield "Believed", "yes: every partition is owned once" if numbers.belief == 1 else "no"
        yield from self._alert_lines()
        if self.freshness is not None:
            fresh = self.freshness
            yield "Event to scrape", f"p50 {fresh.p50:.2f} s, p99 {fresh.p99:.2f} s ({fresh.events:,} events)"
        if self.notified_after is not None:
            yield "Event to notification", f"{self.notified_after:.1f} s"

    def _alert_lines(self) -> Iterator[tuple[str, str]]:
        yield "Alerts delivered", f"{len(self.alerts)}" if self.alerts else "none"
        for alert in self.alerts:
            after = self.after_incident(alert)
            since = "" if after is None else f", {after:.1f} s after the incident's first event"
            yield f"  {alert.severity}", f"{alert.name}{since}"


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)


def _present(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}


def _parts(total: int, counts: dict[str, int]) -> str:
    parts = ", ".join(f"{name} {count:,}" for name, count in _present(counts).items())
    return f"{total:,} ({parts})" if parts else f"{total:,}"
