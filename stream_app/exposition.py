"""Numbers to Prometheus text: a custom collector for any registry, and a faster renderer of the same bytes."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest, utils
from prometheus_client.metrics_core import GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from stream_app.catalogue import METRICS, Metric, read
from stream_app.domain.board import Board
from stream_app.domain.rules import Rules

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_number: Callable[[float], str] = utils.floatToGoString

Boards = Callable[[], Sequence[Board]]
Now = Callable[[], int]


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
    """Samples in a steady order; the buckets of a histogram stay in the order of their bounds."""
    found = read(metric, boards, now_ms, rules)
    if metric.kind == "gaugehistogram":
        return [(*place, value) for place, value in sorted(found.items(), key=_by_labels_then_bound)]
    return [(*place, value) for place, value in sorted(found.items())]


def _by_labels_then_bound(item: tuple[tuple[str, tuple[str, ...]], float]) -> tuple[tuple[str, ...], str, float]:
    (suffix, labels), _value = item
    if suffix == "_bucket":
        return (labels[:-1], suffix, float(labels[-1]))
    return (labels, suffix, 0.0)


def plain(boards: Sequence[Board], now_ms: int, rules: Rules) -> bytes:
    """The metrics text by prometheus-client itself: the oracle of `Renderer`."""
    registry = CollectorRegistry()
    registry.register(BoardCollector(lambda: boards, lambda: now_ms, rules))
    return generate_latest(registry)


class Renderer:
    """The bytes of `plain`, with the text before each number kept from scrape to scrape."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._prefixes: dict[tuple[str, str, tuple[str, ...]], str] = {}
        self._heads: dict[str, str] = {}

    def render(self, boards: Sequence[Board], now_ms: int) -> bytes:
        """The metrics text of these boards at `now_ms`."""
        out: list[str] = []
        for metric in METRICS:
            samples = _ordered(metric, boards, now_ms, self._rules)
            if not samples:
                continue
            later: dict[str, list[str]] = {"_gcount": [], "_gsum": []}
            out.append(
                self._head(metric.name, metric.help, "histogram" if metric.kind == "gaugehistogram" else "gauge")
            )
            for suffix, labels, value in samples:
                line = self._prefix(metric, suffix, labels) + _number(value) + "\n"
                later.get(suffix, out).append(line)
            for suffix, lines in sorted(later.items()):
                if lines:
                    out.append(self._head(metric.name + suffix, metric.help, "gauge"))
                    out += lines
        return "".join(out).encode()

    def _head(self, name: str, text: str, kind: str) -> str:
        escaped = text.replace("\\", r"\\").replace("\n", r"\n")
        return f"# HELP {name} {escaped}\n# TYPE {name} {kind}\n"

    def _prefix(self, metric: Metric, suffix: str, labels: tuple[str, ...]) -> str:
        place = (metric.name, suffix, labels)
        prefix = self._prefixes.get(place)
        if prefix is None:
            names = (*metric.labels, "le") if suffix == "_bucket" else tuple(metric.labels)
            pairs = sorted(zip(names, labels, strict=True))
            inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs)
            prefix = self._prefixes[place] = metric.name + suffix + (f"{{{inside}}} " if inside else " ")
        return prefix


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def render(boards: Sequence[Board], now_ms: int, rules: Rules) -> bytes:
    """The metrics text of some boards at an instant (replay, tests; a worker keeps a `Renderer`)."""
    return Renderer(rules).render(boards, now_ms)
