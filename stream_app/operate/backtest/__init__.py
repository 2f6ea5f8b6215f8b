"""Runs the real alerts over a simulated past: what would have paged, for what, and how soon.

`period` is what is simulated; `worker` lives through it as a worker would and is scraped into a `history`, of which
`needed` says what the alerts read; `engine` lets Prometheus' own rule engine judge it; `judge` compares what
fired with what truly went wrong, as `expected` says; `report` tells it.
"""

from stream_app.operate.backtest.engine import BacktestError
from stream_app.operate.backtest.period import Period, spread
from stream_app.operate.backtest.report import Report, figures, markdown, rows_of_alerts, rows_of_incidents, summary
from stream_app.operate.backtest.run import run

__all__ = [
    "BacktestError",
    "Period",
    "Report",
    "figures",
    "markdown",
    "rows_of_alerts",
    "rows_of_incidents",
    "run",
    "spread",
    "summary",
]
