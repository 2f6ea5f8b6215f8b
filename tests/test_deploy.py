"""What is deployed is whole, agrees with the program, and its own tools find nothing wrong with it."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import kubernetes_validate
import pytest
import yaml

from stream_app.__main__ import main
from stream_app.catalogue import SERIES
from stream_app.domain.words import CHANNELS
from stream_app.local import prometheus as services
from stream_app.local.kafka_files import kafka_version
from stream_app.operate import rules
from stream_app.operate.rules.alerts import BELIEVED, Alert
from stream_app.operate.rules.parts import Channel, Firing
from stream_app.operate.rules.thresholds import ThresholdsError, seconds
from stream_app.settings import Settings
from stream_app.settings.load import BOOTSTRAP_VARIABLE, PREFIX, names, variable

TOP = Path(__file__).parents[1]
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


# -- rules


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


# -- alerts


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


def _twice(text: str) -> str:
    return re.sub(r"for: (\w+)", lambda found: f"for: {2 * seconds(found[1])}s", text)


PLANTED: dict[str, Callable[[str], str]] = {
    "fires at once": lambda text: re.sub(r"^ +for: .*\n", "", text, flags=re.MULTILINE),
    "waits twice as long": _twice,
    "fires without belief": lambda text: text.replace("and on() support:belief:complete == 1\n", ""),
    "fires on old numbers": lambda text: re.sub(r"\n +and on\(\) support:belief:current == 1", "", text),
    "never fires": lambda text: text.replace("alert: ", "alert: Other"),
}


class Alone:
    """The shipped rules and tests in a directory of their own, cut down to what one alert needs: all takes time."""

    def __init__(self, alert: str, area: str, directory: Path) -> None:
        self._prometheus = directory / "prometheus"
        self._alert = alert
        self.tests = self._prometheus / "tests" / f"{area}_test.yml"
        shutil.copytree(DEPLOY / "prometheus", self._prometheus)

    @property
    def rules(self) -> Path:
        return self._prometheus / "rules"

    def told(self) -> tuple[int, str]:
        """What promtool says of the alert's own tests: its exit code and its words."""
        whole = yaml.load(self.tests.read_text(), yaml.CBaseLoader)  # noqa: S506  0x599 is no number
        whole["tests"] = [
            {**{name: test[name] for name in ("interval", "input_series") if name in test}, "alert_rule_test": looks}
            for test in whole["tests"]
            if (looks := [look for look in test.get("alert_rule_test", ()) if look["alertname"] == self._alert])
        ]
        self.tests.write_text(yaml.safe_dump(whole, sort_keys=False))
        self._cut([self.tests.parent / name for name in whole["rule_files"]])
        return run(services.promtool(), "test", "rules", self.tests)

    def _cut(self, files: list[Path]) -> None:
        """Leave the alert and the records that it rests on."""
        trees = {file: loaded(file.read_text()) for file in files}
        every = [rule for tree in trees.values() for group in tree["groups"] for rule in group["rules"]]
        wanted, known = {self._alert}, set[str]()
        while wanted - known:
            known |= wanted
            texts = [rule["expr"] for rule in every if {rule.get("record"), rule.get("alert")} & known]
            wanted |= {name for text in texts for name in re.findall(r"[a-z_]+(?::\w+)+", text)}
        for file, tree in trees.items():
            for group in tree["groups"]:
                group["rules"] = [rule for rule in group["rules"] if {rule.get("record"), rule.get("alert")} & known]
            file.write_text(yaml.safe_dump(tree, sort_keys=False))


@pytest.mark.slow
@every_alert
def test_the_tests_of_an_alert_pass_by_themselves(alert: Alert, tmp_path: Path) -> None:
    assert Alone(alert.name, alert.area, tmp_path).told()[0] == 0


@pytest.mark.slow
@pytest.mark.parametrize("bug", PLANTED)
@every_alert
def test_a_bug_planted_in_an_alert_is_found_by_its_tests(alert: Alert, bug: str, tmp_path: Path) -> None:
    alone = Alone(alert.name, alert.area, tmp_path)
    file = alone.rules / f"{alert.area}.yml"
    head, name, rest = file.read_text().partition(f"      - alert: {alert.name}\n")
    own, more, others = rest.partition("      - alert: ")
    broken = PLANTED[bug](name + own)
    if broken == name + own:
        assert not alert.gated or "belief" not in bug
        assert alert.firing is None or bug in {"fires without belief", "fires on old numbers"}
        return
    file.write_text(head + broken + more + others)
    assert alone.told()[0] != 0, f"{alert.name} {bug}, and no test tells"


