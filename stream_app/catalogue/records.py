"""The numbers that are made from other numbers: recording rules, each written once.

Ratios, means and quantiles are absent while there is nothing to judge; counts show zero.
"""

from dataclasses import dataclass, field
from typing import Final

from stream_app.catalogue.promql import mean, quantile, ratio, surely_share, whole
from stream_app.domain.words import WINDOWS


@dataclass(frozen=True, slots=True)
class Record:
    """One recording rule. area: the file it stands in. constant: labels it adds, with their values."""

    name: str
    expr: str
    help: str
    unit: str
    area: str
    labels: tuple[str, ...] = ()
    constant: dict[str, str] = field(default_factory=dict)


_OPEN: Final = "support_cases_open"
_OPENED: Final = "support_cases_opened"
_COMPLETE: Final = "support_cases_opened_complete"
_SPOKEN: Final = "support_interactions"
_SOLVED: Final = "support_cases_solved"
_TOUCHES: Final = "support_cases_solved_touches"
_RESOLUTION: Final = "support_case_resolution_seconds"
_RESPONSE: Final = "support_case_first_response_seconds"
_ANSWERS: Final = "support_survey_responses"
_DEVICES: Final = "support_devices"
_WINDOW: Final = ("window",)
_KNOWN_CHANNEL: Final = 'channel!~"unknown|other"'


def _growth() -> str:
    opened = {window: f'support:cases_opened:sum{{window="{window}"}}' for window in WINDOWS}
    return "\nor ".join(f"{now} / ({now} offset {window} > 0) - 1" for window, now in opened.items())


def _answers(survey: str, answer: str = "", by: tuple[str, ...] = _WINDOW) -> str:
    chosen = [f'survey="{survey}"', *([f'answer="{answer}"'] if answer else [])]
    if "aspect" not in by:
        chosen.append('aspect="overall"')
    return whole(_ANSWERS, *chosen, by=by)


def _nps() -> str:
    every = _answers("nps")
    promoters, detractors = (f"({_answers('nps', word)} or 0 * {every})" for word in ("promoter", "detractor"))
    return f"100 * (\n  {promoters}\n  - {detractors}\n) / ({every} > 0)"


def _times(name: str, metric: str, what: str, by: tuple[str, ...]) -> tuple[Record, ...]:
    one_of = {
        "mean": (mean(metric, by=by), f"Mean {what}."),
        "p50": (quantile(0.5, metric, by=by), f"Median {what}."),
        "p90": (quantile(0.9, metric, by=by), f"90th percentile of {what}."),
    }
    return tuple(Record(f"{name}:{word}", expr, text, "seconds", "cases", by) for word, (expr, text) in one_of.items())


def _complete() -> str:
    wanted = whole("stream_app_topic_partitions", by=("topic",))
    once = f"count by (topic) ({whole('stream_app_partition_owned', by=('topic', 'partition'))} == 1)"
    return f"min(\n  ({once} or 0 * {wanted})\n  == bool {wanted}\n)"


