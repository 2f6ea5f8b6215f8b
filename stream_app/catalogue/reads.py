"""How numbers are read from the board of one partition."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from stream_app.catalogue.metric import Cut, Found, Read, Sample
from stream_app.domain.board import Board, Labels
from stream_app.domain.rules import Rules
from stream_app.domain.words import DUE, DURATION_BOUNDS, MINUTE_MS, OTHER, UNKNOWN, WINDOWS, minute


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


def names(series: str) -> Read:
    """Counts by minute and name, summed over each window; the window is the first label, the name the last."""

    def read(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
        found = board.names.get(series)
        if found is not None:
            for window, counts in zip(WINDOWS, found.read(minute(now_ms)), strict=True):
                for name, amount in counts.items():
                    yield Sample("", (window, name), amount)

    return read


def past(series: str) -> Read:
    """Counts whose minute has come."""

    def read(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
        for labels, tally in board.tallies.get(series, {}).items():
            yield Sample("", _text(labels), tally.read(minute(now_ms))[0])

    return read


def _les(bounds: Sequence[float]) -> tuple[str, ...]:
    return (*(str(float(bound)) for bound in bounds), "+Inf")


_LE: Final = _les(DURATION_BOUNDS)


def window_histogram(series: str, bounds: Sequence[float] = DURATION_BOUNDS) -> Read:
    """Durations or counts by minute and bucket, summed over each window; the window is the first label."""
    les = _les(bounds)

    def read(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
        now = minute(now_ms)
        counts: dict[tuple[str, ...], list[int]] = {}
        for labels, tally in board.tallies.get(series, {}).items():
            bucket = int(labels[-1])
            for window, amount in zip(WINDOWS, tally.read(now), strict=True):
                counts.setdefault((window, *_text(labels[:-1])), [0] * len(les))[bucket] += amount
        sums = {
            (window, *_text(labels)): amount
            for labels, tally in board.tallies.get(series + ":sum", {}).items()
            for window, amount in zip(WINDOWS, tally.read(now), strict=True)
        }
        for labelled, row in counts.items():
            yield from _histogram(labelled, row, sums.get(labelled, 0), les)

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


def _histogram(
    labels: tuple[str, ...], counts: Sequence[int], total: int, les: Sequence[str] = _LE
) -> Iterator[Sample]:
    """Cumulative buckets, their count, and the sum, of durations in ms: whole numbers, so that parts add up exactly."""
    running = 0
    for le, count in zip(les, counts, strict=True):
        running += count
        yield Sample("_bucket", (*labels, le), running)
    yield Sample("_gcount", labels, running)
    yield Sample("_gsum", labels, total)


def fleet(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
    """Devices by product and state, from the minute each was last seen in and the interval expected of it."""
    now = minute(now_ms)
    for (product, _minutes), tally in board.tallies.get("devices_seen", {}).items():
        fresh, not_silent, every = tally.read(now)
        ahead = tally.total - every  # a device whose clock is ahead of ours is alive
        yield Sample("", (str(product), "fresh"), fresh + ahead)
        yield Sample("", (str(product), "late"), not_silent - fresh)
        yield Sample("", (str(product), "silent"), every - not_silent)
    for labels, amount in board.levels.get("devices_retired", {}).items():
        yield Sample("", (*_text(labels), "retired"), amount)


def candidates(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
    """Devices that call for a case, by product and reason: the silent ones are all but those counted as excused."""
    now = minute(now_ms)
    for labels, amount in board.levels.get("proactive_candidates", {}).items():
        yield Sample("", _text(labels), amount)
    for (product, _minutes), tally in board.tallies.get("devices_seen", {}).items():
        _fresh, not_silent, every = tally.read(now)
        yield Sample("", (str(product), "silent"), every - not_silent)
    for labels, tally in board.tallies.get("devices_silent_excused", {}).items():
        yield Sample("", (*_text(labels), "silent"), -tally.read(now)[0])


def lasted(series: str) -> Read:
    """The time in ms that things of a series lasted within each window; the minute of the clock counts in full.

    The series counts what begins and, less, what ends; its companion `:ms` sums the times of both. Up to the end of a
    minute all that lasted is the one times that end, less the other.
    """

    def read(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
        now = minute(now_ms)
        numbers, none = board.tallies.get(series, {}), [0] * (len(WINDOWS) + 1)
        for labels, tally in board.tallies.get(series + ":ms", {}).items():
            *sums, total = tally.read(now)
            *counts, count = numbers[labels].read(now) if labels in numbers else none
            until = _lasted_until(now + 1, count, total)
            for (window, length), within, ms in zip(WINDOWS.items(), counts, sums, strict=True):
                before = _lasted_until(now + 1 - length, count - within, total - ms)
                yield Sample("", (window, *_text(labels)), until - before)

    return read


def _lasted_until(minute: int, count: int, sum_ms: int) -> int:
    """What all stretches lasted up to the begin of a minute. count, sum_ms: of what began less what ended before."""
    return count * minute * MINUTE_MS - sum_ms


def most(by: int, keep: Callable[[Rules], int]) -> Cut:
    """Of the values of the last label the most frequent ones within each value of label `by`; the rest are `other`."""

    def cut(found: Found, rules: Rules) -> Found:
        ranked: dict[str, list[tuple[float, tuple[str, ...]]]] = {}
        for (_suffix, labels), value in found.items():
            if labels[-1] not in {UNKNOWN, OTHER}:
                ranked.setdefault(labels[by], []).append((-value, labels))
        kept = {labels for places in ranked.values() for _, labels in sorted(places)[: keep(rules)]}
        left: Found = {}
        for (suffix, labels), value in found.items():
            own = labels in kept or labels[-1] == UNKNOWN
            place = (suffix, labels if own else (*labels[:-1], OTHER))
            left[place] = left.get(place, 0) + value
        return left

    return cut


def due(series: str) -> Read:
    """Targets whose deadline lies ahead, by how near it is, from the minute of each deadline."""
    return lambda board, now_ms, _rules: _due(board, series, minute(now_ms))


def _due(board: Board, series: str, now: int) -> Iterator[Sample]:
    for labels, tally in board.tallies.get(series, {}).items():
        past, *ahead = tally.read(now)
        target, *of = _text(labels)
        for within, amount in zip(DUE, ahead, strict=True):
            yield Sample("", (target, within, *of), amount - past)


def clocks(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
    """Targets of open cases by what their clock does, from the minute of each deadline."""
    for labels, tally in board.tallies.get("sla_due", {}).items():
        target, breached = str(labels[0]), tally.read(minute(now_ms))[0]
        yield Sample("", (target, "breached"), breached)
        yield Sample("", (target, "running"), tally.total - breached)
    for labels, amount in board.levels.get("sla_paused", {}).items():
        yield Sample("", (*_text(labels), "paused"), amount)
