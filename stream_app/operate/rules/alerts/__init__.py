"""The alerts as a table, and the recording rules that depend on thresholds; a module for each part of support life.

An alert about support life is about numbers; it speaks only while the numbers may be believed.
"""

from typing import Final

from stream_app.catalogue import Record
from stream_app.operate.rules import figures
from stream_app.operate.rules.alert import BELIEVED, WATCHDOG, Alert
from stream_app.operate.rules.alerts import (
    backlog,
    fleet,
    handling,
    health,
    reach,
    service_levels,
    surveys,
    topics,
    workers,
)
from stream_app.operate.rules.thresholds import Thresholds

__all__ = ["BELIEVED", "WATCHDOG", "Alert", "alerts", "records"]

_PARTS: Final = (backlog, handling, reach, service_levels, surveys, health, fleet, topics, workers)


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """The recording rules that depend on thresholds."""
    return tuple(record for part in (workers, *_PARTS[:-1], figures) for record in part.records(thresholds))


def alerts(thresholds: Thresholds) -> tuple[Alert, ...]:
    """Every alert."""
    return tuple(alert for part in _PARTS for alert in part.alerts(thresholds))
