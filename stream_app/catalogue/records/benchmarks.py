"""Figures of the industry beside our numbers."""

from dataclasses import dataclass
from typing import Final


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
    Benchmark("support:customers_at_risk:ratio", "target", "customers", 0.1, "customers at risk, at most"),
    Benchmark("support:cases_opened_phone:ratio", "average", "cases", 0.27, "support interactions by phone"),
    Benchmark(
        "support:cases_opened_complete:ratio", "average", "cases", 0.47, "cases that come with enough information"
    ),
    Benchmark("support:cases_opened_complete:ratio", "target", "cases", 0.8, "cases that come with enough information"),
    Benchmark("support:cases_solved_first_contact:ratio", "average", "cases", 0.54, "cases solved at first contact"),
    Benchmark("support:cases_solved_escalated:ratio", "average", "cases", 0.47, "cases handed on after first contact"),
    Benchmark("support:cases_solved_recorded:ratio", "average", "cases", 0.33, "solved cases with a complete record"),
    Benchmark("support:cases_solved_recorded:ratio", "target", "cases", 1, "solved cases with a complete record"),
    Benchmark("support:cases_solved_knowledge:ratio", "average", "cases", 0.42, "solved cases that used an article"),
    Benchmark("support:cases_opened_electronic:ratio", "average", "cases", 0.73, "all other channels"),
)
"""Figures that are measured as ours are. Shares of companies, or of another unit, are left out."""

BENCHMARK_SERIES: Final = "support_benchmark"
