"""How Grafana draws each kind of panel: its type, its options, the settings of its fields."""

from collections.abc import Mapping
from typing import Any, Final

from stream_app.operate.boards.panel import Kind, Panel

TYPES: Final[Mapping[Kind, str]] = {
    "number": "stat",
    "state": "stat",
    "lines": "timeseries",
    "area": "timeseries",
    "bars": "bargauge",
    "table": "table",
}
"""Kind of a panel -> Grafana's type of it."""

INSTANT: Final[frozenset[Kind]] = frozenset({"number", "state", "bars", "table"})
"""Kinds that show the latest value only."""

INCOMPLETE: Final = {
    "type": "special",
    "options": {"match": "null+nan", "result": {"index": 0, "text": "incomplete", "color": "red"}},
}
"""Figures that may not be believed come as NaN; see `queries.believed`."""

UNITS: Final = {"seconds": "s", "ratio": "percentunit", "points": "none", "yes or no": "bool_yes_no"}
"""Unit of the catalogue -> Grafana's name of it; everything else is a count."""

COUNT: Final = "locale"
A_SECOND: Final = "cps"

_REDUCED: Final = {"values": False, "calcs": ["last"], "fields": ""}
_STAT: Final = {
    "reduceOptions": _REDUCED,
    "orientation": "auto",
    "textMode": "auto",
    "wideLayout": True,
    "colorMode": "value",
    "graphMode": "none",
    "justifyMode": "auto",
    "showPercentChange": False,
}
_TIME: Final = {
    "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
    "tooltip": {"mode": "multi", "sort": "desc"},
}
OPTIONS: Final[Mapping[Kind, dict[str, Any]]] = {
    "number": _STAT,
    "state": _STAT | {"colorMode": "background"},
    "lines": _TIME,
    "area": _TIME,
    "bars": {
        "reduceOptions": _REDUCED,
        "orientation": "horizontal",
        "displayMode": "basic",
        "valueMode": "color",
        "namePlacement": "auto",
        "showUnfilled": True,
        "sizing": "auto",
        "minVizWidth": 8,
        "minVizHeight": 16,
        "maxVizHeight": 300,
    },
    "table": {"showHeader": True, "cellHeight": "sm"},
}


def fields(panel: Panel, unit: str) -> dict[str, Any]:
    """The settings of a panel's fields."""
    defaults: dict[str, Any] = {
        "unit": unit,
        "color": {"mode": "palette-classic" if panel.kind in {"lines", "area"} else "thresholds"},
        "mappings": _mappings(panel),
        "thresholds": {"mode": "absolute", "steps": _steps(panel)},
    }
    if panel.kind in INSTANT:
        defaults["noValue"] = panel.nothing
    else:
        defaults["custom"] = _drawn(panel)
    if unit == "percentunit":
        defaults |= {"decimals": 1} if panel.kind == "number" else {"min": 0}
    return {"defaults": defaults, "overrides": [_reference()] if panel.kind == "lines" else []}


def _mappings(panel: Panel) -> list[dict[str, Any]]:
    if panel.words:
        words = {
            str(value): {"index": place, "text": text, "color": colour}
            for place, (value, text, colour) in enumerate(panel.words)
        }
        return [{"type": "value", "options": words}]
    return [INCOMPLETE] if panel.kind in {"number", "bars"} else []


def _steps(panel: Panel) -> list[dict[str, Any]]:
    if panel.words:
        return [{"color": "red", "value": None}]  # what has no word is wrong
    calm = {"color": "blue" if panel.red_from is None else "green", "value": None}
    return [calm] if panel.red_from is None else [calm, {"color": "red", "value": panel.red_from}]


def _drawn(panel: Panel) -> dict[str, Any]:
    stacked = panel.kind == "area"
    return {
        "drawStyle": "line",
        "lineInterpolation": "linear",
        "lineWidth": 1 if stacked else 2,
        "fillOpacity": 30 if stacked else 0,
        "showPoints": "auto",  # a number that was there only once is seen all the same
        "spanNulls": False,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "axisPlacement": "auto",
        "axisSoftMin": 0,
        "scaleDistribution": {"type": "linear"},
    }


def _reference() -> dict[str, Any]:
    """Benchmarks, and what is expected, are dashed lines in grey."""
    return {
        "matcher": {"id": "byRegexp", "options": "/\\((benchmark|expected)\\)$/"},
        "properties": [
            {"id": "color", "value": {"mode": "fixed", "fixedColor": "text"}},
            {"id": "custom.lineWidth", "value": 1},
            {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 8]}},
        ],
    }
