"""Prometheus' own rule engine over a history, by promtool: every evaluation, with `for` and `keep_firing_for`.

promtool evaluates the rules at each step of a test's series. That an expectation is not met makes it say what was
there instead, so expecting nothing of ALERTS at each step tells everything that fired.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stream_app.operate.backtest.history import History
from stream_app.operate.backtest.needed import Needed
from stream_app.operate.rules.alerts import WATCHDOG
from stream_app.operate.rules.files import texts
from stream_app.operate.rules.thresholds import Thresholds

FIRING: Final = f'ALERTS{{alertstate="firing",alertname!="{WATCHDOG}"}}'
_MOST_SECONDS: Final = 3_600
_TOLD: Final = re.compile(r'^    expr: "ALERTS.*", time: (\S+),\s*\n\s+exp: ?(.*)\n\s+got: ?(.*)$', re.MULTILINE)
_SERIES: Final = re.compile(r"\{([^{}]*)\}")
_LABEL: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000}


class BacktestError(Exception):
    """The alerts could not be judged: why, in one line."""

    exit_code = 1


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """One alert that fires at a step. labels: those that tell it from others of its name, and its severity."""

    step: int
    alert: str
    labels: tuple[tuple[str, str], ...]


def fired(
    history: History, needed: Needed, thresholds: Thresholds, promtool: str, folder: Path, *, step_seconds: int
) -> list[Moment]:
    """Every alert that fires at any step, by the rules of `thresholds`. Files are written to `folder`.

    Raises BacktestError when promtool does not get as far as judging.
    """
    rules = texts(thresholds, "a backtest", only=needed.records)
    for name, text in rules.items():
        (folder / name).write_text(text)
    areas = sorted((name.removesuffix(".yml") for name in rules), key=lambda area: area != "belief")
    test = folder / "history.yml"
    with test.open("w") as file:
        file.writelines(_test(history, list(rules), areas, step_seconds))
    return moments(judged(promtool, test), step_seconds)


def judged(promtool: str, test: Path) -> str:
    """What promtool says of a test file. Raises BacktestError when it cannot read or run it."""
    command = [promtool, "test", "rules", str(test)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_MOST_SECONDS, check=False)
    said = done.stdout + done.stderr
    if "SUCCESS" not in said and not _TOLD.search(said):
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        raise BacktestError(f"promtool could not run {test}: {' '.join(lines[1:4]) or done.returncode}")
    return said


def moments(said: str, step_seconds: int) -> list[Moment]:
    """The alerts that fire, from what promtool says of expectations that nothing does."""
    found = []
    for time, _expected, got in _TOLD.findall(said):
        for series in _SERIES.findall(got):
            labels = dict(_LABEL.findall(series))
            name = labels.pop("alertname")
            rest = {label: value for label, value in labels.items() if label not in {"__name__", "alertstate"}}
            found.append(Moment(round(seconds_of(time) / step_seconds), name, tuple(sorted(rest.items()))))
    return sorted(found)


def seconds_of(time: str) -> float:
    """The seconds of a time as Prometheus writes it: `1d2h5m`."""
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdwy])", time))


def _test(history: History, files: list[str], areas: list[str], step_seconds: int) -> Iterator[str]:
    """The test file: JSON's strings and lists are YAML's."""
    yield f"rule_files: {json.dumps(files)}\ngroup_eval_order: {json.dumps(areas)}\n"
    yield f"evaluation_interval: {step_seconds}s\ntests:\n  - interval: {step_seconds}s\n    input_series:\n"
    for series, values in history.series():
        yield f"      - series: {json.dumps(series)}\n        values: {json.dumps(values)}\n"
    yield "    promql_expr_test:\n"
    for step in range(history.steps):
        yield f"      - {{expr: {json.dumps(FIRING)}, eval_time: {step * step_seconds}s, exp_samples: []}}\n"
