"""The numbers of some boards at an instant."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from operator import add
from typing import Final

from stream_app.catalogue.metric import Aggregation, Found, Metric, Sample, Scope
from stream_app.catalogue.support import METRICS
from stream_app.domain.board import Board
from stream_app.domain.rules import Rules

TOGETHER: Final[Mapping[Aggregation, Callable[[float, float], float]]] = {"sum": add, "max": max, "min": min}
"""How two values of a series make one, by its aggregation."""


def zeros(metric: Metric, rules: Rules) -> Iterator[Sample]:
    """The samples a metric shows before anything was counted."""
    if metric.zeros:
        scope = Scope(rules)
        for labels in product(*(values(scope) for values in metric.labels.values())):
            yield Sample("", labels, 0)


def read(metric: Metric, boards: Iterable[Board], now_ms: int, rules: Rules) -> Found:
    """The samples of one metric over several boards: (suffix, label values) -> number."""
    found: Found = {}
    for suffix, labels, value in zeros(metric, rules):
        found[suffix, labels] = value
    if metric.read is not None:
        together = TOGETHER[metric.aggregation]
        for board in boards:
            for suffix, labels, value in metric.read(board, now_ms, rules):
                place = (suffix, labels)
                found[place] = together(found[place], value) if place in found else value
    if metric.cut is not None:
        found = metric.cut(found, rules)
    if metric.per != 1:
        return {place: value / metric.per for place, value in found.items()}
    if metric.unit != "seconds":
        return found
    return {place: value / 1000 if place[0] == "_gsum" else value for place, value in found.items()}


def read_all(boards: Sequence[Board], now_ms: int, rules: Rules) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every number of the boards: (metric name with suffix, label values; a bucket's `le` last) -> number."""
    return {
        (metric.name + suffix, labels): value
        for metric in METRICS
        for (suffix, labels), value in read(metric, boards, now_ms, rules).items()
    }
