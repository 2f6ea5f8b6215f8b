"""The backtest from end to end, on days; `make backtest` runs months."""

import json
import os
from pathlib import Path

import pytest

from stream_app.__main__ import main
from stream_app.local import prometheus as services
from stream_app.operate import backtest, rules
from stream_app.operate.backtest.report import Report
from stream_app.sources.simulate.incidents import Incident
from stream_app.sources.simulate.profile import Life


def run(days: float, *incidents: str, seed: int = 1) -> Report:
    period = backtest.Period(
        days=days, warm_up_days=1, seed=seed, incidents=tuple(map(Incident.parse, incidents)), life=Life(devices=200)
    )
    return backtest.run(period, rules.read(), services.promtool())


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_incidents_are_told_in_time_and_nothing_else_is() -> None:
    found = run(2, "silent-fleet:gateway@10h+3h", "worker-down@30h+1h")
    assert [(one.kind, one.alert) for one in found.incidents] == [
        ("silent-fleet", "SupportDevicesSilent"), ("worker-down", "SupportWorkersAbsent"),
    ]  # fmt: skip
    assert [one.after_seconds is not None and one.after_seconds <= 4_500 for one in found.incidents] == [True, True]
    assert found.false_a_week("critical") == 0


@pytest.mark.slow
def test_the_verb_prints_json_and_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    incidents, page = tmp_path / "incidents.txt", tmp_path / "page.md"
    incidents.write_text("# one\nunowned:surveys@3h+1h  # nobody reads surveys\n")
    words = ["--days", "0.3", "--warm-up", "0.1", "--incidents", str(incidents), "--markdown", str(page), "--json"]
    with pytest.raises(SystemExit) as end:
        main(["backtest", *words])
    told = json.loads(capsys.readouterr().out)
    assert end.value.code in {0, None}
    assert told["incidents"][0]["alert"] == "SupportNumbersIncomplete"
    assert "SupportNumbersIncomplete" in page.read_text()


@pytest.mark.parametrize(
    ("line", "says"),
    [("flood@1h", "no incident"), ("silent-fleet:toaster@1h", "no product"), ("", "")],
)
def test_incidents_that_are_none_are_refused(
    line: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "incidents.txt"
    if line:
        file.write_text(line)
    with pytest.raises(SystemExit) as end:
        main(["backtest", "--days", "0.1", "--incidents", str(file)])
    assert end.value.code == 2
    assert (says or "say all, none or a file") in capsys.readouterr().err


@pytest.mark.soak
@pytest.mark.skipif("SOAK" not in os.environ, reason="takes minutes")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_quiet_month_pages_for_nothing_at_most_once(seed: int) -> None:
    period = backtest.Period(seed=seed)
    found = backtest.run(period, rules.read(), services.promtool())
    assert sum(alert.false for alert in found.alerts if alert.severity == "critical") <= 1
