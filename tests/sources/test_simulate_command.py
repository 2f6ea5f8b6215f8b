"""`stream-app simulate`: what it writes, and what it says of wrong usage."""

from pathlib import Path

import msgspec
import pytest

from stream_app.__main__ import main

_DAY = ["simulate", "--profile", "real", "--duration", "6h", "--start", "2026-01-05T00:00:00Z", "--speed", "0"]


def _ran(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_a_file_is_the_same_on_every_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    assert [_ran(*_DAY, "--bad", "0.1", "--out", str(file), "--json") for file in (one, two)] == [0, 0]
    assert one.read_bytes() == two.read_bytes()
    lines = [msgspec.json.decode(line) for line in one.read_bytes().splitlines()]
    assert {line["topic"] for line in lines} == {"cases", "surveys", "callhome"}
    assert all(line["key"].startswith("acct-") and ("value" in line or "value_base64" in line) for line in lines)
    assert f'"events": {len(lines)}' in capsys.readouterr().out


def test_the_truth_is_written_for_each_minute(tmp_path: Path) -> None:
    out, truth = tmp_path / "out.jsonl", tmp_path / "truth.jsonl"
    assert _ran(*_DAY, "--out", str(out), "--truth", str(truth), "--truth-minutes", "2") == 0
    lines = [msgspec.json.decode(line) for line in truth.read_bytes().splitlines()]
    assert [line["to_ms"] - line["from_ms"] for line in lines] == [60_000] * 3
    devices = [one for one in lines[0]["series"] if one["name"] == "support_devices"]
    assert sum(one["value"] for one in devices) >= 600
    assert set(devices[0]["labels"]) == {"product", "state"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--incident", "flood@1m"], "is no incident"),
        (["--speed", "60"], "give --duration"),
        (["--duration", "soon"], "is not a length of time"),
        (["--rate", "1"], "the fleet alone makes"),
        (["--out", "-", "--json"], "both want standard output"),
        (["--duration", "1m", "--start", "2026-01-05T00:00:00"], "says no offset"),
    ],
)
def test_wrong_usage_is_said_in_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _ran("simulate", *arguments) == 2
    told = capsys.readouterr().err.strip()
    assert said in told
    assert "\n" not in told
