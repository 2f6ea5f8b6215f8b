"""A board with only what some rule reads, so that reading it often is quick."""

from collections.abc import Mapping
from typing import Any, Final

from stream_app.catalogue import Metric
from stream_app.domain.board import Board, Labels
from stream_app.domain.health.ledger import Ledger
from stream_app.domain.rules import Rules
from stream_app.operate.backtest.needed import Needed

_NOTHING: Final[dict[Any, Any]] = {}


class Thin:
    """What one metric reads of a board, less the label combinations that come to no series that is needed.

    Looks like a board to a metric's `read`. A combination is judged once, by reading a board that holds nothing else.
    """

    def __init__(self, board: Board, metric: Metric, needed: Needed, rules: Rules) -> None:
        self._metric, self._needed, self._rules = metric, needed, rules
        self._now_ms = 0
        self.ledgers, self.names = board.ledgers, board.names
        self.levels, self.tallies = _Part(self, board.levels, "levels"), _Part(self, board.tallies, "tallies")
        self.sums = f"{metric.name}_gsum" in needed.selectors

    def at(self, now_ms: int) -> Board:
        """The board for a reading at an instant."""
        self._now_ms = now_ms
        return self  # type: ignore[return-value]  # to a reader it is one

    def wanted(self, kind: str, series: str, labels: Labels, content: Any) -> bool:
        """Whether a combination of labels comes to some series that is needed."""
        alone = _Alone(**{kind: {series: {labels: content}}})
        read = self._metric.read
        if read is None:
            return False
        names = self._metric.series
        samples = list(read(alone, self._now_ms, self._rules))  # type: ignore[arg-type]
        return not samples or any(  # what comes to nothing now may come to something later
            self._needed.takes(
                name := self._metric.name + sample.suffix, dict(zip(names[name], sample.labels, strict=True))
            )
            for sample in samples
        )


class _Alone:
    """A board that holds one thing."""

    def __init__(self, levels: Any = _NOTHING, tallies: Any = _NOTHING) -> None:
        self.levels, self.tallies = levels, tallies
        self.names: Mapping[str, Any] = _NOTHING
        self.ledgers: tuple[Ledger, ...] = ()


class _Part:
    """The levels or the tallies of a board by series, as `Thin` lets them through."""

    def __init__(self, thin: Thin, whole: Mapping[str, Mapping[Labels, Any]], kind: str) -> None:
        self._thin, self._whole, self._kind = thin, whole, kind
        self._known: dict[str, dict[Labels, bool]] = {}

    def get(self, series: str, default: Any) -> Any:
        """The combinations of a series that are needed."""
        inner = self._whole.get(series)
        if inner is None:
            return default
        if series.endswith((":sum", ":start")):  # what sums of histograms are made from
            return inner if self._thin.sums else default
        if ":" in series or f"{series}:ms" in self._whole:  # go together, or have words of their own
            return inner
        known = self._known.setdefault(series, {})
        for labels, one in inner.items():
            if labels not in known:
                known[labels] = self._thin.wanted(self._kind, series, labels, one)
        return {labels: one for labels, one in inner.items() if known[labels]}
