"""Counts by name: windows as the clock moves, what is forgotten, the most frequent ones, and none at all."""

from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.catalogue import METRICS, Scope, read_all
from stream_app.domain.board import Board, Weight
from stream_app.domain.cases import FOLDING, Case, weigh
from stream_app.domain.fold import new_row
from stream_app.domain.names import Names, Together
from stream_app.domain.rules import Rules
from stream_app.domain.whole import Whole
from stream_app.domain.words import MINUTE_MS
from stream_app.pipeline import spans

SPANS: Final = (1, 3, 20, 90)
moves = st.one_of(st.integers(-5, 5), st.integers(0, 2), st.sampled_from([0, 20, 90, 91, -90, 2_000]))
adds = st.lists(
    st.tuples(st.one_of(st.integers(-95, 5), st.integers(0, 2)), st.sampled_from("abc"), st.booleans()), max_size=8
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(moves, adds), max_size=12))
def test_windows_of_names_equal_plain_sums_however_the_clock_moves(
    turns: list[tuple[int, list[tuple[int, str, bool]]]],
) -> None:
    one, other = Names(SPANS), Names(SPANS)
    both, whole = Together([one, other]), Names(SPANS)
    kept: list[tuple[int, str]] = []
    now = 10_000
    for moved, added in turns:
        for away, name, more in added:
            place = (now + away, name)
            if more:
                kept.append(place)
            elif place in kept:
                kept.remove(place)
            else:
                continue
            whole.add(*place, 1 if more else -1)
            (one if place[0] % 2 else other).add(*place, 1 if more else -1)
        now += moved
        plain = [whole.within(now, span) for span in SPANS]
        assert plain == [
            {
                name: n
                for name in "abc"
                if (n := sum(m in range(now - span + 1, now + 1) for m, of in kept if of == name))
            }
            for span in SPANS
        ]
        assert whole.read(now) == both.read(now) == plain
        assert sum(n for counts in whole.minutes.values() for n in counts.values()) == len(kept)


def test_a_name_that_fell_out_of_every_window_is_in_no_sum() -> None:
    names = Names(SPANS)
    for minute in range(1_000):
        names.add(minute, f"BUG-{minute}", 1)
        found = names.read(minute)
        assert [len(counts) for counts in found] == [min(minute + 1, span) for span in SPANS]
    assert len(names.minutes) == 1_000
    for minute in range(1_000):
        names.add(minute, f"BUG-{minute}", -1)
    assert names.minutes == {}
    assert names.read(999) == [{}, {}, {}, {}]


def shown(rules: Rules, cases: dict[str, tuple[int, int]]) -> dict[tuple[str, ...], float]:
    """What is shown of issues in two windows; cases: issue -> cases now, and cases of an hour and a half ago."""
    board, now = Board(spans(rules)), 100_000
    for name, (new, old) in cases.items():
        board.add([("bug_cases:any", (name,), now, new), ("bug_cases:any", (name,), now - 90, old)])
    found = read_all([Whole([board])], now * MINUTE_MS, rules)
    assert found == read_all([board], now * MINUTE_MS, rules)
    return {
        labels: n
        for (name, labels), n in found.items()
        if name == "support_bug_cases_top" and labels[0] in {"1h", "24h"}
    }


def test_each_window_names_its_own_and_adds_up_the_others() -> None:
    cases = {"A": (5, 0), "B": (4, 4), "C": (1, 9), "D": (3, 1)}
    assert shown(Rules(top_bugs=2), cases) == {
        ("1h", "A"): 5, ("1h", "B"): 4, ("1h", "other"): 4, ("24h", "C"): 10, ("24h", "B"): 8, ("24h", "other"): 9,
    }  # fmt: skip


def weighed(rules: Rules) -> list[Weight]:
    row = new_row(FOLDING)
    row.state = Case(phase="solved", created=1, first_solved=2, solved=2, bug="BUG-1", known_topic="reset password")
    return [weight for weight in weigh(row, rules) if weight[0].endswith(":any")]


def test_names_can_be_turned_off_each_by_itself() -> None:
    assert {weight[1] for weight in weighed(Rules())} == {("BUG-1",), ("reset password",)}
    assert {weight[1] for weight in weighed(Rules(top_bugs=0))} == {("reset password",)}
    assert weighed(Rules(top_bugs=0, top_known_topics=0)) == []
    off = {"support_bug_cases_top": Rules(top_bugs=0), "support_known_topic_cases_top": Rules(top_known_topics=0)}
    for name, rules in off.items():
        metric = next(metric for metric in METRICS if metric.name == name)
        assert metric.size(Scope(Rules())) == 5 * 12
        assert metric.size(Scope(rules)) == 0
