import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from stream_app.sources import mapping, times
from stream_app.sources.log import Log
from stream_app.sources.replay import Reading, Replay
from stream_app.sources.summary import Summary, summary
from tests.sources.log_oracle import HELPDESK, SERVICENOW, Layout, LogOracle

ROOT = Path(__file__).parents[2]
MAPPINGS = ROOT / "topics/mappings"
DATA = ROOT / "tests/data"

LOGS = [("helpdesk", HELPDESK), ("servicenow", SERVICENOW)]


def replayed(name: str, file: Path, instants: list[int]) -> tuple[Replay, list[Reading]]:
    with Log(file, mapping.load(MAPPINGS / f"{name}.toml")) as log:
        run = Replay(log)
        readings = list(run.readings(instants))
        run.until(None)
    return run, readings


def total(reading: Reading, prefix: str) -> int:
    lines = reading.text.splitlines()
    return int(sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(prefix)))


def plain(figures: Summary) -> tuple[float, ...]:
    took = figures.first_resolution_seconds
    assert took is not None
    return (*figures[:6], *(round(seconds, 3) for seconds in took))


@pytest.fixture(scope="module", params=LOGS, ids=["helpdesk", "servicenow"])
def sample(request: pytest.FixtureRequest) -> tuple[LogOracle, Replay, list[Reading]]:
    name, layout = request.param
    file = DATA / f"{name}_sample.csv"
    oracle = LogOracle(file, layout)
    return oracle, *replayed(name, file, oracle.instants(40))


def test_the_figures_of_a_log_equal_those_of_sql_over_its_rows(sample: tuple[LogOracle, Replay, list[Reading]]) -> None:
    oracle, run, _ = sample
    assert plain(run.summary()) == tuple(round(value, 3) for value in oracle.figures())


def test_the_peak_of_the_backlog_and_its_instant_equal_those_of_sql(
    sample: tuple[LogOracle, Replay, list[Reading]],
) -> None:
    oracle, run, _ = sample
    assert (run.summary().peak_open, run.summary().peak_at_ms) == oracle.peak()


def test_the_backlog_at_any_instant_equals_that_of_sql(sample: tuple[LogOracle, Replay, list[Reading]]) -> None:
    oracle, _, readings = sample
    found = [total(reading, "support_cases_open{") for reading in readings]
    assert found == [oracle.backlog(reading.at_ms) for reading in readings]
    assert max(found) > 0


def test_the_cases_opened_in_a_window_equal_those_of_sql(sample: tuple[LogOracle, Replay, list[Reading]]) -> None:
    oracle, _, readings = sample
    found = []
    for reading in readings:
        lines = [line for line in reading.text.splitlines() if line.startswith("support_cases_opened{")]
        found.append(int(sum(float(line.rsplit(" ", 1)[1]) for line in lines if 'window="7d"' in line)))
    assert found == [oracle.opened(reading.at_ms) for reading in readings]
    assert max(found) > 0


def test_the_summary_needs_only_the_rows(sample: tuple[LogOracle, Replay, list[Reading]]) -> None:
    _, run, _ = sample
    assert summary(run.partition.rows["cases"]) == run.summary()


def test_the_channel_of_a_case_is_that_of_its_first_record() -> None:
    run, _ = replayed("servicenow", DATA / "servicenow_sample.csv", [])
    names = {"Phone": "phone", "Self service": "web", "Email": "email", "IVR": "ivr", "Direct opening": "direct"}
    found = LogOracle(DATA / "servicenow_sample.csv", SERVICENOW).channels()
    assert run.summary().channels == {names[name]: count for name, count in Counter(found).most_common()}


class Known(NamedTuple):
    """Answers known from an independent computation over the whole file."""

    file: str
    layout: Layout
    figures: tuple[float, ...]
    peak: tuple[int, str]
    backlog: dict[str, int]
    channels: dict[str, int]


KNOWN = {
    "helpdesk": Known(
        "helpdesk.csv.gz",
        HELPDESK,
        (4580, 4569, 4559, 164, 154, 13, 960_985.3, 516_936.0, 2_580_736.4, 3_123_878.0, 5_069_861.0),
        (91, "2013-02-12 16:42:07Z"),
        {
            "2011-01-11 03:50:33.25": 59,
            "2012-01-08 23:00:41.5": 39,
            "2013-01-05 18:10:49.75": 35,
            "2013-08-11 10:28:54.7": 48,
        },
        {"": 4580},
    ),
    "servicenow": Known(
        "servicenow_incidents.zip",
        SERVICENOW,
        (24_918, 24_905, 24_918, 332, 276, 0, 586_216.0, 49_440.0, 1_262_148.0, 2_339_892.0, 29_052_480.0),
        (1877, "2016-03-17 09:04:00Z"),
        {
            "2016-05-27 22:47:15": 1145,
            "2016-08-24 20:11:30": 199,
            "2016-11-21 17:35:45": 70,
            "2017-01-14 01:38:18": 38,
        },
        {"phone": 24_684, "web": 161, "email": 61, "ivr": 9, "direct": 3},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", KNOWN)
def test_the_known_answers_of_a_whole_log_come_out(name: str) -> None:
    known = KNOWN[name]
    folder = os.environ.get("STREAM_APP_DATA_DIR")
    if not folder:
        pytest.skip("the whole logs are looked for in STREAM_APP_DATA_DIR, which is not set")
    file = Path(folder) / known.file
    if not file.exists():
        pytest.skip(f"STREAM_APP_DATA_DIR has no {known.file}")
    run, readings = replayed(name, file, [times.instant(text) for text in known.backlog])
    figures = run.summary()
    found = plain(figures)
    assert (*found[:6], *(round(value, 1) for value in found[6:])) == known.figures
    assert (figures.peak_open, times.shown(figures.peak_at_ms)) == known.peak
    assert [total(reading, "support_cases_open{") for reading in readings] == list(known.backlog.values())
    assert figures.channels == known.channels
    assert summary(run.partition.rows["cases"]) == figures
