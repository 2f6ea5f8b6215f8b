import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from stream_app.__main__ import command
from stream_app.exposition import render
from stream_app.sources import mapping
from stream_app.sources.log import Log
from stream_app.sources.replay import Replay

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "tests/data/servicenow_sample.csv")
MAPPING = str(ROOT / "topics/mappings/servicenow.toml")


@pytest.fixture(autouse=True)
def _away_from_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command(), list(arguments))


def data(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_replay_prints_the_metrics_text_at_each_instant_earliest_first() -> None:
    found = data("replay", SAMPLE, "-m", MAPPING, "--at", "end", "--at", "2016-06-01T12:00:00Z", "--at", "2016-03-10")
    with Log(Path(SAMPLE), mapping.load(Path(MAPPING))) as log:
        replayed = Replay(log)
        for item in found["instants"]:
            replayed.until(item["at_ms"])
            board = replayed.partition.board
            assert item["metrics"] == render([board], item["at_ms"], replayed.rules).decode()
    assert [item["at"] for item in found["instants"]] == [
        "2016-03-10 00:00:00Z", "2016-06-01 12:00:00Z", found["log"]["last"],
    ]  # fmt: skip


def test_replay_prints_nothing_but_the_metrics_on_standard_output() -> None:
    result = run("replay", SAMPLE, "-m", MAPPING, "--at", "2016-06-01T12:00:00Z")
    assert result.stdout.startswith("# HELP support_cases_open ")
    assert result.stderr.startswith("331 rows")


def test_the_summary_prints_the_same_figures_for_people_and_as_json() -> None:
    figures = data("replay", SAMPLE, "-m", MAPPING, "--summary")["summary"]
    table = run("replay", SAMPLE, "-m", MAPPING, "--summary").stdout
    assert figures["cases"] == 54
    for count in (figures["cases"], figures["reopenings"], figures["peak_open"], figures["peak_at"]):
        assert str(count) in table
    for seconds in figures["first_resolution_seconds"].values():
        assert f"{seconds:,.1f}" in table


def test_replay_needs_something_to_print() -> None:
    result = run("replay", SAMPLE, "-m", MAPPING)
    assert "give --at INSTANT, --summary or both" in str(result.exception)


def test_an_instant_that_is_none_is_told_with_examples() -> None:
    result = run("replay", SAMPLE, "-m", MAPPING, "--at", "yesterday")
    assert "'yesterday' is not an instant: write 2016-05-27T22:47:15Z" in str(result.exception)


def test_a_dry_import_says_what_would_be_published_and_which_rows_are_left_out() -> None:
    found = data("import", SAMPLE, "-m", MAPPING, "--dry-run")
    assert (found["published"], found["dry_run"], found["topic"], found["ahead"]) == (0, True, "cases", False)
    assert found["log"]["events"] == sum(found["log"]["kinds"].values()) > 200
    assert [(item["reason"], item["rows"]) for item in found["log"]["skipped"]] == [("broken", 5)]


def test_an_import_until_an_instant_leaves_out_what_is_later() -> None:
    whole = data("import", SAMPLE, "-m", MAPPING, "--dry-run")["log"]["events"]
    part = data("import", SAMPLE, "-m", MAPPING, "--dry-run", "--until", "2016-04-01")["log"]["events"]
    assert 0 < part < whole


def test_a_shifted_import_ends_now_and_lies_not_ahead() -> None:
    found = data("import", SAMPLE, "-m", MAPPING, "--dry-run", "--shift", "now")
    assert (found["ahead"], found["log"]["skipped"][0]["reason"]) == (False, "broken")


@pytest.mark.parametrize("verb", ["import", "replay"])
def test_every_verb_of_logs_has_help_with_examples(verb: str) -> None:
    result = run(verb, "--help")
    assert f"stream-app {verb} log" in result.output
    assert "--json" in result.output
