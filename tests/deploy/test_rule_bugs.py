"""Bugs planted in alerts, and thresholds that are changed: the rules' own tests tell each."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from stream_app.local import prometheus as services
from stream_app.operate import rules
from stream_app.operate.rules.alerts import Alert
from stream_app.operate.rules.thresholds import seconds
from tests.deploy.shipped import ALERTS, DEPLOY, THRESHOLDS, every_alert, loaded, run


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
