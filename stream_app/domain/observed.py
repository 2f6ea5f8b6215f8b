"""Weights of histograms by minute: an observation is its bucket and its amount, in the minute it was made."""

from bisect import bisect_left

from stream_app.domain.board import Weight
from stream_app.domain.words import COUNT_BOUNDS, MINUTE_MS, bucket


def duration(series: str, labels: tuple[str, ...], at: int, length_ms: int) -> tuple[Weight, Weight]:
    """A length of time at a time, both in ms; one that comes out negative is 0."""
    length_ms = max(length_ms, 0)
    when = at // MINUTE_MS
    return (series, (*labels, bucket(length_ms / 1000)), when, 1), (series + ":sum", labels, when, length_ms)


def count(series: str, at: int, number: int) -> tuple[Weight, Weight]:
    """How many there were of something at a time in ms."""
    when = at // MINUTE_MS
    return (series, (bisect_left(COUNT_BOUNDS, number),), when, 1), (series + ":sum", (), when, number)
