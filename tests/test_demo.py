"""What the demo says of a run follows from what was counted, delivered and measured."""

import io
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from rich.console import Console

from stream_app.catalogue import RECORDS
from stream_app.cli import demo as verb
from stream_app.cli.output import CommandFailedError
from stream_app.local.demo.delivered import Delivered, delivered, watchdog_came
from stream_app.local.demo.freshness import Freshness, delays, freshness, quantile
from stream_app.local.demo.logs import Tail
from stream_app.local.demo.numbers import COMPLETE, CSAT, OPEN, RESOLUTION, RESOLUTION_MEAN, SILENT, Numbers, numbers
from stream_app.local.demo.scene import INCIDENT, INCIDENT_ALERT, Options, Scene
from stream_app.local.demo.screen import Screen, View, length, summary_table
from stream_app.local.demo.summary import Summary
from stream_app.local.demo.topics import Runs
from stream_app.local.demo.watching import THRESHOLDS, graph_url, write_rules
from stream_app.local.receiver import Notification
from stream_app.operate import rules
from stream_app.sources.simulate.incidents import KINDS

# From event to scrape


def test_records_become_visible_with_the_scrape_that_first_counts_them() -> None:
    tail = Tail(before=10, timestamps=[1_000, 1_200, 1_900, 2_500])
    scrapes = [(1_100.0, 10.0), (2_100.0, 13.0), (3_100.0, 14.0)]
    assert delays(tail, scrapes) == pytest.approx([1.1, 0.9, 0.2, 0.6])


def test_what_the_first_scrape_counts_is_left_out_for_an_earlier_one_may_have_counted_it() -> None:
    assert delays(Tail(0, [1_000, 2_000]), [(2_500.0, 1.0), (3_000.0, 2.0)]) == [1.0]


def test_scrapes_before_the_records_count_none_of_them() -> None:
    tail = Tail(100, [5_000, 6_000])
    assert delays(tail, [(1_000.0, 98.0), (2_000.0, 99.0), (6_500.0, 102.0)]) == [1.5, 0.5]


def test_a_record_that_no_scrape_counts_has_no_delay() -> None:
    assert delays(Tail(0, [1_000, 2_000, 3_000]), [(900.0, 0.0), (2_100.0, 2.0)]) == [1.1, 0.1]


def test_topics_are_matched_each_with_its_own_counts() -> None:
    tails = {"a": Tail(0, [1_000]), "b": Tail(5, [1_000])}
    seen = {"a": [(0.0, 0.0), (2_000.0, 1.0)], "b": [(0.0, 5.0), (4_000.0, 6.0)]}
    assert freshness(tails, seen) == Freshness(2, 1.0, 3.0)
    assert freshness(tails, {}) is None


