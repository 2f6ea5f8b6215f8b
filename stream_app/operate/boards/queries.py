"""Queries over the numbers of the catalogue. One over a series or a label that is not there raises ValueError."""

from collections.abc import Callable, Mapping
from typing import Final

from stream_app.catalogue import BENCHMARK_SERIES, BENCHMARKS, SERIES, Record, promql
from stream_app.operate.boards.panel import Form, Query
from stream_app.operate.rules.alerts import BELIEVED, WATCHDOG

WINDOW: Final = 'window="$window"'
TIER: Final = 'tier=~"$tier"'
TEAM: Final = 'team=~"$team"'
PRODUCT: Final = 'product=~"$product"'
"""Matchers of what the reader of a board has chosen."""

ALERTS: Final = "ALERTS"
"""The series that Prometheus itself makes of alerts."""

BENCHMARK_LEGEND: Final = "{{level}} (benchmark)"

INCOMPLETE: Final = (
    "(support:belief:complete == bool 0) > 0\n"
    "or (support:belief:current == bool 0) > 0\n"
    "or absent(support:belief:complete)\n"
    "or absent(support:belief:current)"
)
"""1 while numbers may not be believed, else absent."""

Records = Mapping[str, Record]
"""Name of a recording rule -> the rule."""


def whole(series: str, *conditions: str, by: tuple[str, ...] = (), legend: str = "") -> Query:
    """A series of workers, put together as the catalogue states."""
    return Query(series, conditions, by, legend)


def rate(series: str, *conditions: str, by: tuple[str, ...] = (), legend: str = "") -> Query:
    """The growth of a counter in a second, over all workers."""
    return Query(series, conditions, by, legend, "rate")


def mean(metric: str, *conditions: str, by: tuple[str, ...] = (), legend: str = "") -> Query:
    """The mean of a gauge histogram."""
    return Query(metric, conditions, by, legend, "mean")


def quantile(q: float, metric: str, *conditions: str, by: tuple[str, ...] = (), legend: str = "") -> Query:
    """A quantile of a gauge histogram."""
    return Query(metric, conditions, by, legend, "quantile", q)


def recorded(name: str, *conditions: str, legend: str = "") -> Query:
    """A number that a recording rule makes."""
    return Query(name, conditions, (), legend, "recorded")


def benchmark(of: str) -> Query:
    """The figures of the industry for a number that a recording rule makes, as lines of reference."""
    return Query(of, (), ("level",), BENCHMARK_LEGEND, "benchmark")


def alerts(by: tuple[str, ...] = ()) -> Query:
    """The alerts that fire, but for the one that always does; without `by` their number, 0 if there is none."""
    return Query(ALERTS, (), by, "", "alerts")


def expression(query: Query, records: Records) -> str:
    """A query in PromQL. Raises ValueError for a series or a label that is not there."""
    return _FORMS[query.form](query, records)


def believed(expr: str) -> str:
    """An expression while its numbers may be believed, else NaN, which boards show as `incomplete`."""
    return f"(\n{expr}\n)\n{BELIEVED}\nor vector(NaN) unless on() (vector(1) {BELIEVED})"


def legend(query: Query, records: Records) -> str:
    """Grafana's legend format of a query: its own, else the labels that tell its series apart, else its name."""
    return query.legend or " ".join(f"{{{{{label}}}}}" for label in kept(query, records)) or query.series


def kept(query: Query, records: Records) -> tuple[str, ...]:
    """The labels that can differ in the result of a query."""
    if query.form != "recorded":
        return query.by
    fixed = {condition.partition("=")[0] for condition in query.conditions if _is_equality(condition)}
    return tuple(label for label in _record(query, records).labels if label not in fixed)


def _is_equality(condition: str) -> bool:
    name, _, value = condition.partition("=")
    return value.startswith('"') and not name.endswith("!")


def _whole(query: Query, _records: Records) -> str:
    return promql.whole(query.series, *query.conditions, by=query.by)


def _rate(query: Query, _records: Records) -> str:
    inner = promql.selected(query.series, *query.conditions, at="[$__rate_interval]")
    if SERIES[query.series].kind == "gauge":
        raise ValueError(f"{query.series} is no counter")
    return f"sum{promql.grouped(query.by)}(rate({inner}))"


def _mean(query: Query, _records: Records) -> str:
    return promql.mean(query.series, *query.conditions, by=query.by)


def _quantile(query: Query, _records: Records) -> str:
    return promql.quantile(query.q, query.series, *query.conditions, by=query.by)


def _record(query: Query, records: Records) -> Record:
    if query.series not in records:
        raise ValueError(f"no recording rule makes {query.series}")
    return records[query.series]


def _recorded(query: Query, records: Records) -> str:
    labels = _record(query, records).labels
    for condition in query.conditions:
        label = condition.replace("!", "=").partition("=")[0]
        if label not in labels:
            raise ValueError(f"{query.series} has no label {label}")
    return query.series + (f"{{{','.join(query.conditions)}}}" if query.conditions else "")


def _benchmark(query: Query, _records: Records) -> str:
    if query.series not in {figure.beside for figure in BENCHMARKS}:
        raise ValueError(f"there is no benchmark of {query.series}")
    return f'max by (level) ({BENCHMARK_SERIES}{{metric="{query.series}"}})'


def _alerts(query: Query, _records: Records) -> str:
    firing = f'{ALERTS}{{alertstate="firing",alertname!="{WATCHDOG}"}}'
    return f"count{promql.grouped(query.by)}({firing})" if query.by else f"count({firing}) or vector(0)"


_FORMS: Final[Mapping[Form, Callable[[Query, Records], str]]] = {
    "whole": _whole,
    "rate": _rate,
    "mean": _mean,
    "quantile": _quantile,
    "recorded": _recorded,
    "benchmark": _benchmark,
    "alerts": _alerts,
}
