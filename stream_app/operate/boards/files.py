"""Writes the boards as Grafana reads them from a folder."""

import json
from pathlib import Path
from typing import Final

from stream_app.operate.boards import cases, fleet, overview, satisfaction
from stream_app.operate.boards.panel import GrafanaBoard
from stream_app.operate.boards.render import render
from stream_app.operate.rules import Thresholds

BOARDS: Final[tuple[GrafanaBoard, ...]] = (overview.BOARD, cases.BOARD, satisfaction.BOARD, fleet.BOARD)
"""Every board."""


def texts(thresholds: Thresholds) -> dict[str, str]:
    """Name of each file -> its text. Raises ValueError for a query over what is not there."""
    return {
        f"{board.name}.json": json.dumps(render(board, thresholds), indent=2, ensure_ascii=False) + "\n"
        for board in BOARDS
    }


def write(thresholds: Thresholds, folder: Path) -> list[Path]:
    """Write the boards into a folder that is made if need be; returns the files that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = differing(thresholds, folder)
    wanted = texts(thresholds)
    for file in changed:
        file.write_text(wanted[file.name])
    return changed


def differing(thresholds: Thresholds, folder: Path) -> list[Path]:
    """The boards of a folder that are not what they should be."""
    return [
        folder / name
        for name, text in texts(thresholds).items()
        if not (folder / name).exists() or (folder / name).read_text() != text
    ]