@pytest.mark.parametrize(("share", "wanted"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_quantile_is_the_smallest_value_that_so_many_do_not_exceed(share: float, wanted: int) -> None:
    assert quantile(range(1, 101), share) == wanted


# Numbers


def sample(name: str, value: float, **labels: str) -> tuple[dict[str, str], float]:
    return {"__name__": name, **labels}, value


def test_every_record_is_applied_refused_or_rejected() -> None:
    found = numbers(
        [
            sample("stream_app_events_total", 7, topic="x.cases", outcome="applied"),
            sample("stream_app_events_total", 2, topic="x.cases", outcome="stale"),
            sample("stream_app_events_total", 1, topic="x.surveys", outcome="illegal"),
            sample("stream_app_rejects_total", 3, topic="x.surveys", reason="malformed"),
        ],
        "15m",
    )
    assert (found.applied, found.refused, found.rejected, found.counted) == (7, 3, 3, 13)


def test_what_is_not_known_is_none_and_not_zero() -> None:
    found = numbers([], "15m")
    assert {found.lag, found.open, found.resolution_p50_seconds, found.csat, found.silent, found.belief} == {None}


def test_numbers_that_look_back_are_those_of_the_window() -> None:
    found = numbers(
        [
            sample(RESOLUTION, 150, window="15m", kind="full", clock="elapsed"),
            sample(RESOLUTION, 99, window="15m", kind="full", clock="net"),
            sample(RESOLUTION, 98, window="1h", kind="full", clock="elapsed"),
            sample(RESOLUTION_MEAN, 31, window="15m", kind="full", clock="elapsed"),
            sample(CSAT, 0.9, window="15m", aspect="overall"),
            sample(CSAT, 0.1, window="15m", aspect="agent"),
        ],
        "15m",
    )
    assert (found.resolution_p50_seconds, found.resolution_mean_seconds, found.csat) == (150, 31, 0.9)


def test_alerts_that_fire_are_named_once_without_the_one_that_always_does() -> None:
    found = numbers(
        [
            sample("ALERTS", 1, alertname="B", alertstate="firing", topic="x"),
            sample("ALERTS", 1, alertname="B", alertstate="firing", topic="y"),
            sample("ALERTS", 1, alertname="A", alertstate="pending"),
            sample("ALERTS", 1, alertname="Watchdog", alertstate="firing"),
        ],
        "15m",
    )
    assert found.firing == ("B",)


def test_the_shown_series_are_those_of_the_catalogue() -> None:
    names = {record.name: set(record.labels) for record in RECORDS}
    assert {OPEN, SILENT, COMPLETE, RESOLUTION, RESOLUTION_MEAN, CSAT} <= names.keys()
    assert names[RESOLUTION] == names[RESOLUTION_MEAN] == {"window", "kind", "clock"}
    assert names[CSAT] == {"window", "aspect"}


# Alerts


def post(at_ms: int, *alerts: tuple[str, str]) -> Notification:
    body: dict[str, Any] = {
        "alerts": [{"status": status, "labels": {"alertname": name, "severity": "critical"}} for name, status in alerts]
    }
    return Notification(at_ms, body)


def test_an_alert_is_delivered_once_when_its_first_post_comes() -> None:
    posts = [post(1, ("Watchdog", "firing")), post(2, ("A", "firing")), post(3, ("A", "firing"), ("B", "resolved"))]
    assert [(alert.name, alert.at_ms) for alert in delivered(posts)] == [("A", 2)]
    assert watchdog_came(posts)
    assert not watchdog_came(posts[1:])


def test_the_incident_and_its_alert_are_there() -> None:
    thresholds = rules.read(THRESHOLDS)
    assert INCIDENT in KINDS
    assert INCIDENT_ALERT in {alert.name for alert in rules.alerts(thresholds)}


def test_the_rules_of_the_demo_are_made_from_its_thresholds(tmp_path: Path) -> None:
    assert write_rules(tmp_path) == len(rules.alerts(rules.read(THRESHOLDS)))
    assert "interval: 1s" in (tmp_path / "cases.yml").read_text()


def test_the_graph_shows_the_open_cases_and_the_limit() -> None:
    address = unquote_plus(graph_url("http://127.0.0.1:9090/"))
    assert address.startswith("http://127.0.0.1:9090/graph?g0.expr=")
    assert all(name in address for name in ("support:cases_open:sum", "support:cases_open:surely"))


# The summary


def whole(**changes: Any) -> Summary:
    counted = Numbers(outcomes=Counter(applied=90, stale=6), reasons=Counter(malformed=4), belief=1)
    values: dict[str, Any] = {
        "seed": 1, "interrupted": False, "events_in": 100, "numbers": counted, "watchdog": True,
        "alerts": [Delivered(INCIDENT_ALERT, "critical", 14_000, "")], "incident_ms": 10_000,
        "freshness": Freshness(50, 0.5, 1.0),
    }  # fmt: skip
    return Summary(**values | changes)


def test_a_run_in_which_all_went_well_has_no_fault() -> None:
    summary = whole()
    assert summary.faults == []
    assert summary.notified_after == 4.0
    told = summary.as_dict()
    assert told["ok"]
    assert told["applied"] + told["refused"] + told["rejected"] == told["events_in"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"events_in": 101}, "101 events came in, but 100 were counted"),
        ({"alerts": []}, "reach nobody"),
        ({"watchdog": False}, "always fires"),
        ({"freshness": None}, "could not be measured"),
        ({"events_in": 0}, "no event came in"),
        ({"numbers": Numbers(outcomes=Counter(applied=100), belief=0)}, "may not be believed"),
        ({"endings": ["stopping the worker: it ended with code 70"]}, "ended with code 70"),
    ],
)
def test_what_went_wrong_is_said(changes: dict[str, Any], words: str) -> None:
    (fault,) = whole(**changes).faults
    assert words in fault


