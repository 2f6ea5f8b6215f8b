"""The engine tells what fires: the same as promtool's own tests of the rules state, for each of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from stream_app.local import prometheus as services
from stream_app.operate import rules
from stream_app.operate.backtest import BacktestError
from stream_app.operate.backtest.engine import FIRING, Moment, fired, judged, moments, seconds_of
from stream_app.operate.backtest.history import History
from stream_app.operate.backtest.needed import Needed, needed, selected

PROMETHEUS = Path(__file__).parents[2] / "deploy" / "prometheus"
THRESHOLDS = rules.read()


def stated_tests() -> Iterator[Any]:
    for file in sorted((PROMETHEUS / "tests").glob("*_test.yml")):
        # values stay text: 0x30 is thirty-one zeros and no number
        whole = yaml.load(file.read_text(), yaml.BaseLoader)  # noqa: S506  it makes nothing but text, lists, maps
        for test in whole["tests"]:
            if test.get("alert_rule_test"):
                yield pytest.param(whole, test, id=f"{file.stem}: {test['name']}")


@pytest.mark.slow
@pytest.mark.parametrize(("whole", "test"), list(stated_tests()))
def test_what_the_tests_of_the_rules_state_is_what_the_engine_tells(
    whole: dict[str, Any], test: dict[str, Any], tmp_path: Path
) -> None:
    looks = [look for look in test["alert_rule_test"] if look["alertname"] != rules.WATCHDOG]
    asked = [{"expr": FIRING, "eval_time": look["eval_time"], "exp_samples": []} for look in looks]
    files = [str(PROMETHEUS / "tests" / file) for file in whole["rule_files"]]
    only_series = {name: test[name] for name in ("interval", "input_series", "name") if name in test}
    (tmp_path / "test.yml").write_text(
        json.dumps({
            "rule_files": files, "evaluation_interval": whole["evaluation_interval"],
            "tests": [only_series | {"promql_expr_test": asked}],
        })
    )  # fmt: skip
    found = moments(judged(services.promtool(), tmp_path / "test.yml"), 1)
    for look in looks:
        at = seconds_of(look["eval_time"])
        told = {moment.labels for moment in found if moment.step == at and moment.alert == look["alertname"]}
        stated = {tuple(sorted(alert["exp_labels"].items())) for alert in look.get("exp_alerts", ())}
        assert told == stated, look


def history(*columns: tuple[str, dict[str, str], list[float | None]]) -> History:
    found = History()
    for step in range(len(columns[0][2])):
        found.add({
            (name, tuple(sorted(labels.items()))): value
            for name, labels, values in columns if (value := values[step]) is not None
        })  # fmt: skip
    return found


def test_series_are_written_with_gaps_ends_and_runs() -> None:
    found = history(
        ("up", {"a": "1"}, [None, None, 3, 3, 3, 0.25, None, None, 7]), ("up", {"a": "2"}, [0, 0, 0, 0, 0, 0, 0, 0, 0])
    )
    assert list(found.series()) == [('up{a="1"}', "_x2 3x2 0.250000000 stale _x1 7"), ('up{a="2"}', "0x8")]


def test_a_worker_that_is_gone_fires_at_each_step_until_it_is_back(tmp_path: Path) -> None:
    gone: list[float | None] = [1, 1, *[None] * 5, 1, 1]
    found = fired(
        history(("stream_app_topic_partitions", {"topic": "cases"}, gone)), Needed(frozenset()), THRESHOLDS,
        services.promtool(), tmp_path, step_seconds=300,
    )  # fmt: skip
    pages = [moment for moment in found if moment.alert == "SupportWorkersAbsent"]
    assert [moment.step for moment in pages] == [3, 4, 5, 6]
    assert pages[0] == Moment(3, "SupportWorkersAbsent", (("severity", "critical"), ("team", "pipeline")))


def test_a_file_that_promtool_cannot_read_is_no_month_without_alerts(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("rule_files: [none.yml]\ntests:\n  - interval: soon\n")
    with pytest.raises(BacktestError, match=r"promtool could not run .*bad\.yml"):
        judged(services.promtool(), tmp_path / "bad.yml")


def test_the_alerts_read_what_the_recording_rules_below_them_read() -> None:
    found = needed(rules.alerts(THRESHOLDS), rules.every_record(THRESHOLDS))
    assert {"support:belief:complete", "support:cases_open:level", "support:devices_silent:surely"} <= found.records
    assert {"stream_app_partition_owned", "support_cases_open", "support_devices"} <= set(found.selectors)
    assert not [name for name in found.records if "benchmark" in name]


def test_every_rule_that_is_left_out_is_one_that_no_alert_reads() -> None:
    found = needed(rules.alerts(THRESHOLDS), rules.every_record(THRESHOLDS))
    kept = rules.texts(THRESHOLDS, "a test", only=found.records).values()
    written = {name for text in kept for name in re.findall(r"record: (\S+)", text)}
    used = {selector.name for text in kept for selector in selected(text) if ":" in selector.name}
    assert written == found.records
    assert {name for name in used if name.startswith(("support:", "stream_app:"))} <= written


@pytest.mark.parametrize(
    ("matcher", "taken"),
    [
        ('window="1h"', {"1h"}), ('window!="1h"', {"24h", ""}), ('window=~"1h|24h"', {"1h", "24h"}),
        ('window!~"1.*|"', {"24h"}),
    ],
)  # fmt: skip
def test_a_selector_takes_the_series_that_prometheus_would(matcher: str, taken: set[str]) -> None:
    selector = selected(f"sum(rate(support_cases_opened{{{matcher}}}[1h]))")[2]
    assert selector.name == "support_cases_opened"
    assert {window for window in ("1h", "24h", "") if selector.takes({"window": window} if window else {})} == taken


@pytest.mark.parametrize(("text", "seconds"), [("0s", 0), ("5m", 300), ("1d2h5m", 93_900), ("1w", 604_800)])
def test_times_of_prometheus_are_read(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds
