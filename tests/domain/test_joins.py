"""What joins a device, the cases about it and its account, where a law would need luck to look."""

from dataclasses import replace
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.catalogue import read_all
from stream_app.domain.account import Account, Silence
from stream_app.domain.board import Board
from stream_app.domain.callhome import Part
from stream_app.domain.intervals import FOREVER, Span, Union, edges
from stream_app.domain.rules import Rules
from stream_app.pipeline import spans

spans_of_minutes = st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda one: (one[0], one[0] + one[1]))


def lasting(kept: list[Span]) -> list[Span]:
    """The spans in which at least one lasts, minute by minute."""
    minutes = sorted({minute for first, last in kept for minute in range(first, last + 1)})
    starts = [m for m in minutes if m - 1 not in minutes]
    ends = [m for m in minutes if m + 1 not in minutes]
    return list(zip(starts, ends, strict=True))


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.booleans(), spans_of_minutes), max_size=25), st.integers(1, 20))
def test_what_lasts_is_put_together_by_what_changed(moves: list[tuple[bool, Span]], window: int) -> None:
    union, kept = Union(), list[Span]()
    by_minute: dict[int, int] = {}
    for goes, span in moves:
        gone, come = ([span], []) if goes and span in kept else ([], [span])
        kept = [*kept, *come] if come else [one for n, one in enumerate(kept) if n != kept.index(span)]
        for was, now in union.move(gone, come):
            for sign, some in ((-1, was), (1, now)):
                for minute, change in edges(some, window):
                    by_minute[minute] = by_minute.get(minute, 0) + sign * change
        assert union.lasting == lasting(kept)
        assert {m: n for m, n in by_minute.items() if n} == dict(edges(lasting(kept), window))


def test_a_span_that_lasts_leaves_no_window() -> None:
    assert list(edges([(3, 4), (9, FOREVER)], 3)) == [(3, 1), (7, -1), (9, 1)]
    assert list(edges([(3, 4), (6, FOREVER)], 3)) == [(3, 1)]


def test_the_first_minute_of_silence_is_found_among_minutes_however_often_devices_are_heard() -> None:
    rng, silence = Random(1), Silence()
    silence.case(None, "p1")
    due = [rng.randint(0, 50) for _ in range(300)]
    for minute in due:
        silence.device(None, minute)
    for turn in range(5_000):
        place = rng.randrange(1, 300)  # the first device is never heard again
        later = due[place] + rng.randint(1, 15)
        gone, come = silence.device(due[place], later)
        due[place] = later
        assert bool(gone) == bool(come)
        if turn % 100 == 0:
            assert silence._weigh() == [("cases_open_silent_device", ("p1",), min(due), 1)]
    assert silence._minutes is not None
    heaped, counted = silence._minutes.heaped()
    assert heaped < 2 * counted + 65 + 1


def test_an_account_counts_once_while_it_has_devices() -> None:
    account = Account()
    part = Part(10, ())
    assert account.device(None, part) == ([], [("customers_with_devices", (), None, 1)])
    assert account.device(None, part) == ([("customers_with_devices", (), None, 1)],) * 2
    account.device(part, None)
    assert account.device(part, None) == ([("customers_with_devices", (), None, 1)], [])


def counted(versions: dict[str, int], rules: Rules) -> dict[tuple[str, ...], float]:
    board = Board(spans(rules))
    board.add([("devices_by_version:any", ("sensor", version), None, n) for version, n in versions.items()])
    found = read_all([board], 0, rules)
    return {labels: n for (name, labels), n in found.items() if name == "support_devices_by_version"}


def test_the_most_frequent_versions_have_numbers_and_the_others_are_added_up() -> None:
    versions = {"1.0": 5, "2.0": 9, "3.0": 7, "3.1": 1, "unknown": 4, "other": 2}
    rules = Rules(top_versions=2)
    assert counted(versions, rules) == {
        ("sensor", "2.0"): 9, ("sensor", "3.0"): 7, ("sensor", "other"): 8, ("sensor", "unknown"): 4,
    }  # fmt: skip
    assert counted(versions, replace(rules, top_versions=0)) == {("sensor", "other"): 24, ("sensor", "unknown"): 4}


def test_versions_that_nobody_runs_any_more_are_forgotten() -> None:
    board = Board(spans(Rules()))
    board.add([("devices_by_version:any", ("sensor", "1.0"), None, 1)])
    for before, after in pairwise(f"1.{n}" for n in range(100)):
        board.add([("devices_by_version:any", ("sensor", after), None, 1)])
        board.add([("devices_by_version:any", ("sensor", before), None, 1)], -1)
    assert board.levels["devices_by_version:any"] == {("sensor", "1.99"): 1}
