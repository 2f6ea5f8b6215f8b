from pathlib import Path

import pytest

from stream_app.sources import times
from stream_app.sources.records import SKIPPED
from stream_app.sources.schema import TimeColumn
from stream_app.sources.table import LogError
from tests.sources.making import ACTIVITY, SNAPSHOT, read, skipped, written


def parsed(text: str, pattern: str | list[str], zone: str = "UTC") -> str | None:
    at = times.parser(TimeColumn(column="t", format=pattern, zone=zone))(text)
    return None if at is None else times.shown(at)


@pytest.mark.parametrize(
    ("text", "pattern", "zone", "expected"),
    [
        ("2012-10-09T14:50:17.000+02:00", "iso", "UTC", "2012-10-09 12:50:17Z"),
        ("2012-10-09 14:50:17Z", "iso", "Europe/Rome", "2012-10-09 14:50:17Z"),
        ("2012-10-09 14:50:17", "iso", "Europe/Rome", "2012-10-09 12:50:17Z"),
        ("2012-10-09T14:50:17.123456789+00:00", "iso", "UTC", "2012-10-09 14:50:17.123Z"),
        ("29/2/2016 01:16", "%d/%m/%Y %H:%M", "UTC", "2016-02-29 01:16:00Z"),
        ("09.10.2012 14:50 +0530", "%d.%m.%Y %H:%M %z", "UTC", "2012-10-09 09:20:00Z"),
        ("Jan 3 2017  4:05PM", "%b %d %Y %I:%M%p", "America/New_York", "2017-01-03 21:05:00Z"),
        ("2016-03-27 03:30", "%Y-%m-%d %H:%M", "Europe/Rome", "2016-03-27 01:30:00Z"),
        ("2016-10-30 02:30", "%Y-%m-%d %H:%M", "Europe/Rome", "2016-10-30 00:30:00Z"),
        ("1349794217", "epoch_s", "UTC", "2012-10-09 14:50:17Z"),
        ("1349794217.25", "epoch_s", "UTC", "2012-10-09 14:50:17.250Z"),
        ("1349794217250", "epoch_ms", "UTC", "2012-10-09 14:50:17.250Z"),
        ("31/02/2016", "%d/%m/%Y", "UTC", None),
        ("nan", "epoch_s", "UTC", None),
        ("inf", "epoch_ms", "UTC", None),
        ("yesterday", "iso", "UTC", None),
    ],
)
def test_a_time_is_read_in_its_format_and_zone(text: str, pattern: str, zone: str, expected: str | None) -> None:
    assert parsed(text, pattern, zone) == expected


def test_formats_are_tried_in_their_order() -> None:
    both = ["%d/%m/%Y", "%m/%d/%Y"]
    assert [parsed(text, both) for text in ("02/03/2016", "02/13/2016")] == [
        "2016-03-02 00:00:00Z",
        "2016-02-13 00:00:00Z",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-05-27 22:47:15", 1_464_389_235_000),
        ("2016-05-27T22:47:15+02:00", 1_464_382_035_000),
        ("20160527", 1_464_307_200_000),
        ("1464389235000", 1_464_389_235_000),
    ],
)
def test_an_instant_is_iso_or_ms_and_utc_unless_it_says_otherwise(text: str, expected: int) -> None:
    assert times.instant(text) == expected


def test_every_row_left_out_is_counted_by_its_reason_and_the_others_count(tmp_path: Path) -> None:
    toml = ACTIVITY.replace('default = "none"', 'ignore = ["note"]\nbroken = ["-100"]').replace(
        'one = "acme"', 'column = "who"'
    )
    toml += '[file]\nmissing = ["", "?"]\n[[where]]\ncolumn = "step"\nonly = ["complete"]\n'
    rows = {
        "used": "A,2020-01-01T10:00,take,x,complete",
        "filtered": "A,2020-01-01T10:00,take,x,start",
        "no_case": "?,2020-01-01T10:00,take,x,complete",
        "bad_case": f"{'A' * 129},2020-01-01T10:00,take,x,complete",
        "bad_account": f"A,2020-01-01T10:00,take,{'x' * 129},complete",
        "no_time": "A,,take,x,complete",
        "bad_time": "A,soon,take,x,complete",
        "early": "A,1970-01-18T10:00,take,x,complete",
        "no_word": "A,2020-01-01T10:00,?,x,complete",
        "broken": "A,2020-01-01T10:00,-100,x,complete",
        "ignored": "A,2020-01-01T10:00,note,x,complete",
        "unknown_word": "A,2020-01-01T10:00,dance,x,complete",
        "ragged": "A,2020-01-01T10:00,take,x",
        "malformed": '"A"",2020-01-01T10:00,take,x,complete',
        "last": "A,2020-01-01T11:00,solve,x,complete",
    }
    file = written(tmp_path, "\n".join(["id,time,what,who,step", *rows.values()]))
    events, report = read(file, toml)
    assert skipped(report) == dict.fromkeys([reason for reason in rows if reason not in {"used", "last"}], 1)
    assert [event["kind"] for event in events] == ["created", "assigned", "solved"]
    assert {item.lines[0] for item in report.skipped} == set(range(3, 16))
    assert set(skipped(report)) == set(SKIPPED) - {"invalid"}


def test_a_byte_that_is_not_of_the_encoding_costs_only_the_row_it_identifies(tmp_path: Path) -> None:
    file = written(tmp_path, b"id,time,what\nA\xff,2020-01-01T10:00,take\nB,2020-01-01T10:00,t\xffke\n")
    events, report = read(file, ACTIVITY)
    assert (skipped(report), [event["case"] for event in events]) == ({"bad_case": 1}, ["B"])


