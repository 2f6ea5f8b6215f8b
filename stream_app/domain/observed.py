"""Weights of histograms by minute: an observation is its bucket and its amount, in the minute it was made."""

from stream_app.domain.board import Weight
from stream_app.domain.words import MINUTE_MS, bucket


def duration(series: str, labels: tuple[str, ...], at: int, length_ms: int) -> tuple[Weight, Weight]:
    """A length of time at a time, both in ms; one that comes out negative is 0."""
    length_ms = max(length_ms, 0)
    when = at // MINUTE_MS
    return (series, (*labels, bucket(length_ms / 1000)), when, 1), (series + ":sum", labels, when, length_ms)
