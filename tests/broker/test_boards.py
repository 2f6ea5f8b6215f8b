"""Every query of every board, over a real Prometheus that a real worker feeds: data, with the labels legends use."""

import asyncio
import json
import math
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stream_app.catalogue import SERIES, Scope
from stream_app.domain.rules import Rules
from stream_app.domain.words import WINDOWS
from stream_app.local.kafka import Broker
from stream_app.local.prometheus import Prometheus
from stream_app.operate import boards, rules
from stream_app.operate.boards.queries import INCOMPLETE
from stream_app.operate.boards.variables import DEFAULT_WINDOW
from tests.broker.cluster import Cluster
from tests.broker.test_belief import CONFIG, THRESHOLDS

pytestmark = [pytest.mark.broker, pytest.mark.slow]

LEVELS = Path(__file__).parents[2] / "deploy" / "service-levels.toml"

MAY_BE_EMPTY = {
    ("cases", "Growth"): "compares with a window before, and this Prometheus has no history",
    ("overview", "Backlog"): "the line of a surge compares with a level of the past",
    ("overview", "Alerts"): "no alert need fire",
    ("fleet", "In outage"): "no device need be in outage now",
    ("fleet", "In outage by product"): "no device need be in outage now",
}
"""(board, panel) -> why it need not show anything here."""

SCARCE = {
    ("cases", "Agreed targets met by engineering, by tier"): "few cases go to engineering",
    ("cases", "Time to fix by engineering"): "few cases go to engineering",
    ("cases", "Vendors the customer agreed to"): "few cases need a vendor",
    ("fleet", "Signal to case: median"): "few cases are about a device that raised a fault before",
    ("fleet", "Reactive cases that a signal came before"): "few cases are about a device",
    **{
        ("satisfaction", title): "few surveys ask how easy it was, or are about the relationship"
        for title in ("Found it easy, by channel", "Found it easy, by tier", "NPS by channel", "NPS by tier")
    },
    ("cases", "Open, customer at risk"): "not every tier need have one",
    ("satisfaction", "Customers at risk"): "not every tier need have one",
    ("satisfaction", "At risk by reason"): "not every tier need have one",
    ("satisfaction", "Contacted"): "few customers are dissatisfied",
    ("satisfaction", "Reasons of dissatisfaction"): "few customers are dissatisfied",
}
"""(board, panel) -> why only its longest window, and one of the words to choose, must show something here."""

START = "2026-03-11T14:00:00Z"
"""When live traffic begins: an afternoon in the middle of a week. The worker goes by the clock of the events."""

LONGEST = max(WINDOWS, key=WINDOWS.__getitem__)

PROMISED_NOTHING = "basic"
"""The tier to which the policies that are shipped promise nothing."""

CHOSEN = {"tier": ".*", "team": ".*", "product": ".*", "__rate_interval": "4s"}

Found = list[tuple[dict[str, str], float]]


class Asked(NamedTuple):
    """One query of a panel."""

    board: str
    panel: dict[str, Any]
    target: dict[str, Any]

    @property
    def place(self) -> tuple[str, str]:
        return self.board, self.panel["title"]

    def expr(self, **chosen: str) -> str:
        return chosen_in(self.target["expr"], **chosen)

    def labels(self) -> list[str]:
        return re.findall(r"{{(\w+)}}", self.target["legendFormat"])


def chosen_in(expr: str, **chosen: str) -> str:
    """An expression with its variables replaced, as Grafana does it."""
    given: dict[str, str] = {"window": DEFAULT_WINDOW} | CHOSEN | chosen
    return re.sub(r"\$(\w+)", lambda found: given[found[1]], expr)


def asked() -> Iterator[Asked]:
    thresholds = rules.read(THRESHOLDS)
    for board in boards.BOARDS:
        for panel in boards.render(board, thresholds)["panels"]:
            yield from (Asked(board.name, panel, target) for target in panel.get("targets", ()))


def variables() -> Iterator[tuple[str, str]]:
    """(series, label) of what can be chosen."""
    thresholds = rules.read(THRESHOLDS)
    found = {
        each["query"]
        for board in boards.BOARDS
        for each in boards.render(board, thresholds)["templating"]["list"]
        if each["type"] == "query"
    }
    for query in sorted(found):
        match = re.fullmatch(r"label_values\((\w+), (\w+)\)", query)
        assert match
        yield match[1], match[2]