RECORDS: Final[tuple[Record, ...]] = (
    Record("support:cases_open:sum", whole(_OPEN), "Open cases.", "cases", "cases"),
    Record(
        "support:cases_open:by_priority", whole(_OPEN, by=("priority",)), "Open cases by priority.",
        "cases", "cases", ("priority",),
    ),
    Record(
        "support:cases_opened:sum", whole(_OPENED, by=_WINDOW), "Cases opened in the window.",
        "cases", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved:sum", whole(f"{_RESOLUTION}_gcount", 'kind="full"', 'clock="elapsed"', by=_WINDOW),
        "Cases solved in the window and not open again.", "cases", "cases", _WINDOW,
    ),
    Record(
        "support:cases_net_opened:sum",
        "support:cases_opened:sum - (support:cases_solved:sum or 0 * support:cases_opened:sum)",
        "Cases opened in the window less those solved in it: how the backlog moves.", "cases", "cases", _WINDOW,
    ),
    Record(
        "support:cases_opened:growth", _growth(),
        "Cases opened in the window against the window before, 0.1 for 10 % more. Needs twice the window of history.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_opened_phone:ratio",
        ratio(
            whole(_OPENED, 'channel="phone"', by=_WINDOW), whole(_OPENED, _KNOWN_CHANNEL, by=_WINDOW),
        ),
        "Share of phone among the cases opened by a known channel.", "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_opened_electronic:ratio", "1 - support:cases_opened_phone:ratio",
        "Share of all other channels among the cases opened by a known channel.", "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_opened_complete:ratio",
        ratio(
            whole(_COMPLETE, 'complete="yes"', by=_WINDOW), whole(_COMPLETE, 'complete!="unknown"', by=_WINDOW),
        ),
        "Share of cases with enough information among the cases opened of which that is known.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:interactions_phone:ratio",
        ratio(
            whole(_SPOKEN, 'channel="phone"', by=_WINDOW), whole(_SPOKEN, _KNOWN_CHANNEL, by=_WINDOW),
        ),
        "Share of phone among the interactions by a known channel.", "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved_first_contact:ratio",
        ratio(
            whole(_SOLVED, 'contact="first"', by=_WINDOW), whole(_SOLVED, 'contact!="unknown"', by=_WINDOW),
        ),
        "Share solved at first contact among the cases solved in the window of which that is known.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved_one_touch:ratio",
        ratio(
            whole(_TOUCHES, 'touches="one"', by=_WINDOW), whole(_TOUCHES, 'touches!="none"', by=_WINDOW),
        ),
        "Share solved with one public reply of a person among the cases solved in the window with any.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved_escalated:ratio",
        ratio(
            whole("support_cases_solved_escalated", 'contact="later"', by=_WINDOW),
            whole(_SOLVED, 'contact="later"', by=_WINDOW),
        ),
        "Share handed on among the cases solved in the window, but not at first contact.", "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved_collaborated:ratio",
        ratio(whole("support_cases_solved_collaborated", by=_WINDOW), whole(_SOLVED, by=_WINDOW)),
        "Share that a second person worked on among the cases solved in the window.", "ratio", "cases", _WINDOW,
    ),
    *_times(
        "support:case_resolution_seconds", _RESOLUTION, "time to resolution of cases solved in the window",
        ("window", "kind", "clock"),
    ),
    *_times(
        "support:case_first_response_seconds", _RESPONSE, "time to the first response, responses of the window",
        ("window", "clock"),
    ),
    Record(
        "support:csat:ratio",
        ratio(_answers("csat", "satisfied", ("window", "aspect")), _answers("csat", "", ("window", "aspect"))),
        "Share of satisfied among the CSAT answers of the window.", "ratio", "surveys", ("window", "aspect"),
    ),
    Record(
        "support:nps:score", _nps(), "Promoters less detractors among the NPS answers of the window, -100 to 100.",
        "points", "surveys", _WINDOW,
    ),
    Record(
        "support:effort:ratio", ratio(_answers("effort", "satisfied"), _answers("effort")),
        "Share of customers who found it easy among the effort answers of the window.", "ratio", "surveys", _WINDOW,
    ),
    Record(
        "support:survey_response:ratio",
        ratio(
            whole(_ANSWERS, 'aspect="overall"', by=("window", "survey")),
            whole("support_surveys_sent", by=("window", "survey")),
        ),
        "Answers of the window against surveys sent in it; above 1 when answers to earlier surveys outnumber them.",
        "ratio", "surveys", ("window", "survey"),
    ),
    Record(
        "support:devices:sum", whole(_DEVICES, 'state!="retired"', by=("product",)), "Devices in use.",
        "devices", "callhome", ("product",),
    ),
    Record(
        "support:devices_silent:sum", whole(_DEVICES, 'state="silent"', by=("product",)), "Devices that are silent.",
        "devices", "callhome", ("product",),
    ),
    Record(
        "support:devices_silent:ratio", ratio("support:devices_silent:sum", "support:devices:sum"),
        "Share of silent devices among those in use.", "ratio", "callhome", ("product",),
    ),
    Record(
        "support:devices_silent:surely", surely_share("support:devices_silent:ratio", "support:devices:sum"),
        "The least that the share of silent devices is with 98 % confidence (Wilson).",
        "ratio", "callhome", ("product",),
    ),
    Record(
        "support:belief:complete", _complete(),
        "1 when every partition of every source topic is owned and recovered by exactly one worker, 0 when one is "
        "missing or owned twice; absent without a worker.",
        "yes or no", "belief",
    ),
)  # fmt: skip
"""Every recording rule that depends on no threshold."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A figure of the industry beside one of our numbers. beside: the recorded series it may be compared with."""

    beside: str
    level: str
    population: str
    value: float
    source: str


BENCHMARKS: Final = (
    Benchmark(
        "support:csat:ratio", "average", "answers", 0.867, "satisfied answers of customers of technology support"
    ),
    Benchmark("support:nps:score", "average", "answers", 35, "promoters less detractors, technology companies"),
    Benchmark("support:cases_opened_phone:ratio", "average", "cases", 0.27, "support interactions by phone"),
    Benchmark(
        "support:cases_opened_complete:ratio", "average", "cases", 0.47, "cases that come with enough information"
    ),
    Benchmark("support:cases_opened_complete:ratio", "target", "cases", 0.8, "cases that come with enough information"),
    Benchmark("support:cases_solved_first_contact:ratio", "average", "cases", 0.54, "cases solved at first contact"),
    Benchmark("support:cases_solved_escalated:ratio", "average", "cases", 0.47, "cases handed on after first contact"),
    Benchmark("support:cases_opened_electronic:ratio", "average", "cases", 0.73, "all other channels"),
)
"""Figures that are measured as ours are. Shares of companies, or of another unit, are left out."""

BENCHMARK_SERIES: Final = "support_benchmark"
