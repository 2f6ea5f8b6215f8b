"""Amounts by minute are those of a plain dictionary, whatever is added and however much at once."""

from hypothesis import given
from hypothesis import strategies as st

from stream_app.domain import minutes
from stream_app.domain.minutes import Minutes

AMOUNTS = st.one_of(st.integers(-3, 3), st.sampled_from((2**62, -(2**62))))
MORE = st.lists(st.dictionaries(st.integers(0, 40), AMOUNTS, max_size=12), max_size=12)


@given(MORE, st.sampled_from((0, 30, minutes._AT_ONCE)), st.integers(-2, 42), st.integers(-2, 42))
def test_amounts_are_those_of_a_dictionary(more: list[dict[int, int]], at_once: int, first: int, last: int) -> None:
    kept, plain = Minutes(), dict[int, int]()
    before, minutes._AT_ONCE = minutes._AT_ONCE, at_once  # type: ignore[misc]
    try:
        for part in more:
            kept.take(part)
            for minute, amount in part.items():
                plain[minute] = plain.get(minute, 0) + amount
    finally:
        minutes._AT_ONCE = before  # type: ignore[misc]
    plain = {minute: amount for minute, amount in sorted(plain.items()) if amount}
    assert list(kept.items()) == list(plain.items())
    assert len(kept) == len(plain)
    assert kept.first() == min(plain, default=None)
    assert kept.between(first, last) == sum(amount for minute, amount in plain.items() if first <= minute <= last)
    assert kept.until(last) == sum(amount for minute, amount in plain.items() if minute <= last)
