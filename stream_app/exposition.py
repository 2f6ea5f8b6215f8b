"""Numbers to Prometheus text: a custom collector for any registry, and a faster renderer of the same bytes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, generate_latest, utils
from prometheus_client.metrics_core import GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from stream_app.catalogue import METRICS, Metric, read
from stream_app.domain.board import Board
from stream_app.domain.rules import Rules
from stream_app.domain.whole import Whole

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_number: Callable[[float], str] = utils.floatToGoString

Boards = Callable[[], Sequence[Board]]
Now = Callable[[], int]

Place = tuple[str, tuple[str, ...]]
"""Suffix and label values of a sample."""

Line = tuple[str, Place | None]
"""The text before a number and the place of the number; a whole text, such as a heading, has none."""


class BoardCollector(Collector):
    """Reads the boards of owned partitions afresh at every scrape; there is nothing to forget.

    boards: the boards of partitions that are owned and recovered. now: the clock in ms.
    """

    def __init__(self, boards: Boards, now: Now, rules: Rules) -> None:
        self._boards, self._now, self._rules = boards, now, rules

    def collect(self) -> Iterator[Family]:
        """One family for every metric that has a sample."""
        boards, now_ms = self._boards(), self._now()
        for metric in METRICS:
            family = _family(metric)
            for suffix, labels, value in _ordered(metric, boards, now_ms, self._rules):
                names = (*metric.labels, "le") if suffix == "_bucket" else tuple(metric.labels)
                family.add_sample(metric.name + suffix, dict(zip(names, labels, strict=True)), value)
            if family.samples:
                yield family


def _family(metric: Metric) -> Family:
    kind = GaugeHistogramMetricFamily if metric.kind == "gaugehistogram" else GaugeMetricFamily
    return kind(metric.name, metric.help)


def _ordered(
    metric: Metric, boards: Sequence[Board], now_ms: int, rules: Rules
) -> list[tuple[str, tuple[str, ...], float]]:
    found = read(metric, boards, now_ms, rules)
    return [(*place, found[place]) for place in _in_order(metric, found)]


def _in_order(metric: Metric, places: Iterable[Place]) -> list[Place]:
    """A steady order; the buckets of a histogram stay in the order of their bounds."""
    return sorted(places, key=_by_labels_then_bound) if metric.kind == "gaugehistogram" else sorted(places)


def _by_labels_then_bound(place: Place) -> tuple[tuple[str, ...], str, float]:
    suffix, labels = place
    if suffix == "_bucket":
        return (labels[:-1], suffix, float(labels[-1]))
    return (labels, suffix, 0.0)


def plain(boards: Sequence[Board], now_ms: int, rules: Rules) -> bytes:
    """The metrics text by prometheus-client itself: the oracle of `Renderer`."""
    registry = CollectorRegistry()
    registry.register(BoardCollector(lambda: boards, lambda: now_ms, rules))
    return generate_latest(registry)


class Renderer:
    """The bytes of `plain`. Boards are added up before they are read, and a layout is kept from scrape to scrape.

    The layout of a metric is its lines in their order; it is made anew when the metric gains or loses a series.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._layouts: dict[str, tuple[int, list[Line]]] = {}

    def render(self, boards: Sequence[Board], now_ms: int) -> bytes:
        """The metrics text of these boards at `now_ms`."""
        whole = (Whole(boards),) if boards else ()
        out: list[str] = []
        for metric in METRICS:
            found = read(metric, whole, now_ms, self._rules)
            try:
                out += _filled(self._layout(metric, found), found)
            except KeyError:  # as many series as before, but others
                del self._layouts[metric.name]
                out += _filled(self._layout(metric, found), found)
        return "".join(out).encode()

    def _layout(self, metric: Metric, found: Mapping[Place, float]) -> list[Line]:
        count, lines = self._layouts.get(metric.name, (-1, []))
        if count != len(found):
            lines = list(_lines(metric, found))
            self._layouts[metric.name] = (len(found), lines)
        return lines


def _filled(layout: Iterable[Line], found: Mapping[Place, float]) -> list[str]:
    return [text if place is None else f"{text}{_number(found[place])}\n" for text, place in layout]


def _lines(metric: Metric, found: Mapping[Place, float]) -> Iterator[Line]:
    """The lines of a metric: its buckets or values, then the counts and the sums of a histogram as gauges."""
    if not found:
        return
    places = _in_order(metric, found)
    yield _head(metric.name, metric.help, "histogram" if metric.kind == "gaugehistogram" else "gauge"), None
    yield from (_line(metric, place) for place in places if place[0] in {"", "_bucket"})
    for suffix in ("_gcount", "_gsum"):
        later = [_line(metric, place) for place in places if place[0] == suffix]
        if later:
            yield _head(metric.name + suffix, metric.help, "gauge"), None
            yield from later


def _head(name: str, text: str, kind: str) -> str:
    escaped = text.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {name} {escaped}\n# TYPE {name} {kind}\n"


def _line(metric: Metric, place: Place) -> Line:
    suffix, labels = place
    names = (*metric.labels, "le") if suffix == "_bucket" else tuple(metric.labels)
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(zip(names, labels, strict=True)))
    return metric.name + suffix + (f"{{{inside}}} " if inside else " "), place


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def render(boards: Sequence[Board], now_ms: int, rules: Rules) -> bytes:
    """The metrics text of some boards at an instant (replay, tests; a worker keeps a `Renderer`)."""
    return Renderer(rules).render(boards, now_ms)
