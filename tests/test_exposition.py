"""What /metrics says: right, tidy, the same from the quick renderer as from the plain one."""

import subprocess
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from stream_app.catalogue import METRICS, SERIES, Scope, read_all
from stream_app.domain.board import Board
from stream_app.domain.rules import Rules
from stream_app.exposition import Renderer, plain, render
from stream_app.local.prometheus import promtool
from stream_app.pipeline import AREAS, spans
from stream_app.shell.stats import Stats
from stream_app.shell.web import Ownership
from tests.boards import NOW_MS, filled
from tests.workers import idle_keeper

RULES = Rules()
AWKWARD = Rules(products=('a "quoted" one', "back\\slash", "new\nline"), tiers=("ünïcode", "{}", "plain"))


def faults_of(text: bytes) -> str:
    """What promtool says of a metrics text; nothing when all is well."""
    done = subprocess.run([promtool(), "check", "metrics"], input=text, capture_output=True, check=False)
    return (done.stdout + done.stderr).decode() + ("" if done.returncode == 0 else f"exit code {done.returncode}")


def numbers(text: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize("examples", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_the_renderer_says_what_the_plain_one_says_scrape_after_scrape(examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(st.integers(0, 2**32), st.sampled_from([0.0, 0.05, 0.5, 1.0]), st.sampled_from([RULES, AWKWARD]))
    def says_the_same(seed: int, share: float, rules: Rules) -> None:
        says_what_the_plain_one_says(seed, share, rules)

    says_the_same()


def says_what_the_plain_one_says(seed: int, share: float, rules: Rules) -> None:
    rng = Random(seed)
    boards = [filled(rng, rules, share) for _ in range(rng.randint(0, 3))]
    renderer = Renderer(rules)
    for minutes in (0, 1, 16, 10_081):
        now_ms = NOW_MS + minutes * 60_000
        assert renderer.render(boards, now_ms) == plain(boards, now_ms, rules)
        boards = boards[1:]


@pytest.mark.parametrize("rules", [RULES, AWKWARD], ids=["usual", "awkward"])
def test_the_text_says_the_numbers_that_are_read(rules: Rules) -> None:
    boards = [filled(Random(seed), rules, 0.5) for seed in range(3)]
    wanted = {}
    for (name, labels), value in read_all(boards, NOW_MS, rules).items():
        names = SERIES[name].series[name]
        wanted[name, frozenset(zip(names, labels, strict=True))] = value
    assert numbers(render(boards, NOW_MS, rules)) == pytest.approx(wanted)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("show", [plain, render], ids=["plain", "rendered"])
def test_promtool_finds_nothing_wrong_with_the_numbers(show: Any, share: float) -> None:
    assert faults_of(show([filled(Random(1), RULES, share)], NOW_MS, RULES)) == ""


def test_promtool_finds_nothing_wrong_with_a_whole_worker() -> None:
    stats = Stats(["cases", "surveys", "callhome"])
    stats.delays.observe("cases", 1_000, {0: 1, 500: 1, 999: 1})
    stats.shared("cases", 0, 10, 1)
    text = render([filled(Random(1), RULES)], NOW_MS, RULES) + generate_latest(stats.registry)
    assert faults_of(text) == ""


def test_promtool_would_find_something() -> None:
    assert faults_of(b"# TYPE a_count gauge\na_count 1\n") != ""


def test_zeros_are_shown_where_the_catalogue_says_and_nowhere_else() -> None:
    found = numbers(render([Board(spans(RULES))], NOW_MS, RULES))
    assert set(found.values()) == {0.0}
    assert {name for name, _labels in found} == {metric.name for metric in METRICS if metric.zeros}
    assert len(found) == sum(metric.size(Scope(RULES)) for metric in METRICS if metric.zeros)


def test_a_count_that_came_back_to_zero_stays_while_its_board_does() -> None:
    board = Board(spans(RULES))
    board.add([("cases_open", ("p1", "new", "basic"), None, 1)])
    board.add([("cases_open", ("p1", "new", "basic"), None, 1)], -1)
    assert b'support_cases_open{priority="p1",state="new",tier="basic"} 0.0' in render([board], NOW_MS, RULES)


def test_series_of_a_board_that_went_are_gone_at_the_next_render() -> None:
    stays, goes = Board(spans(RULES)), Board(spans(RULES))
    stays.add([("cases_open", ("p1", "new", "basic"), None, 2)])
    goes.add([("cases_open", ("p1", "new", "basic"), None, 3), ("cases_open", ("p2", "open", "gold"), None, 4)])
    renderer = Renderer(RULES)
    both = numbers(renderer.render([stays, goes], NOW_MS))
    one = numbers(renderer.render([stays], NOW_MS))
    here = ("support_cases_open", frozenset({("priority", "p1"), ("state", "new"), ("tier", "basic")}))
    gone = ("support_cases_open", frozenset({("priority", "p2"), ("state", "open"), ("tier", "gold")}))
    assert (both[here], both[gone]) == (5, 4)
    assert one[here] == 2
    assert gone not in one


def test_a_gauge_histogram_is_whole() -> None:
    found = numbers(render([filled(Random(2), RULES)], NOW_MS, RULES))
    counts = {labels: value for (name, labels), value in found.items() if name.endswith("resolution_seconds_gcount")}
    assert counts
    for labels, count in counts.items():
        assert found["support_case_resolution_seconds_bucket", labels | {("le", "+Inf")}] == count
        assert ("support_case_resolution_seconds_gsum", labels) in found


def test_the_page_of_a_worker_that_owns_nothing_has_none_of_the_numbers_of_support() -> None:
    stats = Stats(AREAS)
    stats.registry.register(Ownership(idle_keeper(stats, 2, owned=False)))
    found = numbers(generate_latest(stats.registry))
    assert not [name for name, _labels in found if name.startswith("support_")]
    assert found["stream_app_topic_partitions", frozenset({("topic", "cases")})] == 2
    assert not [name for name, _labels in found if name == "stream_app_partition_owned"]
