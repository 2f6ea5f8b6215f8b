"""The files of thresholds: what is wrong in one is named, and the rules follow it."""

import json
from pathlib import Path
from typing import get_args

import pytest

from stream_app.domain.words import CHANNELS
from stream_app.local import prometheus as services
from stream_app.operate import rules
from stream_app.operate.rules.parts import Channel
from stream_app.operate.rules.thresholds import ThresholdsError, seconds
from tests.deploy.shipped import ALERTS, DEMO, DEPLOY, THRESHOLDS, run, verb, written


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
