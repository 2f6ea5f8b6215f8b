"""What the reader of a board chooses at its top: the data source, the window, and label values."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from stream_app.catalogue.promql import selected
from stream_app.domain.words import WINDOWS

DATASOURCE_UID: Final = "stream-app-prometheus"
"""The uid under which deploy/grafana/provisioning knows Prometheus."""

DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
"""What panels and variables ask: the data source that the reader has chosen."""

DEFAULT_WINDOW: Final = "24h"


@dataclass(frozen=True, slots=True)
class Choice:
    """Values of a label of which the reader may choose several; all of them at first. series: where they are found.

    description: which panels follow it.
    """

    title: str
    series: str
    label: str
    description: str

    @property
    def query(self) -> str:
        """What Grafana asks the data source for."""
        return f"label_values({selected(self.series)}, {self.label})"


CHOICES: Final = {
    "tier": Choice("Tier", "support_cases_open", "tier", "Followed by the open cases counted by tier."),
    "team": Choice("Team", "support_cases_open_by_team", "team", "Followed by the open cases counted by team."),
    "product": Choice("Product", "support_devices", "product", "Followed by what is counted by device."),
}
"""Variable -> what is chosen by it."""


def used(expressions: Iterable[str]) -> tuple[str, ...]:
    """The variables that some expressions use, in the order in which boards show them. Raises ValueError."""
    found = {name for expr in expressions for name in re.findall(r"\$(\w+)", expr) if not name.startswith("__")}
    if unknown := found - {"window", *CHOICES}:
        raise ValueError(f"there is no variable {', '.join(sorted(unknown))}")
    return tuple(name for name in ("window", *CHOICES) if name in found)


def templating(names: Iterable[str]) -> list[dict[str, Any]]:
    """The variables as Grafana has them, the data source first."""
    return [_datasource(), *(_window() if name == "window" else _choice(name, CHOICES[name]) for name in names)]


def _datasource() -> dict[str, Any]:
    return {
        "type": "datasource",
        "name": "datasource",
        "label": "Data source",
        "query": "prometheus",
        "regex": "",
        "refresh": 1,
        "current": {"selected": True, "text": "Prometheus", "value": DATASOURCE_UID},
        "options": [],
        "multi": False,
        "includeAll": False,
        "hide": 0,
        "skipUrlSync": False,
    }


def _window() -> dict[str, Any]:
    """The windows in their own order, which no sorting of Grafana's gives."""
    options = [{"selected": name == DEFAULT_WINDOW, "text": name, "value": name} for name in WINDOWS]
    return {
        "type": "custom",
        "name": "window",
        "label": "Window",
        "description": "How far counts, shares and durations look back, in event time.",
        "query": ",".join(WINDOWS),
        "current": next(option for option in options if option["selected"]),
        "options": options,
        "multi": False,
        "includeAll": False,
        "hide": 0,
        "skipUrlSync": False,
    }


def _choice(name: str, choice: Choice) -> dict[str, Any]:
    return {
        "type": "query",
        "name": name,
        "label": choice.title,
        "description": choice.description,
        "datasource": DATASOURCE,
        "definition": choice.query,
        "query": choice.query,
        "regex": "",
        "refresh": 2,  # whenever the time range changes
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",  # values that come up later are among all of them
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "options": [],
        "hide": 0,
        "skipUrlSync": False,
    }
