"""Prometheus and Alertmanager: configurations they take, who is told, and what one alert holds back of others."""

import json
import time
import urllib.request
from pathlib import Path

import pytest

from stream_app.local import prometheus as services
from stream_app.operate.rules.alerts import Alert
from stream_app.operate.rules.parts import Firing
from tests.deploy.shipped import ALERTMANAGER, ALERTS, DEPLOY, RULES, THRESHOLDS, every_alert, loaded, run


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
    assert _held_back(tmp_path, alerts, "alertname", DOWN[down]) == DOWN[down]


@pytest.mark.broker
def test_a_storm_explains_the_devices_of_its_own_product_only(tmp_path: Path) -> None:
    alerts = [
        {"labels": {"alertname": name, "team": "fleet", "severity": "critical", "product": product}}
        for name, product in (
            ("SupportFaultsSurge", "sensor"), ("SupportDevicesSilent", "sensor"), ("SupportDevicesSilent", "gateway"),
        )
    ]  # fmt: skip
    assert _held_back(tmp_path, alerts, "product", {"sensor"}) == {"sensor"}


def _held_back(state: Path, alerts: list[dict[str, dict[str, str]]], label: str, wanted: set[str]) -> set[str]:
    """A label of the alerts that Alertmanager holds back, as soon as they are the wanted ones."""
    with services.Alertmanager(state, ALERTMANAGER.read_text()) as alertmanager:
        request = urllib.request.Request(
            f"{alertmanager.url.rstrip('/')}/api/v2/alerts",
            json.dumps(alerts).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()
        deadline = time.monotonic() + 20
        held: set[str] = set()
        time.sleep(1)  # in which those that must not be held back could be
        while held != wanted and time.monotonic() < deadline:
            time.sleep(0.2)
            held = {each["labels"][label] for each in alertmanager.alerts() if each["status"]["inhibitedBy"]}
        assert len(alertmanager.alerts()) == len(alerts)
        return held
