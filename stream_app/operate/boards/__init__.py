"""The boards of Grafana as data: a panel is a row of a table, the JSON is made from the catalogue and the thresholds.

A module for each board (overview, cases, satisfaction, fleet); trust: what stands at the top of every one. panel: what
a board is made of; queries, variables: what it asks; looks, render: how Grafana draws it; files: where it is written.

A new panel is a row in the module of its board: its title, what kind it is, and queries over names of the catalogue,
which also has its text and its unit. `stream-app boards generate` then writes the JSON anew.
"""

from stream_app.operate.boards.files import BOARDS, differing, texts, write
from stream_app.operate.boards.panel import GrafanaBoard, Panel, Query, Row
from stream_app.operate.boards.render import render

__all__ = ["BOARDS", "GrafanaBoard", "Panel", "Query", "Row", "differing", "render", "texts", "write"]
