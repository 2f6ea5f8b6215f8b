"""Recording rules and alerts: they are those that are generated, each is whole, tested and has its page."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from stream_app.catalogue import SERIES
from stream_app.local import prometheus as services
from stream_app.operate import rules
from stream_app.operate.rules.alerts import BELIEVED, Alert
from tests.deploy.shipped import (
    ALERTS,
    DEPLOY,
    RULE_TESTS,
    RULES,
    RUNBOOKS,
    THRESHOLDS,
    Tree,
    both,
    every_alert,
    loaded,
    run,
    written,
)


def test_the_committed_rules_are_those_that_are_generated() -> None:
    assert rules.differing(THRESHOLDS, rules.SHIPPED, RULES) == [], "stream-app rules generate"
    assert {file.name for file in RULES.iterdir()} == set(rules.texts(THRESHOLDS, rules.SHIPPED))


@both
def test_promtool_finds_nothing_wrong_with_the_rules(thresholds: rules.Thresholds, tmp_path: Path) -> None:
    files = rules.write(thresholds, "a file", tmp_path / "rules")
    assert len(files) == len(rules.texts(thresholds, "a file"))
    code, said = run(services.promtool(), "check", "rules", *files)
    assert code == 0, said
    assert said.count("SUCCESS") == len(files)
    assert rules.write(thresholds, "a file", tmp_path / "rules") == []


DEAR = {"chance_test.yml", "days_test.yml"}
"""Of many hours or days; `make rules` and `make test` run them too."""


@pytest.mark.parametrize(
    "file",
    [pytest.param(file, marks=[pytest.mark.slow] * (file.name in DEAR)) for file in RULE_TESTS],
    ids=lambda file: file.name,
)
def test_the_rules_do_what_their_tests_say(file: Path) -> None:
    code, said = run(services.promtool(), "test", "rules", file)
    assert code == 0, said


@pytest.mark.parametrize("area", sorted(path.stem for path in RULES.glob("*.yml")))
def test_every_area_with_an_alert_has_tests(area: str) -> None:
    if any(alert.area == area for alert in ALERTS):
        assert (DEPLOY / "prometheus" / "tests" / f"{area}_test.yml") in RULE_TESTS


@every_alert
def test_an_alert_says_what_it_is_and_who_acts(alert: Alert) -> None:
    rule = written(THRESHOLDS)[alert.name]
    assert re.fullmatch(r"Support[A-Z]\w+|Watchdog", alert.name)
    assert rule["labels"]["severity"] in {"critical", "warning", "info"} or alert.name == rules.WATCHDOG
    assert rule["labels"]["team"] in {"support", "fleet", "pipeline"}
    notes = rule["annotations"]
    assert re.fullmatch(r"[A-Z][^.{}]*\.", notes["summary"]), "one static sentence"
    assert notes["description"] not in {"", notes["summary"]}
    assert notes["description"].endswith(".")
    assert notes["runbook_url"] == f"{THRESHOLDS.runbooks}/{alert.name}.md"
    if re.search(r"by \(|\bproduct\b", alert.expr) or alert.name == "SupportBacklogSurge":
        assert "$value" in notes["description"], "figures"


@every_alert
def test_an_alert_waits_before_it_fires(alert: Alert) -> None:
    rule = written(THRESHOLDS)[alert.name]
    assert ("for" in rule) == (alert.name != rules.WATCHDOG)


@every_alert
def test_an_alert_about_support_life_is_gated_on_belief(alert: Alert) -> None:
    assert alert.gated == (alert.team in {"support", "fleet"})
    assert (BELIEVED in written(THRESHOLDS)[alert.name]["expr"]) == alert.gated
    assert "support:belief:complete == 1" in BELIEVED


@every_alert
def test_an_alert_has_a_page(alert: Alert) -> None:
    page = (RUNBOOKS / f"{alert.name}.md").read_text()
    headings = re.findall(r"^#+ .*", page, re.MULTILINE)
    assert headings == [
        f"# {alert.name}", "## Meaning", "## Impact", "## Diagnosis", "## Mitigation", "## Why this threshold",
        "## How often to expect it",
    ]  # fmt: skip
    assert all(len(part.strip()) > 20 or "Never" in part for part in re.split(r"^#+ .*", page, flags=re.MULTILINE)[2:])
    assert "```promql" in page, "the exact queries"


def test_there_is_no_page_without_an_alert() -> None:
    assert {page.stem for page in RUNBOOKS.iterdir()} == {alert.name for alert in ALERTS}


def queries() -> Iterator[tuple[str, str]]:
    for page in sorted(RUNBOOKS.glob("*.md")):
        for query in re.findall(r"```promql\n(.*?)\n```", page.read_text(), re.DOTALL):
            yield page.stem, query


def test_the_queries_of_the_pages_are_promql_over_series_there_are(tmp_path: Path) -> None:
    known = {*SERIES, *(record.name for record in rules.every_record(THRESHOLDS))}
    for page, query in queries():
        used = re.findall(r"\b(?:support|stream_app)[_:][a-z0-9_:]+", re.sub(r'"[^"]*"', "", query))
        assert set(used) <= known, f"{page}: {query}"
    file = tmp_path / "queries.yml"
    every = [{"record": f"q{number}", "expr": query} for number, (_page, query) in enumerate(queries())]
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": every}]}))
    code, said = run(services.promtool(), "check", "rules", file)
    assert code == 0, said


def told(alert: str) -> Iterator[tuple[Tree, list[tuple[int, bool]]]]:
    """The tests of an alert: each with the minutes at which it is looked at, and whether it fires there."""
    for file in RULE_TESTS:
        for test in loaded(file.read_text())["tests"]:
            looks = [
                (_minutes(look["eval_time"]), bool(look.get("exp_alerts")))
                for look in test.get("alert_rule_test", ())
                if look["alertname"] == alert
            ]
            if looks:
                yield test, looks


def _minutes(length: str) -> int:
    return sum(int(n) * {"h": 60, "m": 1}[unit] for n, unit in re.findall(r"(\d+)([hm])", length))


@every_alert
def test_an_alert_is_tested_on_both_sides_of_its_patience(alert: Alert) -> None:
    if alert.firing is None:
        assert any(fires for _test, looks in told(alert.name) for _at, fires in looks)
        return
    closest = [
        later - earlier
        for _test, looks in told(alert.name)
        for (earlier, before), (later, after) in pairwise(looks)
        if after and not before
    ]
    assert closest
    assert min(closest) <= 2, "minutes between not yet and now"


@pytest.mark.parametrize("alert", [alert for alert in ALERTS if alert.gated], ids=lambda alert: alert.name)
def test_a_gated_alert_is_tested_to_be_silent_without_belief(alert: Alert) -> None:
    silent = [test for test, looks in told(alert.name) if not any(fires for _at, fires in looks)]
    names = " ".join(test["name"] for test in silent)
    assert "owner" in names or "owned twice" in names
    assert "behind" in names
