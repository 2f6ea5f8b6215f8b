from collections import Counter
from pathlib import Path

import pytest

from stream_app.pipeline import AREAS
from stream_app.sources import mapping
from stream_app.sources.log import Log
from tests.sources.making import ACTIVITY, SNAPSHOT, read, skipped, told, written

STATES = "id,time,state"
PRIORITY = '[fields.priority]\ncolumn = "priority"\n'
ASSIGNED = '[assigned]\ncolumns = ["person", "team"]\n'


def test_the_first_record_of_a_case_is_its_creation_before_its_own_meaning(tmp_path: Path) -> None:
    found = told(tmp_path, ACTIVITY, ["A,@01,take", "B,@02,look", "A,@03,solve"])
    assert found == [("1", "created"), ("1", "assigned"), ("2", "created"), ("3", "solved")]


@pytest.mark.parametrize(("word", "meaning"), [("solve", ["solved"]), ("close", ["solved", "closed"])])
def test_a_first_record_that_is_terminal_is_created_and_solved_at_that_instant(
    tmp_path: Path, word: str, meaning: list[str]
) -> None:
    assert [kind for _, kind in told(tmp_path, ACTIVITY, [f"A,@01,{word}"])] == ["created", *meaning]


@pytest.mark.parametrize(("state", "meaning"), [("Resolved", ["solved"]), ("Closed", ["solved", "closed"])])
def test_a_first_snapshot_that_is_terminal_is_created_and_solved_at_that_instant(
    tmp_path: Path, state: str, meaning: list[str]
) -> None:
    assert [kind for _, kind in told(tmp_path, SNAPSHOT, [f"A,@01,{state}"], STATES)] == ["created", *meaning]


def test_any_other_record_after_a_terminal_one_reopens_when_the_mapping_says_so(tmp_path: Path) -> None:
    rows = ["A,@01,solve", "A,@02,close", "A,@03,close", "A,@04,look", "A,@05,look", "A,@06,close", "A,@07,take"]
    found = told(tmp_path, ACTIVITY, rows)
    assert [item for item in found if item[1] == "reopened"] == [("4", "reopened"), ("7", "reopened")]
    found = told(tmp_path, ACTIVITY.replace("reopen_on_other = true", ""), rows)
    assert "reopened" not in [kind for _, kind in found]


def test_a_word_for_a_reopening_reopens_once(tmp_path: Path) -> None:
    toml = ACTIVITY + '"again" = ["reopened", "assigned"]\n'
    found = told(tmp_path, toml, ["A,@01,solve", "A,@02,again", "A,@03,look"])
    assert found[2:] == [("2", "reopened"), ("2", "assigned")]


def test_other_records_end_a_waiting_when_the_mapping_says_so(tmp_path: Path) -> None:
    rows = ["A,@01,wait", "A,@02,wait", "A,@03,look", "A,@04,look", "A,@05,wait", "A,@06,solve", "A,@07,look"]
    found = told(tmp_path, ACTIVITY.replace("reopen_on_other", "resume_on_other"), rows)
    assert [minute for minute, kind in found if kind == "resumed"] == ["3", "6"]


def test_a_record_may_mean_several_events(tmp_path: Path) -> None:
    toml = ACTIVITY + '"answer" = [{ kind = "replied", by = "agent" }, "solved"]\n'
    assert [kind for _, kind in told(tmp_path, toml, ["A,@01,answer"])] == ["created", "replied", "solved"]


def test_snapshots_tell_only_what_differs_from_the_record_before(tmp_path: Path) -> None:
    states = ["New", "New", "Active", "Active", "User", "User", "Vendor", "Active", "Dev", "-", "Resolved", "Resolved",
              "Closed", "Closed"]  # fmt: skip
    rows = [f"A,@{minute:02},{state}" for minute, state in enumerate(states)]
    assert told(tmp_path, SNAPSHOT, rows, STATES) == [
        ("0", "created"), ("2", "assigned"), ("4", "waiting"), ("6", "waiting"), ("7", "resumed"), ("8", "escalated"),
        ("10", "solved"), ("12", "closed"),
    ]  # fmt: skip


def test_a_snapshot_that_leaves_a_terminal_state_reopens_and_may_be_solved_again(tmp_path: Path) -> None:
    rows = ["A,@01,Resolved", "A,@02,User", "A,@03,Resolved", "A,@04,-", "A,@05,Resolved"]
    assert told(tmp_path, SNAPSHOT, rows, STATES)[2:] == [
        ("2", "reopened"), ("2", "assigned"), ("2", "waiting"), ("3", "solved"), ("4", "reopened"), ("5", "solved"),
    ]  # fmt: skip


def test_without_the_rule_only_a_state_called_reopened_reopens(tmp_path: Path) -> None:
    toml = SNAPSHOT.replace("reopen_on_other = true", "")
    rows = ["A,@01,Resolved", "A,@02,Active", "A,@03,Again", "A,@04,Closed"]
    assert told(tmp_path, toml, rows, STATES)[2:] == [("2", "assigned"), ("3", "reopened"), ("4", "closed")]


