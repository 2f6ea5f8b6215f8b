"""The numbers of support: every `support_*` metric, read from boards, a module for each topic.

A metric over a series already counted is one row more.
"""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.support import accounts, callhome, cases, rows, surveys

METRICS: Final[tuple[Metric, ...]] = (
    *cases.METRICS, *surveys.METRICS, *callhome.METRICS, *accounts.METRICS, *rows.METRICS,
)  # fmt: skip
"""The numbers that are read from boards."""