THRESHOLDS_THAT_MATTER = {
    "belief.max_lag_seconds = 125": "belief",
    "belief.max_lag_seconds = 110": "belief",
    "backlog_surge.same_hour = []": "days",
    "backlog_surge.minimum = 9": "cases",
    "backlog_surge.minimum = 11": "cases",
    "backlog_surge.dispersion = 1.0": "cases",
    "backlog_surge.dispersion = 40.0": "cases",
    "backlog_surge.busy_hour = 1.0": "cases",
    "backlog_surge.level = '4h'": "cases",
    "backlog_surge.ago = '5m'": "cases",
    "backlog_surge.keep = '0s'": "cases",
    "devices_silent.share = 0.1": "callhome",
    "devices_silent.share = 0.21": "callhome",
    "devices_silent.minimum = 4": "callhome",
    "devices_silent.minimum = 6": "callhome",
    "no_data.expected = 0.1": "pipeline",
    "no_data.expected = 30.0": "pipeline",
    "no_data.window = '2h'": "pipeline",
    "no_data.same_time = []": "days",
    "lag.seconds = 100": "pipeline",
    "lag.seconds = 1000": "pipeline",
    "lag.limit = 900": "pipeline",
    "lag.limit = 8000": "pipeline",
    "rejects_high.share = 0.4": "pipeline",
    "rejects_high.share = 0.7": "pipeline",
    "rejects_high.minimum = 2": "pipeline",
    "rejects_high.minimum = 5000": "pipeline",
    "topic_rejected.share = 0.6": "pipeline",
    "topic_rejected.window = '3h'": "pipeline",
    "events_late.share = 0.05": "pipeline",
    "events_late.share = 0.5": "pipeline",
    "events_repeated.share = 0.05": "pipeline",
    "events_repeated.share = 0.5": "pipeline",
    "replies_overdue.minimum = 5": "chance",
    "replies_overdue.minimum = 39": "handling",
    "replies_overdue.hours = 2": "handling",
    "replies_overdue.dispersion = 40.0": "handling",
    "replies_stopped.expected = 9": "replies",
    "replies_stopped.dispersion = 12.0": "replies",
    "cases_untaken.minimum = 5": "chance",
    "cases_stuck.minimum = 9": "chance",
    "escalations_surge.dispersion = 1.0": "chance",
    "escalations_surge.dispersion = 40.0": "handling",
    "first_response_slow.minimum = 9": "chance",
    "first_response_slow.share = 0.1": "chance",
    "first_response_slow.share = 0.4": "handling",
    "resolution_slow.share = 0.2": "chance",
    "resolution_slow.share = 0.45": "handling",
    "reopens_high.share = 0.18": "handling",
    "reopens_high.share = 0.05": "chance",
    "first_contact_low.share = 0.75": "handling",
    "contact_abandoned.share = 0.1": "reach",
    "contact_abandoned.share = 0.45": "reach",
    "contact_abandoned.minimum = 19": "reach",
    "handoffs_high.share = 0.2": "reach",
    "handoffs_high.share = 0.6": "reach",
    "handoffs_high.minimum = 19": "reach",
    "targets_due.minimum = 7": "service_levels",
    "targets_due.dispersion = 40.0": "service_levels",
    "targets_missed.minimum = 19": "service_levels",
    "targets_missed.share = 0.45": "service_levels",
    "targets_breached.minimum = 5": "service_levels",
    "targets_breached.dispersion = 40.0": "service_levels",
    "customers_at_risk.minimum = 31": "health",
    "customers_at_risk.dispersion = 40.0": "health",
    "dissatisfied_waiting.hours = 48": "surveys",
    "dissatisfied_waiting.minimum = 31": "surveys",
    "dissatisfied_high.minimum = 4": "surveys",
    "dissatisfied_high.share = 0.4": "surveys",
    "answers_missing.expected = 10": "surveys",
    "answers_missing.dispersion = 1.0": "surveys",
    "devices_late.share = 0.4": "callhome",
    "devices_late.minimum = 4": "callhome",
    "fault_storms.share = 0.1": "callhome",
    "fault_storms.minimum = 13": "callhome",
    "proactive_waiting.minimum = 9": "callhome",
    "proactive_waiting.minimum = 61": "callhome",
    "proactive_waiting.dispersion = 40.0": "callhome",
    "signals_missed.share = 0.95": "callhome",
    "signals_missed.minimum = 39": "callhome",
    "signals_missed.minimum = 94": "callhome",
    "faults_surge.minimum = 4": "callhome",
    "faults_surge.dispersion = 40.0": "callhome",
    "cost.hour = 60": "figures",
    "cost.hour = 0": "figures",
    "channels.expected.phone = 0.2": "figures",
    "loop_stalls.minimum = 2": "workers",
    "loop_stalls.seconds = 2.5": "workers",
}
"""A change of a threshold -> the tests that must tell."""


