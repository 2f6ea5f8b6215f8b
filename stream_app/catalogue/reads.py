"""How numbers are read from the board of one partition."""

from collections.abc import Iterator, Sequence
from typing import Final

from stream_app.catalogue.metric import Read, Sample
from stream_app.domain.board import Board, Labels
from stream_app.domain.rules import Rules
from stream_app.domain.words import DURATION_BOUNDS, MINUTE_MS, WINDOWS, minute


def _text(labels: Labels) -> tuple[str, ...]:
    return tuple(map(str, labels))


def levels(series: str) -> Read:
    """Plain counts, as they stand."""

    def read(board: Board, _now_ms: int, _rules: Rules) -> Iterator[Sample]:
        for labels, amount in board.levels.get(series, {}).items():
            yield Sample("", _text(labels), amount)

    return read


def windows(series: str) -> Read:
    """Counts by minute, summed over each window; the window is the first label."""

    def read(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
        for labels, tally in board.tallies.get(series, {}).items():
            for window, amount in zip(WINDOWS, tally.read(minute(now_ms)), strict=True):
                yield Sample("", (window, *_text(labels)), amount)

    return read


def past(series: str) -> Read:
    """Counts whose minute has come."""

    def read(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
        for labels, tally in board.tallies.get(series, {}).items():
            yield Sample("", _text(labels), tally.read(minute(now_ms))[0])

    return read


_LE: Final = (*(str(float(bound)) for bound in DURATION_BOUNDS), "+Inf")


def window_histogram(series: str) -> Read:
    """Durations by minute and bucket, summed over each window; the window is the first label."""

    def read(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
        now = minute(now_ms)
        counts: dict[tuple[str, ...], list[int]] = {}
        for labels, tally in board.tallies.get(series, {}).items():
            bucket = int(labels[-1])
            for window, amount in zip(WINDOWS, tally.read(now), strict=True):
                counts.setdefault((window, *_text(labels[:-1])), [0] * len(_LE))[bucket] += amount
        sums = {
            (window, *_text(labels)): amount
            for labels, tally in board.tallies.get(series + ":sum", {}).items()
            for window, amount in zip(WINDOWS, tally.read(now), strict=True)
        }
        for labelled, row in counts.items():
            yield from _histogram(labelled, row, sums.get(labelled, 0))

    return read


def ages(series: str) -> Read:
    """Ages at `now` of what began in a minute: whole minutes of the clock, in seconds."""

    def read(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
        now = minute(now_ms)
        starts = board.tallies.get(series + ":start", {})
        for labels, tally in board.tallies.get(series, {}).items():
            within = tally.read(now)
            total = within[-1]
            row = [amount - below for amount, below in zip(within, [0, *within], strict=False)]
            start = starts[labels].read(now)[0] if labels in starts else 0
            yield from _histogram(_text(labels), row, (total * now - start) * MINUTE_MS)

    return read


def every(series: str) -> Read:
    """Counts of what began in a minute, whenever that was; those ahead of the clock too."""

    def read(board: Board, _now_ms: int, _rules: Rules) -> Iterator[Sample]:
        for labels, tally in board.tallies.get(series, {}).items():
            yield Sample("", _text(labels), tally.settled().total)

    return read


def oldest(series: str) -> Read:
    """The greatest age at `now` of what began in a minute, in seconds; absent while there is nothing."""

    def read(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
        now = minute(now_ms)
        for labels, tally in board.tallies.get(series, {}).items():
            first = tally.first()
            if first is not None and first <= now:
                yield Sample("", _text(labels), (now - first) * MINUTE_MS // 1000)

    return read


def _histogram(labels: tuple[str, ...], counts: Sequence[int], sum_ms: int) -> Iterator[Sample]:
    """Cumulative buckets, their count, and the sum in ms: whole numbers, so that parts add up exactly."""
    running = 0
    for le, count in zip(_LE, counts, strict=True):
        running += count
        yield Sample("_bucket", (*labels, le), running)
    yield Sample("_gcount", labels, running)
    yield Sample("_gsum", labels, sum_ms)


def fleet(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
    """Devices by product and state, from the minute each was last seen in."""
    now = minute(now_ms)
    for labels, tally in board.tallies.get("devices_seen", {}).items():
        fresh, not_silent, every = tally.read(now)
        ahead = tally.total - every  # a device whose clock is ahead of ours is alive
        yield Sample("", (*_text(labels), "fresh"), fresh + ahead)
        yield Sample("", (*_text(labels), "late"), not_silent - fresh)
        yield Sample("", (*_text(labels), "silent"), every - not_silent)
    for labels, amount in board.levels.get("devices_retired", {}).items():
        yield Sample("", (*_text(labels), "retired"), amount)
