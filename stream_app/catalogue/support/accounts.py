"""The numbers of accounts: joins of what several topics say of one account."""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.reads import past
from stream_app.catalogue.sets import PRIORITY

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "support_cases_open_silent_device",
        "Open cases of accounts that have a silent device.",
        "cases",
        {"priority": PRIORITY},
        "Open cases of every account of which at least one device is silent now.",
        past("cases_open_silent_device"),
        zeros=True,
    ),
)
