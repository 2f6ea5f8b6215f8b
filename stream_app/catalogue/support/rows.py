"""The numbers of the rows themselves."""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.reads import levels
from stream_app.catalogue.sets import AREA

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "stream_app_rows_incomplete",
        "Rows whose creation was never seen; they count in no other number.",
        "rows",
        {"topic": AREA},
        "Cases without a creation, devices without a registration.",
        levels("rows_incomplete"),
        zeros=True,
    ),
)
