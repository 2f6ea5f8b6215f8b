"""What the catalogue says of one metric, and how many series that makes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Literal, NamedTuple

from stream_app.domain.board import Board
from stream_app.domain.rules import Rules
from stream_app.domain.words import DURATION_BOUNDS
from stream_app.pipeline import AREAS

Kind = Literal["gauge", "counter", "histogram", "gaugehistogram"]
Aggregation = Literal["sum", "max", "min"]


class Sample(NamedTuple):
    """One line of a family: the suffix after the metric's name, the label values, the number."""

    suffix: str
    labels: tuple[str, ...]
    value: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What the closed sets of labels depend on: the rules, the partitions of a topic, the names of the topics."""

    rules: Rules = field(default_factory=Rules)
    partitions: int = 8
    topics: tuple[str, ...] = tuple(AREAS)


Read = Callable[[Board, int, Rules], Iterable[Sample]]
"""(board, now in ms, rules) -> the samples of one board; boards of partitions are then added up."""

Values = Callable[[Scope], Sequence[str]]

Found = dict[tuple[str, tuple[str, ...]], float]
"""(suffix, label values) -> number."""

Cut = Callable[[Found, Rules], Found]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `labels` maps each label to its closed set; `definition` is the formula in words.

    aggregation: how the values of several workers make the whole. zeros: label combinations shown as
    zero before anything was counted. read: from boards; None for what a worker measures of itself.
    per: the number shown is that of the samples divided by this, so that sums stay whole. cut: what is left of the sum
    of all boards of a worker, for a label with too many values.
    bounds: upper bounds of the buckets. A gauge histogram shows `_bucket` (with `le`), `_gcount`, `_gsum`;
    a histogram `_bucket`, `_count`, `_sum`.
    """

    name: str
    help: str
    unit: str
    labels: dict[str, Values]
    definition: str
    read: Read | None = None
    kind: Kind = "gauge"
    aggregation: Aggregation = "sum"
    zeros: bool = False
    per: int = 1
    cut: Cut | None = None
    bounds: Sequence[float] = DURATION_BOUNDS

    @property
    def label_names(self) -> tuple[str, ...]:
        """The names of the labels, in the order of a sample's values."""
        return tuple(self.labels)

    @property
    def series(self) -> dict[str, tuple[str, ...]]:
        """The names of its series, each with its labels."""
        names = self.label_names
        if self.kind not in {"histogram", "gaugehistogram"}:
            return {self.name: names}
        total, count = ("_gsum", "_gcount") if self.kind == "gaugehistogram" else ("_sum", "_count")
        return {self.name + "_bucket": (*names, "le"), self.name + count: names, self.name + total: names}

    def size(self, scope: Scope) -> int:
        """The most series this metric can make in one worker."""
        combinations = prod(len(values(scope)) for values in self.labels.values())
        return combinations * (len(self.bounds) + 3 if len(self.series) > 1 else 1)
