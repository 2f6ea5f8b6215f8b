"""Any log, of either style: the figures equal those of SQL over its rows."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream_app.sources import mapping
from stream_app.sources.log import Log
from stream_app.sources.replay import Replay
from tests.sources.log_oracle import Layout, LogOracle
from tests.sources.making import ACTIVITY, SNAPSHOT

BEGIN = 1_577_872_800_000

STYLES = {
    "activity": (ACTIVITY, "what", Layout("id", "what", "time", "%Y-%m-%d %H:%M:%S", "solve", "close"),
                 ["take", "look", "wait", "solve", "close"]),
    "snapshot": (SNAPSHOT, "state", Layout("id", "state", "time", "%Y-%m-%d %H:%M:%S", "Resolved", "Closed"),
                 ["New", "Active", "User", "Vendor", "Dev", "Resolved", "Closed"]),
}  # fmt: skip


@pytest.mark.parametrize("examples", [10, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("style", STYLES)
def test_the_figures_of_any_log_equal_those_of_sql(style: str, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def are_equal(data: st.DataObject) -> None:
        figures_are_equal(style, data)

    are_equal()


def figures_are_equal(style: str, data: st.DataObject) -> None:
    toml, column, layout, words = STYLES[style]
    row = st.tuples(st.sampled_from("ABC"), st.integers(0, 20), st.sampled_from(words))
    rows = data.draw(st.lists(row, min_size=1, max_size=25))
    lines = [f"{case},2020-01-01 {10 + at // 12}:{at % 12 * 5:02}:00,{word}" for case, at, word in rows]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "log.csv"
        file.write_text("\n".join([f"id,time,{column}", *lines]))
        oracle = LogOracle(file, layout)
        instants = [BEGIN + at * 300_000 for at in range(21)]
        with Log(file, mapping.parse(toml)) as log:
            run = Replay(log)
            backlog = []
            for at in instants:
                run.until(at)
                backlog.append(sum(run.partition.board.levels.get("cases_open", {}).values()))
        figures = run.summary()
    cases, solved, closed, reopenings, reopened_cases, still_open, mean, *_ = oracle.figures()
    assert figures[:6] == (cases, solved, closed, reopenings, reopened_cases, still_open)
    assert backlog == oracle.backlogs(instants)
    assert (figures.peak_open, figures.peak_at_ms) == (oracle.peak() if max(backlog) else (0, 0))
    took = figures.first_resolution_seconds
    assert (took is None) == (mean is None)
    if took is not None:
        assert took.mean == pytest.approx(mean)
