"""What a Grafana board is made of, as data: queries, panels, rows."""

from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["whole", "rate", "mean", "quantile", "recorded", "benchmark", "alerts"]
Kind = Literal["number", "state", "lines", "area", "bars", "table"]

COLUMNS: Final = 24
"""Width of Grafana's grid."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query over the catalogue's numbers.

    form: how it is written; see `queries`. series: what it is about. conditions: label matchers. by: labels that the
    result keeps. legend: Grafana's legend format, else the labels that tell its series apart. q: of a quantile.
    """

    series: str
    conditions: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    legend: str = ""
    form: Form = "whole"
    q: float = 0.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    kind number: single figures; state: a figure shown as a word; lines, area: over time; bars: one figure beside the
    other; table: label values. description, unit: else what the catalogue says of the first query's series.
    runbooks: alerts whose pages it links to. words: (value, text, colour). red_from: the least value that is bad.
    nothing: what is shown instead of a figure when there is nothing to judge.
    """

    title: str
    kind: Kind
    queries: tuple[Query, ...]
    description: str = ""
    unit: str = ""
    width: int = 8
    height: int = 8
    runbooks: tuple[str, ...] = ()
    words: tuple[tuple[int, str, str], ...] = ()
    red_from: float | None = None
    nothing: str = "none yet"


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading; without any it is not shown."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class GrafanaBoard:
    """One board. name: of its file, and the end of its uid."""

    name: str
    title: str
    description: str
    rows: tuple[Row, ...]


def number(
    title: str, query: Query, *, description: str = "", unit: str = "", width: int = 4, runbooks: tuple[str, ...] = (),
    red_from: float | None = None, nothing: str = "none yet",
) -> Panel:  # fmt: skip
    """A single figure."""
    return Panel(title, "number", (query,), description, unit, width, 4, runbooks, (), red_from, nothing)


def state(
    title: str, query: Query, *words: tuple[int, str, str], nothing: str, runbooks: tuple[str, ...] = (),
    description: str = "",
) -> Panel:  # fmt: skip
    """A figure shown as a word."""
    return Panel(title, "state", (query,), description, "", 4, 4, runbooks, words, None, nothing)


def lines(
    title: str, *queries: Query, description: str = "", unit: str = "", width: int = 8, runbooks: tuple[str, ...] = ()
) -> Panel:
    """Lines over time."""
    return Panel(title, "lines", queries, description, unit, width, 8, runbooks)


def area(
    title: str, *queries: Query, description: str = "", unit: str = "", width: int = 8, runbooks: tuple[str, ...] = ()
) -> Panel:
    """Parts of a whole over time, one upon the other."""
    return Panel(title, "area", queries, description, unit, width, 8, runbooks)


def bars(
    title: str, *queries: Query, description: str = "", unit: str = "", width: int = 8, runbooks: tuple[str, ...] = ()
) -> Panel:
    """Figures beside one another, as they are now."""
    return Panel(title, "bars", queries, description, unit, width, 8, runbooks)
