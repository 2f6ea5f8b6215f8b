"""The worker's page at `/`: what it owns, how far it is, and its numbers, as one dense page without scripts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Final

from stream_app.catalogue import METRICS, Metric, read
from stream_app.domain.board import Board
from stream_app.domain.rules import Rules

REFRESH_S: Final = 5

_STYLE: Final = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:1rem 2rem;color:#111;background:#fff}"
    "h2{font-size:1rem;margin:1.2rem 0 .2rem}p{margin:.2rem 0;color:#444}"
    "main{columns:24rem}section{break-inside:avoid}"
    "table{border-collapse:collapse}td,th{padding:.05rem .9rem .05rem 0;text-align:left;vertical-align:top}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}.state{font-weight:bold}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#111}p{color:#bbb}a{color:#9cf}}"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a worker stands. topics: name -> (partitions owned, of how many, rows held)."""

    group: str
    ready: bool
    now_ms: int
    clock: str
    topics: Mapping[str, tuple[int, int, int]]

    @property
    def whole(self) -> bool:
        """Whether every partition is this worker's, so that its numbers are the whole."""
        return self.ready and all(owned == of for owned, of, _rows in self.topics.values())


def page(standing: Standing, boards: list[Board], rules: Rules) -> str:
    """The page as HTML; it refreshes itself every few seconds."""
    at = datetime.fromtimestamp(standing.now_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return "".join([
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f"<meta http-equiv=refresh content={REFRESH_S}><title>{escape(standing.group)}</title><style>{_STYLE}</style>",
        f"<h1>{escape(standing.group)}</h1><p class=state>{escape(_state(standing))}</p>",
        (f"<p>as of {at} ({escape(standing.clock)} clock) &middot; <a href=/metrics>metrics</a> "
        "&middot; <a href=/ready>ready</a> &middot; <a href=/health>health</a></p>"),
        "<main>",
        _topics(standing),
        *(_metric(metric, boards, standing.now_ms, rules) for metric in METRICS),
        "</main></html>",
    ])  # fmt: skip


def _state(standing: Standing) -> str:
    if not standing.ready:
        return "○ recovering: numbers are not shown before every row is there"
    if standing.whole:
        return "● ready: this worker owns every partition, its numbers are the whole"
    return "◐ ready: other workers own partitions too, these numbers are a part of the whole"


def _topics(standing: Standing) -> str:
    head = "<section><h2>Partitions</h2><table><tr><th>topic<th>owned<th>rows"
    rows = (
        f"<tr><td>{escape(topic)}<td class=n>{owned} of {of}<td class=n>{rows:,}"
        for topic, (owned, of, rows) in standing.topics.items()
    )
    return head + "".join(rows) + "</table></section>"


def _metric(metric: Metric, boards: list[Board], now_ms: int, rules: Rules) -> str:
    found = read(metric, boards, now_ms, rules)
    rows = _means(found) if metric.kind == "gaugehistogram" else _values(found)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(label)}" for label in labels) + f"<td class=n>{escape(text)}"
        for labels, text in sorted(rows)
    )
    if not lines:
        return ""
    names = "".join(f"<th>{escape(name)}" for name in metric.labels)
    title = f"<section><h2>{escape(metric.name)}</h2><p>{escape(metric.help)}</p>"
    return f"{title}<table><tr>{names}<th>{escape(metric.unit)}{lines}</table></section>"


Found = Mapping[tuple[str, tuple[str, ...]], float]


def _values(found: Found) -> Iterable[tuple[tuple[str, ...], str]]:
    return [(labels, f"{value:,.0f}") for (_suffix, labels), value in found.items() if value]


def _means(found: Found) -> Iterable[tuple[tuple[str, ...], str]]:
    """Of each histogram its mean and how many it is of."""
    return [
        (labels, f"mean {found['_gsum', labels] / count:,.0f}, of {count:,.0f}")
        for (suffix, labels), count in found.items()
        if suffix == "_gcount" and count
    ]
