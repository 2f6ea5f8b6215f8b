"""Every number: its name, help, unit, labels, aggregation, definition, size, and how it is read from boards.

The only place that knows a metric's name. A metric over a series already counted is one row of METRICS.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, NamedTuple

from stream_app.domain.board import Board, Labels
from stream_app.domain.rules import Rules
from stream_app.domain.words import (
    ASPECTS,
    CASE_STATES,
    CHANNELS,
    DURATION_BOUNDS,
    MINUTE_MS,
    ORIGINS,
    OTHER,
    PRIORITIES,
    SEVERITIES,
    UNKNOWN,
    WINDOWS,
    minute,
)

Kind = Literal["gauge", "counter", "histogram", "gaugehistogram"]
Aggregation = Literal["sum", "max", "min"]


class Sample(NamedTuple):
    """One line of a family: the suffix after the metric's name, the label values, the number."""

    suffix: str
    labels: tuple[str, ...]
    value: int


Read = Callable[[Board, int, Rules], Iterable[Sample]]
"""(board, now in ms, rules) -> the samples of one board; boards of partitions are then added up."""

Values = Callable[[Rules], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `labels` maps each label to its closed set; `definition` is the formula in words.

    aggregation: how the values of several workers make the whole. zeros: label combinations shown as
    zero before anything was counted. A gauge histogram shows `_bucket` (with `le`), `_gcount`, `_gsum`.
    """

    name: str
    help: str
    unit: str
    labels: dict[str, Values]
    definition: str
    read: Read | None = None
    kind: Kind = "gauge"
    aggregation: Aggregation = "sum"
    zeros: bool = False

    @property
    def label_names(self) -> tuple[str, ...]:
        """The names of the labels, in the order of a sample's values."""
        return tuple(self.labels)

    def size(self, rules: Rules) -> int:
        """The most series this metric can make in one worker."""
        combinations = 1
        for values in self.labels.values():
            combinations *= len(values(rules))
        return combinations * (len(DURATION_BOUNDS) + 3 if self.kind == "gaugehistogram" else 1)


def _set(*values: str, absent: bool = True) -> Values:
    every = (*values, UNKNOWN, OTHER) if absent else values
    return lambda _rules: every


_WINDOW: Final = _set(*WINDOWS, absent=False)
_PRIORITY: Final = _set(*PRIORITIES)
_STATE: Final = _set(*CASE_STATES, absent=False)
_CHANNEL: Final = _set(*CHANNELS)
_ORIGIN: Final = _set(*ORIGINS)
_SEVERITY: Final = _set(*SEVERITIES)
_ASPECT: Final = _set(*ASPECTS)
_SURVEY: Final = _set("csat", "nps", "effort", absent=False)
_ANSWER: Final = _set(
    "satisfied", "neutral", "dissatisfied", "promoter", "passive", "detractor", absent=False
)  # fmt: skip
_FLEET: Final = _set("fresh", "late", "silent", "retired", absent=False)
_TOPIC: Final = _set("cases", "surveys", "callhome", absent=False)


def _tiers(rules: Rules) -> Sequence[str]:
    return (*rules.tiers, UNKNOWN, OTHER)


def _products(rules: Rules) -> Sequence[str]:
    return (*rules.products, UNKNOWN, OTHER)


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


def _histogram(labels: tuple[str, ...], counts: Sequence[int], sum_ms: int) -> Iterator[Sample]:
    """Cumulative buckets, their count, and the sum in ms: whole numbers, so that parts add up exactly."""
    running = 0
    for le, count in zip(_LE, counts, strict=True):
        running += count
        yield Sample("_bucket", (*labels, le), running)
    yield Sample("_gcount", labels, running)
    yield Sample("_gsum", labels, sum_ms)


def _fleet(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
    now = minute(now_ms)
    for labels, tally in board.tallies.get("devices_seen", {}).items():
        fresh, not_silent, every = tally.read(now)
        ahead = tally.total - every  # a device whose clock is ahead of ours is alive
        yield Sample("", (*_text(labels), "fresh"), fresh + ahead)
        yield Sample("", (*_text(labels), "late"), not_silent - fresh)
        yield Sample("", (*_text(labels), "silent"), every - not_silent)
    for labels, amount in board.levels.get("devices_retired", {}).items():
        yield Sample("", (*_text(labels), "retired"), amount)


METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "support_cases_open",
        "Open cases by priority, exclusive state and tier of the account.",
        "cases",
        {"priority": _PRIORITY, "state": _STATE, "tier": _tiers},
        "Cases created and not solved, closed, merged, deleted or transferred. State, first match: waiting_customer, "
        "waiting_vendor, escalated, new (no assignment, no human reply), open.",
        levels("cases_open"),
    ),
    Metric(
        "support_cases_open_age_seconds",
        "Age of open cases by priority, in whole minutes of the clock.",
        "seconds",
        {"priority": _PRIORITY},
        "now - creation, for every open case.",
        ages("cases_open_age"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_cases_opened",
        "Cases created in the window by channel and origin.",
        "cases",
        {"window": _WINDOW, "channel": _CHANNEL, "origin": _ORIGIN},
        "Cases whose creation lies in the window. origin: reactive (the customer came) or proactive (we did).",
        windows("cases_opened"),
    ),
    Metric(
        "support_case_resolution_seconds",
        "Time to resolution of cases solved in the window.",
        "seconds",
        {
            "window": _WINDOW,
            "kind": _set("first", "full", absent=False),
            "clock": _set("elapsed", "net", absent=False),
            "priority": _PRIORITY,
        },
        "kind first: creation to the first solve, for ever in that minute; full: creation to the latest solve, "
        "not while the case is open again. clock elapsed: all of it; net: without waiting on the customer and without the time "
        "from a solve to a reopening.",
        window_histogram("resolution"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_case_first_response_seconds",
        "Time from a customer's creation of a case to the first public reply of a person, replies of the window.",
        "seconds",
        {"window": _WINDOW, "clock": _set("elapsed", absent=False), "priority": _PRIORITY},
        "Automatic answers and internal notes never count; a reopening does not start it again.",
        window_histogram("first_response"),
        kind="gaugehistogram",
    ),
    Metric(
        "support_cases_reopened",
        "Moves from solved or closed back to open in the window.",
        "moves",
        {"window": _WINDOW},
        "Reopenings, each in the minute it happened.",
        windows("cases_reopened"),
        zeros=True,
    ),
    Metric(
        "support_surveys_sent",
        "Surveys put to customers in the window.",
        "surveys",
        {"window": _WINDOW, "survey": _SURVEY},
        "Surveys by the minute they were sent.",
        windows("surveys_sent"),
        zeros=True,
    ),
    Metric(
        "support_survey_responses",
        "Answers of the window by survey, aspect and word of the answer.",
        "answers",
        {"window": _WINDOW, "survey": _SURVEY, "aspect": _ASPECT, "answer": _ANSWER},
        "CSAT and effort: satisfied 4-5 of 5, 6-7 of 7, 9-10 of ten; dissatisfied 1-2 of 5, 1-3 of 7, up to 4 of ten. "
        "NPS: promoter 9-10, detractor 0-6. The latest answer of a survey counts, in its minute.",
        windows("survey_responses"),
    ),
    Metric(
        "support_devices",
        "Devices by product and state.",
        "devices",
        {"product": _products, "state": _FLEET},
        "fresh: a sign of life within `late_after` expected intervals; late: within `silent_after`; silent: longer ago;"
        " retired: decommissioned and no sign of life since.",
        _fleet,
    ),
    Metric(
        "support_device_faults_active",
        "Faults raised and not cleared by product and severity, of devices not retired.",
        "faults",
        {"product": _products, "severity": _SEVERITY},
        "One for each device and fault code.",
        levels("device_faults_active"),
    ),
    Metric(
        "support_cases_open_silent_device",
        "Open cases of accounts that have a silent device.",
        "cases",
        {"priority": _PRIORITY},
        "Open cases of every account of which at least one device is silent now.",
        past("cases_open_silent_device"),
        zeros=True,
    ),
    Metric(
        "stream_app_rows_incomplete",
        "Rows whose creation was never seen; they count in no other number.",
        "rows",
        {"topic": _TOPIC},
        "Cases without a creation, devices without a registration.",
        levels("rows_incomplete"),
        zeros=True,
    ),
)
"""The numbers that are read from boards."""


def zeros(metric: Metric, rules: Rules) -> Iterator[Sample]:
    """The samples a metric shows before anything was counted."""
    if metric.zeros:
        for labels in product(*(values(rules) for values in metric.labels.values())):
            yield Sample("", labels, 0)


def read(
    metric: Metric, boards: Iterable[Board], now_ms: int, rules: Rules
) -> dict[tuple[str, tuple[str, ...]], float]:
    """The samples of one metric over several boards: (suffix, label values) -> number."""
    found: dict[tuple[str, tuple[str, ...]], float] = {}
    for suffix, labels, value in zeros(metric, rules):
        found[suffix, labels] = value
    if metric.read is not None:
        for board in boards:
            for suffix, labels, value in metric.read(board, now_ms, rules):
                place = (suffix, labels)
                found[place] = found.get(place, 0) + value
    return {place: value / 1000 if place[0] == "_gsum" else value for place, value in found.items()}


def read_all(boards: Sequence[Board], now_ms: int, rules: Rules) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every number of the boards: (metric name with suffix, label values; a bucket's `le` last) -> number."""
    return {
        (metric.name + suffix, labels): value
        for metric in METRICS
        for (suffix, labels), value in read(metric, boards, now_ms, rules).items()
    }
