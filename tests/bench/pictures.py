"""The curves of what was measured, as pictures beside docs/performance.md."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import tostring

import pygal
from pygal.style import LightSolarizedStyle

from tests.bench.figures import Spread

DOCS: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"

MANY: Final = 10
"""Points of a line whose values cannot be written beside them."""

Results = Mapping[str, Any]


def _chart(kind: Any, title: str, x: str, y: str, **options: Any) -> Any:
    usual = {
        "js": (), "style": LightSolarizedStyle, "width": 720, "height": 400, "legend_at_bottom": True,
        "include_x_axis": True, "print_values": True, "value_formatter": "{:,.3g}".format, "margin_right": 80,
    }  # fmt: skip
    return kind(title=title, x_title=x, y_title=y, **(usual | options))


def peers(results: Results) -> Any:
    """CPU of an event: the limit, the worker, stock Faust."""
    found = results["throughput"]
    chart = _chart(pygal.HorizontalBar, "CPU for an event", "µs", "")
    for name, key in (
        ("limit: aiokafka, orjson, dict", "raw_cpu_us_per_event"),
        ("worker, with everything on", "cpu_us_per_event"),
        ("stock Faust agent and table", "stock_cpu_us_per_event"),
    ):
        chart.add(name, found[key].median)
    return chart


def rows(results: Results) -> Any:
    """What an event and a scrape cost as a worker holds more rows."""
    return _growth(results["rows"], "rows_before", "As rows grow", "rows held before")


def history(results: Results) -> Any:
    """What an event and a scrape cost as history is longer."""
    return _growth(results["history"], "history", "As history grows", "the events lie within")


def running(results: Results) -> Any:
    """What an event and a scrape cost hour after hour."""
    return _growth(results["running"], "hours", "As hours pass", "hours of running")


def _growth(found: list[Results], of: str, title: str, x: str) -> Any:
    chart = _chart(pygal.Line, title, x, "µs, ms", print_values=len(found) < MANY)
    chart.x_labels = [f"{one[of]:,}" if isinstance(one[of], int) else one[of] for one in found]
    chart.add("CPU for an event, µs", [_middle(one["cpu_us_per_event"]) for one in found])
    chart.add("reading for a scrape, ms", [round(one["scrape_s"] * 1000, 1) for one in found])
    return chart


def _middle(found: float | Spread) -> float:
    return found.median if isinstance(found, Spread) else found


def scrapes(results: Results) -> Any:
    """How long a scrape takes by the number of series."""
    found = results["scrapes"].values()
    chart = _chart(pygal.Line, "Scrapes by their size", "series", "ms", logarithmic=True, print_values=False)
    chart.y_labels = [1, 3, 10, 30, 100, 300, 1_000]
    chart.x_labels = [f"{one['series']:,}" for one in found]
    chart.add("over HTTP, ms", [one["scrape_s"].median * 1000 for one in found])
    chart.add("of which rendering, ms", [one["render_s"] * 1000 for one in found])
    return chart


PICTURES: Final[Mapping[str, tuple[str, Callable[[Results], Any]]]] = {
    "peers": ("throughput", peers), "rows": ("rows", rows), "history": ("history", history),
    "running": ("running", running),
    "scrapes": ("scrapes", scrapes),
}  # fmt: skip
"""Name of the picture -> (the measurement it shows, how it is drawn)."""


def keep(results: Results, directory: Path = DOCS) -> None:
    """Draw every picture of what was measured."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, (measurement, draw) in PICTURES.items():
        if measurement in results:
            drawing = draw(results).render_tree()
            for place in drawing.iter():
                for script in [child for child in place if str(child.tag).endswith("script")]:
                    place.remove(script)
            (directory / f"{name}.svg").write_bytes(tostring(drawing) + b"\n")
