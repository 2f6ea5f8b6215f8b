"""Makes the JSON of Grafana (the classic model) of a board: the grid, the queries, what stands around them."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from stream_app.catalogue import SERIES
from stream_app.operate.boards import looks, queries, variables
from stream_app.operate.boards.panel import COLUMNS, GrafanaBoard, Panel, Query
from stream_app.operate.boards.queries import Records
from stream_app.operate.rules import Thresholds, every_record, runbook_url

SCHEMA_VERSION: Final = 41
"""Of the classic model; a newer Grafana brings it up to its own when it loads the board."""

TAG: Final = "stream-app"


def render(board: GrafanaBoard, thresholds: Thresholds) -> dict[str, Any]:
    """A board as Grafana loads it. Raises ValueError for a query over what is not there."""
    records = {record.name: record for record in every_record(thresholds)}
    panels = list(_panels(board, records, thresholds))
    used = variables.used(target["expr"] for panel in panels for target in panel.get("targets", ()))
    return {
        "uid": f"stream-app-{board.name}",
        "title": board.title,
        "description": board.description,
        "tags": [TAG],
        "editable": False,
        "graphTooltip": 1,
        "schemaVersion": SCHEMA_VERSION,
        "timezone": "browser",
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "links": [_others()],
        "annotations": {"list": [_incomplete(thresholds)]},
        "templating": {"list": variables.templating(used)},
        "panels": panels,
    }


def _others() -> dict[str, Any]:
    """Leads to the other boards, with what was chosen here."""
    return {
        "type": "dashboards", "title": "Boards", "tags": [TAG], "asDropdown": False, "includeVars": True,
        "keepTime": True, "targetBlank": False, "icon": "external link", "tooltip": "", "url": "",
    }  # fmt: skip


def _incomplete(thresholds: Thresholds) -> dict[str, Any]:
    """Marks, in every graph, the times at which numbers could not be believed."""
    asked = {"expr": queries.INCOMPLETE, "interval": thresholds.interval, "refId": "Incomplete"}
    return {
        "name": "Incomplete", "datasource": variables.DATASOURCE, "enable": True, "hide": False, "iconColor": "red",
        "expr": queries.INCOMPLETE, "target": asked,
        "titleFormat": "incomplete", "textFormat": "Numbers of this time may not be believed.",
    }  # fmt: skip


def _panels(board: GrafanaBoard, records: Records, thresholds: Thresholds) -> Iterator[dict[str, Any]]:
    """Rows and their panels, each row beginning on a line of its own, numbered from 1."""
    number, top = 1, 0
    for row in board.rows:
        if not row.panels:
            continue
        yield {
            "id": number, "type": "row", "title": row.title, "collapsed": False, "panels": [],
            "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": top},
        }  # fmt: skip
        number, top = number + 1, top + 1
        for panel, place in _laid(row.panels, top):
            yield {"id": number, "gridPos": place, **_panel(panel, records, thresholds)}
            number, top = number + 1, max(top, place["y"] + place["h"])


def _laid(panels: Iterable[Panel], top: int) -> Iterator[tuple[Panel, dict[str, int]]]:
    """Panels from left to right; what does not fit on the line goes below the tallest of it."""
    left, below = 0, top
    for panel in panels:
        if left + panel.width > COLUMNS:
            left, top = 0, below
        yield panel, {"h": panel.height, "w": panel.width, "x": left, "y": top}
        left, below = left + panel.width, max(below, top + panel.height)


def _panel(panel: Panel, records: Records, thresholds: Thresholds) -> dict[str, Any]:
    about, unit = _about(panel.queries[0], records)
    made: dict[str, Any] = {
        "type": looks.TYPES[panel.kind],
        "title": panel.title,
        "description": panel.description or about,
        "datasource": variables.DATASOURCE,
        "targets": [_target(panel, place, query, records) for place, query in enumerate(panel.queries)],
        "fieldConfig": looks.fields(panel, panel.unit or unit),
        "options": looks.OPTIONS[panel.kind],
        "links": [
            {"title": f"Runbook: {name}", "url": runbook_url(name, thresholds), "targetBlank": True}
            for name in panel.runbooks
        ],
    }
    if panel.kind == "table":
        hidden = {"Time": True, "Value": True}
        made["transformations"] = [{"id": "organize", "options": {"excludeByName": hidden}}]
    return made


def _about(query: Query, records: Records) -> tuple[str, str]:
    """What the catalogue says of a query's series: a text, and Grafana's name of the unit."""
    if query.series in records:
        record = records[query.series]
        return record.help, looks.UNITS.get(record.unit, looks.COUNT)
    metric = SERIES.get(query.series) or SERIES.get(f"{query.series}_bucket")
    if metric is None:
        return "", looks.COUNT
    unit = looks.A_SECOND if query.form == "rate" else looks.UNITS.get(metric.unit, looks.COUNT)
    return f"{metric.help} {metric.definition}", unit


def _target(panel: Panel, place: int, query: Query, records: Records) -> dict[str, Any]:
    expr = queries.expression(query, records)
    instant = panel.kind in looks.INSTANT
    if panel.kind in {"number", "bars"} and query.series.startswith("support"):
        expr = queries.believed(expr)
    return {
        "refId": chr(ord("A") + place),
        "datasource": variables.DATASOURCE,
        "editorMode": "code",
        "expr": expr,
        "legendFormat": queries.legend(query, records),
        "format": "table" if panel.kind == "table" else "time_series",
        "instant": instant,
        "range": not instant,
    }