def test_who_ends_a_run_early_is_owed_no_alert() -> None:
    assert whole(interrupted=True, alerts=[], watchdog=False, freshness=None).faults == []
    assert whole(interrupted=True, events_in=0).faults == []


def test_a_worker_that_was_started_again_counts_anew() -> None:
    assert whole(worker_restarts=1, events_in=5_000, freshness=None).faults == []


def test_a_real_log_owes_no_incident() -> None:
    assert whole(seed=None, alerts=[], incident_ms=None, freshness=None).faults == []


def test_the_summary_says_all_of_it_to_people() -> None:
    out = io.StringIO()
    Console(file=out, width=120).print(summary_table(whole().lines(), ["it broke"]))
    text = out.getvalue()
    for words in ("100", "90", "6 (stale 6)", "4 (malformed 4)", f"{INCIDENT_ALERT}, 4.0 s after", "p99 1.00 s"):
        assert words in text
    assert "FAILED" in text
    assert "it broke" in text


# The screen


def test_without_a_terminal_a_line_is_written_every_five_seconds() -> None:
    out = io.StringIO()
    screen = Screen(Console(file=out, width=400))
    for second in range(12):
        screen.show(View(second, 60, 1_000 + second, 7.0, Numbers(belief=1), ("A",), "15m"))
    lines = out.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["0:00", "0:05", "0:10"]
    assert "events in 1,005 (7/s)" in lines[1]
    assert "delivered A" in lines[1]


def test_a_percentile_that_is_finer_than_the_buckets_is_not_pretended() -> None:
    shown = dict(View(1, None, 1, 1.0, Numbers(resolution_p50_seconds=150), (), "15m").pairs())
    assert shown["resolution p50 15m"] == "under 5.0 min"
    shown = dict(View(1, None, 1, 1.0, Numbers(resolution_p50_seconds=7_200), (), "15m").pairs())
    assert shown["resolution p50 15m"] == "2.0 h"


def test_a_step_says_how_long_it_took() -> None:
    out = io.StringIO()
    with Screen(Console(file=out)).step("starting it") as done:
        done.append("it is there")
    assert out.getvalue() == "    0.0 s  it is there\n"


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "-"), (90, "90 s"), (150, "2.5 min"), (9_000, "2.5 h"), (1_900_800, "22.0 d")]
)
def test_lengths_of_time_are_readable(seconds: float | None, text: str) -> None:
    assert length(seconds) == text


# The scene


def test_children_get_the_settings_of_the_run_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_TOPICS__PREFIX", "production.")
    scene = Scene(Options(tmp_path), "demo-1")
    values = scene.values("127.0.0.1:1234", 7000)
    settings = scene.settings(values)
    assert (settings.topics.prefix, settings.app.id, settings.web.port) == ("demo-1.", "demo-1", 7000)
    assert (settings.kafka.replication_factor, settings.web.host) == (1, "127.0.0.1")
    assert settings.rules.current_versions.keys() == set(settings.rules.products)
    environment = scene.environment(values)
    assert environment["STREAM_APP_TOPICS__PREFIX"] == "demo-1."
    assert environment["STREAM_APP_CONFIG"] == str(scene.settings_file)
    assert tomllib.loads(scene.settings_file.read_text())["app"]["id"] == "demo-1"


def test_a_new_run_sees_nothing_of_the_numbers_of_an_old_one(tmp_path: Path) -> None:
    for name in ("prometheus/data", "alertmanager/data", "kafka/data", "logs"):
        (tmp_path / name).mkdir(parents=True)
    Scene(Options(tmp_path)).clear()
    assert {path.name for path in tmp_path.iterdir()} == {"kafka", "logs"}
    (tmp_path / "kafka" / "kafka.log").write_text("up")
    assert (tmp_path / "logs" / "kafka.log").read_text() == "up"


def test_former_runs_are_remembered_by_broker(tmp_path: Path) -> None:
    own, given = Runs.of(tmp_path, None), Runs.of(tmp_path, "kafka:9092")
    own.note("demo-1")
    given.note("demo-2")
    own.note("demo-3")
    assert (own.former(), given.former()) == (["demo-1", "demo-3"], ["demo-2"])
    own.forget(["demo-1", "demo-2"])
    assert (own.former(), given.former()) == (["demo-3"], ["demo-2"])


def test_a_log_and_its_mapping_belong_together(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="belong together") as refused:
        verb.demo(log=tmp_path)
    assert refused.value.exit_code == 2