def test_rows_are_kept_by_words_and_expressions_of_a_column(tmp_path: Path) -> None:
    file = written(
        tmp_path, "id,time,what\n" + "".join(f"{c},2020-01-01T10:00,take\n" for c in ("A1", "A2", "B1", "C"))
    )
    toml = ACTIVITY + '[[where]]\ncolumn = "id"\nonly = ["re:[AB].*"]\nwithout = ["A2"]\n'
    assert [event["case"] for event in read(file, toml)[0]] == ["A1", "A1", "B1", "B1"]


def test_case_time_and_activity_may_be_made_of_several_columns(tmp_path: Path) -> None:
    toml = (
        ACTIVITY.replace('column = "id"', 'columns = ["org", "id"]')
        .replace(
            'column = "time"\nformat = "iso"', 'columns = ["day", "hour"]\nformat = ["%d.%m.%Y %H:%M", "%d.%m.%Y"]'
        )
        .replace('column = "what"', 'columns = ["state", "sub"]')
        .replace('"close" =', '"done/" =')
    )
    file = written(tmp_path, "org,id,day,hour,state,sub\nx,1,01.01.2020,10:00,done,\nx,1,02.01.2020,,done,well\n")
    events, report = read(file, toml)
    assert [(event["case"], event["kind"]) for event in events] == [
        ("x/1", kind) for kind in ("created", "solved", "closed", "reopened")
    ]
    assert report.last_ms == times.instant("2020-01-02")


def test_an_expression_must_fit_the_whole_word_and_the_word_itself_goes_first(tmp_path: Path) -> None:
    toml = ACTIVITY.replace('"close" = "closed"', '"re:(?i)solve.*" = "closed"\n"re:.*lve" = "escalated"')
    rows = [f"{case},2020-01-01T10:00,{word}" for case, word in enumerate(("solve", "SOLVED", "resolve", "unsolved"))]
    events, _ = read(written(tmp_path, "\n".join(["id,time,what", *rows])), toml)
    assert [[e["kind"] for e in events if e["case"] == str(case)][-1] for case in range(4)] == [
        "solved", "closed", "escalated", "created"
    ]  # fmt: skip


FIELDS = """
[fields.channel]
column = "channel"
map = { "Phone" = "phone", "re:(?i)e-?mail" = "email" }
default = "web"
[fields.tier]
column = "tier"
map = { "1" = "premium" }
otherwise = "basic"
[fields.origin]
default = "proactive"
"""


def test_values_go_through_their_table_of_words(tmp_path: Path) -> None:
    rows = ["Phone,1", "E-Mail,2", ",", "fax,1", f"{'x' * 65},1"]
    text = "id,time,what,channel,tier\n" + "".join(f"{n},2020-01-01T10:00,look,{row}\n" for n, row in enumerate(rows))
    events, _ = read(written(tmp_path, text), ACTIVITY + FIELDS)
    found = [(event["channel"], event["tier"]) for event in events]
    assert found == [("phone", "premium"), ("email", "basic"), ("web", ""), ("fax", "premium"), ("other", "premium")]
    assert {event["origin"] for event in events} == {"proactive"}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ('one = "acme"', ["acme", "acme", "acme"]),
        ('column = "who"', ["x", "y", "unknown"]),
        ('column = "who"\ndefault = "nobody"\nprefix = "org-"', ["org-x", "org-y", "org-nobody"]),
        ("per_case = true", ["A", "B", "C"]),
        ('column = "who"\naccounts = 1', ["account-0", "account-0", "account-0"]),
    ],
)
def test_the_account_is_made_as_the_mapping_says(tmp_path: Path, account: str, expected: list[str]) -> None:
    text = "id,time,what,who\n" + "".join(f"{row[0]},2020-01-01T10:00,look,{row[1:]}\n" for row in ("Ax", "By", "C"))
    events, _ = read(written(tmp_path, text), ACTIVITY.replace('one = "acme"', account))
    assert [event["account"] for event in events] == expected


def test_hashed_accounts_are_as_many_as_asked_for_and_always_the_same(tmp_path: Path) -> None:
    text = "id,time,what,who\n" + "".join(f"{n},2020-01-01T10:00,look,person-{n}\n" for n in range(200))
    toml = ACTIVITY.replace('one = "acme"', 'column = "who"\naccounts = 7')
    events, report = read(written(tmp_path, text), toml)
    assert (report.accounts, {event["account"] for event in events}) == (7, {f"account-{n}" for n in range(7)})
    assert read(written(tmp_path, text), toml)[0] == events


def test_a_case_stays_with_the_account_of_its_first_record(tmp_path: Path) -> None:
    text = "id,time,what,who\nA,2020-01-01T10:00,look,x\nA,2020-01-01T10:05,solve,y\n"
    events, _ = read(written(tmp_path, text), ACTIVITY.replace('one = "acme"', 'column = "who"'))
    assert {event["account"] for event in events} == {"x"}


def test_all_columns_that_are_not_there_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"'id'.*'time'.*'state'.*Its columns are 'a', 'b'"):
        read(written(tmp_path, "a,b\n1,2\n"), SNAPSHOT)


def test_no_value_of_a_row_is_told_in_the_report(tmp_path: Path) -> None:
    text = "id,time,what,who\nsecret,soon,take\nsecret,secret,secret,secret\nA,2020-01-01T10:00,look,secret\n"
    _, report = read(written(tmp_path, text), ACTIVITY)
    assert "secret" not in repr(report)
