"""A calendar counts open time as one would who looks at every minute of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.domain.calendars import ALWAYS, Calendar

quick = settings(max_examples=200, deadline=None, derandomize=True, database=None)
edges = st.lists(st.integers(-50, 300), max_size=12, unique=True).map(sorted)
instants = st.integers(-100, 400)


def calendar(found: list[int]) -> Calendar:
    paired = found[: len(found) // 2 * 2]
    return Calendar(paired[::2], paired[1::2])


def is_open(hours: Calendar, at: int) -> bool:
    """Whether the ms that begins at an instant is open, by looking at every interval."""
    if not hours.opens or at < hours.opens[0] or at >= hours.closes[-1]:
        return True
    return any(begin <= at < close for begin, close in zip(hours.opens, hours.closes, strict=True))


@quick
@given(edges, instants, instants)
def test_open_time_is_the_sum_of_open_instants(found: list[int], begin: int, end: int) -> None:
    hours = calendar(found)
    assert hours.open_between(begin, end) == sum(is_open(hours, at) for at in range(begin, end))


@quick
@given(edges, st.lists(instants, min_size=3, max_size=3).map(sorted))
def test_open_time_adds_up(found: list[int], at: list[int]) -> None:
    hours = calendar(found)
    first, then, last = at
    assert hours.open_between(first, then) + hours.open_between(then, last) == hours.open_between(first, last)


@quick
@given(edges, instants, st.integers(0, 400))
def test_advancing_is_the_inverse_of_counting(found: list[int], begin: int, length: int) -> None:
    hours = calendar(found)
    end = hours.advance(begin, length)
    assert end >= begin
    assert hours.open_between(begin, end) == length
    assert length == 0 or hours.open_between(begin, end - 1) == length - 1, "the first such instant"


@quick
@given(edges, instants)
def test_the_next_opening_is_the_first_open_instant(found: list[int], at: int) -> None:
    hours = calendar(found)
    assert hours.opening(at) == next(then for then in range(at, 500) if is_open(hours, then))


@quick
@given(edges, instants)
def test_the_next_close_is_the_first_closed_instant(found: list[int], at: int) -> None:
    hours = calendar(found)
    if is_open(hours, at):
        assert hours.closing(at) == next((then for then in range(at, 500) if not is_open(hours, then)), None)


def test_no_intervals_are_always_open() -> None:
    assert ALWAYS.open_between(3, 10) == 7
    assert ALWAYS.open_between(10, 3) == 0
    assert ALWAYS.advance(3, 7) == 10
    assert ALWAYS.opening(3) == 3
    assert ALWAYS.closing(3) is None


@pytest.mark.parametrize(
    ("opens", "closes"), [((5,), (5,)), ((5, 4), (6, 9)), ((1, 3), (3, 5)), ((1, 2), (5, 3)), ((1,), ())]
)
def test_intervals_that_mean_nothing_are_refused(opens: tuple[int, ...], closes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError):
        Calendar(opens, closes)