@pytest.mark.slow
@pytest.mark.parametrize("change", THRESHOLDS_THAT_MATTER)
def test_a_threshold_that_is_changed_is_told_by_a_test(change: str, tmp_path: Path) -> None:
    area, part = THRESHOLDS_THAT_MATTER[change], getattr(THRESHOLDS, change.partition(".")[0])
    (tmp_path / "mine.toml").write_text(f'extends = "{DEPLOY / "thresholds.toml"}"\n{change}\n')
    mine = rules.read(tmp_path / "mine.toml")
    own = [alert.name for alert in ALERTS if alert.firing is part]
    for alert in (*own, ""):  # what the alert's own tests do not tell, others of the file may
        alone = Alone(alert, area, tmp_path / (alert or "all"))
        assert rules.write(mine, rules.SHIPPED, alone.rules)
        code, _said = alone.told() if alert else run(services.promtool(), "test", "rules", alone.tests)
        if code != 0:
            return
    pytest.fail(f"{change}, and no test tells")


# -- thresholds


def test_shares_are_expected_of_the_channels_that_there_are() -> None:
    assert get_args(Channel) == CHANNELS


def test_the_demo_has_the_same_alerts_and_is_quicker_in_each() -> None:
    shipped, demo = written(THRESHOLDS), written(DEMO)
    assert set(shipped) == set(demo)
    for name in (alert.name for alert in ALERTS if alert.firing is not None):
        assert seconds(demo[name]["for"]) <= 15 < seconds(shipped[name]["for"])
    assert DEMO.interval == "1s"
    assert "DEMO ONLY" in (DEPLOY / "demo" / "thresholds.toml").read_text().splitlines()[0]


def test_thresholds_that_are_wrong_are_named(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    with pytest.raises(ThresholdsError, match=r"mine\.toml cannot be read"):
        rules.read(file)
    file.write_text("interval = 15")
    with pytest.raises(ThresholdsError, match=r"mine\.toml are wrong: .*interval|missing"):
        rules.read(file)
    file.write_text(f'extends = "{DEPLOY / "thresholds.toml"}"\n[lag]\nsecond = 3\n')
    with pytest.raises(ThresholdsError, match=r"second.*lag"):
        rules.read(file)
    file.write_text(f'extends = "{DEPLOY / "thresholds.toml"}"\n[lag]\nfor = "soon"\n')
    with pytest.raises(ThresholdsError, match=r"lag\.for"):
        rules.read(file)
    file.write_text(f'extends = "{DEPLOY / "thresholds.toml"}"\n[channels.expected]\nphone = 0.7\nweb = 0.4\n')
    with pytest.raises(ThresholdsError, match=r"more than 1.*channels"):
        rules.read(file)


def test_a_file_changes_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'extends = "{DEPLOY / "thresholds.toml"}"\n[lag]\nlimit = 60\n')
    mine = rules.read(file)
    assert mine.lag.limit == 60
    assert mine.lag.seconds == THRESHOLDS.lag.seconds
    assert mine.backlog_surge == THRESHOLDS.backlog_surge


