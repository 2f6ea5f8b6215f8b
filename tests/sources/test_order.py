from contextlib import ExitStack
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from stream_app.sources.order import by_time, tied
from stream_app.sources.records import Record


def record(line: int, at: int, case: str = "A", tie: str = "") -> Record:
    return Record(at, line, case, "acme", "word", 0, (), (), (tie,))


records = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("AB"), st.sampled_from(["", "1", "2", "10", "x"]))).map(
    lambda items: [record(line, *item) for line, item in enumerate(items)]
)


@given(records, st.integers(1, 7))
def test_records_come_by_time_and_those_of_equal_time_as_in_the_file_in_runs_of_any_size(
    given_records: list[Record], run: int
) -> None:
    with ExitStack() as stack:
        assert list(by_time(given_records, stack, run)) == sorted(given_records, key=lambda item: item.at)


@given(records)
def test_ties_move_only_records_of_the_same_case_and_time(given_records: list[Record]) -> None:
    ordered = sorted(given_records, key=lambda item: item.at)
    found = list(tied(ordered))
    assert [(item.at, item.case) for item in found] == [(item.at, item.case) for item in ordered]
    assert sorted(found) == sorted(ordered)


def test_tie_columns_order_as_numbers_where_they_are_numbers_and_else_as_the_file() -> None:
    given_records = [record(line, 5, tie=tie) for line, tie in enumerate(["10", "x", "9", "9", "", "2.5"])]
    assert [item.line for item in tied(given_records)] == [4, 5, 2, 3, 0, 1]


@given(records)
def test_without_ties_the_order_is_that_of_the_file(given_records: list[Record]) -> None:
    ordered = sorted((item._replace(ties=()) for item in given_records), key=lambda item: item.at)
    for _, group in groupby(tied(ordered), key=lambda item: item.at):
        lines = [item.line for item in group]
        assert lines == sorted(lines)
