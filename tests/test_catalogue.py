"""The catalogue says of every number what it is, and what it says holds."""

import json
import math
import re
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from stream_app.__main__ import main
from stream_app.catalogue import (
    BENCHMARKS,
    CATALOGUE,
    METRICS,
    RECORDS,
    SERIES,
    WORKER,
    Metric,
    Scope,
    promql,
    read_all,
)
from stream_app.domain.fold import Outcome
from stream_app.domain.rules import Rules
from stream_app.operate import rules as prometheus_rules
from stream_app.shell.stats import Stats
from stream_app.shell.web import Ownership
from tests.boards import ALSO_READ, LEVELS, NAMED, NOW_MS, OF_ACCOUNTS, TALLIES, filled
from tests.workers import idle_keeper

TOP = Path(__file__).parents[1]
RULES = Rules(products=("sensor", "gateway"), tiers=("basic", "gold", "silver"))
SCOPE = Scope(RULES, partitions=4)
every_metric = pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
THRESHOLDS = prometheus_rules.read()
EVERY_RECORD = prometheus_rules.every_record(THRESHOLDS)


@every_metric
def test_a_metric_is_named_as_prometheus_would(metric: Metric) -> None:
    assert re.fullmatch(r"(support|stream_app)(_[a-z]+)+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert (metric.unit == "seconds") == metric.name.endswith("_seconds")
    assert not re.search(r"_(count|sum|bucket|gcount|gsum|info)$", metric.name)


@every_metric
def test_a_metric_says_what_it_is(metric: Metric) -> None:
    assert re.fullmatch(r"(?s)\S.*\.", metric.help)
    assert "\n" not in metric.help
    assert metric.definition.endswith(".")
    assert metric.unit


@every_metric
def test_labels_are_closed_sets_of_plain_words_and_never_name_one_thing(metric: Metric) -> None:
    for label, values in metric.labels.items():
        assert re.fullmatch(r"[a-z_]+", label)
        assert label not in {"case", "device", "person", "agent", "id", "email", "le", "instance", "job"}
        assert label != "account" or metric.name == "support_customer_health_score", "no other exception is bounded"
        found = values(SCOPE)
        assert len(set(found)) == len(found) > 0
        assert all(re.fullmatch(r"[a-z0-9_]+", value) for value in found)


def test_names_are_there_once() -> None:
    assert Counter(metric.name for metric in CATALOGUE).most_common(1)[0][1] == 1
    assert len(SERIES) == sum(len(metric.series) for metric in CATALOGUE)


def test_histograms_have_at_most_14_bounds() -> None:
    assert all(len(metric.bounds) <= 14 for metric in CATALOGUE)


def test_the_sizes_of_the_numbers_of_support_are_reached_and_never_passed() -> None:
    assert {*LEVELS.values(), *TALLIES.values(), *NAMED.values(), *ALSO_READ, *OF_ACCOUNTS} == {
        metric.name for metric in METRICS
    }
    assert set(ALSO_READ.values()) <= {*LEVELS, *TALLIES}
    boards = [filled(Random(seed), RULES) for seed in range(2)]
    found = Counter(SERIES[name].name for name, _labels in read_all(boards, NOW_MS, RULES))
    assert found == {metric.name: metric.size(SCOPE) for metric in METRICS}


def _busy_worker() -> Any:
    """The registry of a worker that has seen everything there is to see."""
    stats = Stats(SCOPE.topics)
    for topic in SCOPE.topics:
        reasons = next(iter(metric for metric in WORKER if metric.name == "stream_app_rejects_total")).labels["reason"]
        stats.absorbed(topic, dict.fromkeys(Outcome, 3), dict.fromkeys(reasons(SCOPE), 2), 5)
        stats.newest.labels(topic).set(1_700_000_000)
        stats.lag.labels(topic).set(3)
        stats.lag_seconds.labels(topic).set(0.5)
        stats.delays.observe(topic, 1_000, dict.fromkeys(range(0, 1_000, 100), 1))
        for partition in range(SCOPE.partitions):
            stats.shared(topic, partition, 10, 3)
    stats.flush_seconds.observe(0.2)
    stats.registry.register(Ownership(idle_keeper(stats, SCOPE.partitions, owned=True)))
    return stats.registry


@pytest.fixture
def worker_text() -> str:
    return generate_latest(_busy_worker()).decode()


def test_a_worker_shows_what_the_catalogue_says_and_as_many_series(worker_text: str) -> None:
    found: Counter[str] = Counter()
    for family in text_string_to_metric_families(worker_text):
        for sample in family.samples:
            if sample.name in SERIES:
                metric = SERIES[sample.name]
                assert set(sample.labels) == set(metric.series[sample.name])
                assert all(
                    value in metric.labels[label](SCOPE) for label, value in sample.labels.items() if label != "le"
                )
                assert family.documentation == metric.help
                assert family.type == metric.kind
                found[metric.name] += 1
            else:
                assert sample.name.startswith("process_"), f"{sample.name} is not in the catalogue"
    assert found == {metric.name: metric.size(SCOPE) for metric in WORKER}


def test_what_a_worker_shows_before_anything_happened_is_what_the_catalogue_says() -> None:
    shown = {
        sample.name: family.type
        for family in Stats(SCOPE.topics).registry.collect()
        for sample in family.samples
        if not sample.name.startswith("process_") and set(sample.labels) - {"le"}
    }
    expected = {name for metric in WORKER if metric.zeros for name in metric.series}
    assert set(shown) == expected


# -- recording rules


def test_recording_rules_are_named_by_level_and_operation() -> None:
    named = [record for record in EVERY_RECORD if not record.constant]
    assert all(re.fullmatch(r"(support|stream_app):[a-z_]+:[a-z0-9_]+", record.name) for record in named)
    assert Counter(record.name for record in named).most_common(1)[0][1] == 1
    assert all(re.fullmatch(r"\S.*\.", record.help) for record in EVERY_RECORD)


def test_a_rule_adds_workers_up_as_the_catalogue_states() -> None:
    seen = set()
    for expr in [*(r.expr for r in EVERY_RECORD), *(a.expr for a in prometheus_rules.alerts(THRESHOLDS))]:
        for operation, inner, series in re.findall(
            r"\b(\w+)(?: by \([^)]*\) )?\((increase\()?((?:support|stream_app)_\w+)", expr
        ):
            if series in SERIES and operation not in {"absent", "increase"}:
                assert operation == SERIES[series].aggregation, f"{operation} of {series} in {expr}"
                assert bool(inner) == (SERIES[series].kind in {"counter", "histogram"})
                seen.add(series)
    assert len(seen) > 10


def test_rules_use_series_that_exist() -> None:
    known = {*SERIES, *(record.name for record in EVERY_RECORD)}
    for record in EVERY_RECORD:
        used = re.findall(r"\b(?:support|stream_app)[_:][a-z0-9_:]+", re.sub(r'"[^"]*"', "", record.expr))
        assert set(used) <= known, record.name


def test_a_rule_stands_after_those_it_uses_in_its_file() -> None:
    before: set[str] = set()
    places = {record.name: record.area for record in EVERY_RECORD}
    for record in EVERY_RECORD:
        used = set(re.findall(r"\b(?:support|stream_app):[a-z0-9_:]+", record.expr))
        assert {name for name in used if places[name] == record.area} <= before
        before.add(record.name)


def test_an_unknown_series_or_label_is_refused() -> None:
    with pytest.raises(ValueError, match="no series"):
        promql.whole("support_cases_shut")
    with pytest.raises(ValueError, match="no label region"):
        promql.whole("support_cases_open", by=("region",))
    with pytest.raises(ValueError, match="no label region"):
        promql.whole("support_cases_open", 'region!="x"')


def test_a_benchmark_stands_beside_a_number_there_is() -> None:
    assert {figure.beside for figure in BENCHMARKS} <= {record.name for record in RECORDS}


def _beyond(mean: float, most: int) -> float:
    """P(X > most) of a Poisson count."""
    term = total = math.exp(-mean)
    for n in range(1, most + 1):
        term *= mean / n
        total += term
    return 1 - total


@pytest.mark.parametrize("mean", [0.1, 0.5, 1, 2, 3, 5, 8, 10, 20, 30, 80, 150, 300])
def test_the_bound_of_a_surge_is_passed_once_in_a_thousand_times_and_is_no_looser(mean: float) -> None:
    bound = math.floor(eval(promql.surely_more(str(mean)), {"sqrt": math.sqrt}))  # noqa: S307  our own arithmetic
    assert _beyond(mean, bound) <= 0.001
    assert _beyond(mean, bound - 2) > 0.001


@pytest.mark.parametrize(("bad", "total", "surely"), [(5, 15, 0.1308), (5, 10, 0.2037), (20, 60, 0.2108), (0, 9, 0.0)])
def test_the_least_share_is_wilsons(bad: int, total: int, surely: float) -> None:
    expr = promql.surely_share(str(bad / total), str(total)).replace("^", "**")
    assert eval(expr, {"sqrt": math.sqrt}) == pytest.approx(surely, abs=2e-4)  # noqa: S307  our own arithmetic


# -- the verb and the page


def test_the_page_of_the_documentation_is_as_the_catalogue_has_it() -> None:
    page = prometheus_rules.page(EVERY_RECORD, Scope())
    assert (TOP / "docs" / "metrics.md").read_text() == page, "stream-app metrics --markdown > docs/metrics.md"


def _printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    assert not end.value.code
    return capsys.readouterr().out


def test_metrics_prints_every_metric_and_the_total(capsys: pytest.CaptureFixture[str]) -> None:
    out = _printed(capsys, "metrics")
    assert all(metric.name in out for metric in CATALOGUE)
    assert f"{sum(metric.size(Scope()) for metric in CATALOGUE):,}" in out


def test_metrics_as_json_has_metrics_and_rules(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAM_APP_TOPICS__PARTITIONS", "3")
    monkeypatch.setenv("STREAM_APP_TOPICS__PREFIX", "eu.")
    found = json.loads(_printed(capsys, "metrics", "--json"))
    assert [metric["name"] for metric in found["metrics"]] == [metric.name for metric in CATALOGUE]
    owned = next(metric for metric in found["metrics"] if metric["name"] == "stream_app_partition_owned")
    assert owned["labels"] == {"topic": ["eu.cases", "eu.surveys", "eu.callhome"], "partition": ["0", "1", "2"]}
    assert owned["most_series"] == 9
    assert [rule["name"] for rule in found["rules"]] == [record.name for record in EVERY_RECORD]


def test_metrics_prints_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    out = _printed(capsys, "metrics", "--rules")
    assert all(record.name in out and record.help in out for record in EVERY_RECORD)
