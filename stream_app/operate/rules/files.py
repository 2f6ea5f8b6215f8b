"""Writes the rule files of Prometheus from the catalogue, the alerts and the thresholds."""

import json
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Final

from stream_app.catalogue import BENCHMARK_SERIES, BENCHMARKS, RECORDS, Record
from stream_app.operate.rules.alerts import Alert, alerts, records
from stream_app.operate.rules.thresholds import Thresholds

HEADER: Final = (
    "# Made by `stream-app rules generate` from the catalogue and {source}.\n"
    "# Change these and make it anew: what is changed here is lost.\n"
)


def every_record(thresholds: Thresholds) -> tuple[Record, ...]:
    """Every recording rule, in an order in which each stands after those it uses."""
    return (*RECORDS, *records(thresholds), *benchmarks())


def benchmarks() -> Iterator[Record]:
    """The figures of the industry as constant series, beside the numbers they may be compared with."""
    for figure in BENCHMARKS:
        labels = {"metric": figure.beside, "level": figure.level, "population": figure.population}
        text = f"Benchmark: {figure.source}."
        yield Record(BENCHMARK_SERIES, f"vector({figure.value:g})", text, "", "benchmarks", tuple(labels), labels)


def texts(thresholds: Thresholds, source: str, only: Container[str] | None = None) -> dict[str, str]:
    """Name of each rule file -> its text. `source`: what the header calls the file of thresholds.

    only: the recording rules to write, if not all. An area is one group, so that its rules are evaluated in turn and
    an alert sees the numbers of the same instant.
    """
    watch = alerts(thresholds)
    numbers = [record for record in every_record(thresholds) if only is None or record.name in only]
    areas = dict.fromkeys([*(record.area for record in numbers), *(alert.area for alert in watch)])
    return {
        f"{area}.yml": HEADER.format(source=source)
        + "groups:\n"
        + f"  - name: {area}\n    interval: {thresholds.interval}\n    rules:\n"
        + "".join(_record(record) for record in numbers if record.area == area)
        + "".join(_alert(alert, thresholds) for alert in watch if alert.area == area)
        for area in areas
    }


def write(thresholds: Thresholds, source: str, folder: Path) -> list[Path]:
    """Write the rule files into a folder that is made if need be; returns those that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = differing(thresholds, source, folder)
    for file in changed:
        file.write_text(texts(thresholds, source)[file.name])
    return changed


def differing(thresholds: Thresholds, source: str, folder: Path) -> list[Path]:
    """The rule files of a folder that are not what they should be."""
    wanted = texts(thresholds, source)
    return [
        folder / name
        for name, text in wanted.items()
        if not (folder / name).exists() or (folder / name).read_text() != text
    ]


def runbook_url(name: str, thresholds: Thresholds) -> str:
    """Where the page of an alert is."""
    return f"{thresholds.runbooks.rstrip('/')}/{name}.md"


def _record(record: Record) -> str:
    return _rule("record", record.name, record.expr, [*_table("labels", record.constant.items())], f"# {record.help}")


def _alert(alert: Alert, thresholds: Thresholds) -> str:
    firing = alert.firing
    lines = []
    if firing is not None:
        lines.append(f"for: {firing.hold}")
        if firing.keep != "0s":
            lines.append(f"keep_firing_for: {firing.keep}")
    severity = "none" if firing is None else firing.severity
    notes = {
        "summary": alert.summary,
        "description": alert.description,
        "runbook_url": runbook_url(alert.name, thresholds),
    }
    lines += _table("labels", {"severity": severity, "team": alert.team}.items())
    lines += _table("annotations", notes.items())
    return _rule("alert", alert.name, alert.whole_expr, lines)


def _table(name: str, items: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A YAML mapping; JSON's strings are YAML's."""
    pairs = [f"  {key}: {json.dumps(value)}" for key, value in items]
    if pairs:
        yield name + ":"
        yield from pairs


def _rule(kind: str, name: str, expr: str, more: list[str], note: str = "") -> str:
    body = [f"{kind}: {name}", "expr: |-", *(f"  {line}" for line in expr.splitlines()), *more]
    lead = f"      {note}\n" if note else ""
    return f"{lead}      - {body[0]}\n" + "".join(f"        {line}\n" for line in body[1:])
