"""What a backtest found, as values and as Markdown."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from stream_app.operate.backtest.period import BEGIN_MS, Period
from stream_app.sources.simulate.things import DAY

Labels = tuple[tuple[str, str], ...]


class Episode(NamedTuple):
    """A spell in which an alert fires at every step, from the first to the last. labels: of all that fire in it."""

    alert: str
    first: int
    last: int
    labels: tuple[Labels, ...]

    @property
    def steps(self) -> int:
        """How many evaluations it lasts."""
        return self.last - self.first + 1


class Quality(NamedTuple):
    """How an alert did: how often it fired, for how long, how often for nothing, and when (ms)."""

    alert: str
    severity: str
    fired: int
    minutes: int
    false: int
    false_at: tuple[int, ...]


class Caught(NamedTuple):
    """How an incident was told: by which alert first, and how many seconds after it began; None if it was not."""

    kind: str
    target: str
    begin_ms: int
    end_ms: int
    alert: str | None
    severity: str
    after_seconds: int | None


class Report(NamedTuple):
    """What a backtest found."""

    period: Period
    events: int
    alerts: tuple[Quality, ...]
    incidents: tuple[Caught, ...]

    def false_a_week(self, severity: str) -> float:
        """Spells for nothing of the alerts of a severity, a week."""
        return sum(alert.false for alert in self.alerts if alert.severity == severity) * 7 / self.period.days

    @property
    def missed(self) -> tuple[Caught, ...]:
        """Incidents that no alert told of."""
        return tuple(incident for incident in self.incidents if incident.alert is None)


def figures(report: Report) -> dict[str, Any]:
    """The report as JSON's values; times are seconds from the period's begin."""
    alerts = [
        {
            "alert": alert.alert, "severity": alert.severity, "fired": alert.fired, "minutes": alert.minutes,
            "false": alert.false, "false_at_seconds": [_since(at) for at in alert.false_at],
        }
        for alert in report.alerts
    ]  # fmt: skip
    incidents = [
        {
            "kind": incident.kind, "target": incident.target, "begin_seconds": _since(incident.begin_ms),
            "end_seconds": _since(incident.end_ms), "alert": incident.alert, "severity": incident.severity,
            "after_seconds": incident.after_seconds,
        }
        for incident in report.incidents
    ]  # fmt: skip
    period = report.period
    return {
        "days": period.days, "seed": period.seed, "events": report.events,
        "false_pages_a_week": report.false_a_week("critical"), "false_tickets_a_week": report.false_a_week("warning"),
        "alerts": alerts, "incidents": incidents,
    }  # fmt: skip


def _since(at_ms: int) -> int:
    return (at_ms - BEGIN_MS) // 1000


def rows_of_alerts(report: Report) -> Iterator[tuple[str, ...]]:
    """Alert, severity, times fired, minutes, times for nothing and when; those that fired first."""
    for alert in sorted(report.alerts, key=lambda alert: (-alert.false, -alert.fired, alert.alert)):
        when = f" ({'; '.join(map(_day, alert.false_at))})" if alert.false else ""
        yield alert.alert, alert.severity, str(alert.fired), f"{alert.minutes:,}", f"{alert.false}{when}"


def rows_of_incidents(report: Report) -> Iterator[tuple[str, ...]]:
    """Incident, begin, how long it lasted, the alert that told of it first, after how long."""
    for one in report.incidents:
        day = _day(one.begin_ms)
        kind = f"{one.kind} ({one.target})" if one.target else one.kind
        lasted = _length((one.end_ms - one.begin_ms) // 1000)
        if one.alert is None or one.after_seconds is None:
            yield kind, day, lasted, "missed", ""
        else:
            yield kind, day, lasted, f"{one.alert} ({one.severity})", _length(one.after_seconds)


def _day(at_ms: int) -> str:
    return f"day {(at_ms - BEGIN_MS) // DAY + 1}, {datetime.fromtimestamp(at_ms / 1000, UTC):%a %H:%M}"


def _length(seconds: int) -> str:
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def summary(report: Report) -> str:
    """The report in one sentence."""
    period, told = report.period, len(report.incidents) - len(report.missed)
    return (
        f"{period.days:g} days, seed {period.seed}, {report.events:,} events: "
        f"{report.false_a_week('critical'):.2f} pages and {report.false_a_week('warning'):.2f} tickets a week "
        f"for nothing; {told} of {len(report.incidents)} incidents told"
    )


def markdown(report: Report) -> str:
    """The report as a section of a page."""
    lines = [f"{summary(report)}.", ""]
    if report.incidents:
        lines += _table(("Incident", "Begins", "Lasts", "Told by", "After"), rows_of_incidents(report))
        lines.append("")
    lines += _table(("Alert", "Severity", "Fired", "Minutes", "For nothing"), rows_of_alerts(report))
    return "\n".join(lines) + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]