async def test_every_panel_shows_data_and_all_of_it_is_incomplete_without_a_worker(
    broker: Broker, tmp_path: Path
) -> None:
    assert {*MAY_BE_EMPTY, *SCARCE} <= {query.place for query in asked()}
    state = tmp_path / "prometheus"
    rules.write(rules.read(THRESHOLDS), "a file", state / "rules")
    async with Cluster(broker.bootstrap, tmp_path, partitions=4) as cluster:
        history = asyncio.create_task(asyncio.to_thread(_simulate, cluster))
        worker = await cluster.worker(
            app__clock="event",
            rules__service_levels_file=str(LEVELS),
            rules__current_versions=json.dumps(dict.fromkeys(Rules().products, "9.0")),
        )
        (state / "targets.yml").write_text(f'- targets: ["127.0.0.1:{worker.port}"]\n')
        with Prometheus(state, CONFIG) as prometheus:
            await history
            await cluster.drained()
            await cluster.until(lambda: not prometheus.query(INCOMPLETE), 30, "numbers are believed")
            await asyncio.sleep(3)  # scrapes enough for a rate, rules evaluated after the last event
            faults = await asyncio.to_thread(_faults, prometheus)
            assert not faults, json.dumps(faults, indent=1)
            worker.child.kill()
            await cluster.until(lambda: prometheus.query(INCOMPLETE), 30, "numbers are not believed")
            shown = await asyncio.to_thread(_shown_without_belief, prometheus)
            assert shown == {}


def _simulate(cluster: Cluster) -> None:
    """A week of support that ends in a moment of live traffic, the same events whenever this runs."""
    done = subprocess.run(
        [sys.executable, "-m", "stream_app", "simulate", "--duration", "6s", "--seed", "5", "--start", START, "--json",
         "--incident", "silent-fleet:gateway@-90m"],
        env=os.environ | cluster.environment(), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def _faults(prometheus: Prometheus) -> list[str]:
    found: list[str] = []
    scope = Scope()
    values: dict[str, list[str]] = {}
    for series, label in variables():
        values[label] = prometheus.get(f"/api/v1/label/{label}/values", **{"match[]": series})["data"]
        if len(values[label]) < 3 or not set(values[label]) <= set(SERIES[series].labels[label](scope)):
            found.append(f"variable {label}: {values[label]}")
    legends: dict[tuple[str, str], Counter[str]] = {}
    for query in asked():
        windows = [LONGEST] if query.place in SCARCE else list(WINDOWS)
        result = prometheus.query(query.expr(window=LONGEST) if query.place in SCARCE else query.expr())
        found += _told(query, result)
        legends.setdefault(query.place, Counter()).update(_legend(query, labels) for labels, _value in result)
        for label, some in values.items():
            if f"${label}" not in query.target["expr"] or query.place in MAY_BE_EMPTY:
                continue
            # What is scarce must be there for one of the words, all else for the first that is promised something.
            words = some if query.place in SCARCE else [word for word in some if word != PROMISED_NOTHING][:1]
            chosen = (query.expr(**{label: f"({word}|none)", "window": LONGEST}) for word in words)
            if not any(map(prometheus.query, chosen)):
                found.append(f"{query.place}: nothing of {label} {' or '.join(words)}")
        if "$window" in query.target["expr"] and query.place not in MAY_BE_EMPTY:
            nothing = [window for window in windows if not prometheus.query(query.expr(window=window))]
            found += [f"{query.place}: nothing in {window}" for window in nothing]
    found += [f"{place}: legend {word!r} twice" for place, c in legends.items() for word, n in c.items() if n > 1]
    return found


def _told(query: Asked, result: Found) -> Iterator[str]:
    if not result and query.place not in MAY_BE_EMPTY:
        yield f"{query.place}: no data: {query.expr()}"
    for labels, value in result:
        if math.isnan(value):
            yield f"{query.place}: not a number: {query.expr()}"
        if missing := [label for label in query.labels() if not labels.get(label)]:
            yield f"{query.place}: no label {missing} in {labels}"
    if query.panel["type"] == "stat" and len(result) > 1:
        yield f"{query.place}: {len(result)} figures in one: {query.expr()}"


def _legend(query: Asked, labels: dict[str, str]) -> str:
    return re.sub(r"{{(\w+)}}", lambda found: labels.get(found[1], ""), query.target["legendFormat"])


def _shown_without_belief(prometheus: Prometheus) -> dict[str, Found]:
    """Figures of support that are there although nobody owns a partition."""
    found: dict[str, Found] = {}
    for query in asked():
        gated = query.panel["type"] in {"stat", "bargauge"} and "support_" in query.target["expr"]
        result = prometheus.query(query.expr())
        if gated and [math.isnan(value) for _labels, value in result] != [True]:
            found[str(query.place)] = result
    return found
