"""What is deployed, as its tests see it: where it lies, its alerts, and the programs that judge it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from stream_app.__main__ import main
from stream_app.operate import rules

TOP = Path(__file__).parents[2]
DEPLOY = TOP / "deploy"
RULES = DEPLOY / "prometheus" / "rules"
RULE_TESTS = sorted((DEPLOY / "prometheus" / "tests").glob("*_test.yml"))
RUNBOOKS = DEPLOY / "runbooks"
ALERTMANAGER = DEPLOY / "alertmanager" / "alertmanager.yml"

THRESHOLDS = rules.read(DEPLOY / "thresholds.toml")
DEMO = rules.read(DEPLOY / "demo" / "thresholds.toml")
ALERTS = rules.alerts(THRESHOLDS)
every_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
both = pytest.mark.parametrize("thresholds", [THRESHOLDS, DEMO], ids=["shipped", "demo"])

Tree = dict[str, Any]


THRIFTY = os.environ | {"GOGC": "400"}
"""promtool for a few seconds: with memory to spare it spends a quarter less on collecting garbage."""


def run(*command: str | Path, cwd: Path | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, cwd=cwd, check=False, env=THRIFTY
    )
    return done.returncode, done.stdout + done.stderr


def tool(name: str) -> Path:
    """A program that was installed beside this Python."""
    return Path(sys.executable).parent / name


def loaded(text: str) -> Any:
    return yaml.load(text, yaml.CSafeLoader)  # the parser in C: rules are read for every alert


def written(thresholds: rules.Thresholds) -> dict[str, Tree]:
    """Every rule as it is written, by its name; recording rules that are there more than once are left out."""
    found: dict[str, Tree] = {}
    for text in rules.texts(thresholds, "a file").values():
        for group in loaded(text)["groups"]:
            assert group["interval"] == thresholds.interval
            found |= {rule.get("alert", rule.get("record")): rule for rule in group["rules"]}
    return found


def verb(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)
