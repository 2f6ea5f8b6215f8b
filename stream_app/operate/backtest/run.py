"""One backtest from end to end: simulate, scrape, evaluate, judge."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from stream_app.operate.backtest.engine import fired
from stream_app.operate.backtest.history import History
from stream_app.operate.backtest.judge import judged
from stream_app.operate.backtest.needed import needed
from stream_app.operate.backtest.period import BEGIN_MS, STEP_SECONDS, Period
from stream_app.operate.backtest.report import Report
from stream_app.operate.backtest.worker import Worker
from stream_app.operate.rules.alerts import WATCHDOG, alerts
from stream_app.operate.rules.files import every_record
from stream_app.operate.rules.thresholds import Thresholds
from stream_app.settings import Settings
from stream_app.sources.simulate.plan import plan
from stream_app.sources.simulate.things import DAY, SECOND

Say = Callable[[str], None]


def run(
    period: Period, thresholds: Thresholds, promtool: str, *, settings: Settings | None = None,
    say: Say = lambda _line: None,
) -> Report:  # fmt: skip
    """Run the alerts of some thresholds over a simulated period. say: told how far it is. Raises BacktestError."""
    settings = settings or Settings()
    rules = alerts(thresholds)
    reads = needed(rules, every_record(thresholds))
    start = BEGIN_MS - period.warm_up_ms
    shifted = [replace(incident, offset_ms=incident.offset_ms + period.warm_up_ms) for incident in period.incidents]
    planned = plan(
        period.seed, start, period.warm_up_ms + round(period.days * DAY), life=period.life,
        faults=period.faults, incidents=shifted, rules=settings.rules.build(), keep=False,
    )  # fmt: skip
    worker, history = Worker(settings, reads, planned.incidents), History()
    each_day = DAY // SECOND // STEP_SECONDS
    for step in range(period.steps):
        now = start + step * STEP_SECONDS * SECOND
        history.add(worker.step(now, planned.due(now)))
        if step % each_day == 0:
            say(f"day {step // each_day} of {period.steps // each_day}, {sum(planned.sent.values()):,} events")
    say(f"{len(history):,} series, {history.steps:,} evaluations of {len(rules)} alerts")
    with tempfile.TemporaryDirectory(prefix="stream-app-backtest-") as folder:
        moments = fired(history, reads, thresholds, promtool, Path(folder), step_seconds=STEP_SECONDS)
    severities = {alert.name: alert.firing.severity for alert in rules if alert.firing and alert.name != WATCHDOG}
    return judged(period, severities, moments, planned.incidents, start, sum(planned.sent.values()))
