"""The numbers of support: every `support_*` metric, read from boards, a module for each subject.

A metric over a series already counted is one row more.
"""

from collections.abc import Mapping
from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.support import accounts, callhome, cases, health, record, rows, service_levels, surveys, work

SUBJECTS: Final[Mapping[str, tuple[Metric, ...]]] = {
    "cases": (*cases.METRICS, *work.METRICS, *record.METRICS),
    "service_levels": service_levels.METRICS,
    "surveys": surveys.METRICS,
    "callhome": callhome.METRICS,
    "accounts": accounts.METRICS,
    "health": health.METRICS,
    "rows": rows.METRICS,
}
"""Subject -> its numbers."""

METRICS: Final[tuple[Metric, ...]] = tuple(metric for metrics in SUBJECTS.values() for metric in metrics)
"""The numbers that are read from boards."""