def verb(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


def test_the_verb_writes_and_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "rules")
    assert verb("rules", "generate", "--check", "--out", out) == 1
    assert verb("rules", "generate", "--out", out) == 0
    assert verb("rules", "generate", "--check", "--out", out) == 0
    assert "as they should be" in capsys.readouterr().out
    assert (
        verb("rules", "generate", "--check", "--settings", str(DEPLOY / "demo" / "thresholds.toml"), "--out", out) == 1
    )
    capsys.readouterr()
    assert verb("rules", "list", "--json") == 0
    assert [alert["alert"] for alert in json.loads(capsys.readouterr().out)] == [alert.name for alert in ALERTS]
    assert verb("rules", "generate", "--settings", str(tmp_path / "none.toml")) == 2


DEMO_SURGE = """
rule_files: [rules/*.yml]
evaluation_interval: 1s
tests:
  - interval: 1s
    input_series:
      - {series: 'support_cases_open{priority="p1"}', values: 500x40 500+40x20}
      - {series: 'support_cases_opened{window="15m"}', values: 1800+20x40 2600+60x20}
      - {series: 'support_cases_opened{window="7d"}', values: 2640+20x40 3440+60x20}
      - {series: 'stream_app_topic_partitions{topic="cases"}', values: 1x60}
      - {series: 'stream_app_partition_owned{topic="cases", partition="0"}', values: 1x60}
      - {series: 'stream_app_lag_seconds{topic="cases"}', values: 0x60}
    alert_rule_test:
      - {eval_time: 41s, alertname: SupportBacklogSurge}
      - eval_time: 52s
        alertname: SupportBacklogSurge
        exp_alerts:
          - exp_labels: {severity: critical, team: support}
            exp_annotations:
              summary: The backlog of open cases grows faster than chance explains.
              description: >-
                940 cases are open, well above their mean over the 30s that ended 5s ago, and the last 15m opened more
                cases than any comparable one.
              runbook_url: deploy/runbooks/SupportBacklogSurge.md
"""


def test_in_the_demo_a_surge_is_told_within_seconds_of_its_start(tmp_path: Path) -> None:
    rules.write(DEMO, "a file", tmp_path / "rules")
    (tmp_path / "test.yml").write_text(DEMO_SURGE)
    code, said = run(services.promtool(), "test", "rules", tmp_path / "test.yml")
    assert code == 0, said


# -- Prometheus and Alertmanager


def test_promtool_finds_nothing_wrong_with_the_configuration() -> None:
    code, said = run(services.promtool(), "check", "config", DEPLOY / "prometheus" / "prometheus.yml")
    assert code == 0, said
    assert f"{len(list(RULES.glob('*.yml')))} rule files found" in said


def test_rules_are_evaluated_as_often_as_workers_are_scraped() -> None:
    config = loaded((DEPLOY / "prometheus" / "prometheus.yml").read_text())["global"]
    assert config == {"scrape_interval": THRESHOLDS.interval, "evaluation_interval": THRESHOLDS.interval}


def test_amtool_finds_nothing_wrong_with_the_configuration() -> None:
    code, said = run(services.amtool(), "check-config", ALERTMANAGER)
    assert code == 0, said