@pytest.mark.parametrize(("toml", "words"), [(ACTIVITY, "what"), (SNAPSHOT.replace('"New"', '"look"'), "state")])
def test_a_changed_priority_is_told_and_one_gone_missing_is_not(tmp_path: Path, toml: str, words: str) -> None:
    text = f"id,time,{words},priority\n" + "".join(f"A,2020-01-01T10:0{n},look,{p}\n" for n, p in enumerate("1122 2"))
    events, _ = read(written(tmp_path, text), toml + PRIORITY)
    assert [(event["kind"], event.get("priority")) for event in events] == [("created", "1"), ("priority_changed", "2")]


def test_a_new_person_or_team_is_an_assignment(tmp_path: Path) -> None:
    holders = [",", "Ann,", "Ann,", "Ann,first", ",first", "Bob,second"]
    rows = "".join(f"A,2020-01-01T10:0{n},New,{held}\n" for n, held in enumerate(holders))
    events, _ = read(written(tmp_path, f"{STATES},person,team\n{rows}"), SNAPSHOT + ASSIGNED)
    assert [event["at"] // 60_000 % 60 for event in events if event["kind"] == "assigned"] == [1, 3, 5]


def test_no_person_or_team_is_in_an_event(tmp_path: Path) -> None:
    events, _ = read(written(tmp_path, f"{STATES},person,team\nA,2020-01-01,New,Ann,first\n"), SNAPSHOT + ASSIGNED)
    assert "Ann" not in repr(events)
    assert "first" not in repr(events)


def test_the_file_need_not_be_in_the_order_of_time(tmp_path: Path) -> None:
    found = told(tmp_path, ACTIVITY, ["A,@05,solve", "A,@01,look", "A,@07,look"])
    assert found == [("1", "created"), ("5", "solved"), ("7", "reopened")]


def test_events_of_one_instant_keep_their_order_by_their_sequence(tmp_path: Path) -> None:
    events, _ = read(
        written(tmp_path, "id,time,what\n" + "A,2020-01-01T10:00,solve\nA,2020-01-01T10:00,look\n" * 2), ACTIVITY
    )
    assert [event["kind"] for event in events] == ["created", "solved", "reopened", "solved", "reopened"]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4, 5]


def test_event_ids_are_unique_even_of_records_just_alike(tmp_path: Path) -> None:
    text = "id,time,what\n" + "A,2020-01-01T10:00,solve\nA,2020-01-01T10:00,look\nB,2020-01-01T10:00,look\n" * 3
    events, _ = read(written(tmp_path, text), ACTIVITY)
    assert max(Counter(event["event_id"] for event in events).values()) == 1


def test_the_same_record_has_the_same_event_id_in_another_export_and_when_shifted(tmp_path: Path) -> None:
    rows = ["A,2020-01-01T10:00,look", "A,2020-01-01T10:01,solve", "B,2020-01-01T10:02,close"]
    whole, _ = read(written(tmp_path, "\n".join(["id,time,what", *rows])), ACTIVITY, shift_ms=5_000)
    other, _ = read(written(tmp_path, "time,what,id\n2020-01-01T10:02,close,B"), ACTIVITY)
    assert [event["event_id"] for event in whole[2:]] == [event["event_id"] for event in other]
    assert [event["at"] - 5_000 for event in whole[2:]] == [event["at"] for event in other]


def test_records_after_the_last_instant_asked_for_are_left_out(tmp_path: Path) -> None:
    file = written(tmp_path, "id,time,what\nA,2020-01-01T10:00,look\nA,2020-01-01T10:01,solve\n")
    events, _ = read(file, ACTIVITY, until_ms=1_577_872_800_000)
    assert [event["kind"] for event in events] == ["created"]


def test_a_record_without_a_value_its_event_needs_costs_only_that_event(tmp_path: Path) -> None:
    toml = ACTIVITY.replace('{ kind = "waiting", on = "customer" }', '"waiting"') + '[fields.on]\ncolumn = "whom"\n'
    text = (
        "id,time,what,whom\nA,2020-01-01T10:00,wait,\nA,2020-01-01T10:01,wait,weather\nA,2020-01-01T10:02,wait,vendor\n"
    )
    events, report = read(written(tmp_path, text), toml)
    assert ([event["kind"] for event in events], skipped(report)) == (["created", "waiting"], {"invalid": 2})


def test_every_event_of_the_samples_is_one_the_worker_would_take() -> None:
    root = Path(__file__).parents[2]
    codec = AREAS["cases"].codec()
    for name in ("helpdesk", "servicenow"):
        with Log(root / f"tests/data/{name}_sample.csv", mapping.load(root / f"topics/mappings/{name}.toml")) as log:
            ready = list(log.ready())
        assert [codec.decode(item.message.value, n, 1 << 62) for n, item in enumerate(ready)] == [
            item.event for item in ready
        ]
        assert all(item.event.key[0] == item.message.account for item in ready)
