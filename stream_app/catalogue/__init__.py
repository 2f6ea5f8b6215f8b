"""Every number: its name, help, unit, labels, aggregation, definition, size, and how it is read from boards.

The only place that knows a metric's name.

support: the numbers of support. worker: what a worker measures of itself. records: what is made from both.
"""

from stream_app.catalogue.metric import Aggregation, Kind, Metric, Read, Sample, Scope, Values
from stream_app.catalogue.promql import CATALOGUE, SERIES
from stream_app.catalogue.records import BENCHMARK_SERIES, BENCHMARKS, RECORDS, Benchmark, Record
from stream_app.catalogue.support import METRICS, SUBJECTS
from stream_app.catalogue.values import read, read_all, zeros
from stream_app.catalogue.worker import WORKER

__all__ = [
    "BENCHMARKS",
    "BENCHMARK_SERIES",
    "CATALOGUE",
    "METRICS",
    "RECORDS",
    "SERIES",
    "SUBJECTS",
    "WORKER",
    "Aggregation",
    "Benchmark",
    "Kind",
    "Metric",
    "Read",
    "Record",
    "Sample",
    "Scope",
    "Values",
    "read",
    "read_all",
    "zeros",
]