@every_alert
def test_an_alert_reaches_who_acts(alert: Alert) -> None:
    severity = alert.firing.severity if isinstance(alert.firing, Firing) else "none"
    labels = [f"alertname={alert.name}", f"severity={severity}", f"team={alert.team}"]
    code, said = run(services.amtool(), "config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels)
    wanted = {"none": "watchdog", "warning": "tickets", "info": "tickets", "critical": alert.team}[severity]
    assert code == 0
    assert said.splitlines()[-1] == wanted or wanted in said.splitlines()


def test_what_nobody_foresaw_becomes_a_ticket() -> None:
    _code, said = run(services.amtool(), "config", "routes", "test", f"--config.file={ALERTMANAGER}", "alertname=New")
    assert "tickets" in said.splitlines()


def test_the_configuration_holds_no_secret() -> None:
    config = loaded(ALERTMANAGER.read_text())
    for receiver in config["receivers"]:
        for settings in receiver["slack_configs"]:
            assert settings["api_url_file"] == f"receivers/{receiver['name']}"
            assert "api_url" not in settings
    assert "://" not in ALERTMANAGER.read_text()


LIFE = {
    "SupportBacklogSurge", "SupportRepliesOverdue", "SupportRepliesStopped", "SupportCasesUntaken",
    "SupportFirstResponseSlow", "SupportAnswersMissing", "SupportDevicesSilent", "SupportDevicesLate",
    "SupportFaultsSurge",
}  # fmt: skip
DOWN = {
    "SupportNumbersIncomplete": {*LIFE, "SupportRecoveryStuck"},
    "SupportWorkersAbsent": {
        *LIFE, "SupportNumbersIncomplete", "SupportPipelineLag", "SupportPipelineNoData", "SupportRecoveryStuck",
        "SupportScrapeMissing",
    },
    "SupportPipelineNoData": {"SupportDevicesSilent", "SupportDevicesLate", "SupportFaultsSurge"},
    "SupportFaultsSurge": {"SupportDevicesSilent", "SupportDevicesLate"},
    "SupportDevicesSilent": {"SupportDevicesLate"},
    "SupportRejectsHigh": {"SupportTopicRejected"},
    "SupportRepliesOverdue": {"SupportCasesUntaken", "SupportFirstResponseSlow"},
    "SupportRepliesStopped": {"SupportCasesUntaken", "SupportFirstResponseSlow"},
    "SupportPipelineLag": set(),
    "SupportRecordsMisrouted": set(),
    "SupportBacklogSurge": set(),
}  # fmt: skip
"""An alert -> those that it holds back when every alert fires that may be held back. Topics: call-home."""


@pytest.mark.broker
@pytest.mark.parametrize("down", DOWN)
def test_a_pipeline_that_is_down_silences_what_depends_on_it_and_nothing_else(down: str, tmp_path: Path) -> None:
    labels = {"SupportDevicesSilent": {"product": "sensor"}, "SupportDevicesLate": {"product": "sensor"},
              "SupportFaultsSurge": {"product": "sensor"}}  # fmt: skip
    teams = {alert.name: alert.team for alert in ALERTS}
    names = {
        *LIFE,
        *DOWN,
        *DOWN[down],
        "SupportRecordsLost",
        "SupportTopicRejected",
        "SupportRecoveryStuck",
        "Watchdog",
    }
    alerts = [
        {"labels": {"alertname": name, "team": teams[name], "severity": "critical",
                    **labels.get(name, {"topic": "eu.callhome"} if teams[name] == "pipeline" else {})}}
        for name in sorted(names)
        if name == down or not DOWN.get(name) or name in DOWN[down]
    ]  # fmt: skip
    with services.Alertmanager(tmp_path, ALERTMANAGER.read_text()) as alertmanager:
        request = urllib.request.Request(
            f"{alertmanager.url.rstrip('/')}/api/v2/alerts",
            json.dumps(alerts).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()
        deadline = time.monotonic() + 20
        held: set[str] = set()
        time.sleep(1)  # in which those that must not be held back could be
        while held != DOWN[down] and time.monotonic() < deadline:
            time.sleep(0.2)
            held = {a["labels"]["alertname"] for a in alertmanager.alerts() if a["status"]["inhibitedBy"]}
        assert held == DOWN[down]
        assert len(alertmanager.alerts()) == len(alerts)


@pytest.mark.broker
def test_a_storm_explains_the_devices_of_its_own_product_only(tmp_path: Path) -> None:
    alerts = [
        {"labels": {"alertname": name, "team": "fleet", "severity": "critical", "product": product}}
        for name, product in (
            ("SupportFaultsSurge", "sensor"), ("SupportDevicesSilent", "sensor"), ("SupportDevicesSilent", "gateway"),
        )
    ]  # fmt: skip
    with services.Alertmanager(tmp_path, ALERTMANAGER.read_text()) as alertmanager:
        request = urllib.request.Request(
            f"{alertmanager.url.rstrip('/')}/api/v2/alerts",
            json.dumps(alerts).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()
        time.sleep(2)
        held = [a["labels"]["product"] for a in alertmanager.alerts() if a["status"]["inhibitedBy"]]
        assert held == ["sensor"]


# -- images


def test_hadolint_finds_nothing_wrong_with_the_dockerfile() -> None:
    code, said = run(tool("hadolint"), DEPLOY / "Dockerfile")
    assert code == 0, said
    assert said == ""


def test_the_image_is_pinned_and_has_no_rights() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert "--require-hashes --requirement /tmp/requirements.lock" in text
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    assert "/health" in text
    assert not re.findall(r"https?://(?!127\.0\.0\.1)", text)
    copied = {word.removeprefix("./") for word in re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE)}
    ignored = (TOP / ".dockerignore").read_text().split()
    sent = {word[1:] for word in ignored if word.startswith("!")}
    assert sent <= copied
    assert all(any(f"{word}/".startswith(f"{whole}/") for whole in sent) for word in copied)
    assert all((TOP / word).exists() for word in copied)


COMPOSE = loaded((TOP / "docker-compose.yml").read_text())
KUBERNETES = [d for d in yaml.safe_load_all((DEPLOY / "kubernetes" / "stream-app.yaml").read_text()) if d]


def test_the_compose_file_is_one() -> None:
    code, said = run(
        tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", TOP / "docker-compose.yml", cwd=TOP
    )
    assert code == 0, said


def test_nothing_of_the_compose_file_listens_beyond_this_machine() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert len(ports) == 5
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_images_are_those_that_run_here() -> None:
    images = {name: service["image"] for name, service in COMPOSE["services"].items()}
    assert images["kafka"] == f"apache/kafka:{kafka_version()}"
    assert images["prometheus"] == services.PROMETHEUS.image
    assert images["alertmanager"] == services.ALERTMANAGER.image


def test_what_is_mounted_is_there() -> None:
    mounts = [mount.split(":")[0] for service in COMPOSE["services"].values() for mount in service.get("volumes", ())]
    for mount in mounts:
        assert (TOP / mount).exists() if mount.startswith(".") else mount in COMPOSE["volumes"]


def test_every_variable_is_a_setting() -> None:
    known = {BOOTSTRAP_VARIABLE, *map(variable, names())}
    own = [service for service in COMPOSE["services"].values() if service["image"] == "stream-app"]
    assert len(own) == 3
    given = {name for service in own for name in service["environment"]}
    given |= set(next(d for d in KUBERNETES if d["kind"] == "ConfigMap")["data"])
    given |= set(re.findall(rf"\b{PREFIX}\w+", (DEPLOY / "Dockerfile").read_text()))
    assert given <= known, given - known


def test_the_commands_are_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    commands = [s["command"] for s in COMPOSE["services"].values() if s["image"] == "stream-app"]
    for kind in ("Job", "Deployment"):
        pod = next(d for d in KUBERNETES if d["kind"] == kind)["spec"]["template"]["spec"]
        commands += [container["args"] for container in pod["containers"]]
    assert ["topics", "apply"] in commands
    for command in commands:
        assert verb(*command, "--help") == 0
    capsys.readouterr()


def test_prometheus_of_the_compose_file_scrapes_its_worker_and_tells_its_alertmanager() -> None:
    targets = loaded((DEPLOY / "prometheus" / "targets" / "workers.yml").read_text())
    assert targets == [{"targets": [f"worker:{Settings().web.port}"]}]
    assert {"worker", "alertmanager"} <= set(COMPOSE["services"])


@pytest.mark.parametrize("document", KUBERNETES, ids=lambda document: document["kind"])
def test_a_kubernetes_document_is_one_of_its_kind(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, "1.31", strict=True)
    broken = document | {"speck": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.31", strict=True)


def test_on_kubernetes_workers_are_probed_given_time_and_not_more_than_partitions() -> None:
    worker = next(d for d in KUBERNETES if d["kind"] == "Deployment")["spec"]
    pod = worker["template"]["spec"]
    container = pod["containers"][0]
    assert container["livenessProbe"]["httpGet"]["path"] == "/health"
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert container["ports"][0]["containerPort"] == Settings().web.port
    config = next(d for d in KUBERNETES if d["kind"] == "ConfigMap")["data"]
    assert worker["replicas"] <= int(config["STREAM_APP_TOPICS__PARTITIONS"])
    assert pod["terminationGracePeriodSeconds"] > Settings().delivery.session_timeout_seconds
    assert pod["securityContext"]["runAsNonRoot"]
    version = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["version"]
    assert container["image"] == f"stream-app:{version}"
