"""The numbers that are made from other numbers: recording rules, each written once, a module for each area.

Ratios, means and quantiles are absent while there is nothing to judge; counts show zero.
"""

from typing import Final

from stream_app.catalogue.records import belief, callhome, cases, health, recorded, service_levels, surveys, work
from stream_app.catalogue.records.benchmarks import BENCHMARK_SERIES, BENCHMARKS, Benchmark
from stream_app.catalogue.records.record import Record

RECORDS: Final[tuple[Record, ...]] = (
    *cases.RECORDS, *work.RECORDS, *recorded.RECORDS, *service_levels.RECORDS, *surveys.RECORDS, *callhome.RECORDS,
    *health.RECORDS, *belief.RECORDS,
)  # fmt: skip
"""Every recording rule that depends on no threshold."""

__all__ = ["BENCHMARKS", "BENCHMARK_SERIES", "RECORDS", "Benchmark", "Record"]
