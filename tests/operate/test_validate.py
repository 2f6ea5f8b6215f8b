"""`validate` tells a publisher what is wrong with events, and where; never what stands there."""

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest

from stream_app.__main__ import main
from stream_app.operate.validate import Findings, examine
from stream_app.pipeline import AREAS

SAMPLES = Path(__file__).parents[2] / "topics" / "samples"
NOW_MS = time.time_ns() // 1_000_000

CREATED: dict[str, Any] = {
    "event_id": "e1",
    "kind": "created",
    "at": "2026-03-02T08:14:05Z",
    "account": "acc-1",
    "source": "helpdesk",
    "case": "CS-1",
}

topics = pytest.mark.parametrize("topic", list(AREAS))


def judged(*events: Any, topic: str | None = None) -> Findings:
    return examine("\n".join(json.dumps(event) for event in events).encode(), topic, NOW_MS)


def hint(event: Any, topic: str | None = None) -> str:
    (problem,) = judged(event, topic=topic).problems
    return problem.hint


@topics
def test_good_samples_pass_without_a_remark_whether_lines_or_an_array(topic: str) -> None:
    lines = (SAMPLES / f"{topic}.jsonl").read_text().splitlines()
    for data in ("\n".join(lines), f"[{','.join(lines)}]"):
        found = examine(data.encode(), None, NOW_MS)
        assert found.good.total() == len(lines)
        assert found.problems == found.remarks == []


@topics
def test_bad_samples_are_found_for_the_reason_they_state(topic: str) -> None:
    for line in (SAMPLES / f"{topic}.bad.jsonl").read_text().splitlines():
        sample = json.loads(line)
        if sample["payload"] and sample["reason"] != "misrouted":
            payload = sample["payload"] if sample["payload"][0] != "[" else f"[{sample['payload']}]"
            (problem,) = examine(payload.encode(), topic, NOW_MS).problems
            assert problem.reason == sample["reason"], sample


def test_the_line_is_that_of_the_file_blank_lines_counted() -> None:
    text = f"\n{json.dumps(CREATED)}\n\n{json.dumps(CREATED | {'kind': 'x', 'event_id': 'e2'})}\n"
    assert [problem.line for problem in examine(text.encode(), None, NOW_MS).problems] == [4]


def test_the_line_of_an_event_in_an_array_is_where_it_begins() -> None:
    good, bad = CREATED, CREATED | {"kind": "x", "event_id": "e2"}
    text = json.dumps([good, bad, bad], indent=1)
    starts = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "{"]
    assert [problem.line for problem in examine(text.encode(), None, NOW_MS).problems] == starts[1:]


def test_a_broken_array_is_one_problem_on_the_line_where_it_breaks() -> None:
    (problem,) = examine(b'[{"kind": "created"},\n{"kind": oops}]', None, NOW_MS).problems
    assert (problem.line, problem.reason) == (2, "malformed")


def test_the_place_is_the_field() -> None:
    (problem,) = judged(CREATED | {"by": "robot"}).problems
    assert (problem.reason, problem.place) == ("invalid", "$.by")


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (CREATED | {"kind": "create"}, "is `created` meant?"),
        (CREATED | {"kind": "zzz"}, "kinds of cases: created, assigned"),
        ({k: v for k, v in CREATED.items() if k != "account"} | {"acount": "a"}, "`acount` should be called `account`"),
        ({k: v for k, v in CREATED.items() if k != "source"}, "add `source`"),
        (CREATED | {"at": "2026-03-02T08:14:05"}, "end the time with its offset"),
        (CREATED | {"at": 1772439245}, "seconds times 1000"),
        (CREATED | {"at": 1772439245.5}, "a whole number of milliseconds"),
        (CREATED | {"by": "robot"}, "one of agent, customer"),
    ],
)
def test_a_problem_comes_with_the_way_out(event: dict[str, Any], says: str) -> None:
    assert says in hint(event)


def test_an_event_whose_topic_cannot_be_told_asks_for_it() -> None:
    (problem,) = judged({k: v for k, v in CREATED.items() if k != "case"}).problems
    assert problem.reason == "no_topic"
    (problem,) = judged({k: v for k, v in CREATED.items() if k != "case"}, topic="cases").problems
    assert problem.reason == "invalid"


def test_what_is_accepted_but_hardly_meant_is_remarked_on() -> None:
    found = judged(CREATED | {"chanel": "web", "priority": "urgent"}, CREATED)
    assert found.problems == []
    assert [(r.line, r.reason, r.place) for r in found.remarks] == [
        (1, "unread", "$.chanel"),
        (1, "other", "$.priority"),
        (2, "event_id", "$.event_id"),
    ]
    assert found.remarks[0].hint == "is `channel` meant?"


PERSONAL = "o'hara@example.org 'quoted' `ticked`"


@topics
def test_values_are_never_shown_wherever_they_stand(topic: str) -> None:
    for line in (SAMPLES / f"{topic}.jsonl").read_text().splitlines():
        event = json.loads(line)
        wrong = [PERSONAL, PERSONAL * 9, [PERSONAL], {PERSONAL: PERSONAL}]
        broken = [event | {name: value} for name in event for value in wrong] + [event | {PERSONAL: PERSONAL}]
        found = judged(*broken, topic=topic)
        assert "hara" not in repr(found)
        assert "quoted" not in repr(found)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["validate", *arguments])
    return int(ended.value.code or 0), capsys.readouterr().out


def test_the_command_reads_standard_input_and_ends_with_0_when_all_is_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(CREATED).encode())))
    assert run(capsys, "-") == (0, "  cases created: 1\n1 events: 1 good, 0 refused\n")


def test_the_command_ends_with_1_and_prints_nothing_but_json_when_asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(json.dumps(CREATED) + "\n{oops\n")
    code, out = run(capsys, str(file), "--json")
    assert code == 1
    said = json.loads(out)
    assert said["good"] == [{"topic": "cases", "kind": "created", "events": 1}]
    assert [(problem["line"], problem["reason"]) for problem in said["problems"]] == [(2, "malformed")]


def test_a_file_that_is_not_there_or_a_topic_that_is_none_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "nowhere.jsonl")[0] == 2
    assert run(capsys, "--topic", "weather", "-")[0] == 2
