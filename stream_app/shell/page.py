"""The worker's page at `/`: what it owns, how far it is, and its numbers, without scripts.

The first page shows what people ask first; `/?show=cases` shows every number of a subject, windows side by side.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Final

from stream_app.catalogue import METRICS, SUBJECTS, Metric, read
from stream_app.domain.board import Board
from stream_app.domain.rules import Rules
from stream_app.domain.words import WINDOWS

REFRESH_S: Final = 5

_STYLE: Final = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:1rem 2rem;color:#111;background:#fff}"
    "h2{font-size:1rem;margin:1.2rem 0 .2rem}p{margin:.2rem 0;color:#444}"
    "main{columns:30rem}section{break-inside:avoid;overflow-x:auto}nav a{margin-right:1rem}.here{font-weight:bold}"
    "dl{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0}"
    "dl div{border:1px solid #8886;padding:.5rem 1rem;min-width:8rem}"
    "dt{color:#777;font-size:.85rem}dd{margin:0;font-size:1.6rem;font-variant-numeric:tabular-nums}"
    "table{border-collapse:collapse}td,th{padding:.05rem .9rem .05rem 0;text-align:left;vertical-align:top}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}.state{font-weight:bold}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#111}p{color:#bbb}a{color:#9cf}}"
)


FIRST: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("open cases", "support_cases_open", {}),
    ("await a reply", "support_cases_awaiting_reply", {}),
    ("unassigned", "support_cases_unassigned", {}),
    ("opened in 24h", "support_cases_opened", {"window": "24h"}),
    ("solved in 24h", "support_cases_solved", {"window": "24h"}),
    ("reopened in 24h", "support_cases_reopened", {"window": "24h"}),
    ("survey answers in 24h", "support_survey_responses", {"window": "24h", "aspect": "overall"}),
    ("devices in use", "support_devices", {"state": "fresh late silent"}),
    ("devices silent", "support_devices", {"state": "silent"}),
    ("faults active", "support_device_faults_active", {}),
)
"""What is shown first: title, metric, and of which labels (any of the words)."""


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


def page(standing: Standing, boards: list[Board], rules: Rules, show: str = "") -> str:
    """The page as HTML; it refreshes itself every few seconds. show: a subject, for all of its numbers."""
    at = datetime.fromtimestamp(standing.now_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return "".join([
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f"<meta http-equiv=refresh content={REFRESH_S}><title>{escape(standing.group)}</title><style>{_STYLE}</style>",
        f"<h1>{escape(standing.group)}</h1><p class=state>{escape(_state(standing))}</p>",
        f"<p>as of {at} ({escape(standing.clock)} clock)</p>",
        _links(show),
        *(_subject(show, boards, standing, rules) if show in SUBJECTS else _overview(boards, standing, rules)),
        "</html>",
    ])  # fmt: skip


def _state(standing: Standing) -> str:
    if not standing.ready:
        return "○ recovering: numbers are not shown before every row is there"
    if standing.whole:
        return "● ready: this worker owns every partition, its numbers are the whole"
    return "◐ ready: other workers own partitions too, these numbers are a part of the whole"


def _subject(show: str, boards: list[Board], standing: Standing, rules: Rules) -> Iterator[str]:
    yield "<main>"
    if standing.ready:
        yield from (_metric(metric, boards, standing.now_ms, rules) for metric in SUBJECTS[show])
    yield "</main>"


def _overview(boards: list[Board], standing: Standing, rules: Rules) -> Iterator[str]:
    if standing.ready:
        yield _first(boards, standing.now_ms, rules)
    yield _topics(standing)


def _links(show: str) -> str:
    pages = {"overview": "/", **{subject: f"/?show={subject}" for subject in SUBJECTS}}
    here = show if show in SUBJECTS else "overview"
    links = (f"<a href='{to}'{' class=here' if name == here else ''}>{name}</a>" for name, to in pages.items())
    others = "".join(f"<a href=/{name}>{name}</a>" for name in ("metrics", "ready", "health"))
    return f"<nav>{''.join(links)}&middot; {others}</nav>"


def _first(boards: list[Board], now_ms: int, rules: Rules) -> str:
    """The numbers people ask for first."""
    by_name = {metric.name: metric for metric in METRICS}
    tiles = []
    for title, name, chosen in FIRST:
        metric = by_name[name]
        wanted = [(metric.label_names.index(label), words.split()) for label, words in chosen.items()]
        found = read(metric, boards, now_ms, rules)
        value = sum(v for (_, labels), v in found.items() if all(labels[at] in words for at, words in wanted))
        tiles.append(f"<div><dt>{escape(title)}<dd>{value:,.0f}</div>")
    return f"<dl>{''.join(tiles)}</dl>"


def _topics(standing: Standing) -> str:
    head = "<section><h2>Partitions</h2><table><tr><th>topic<th>owned<th>rows"
    rows = (
        f"<tr><td>{escape(topic)}<td class=n>{owned} of {of}<td class=n>{rows:,}"
        for topic, (owned, of, rows) in standing.topics.items()
    )
    return head + "".join(rows) + "</table></section>"


def _metric(metric: Metric, boards: list[Board], now_ms: int, rules: Rules) -> str:
    """One metric as a table; windows are columns."""
    found = read(metric, boards, now_ms, rules)
    texts = _means(found) if metric.kind == "gaugehistogram" else _values(found)
    if not texts:
        return ""
    names, columns = metric.label_names, [metric.unit]
    cells = {labels: {metric.unit: text} for labels, text in texts.items()}
    if names[:1] == ("window",):
        names, columns, cells = names[1:], list(WINDOWS), {}
        for (window, *labels), text in texts.items():
            cells.setdefault(tuple(labels), {})[window] = text
    lines = "".join(
        "<tr>"
        + "".join(f"<td>{escape(label)}" for label in labels)
        + "".join(f"<td class=n>{escape(row.get(column, ''))}" for column in columns)
        for labels, row in sorted(cells.items())
    )
    heads = "".join(f"<th>{escape(name)}" for name in (*names, *columns))
    title = f"<section><h2>{escape(metric.name)}</h2><p>{escape(metric.help)}</p>"
    return f"{title}<table><tr>{heads}{lines}</table></section>"


Found = Mapping[tuple[str, tuple[str, ...]], float]


def _values(found: Found) -> dict[tuple[str, ...], str]:
    return {labels: f"{value:,.0f}" for (_suffix, labels), value in found.items() if value}


def _means(found: Found) -> dict[tuple[str, ...], str]:
    """Of each histogram its mean and how many it is of."""
    return {
        labels: f"mean {found['_gsum', labels] / count:,.0f} of {count:,.0f}"
        for (suffix, labels), count in found.items()
        if suffix == "_gcount" and count
    }
