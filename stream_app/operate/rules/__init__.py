"""The rules of Prometheus: alerts as data, thresholds in one file, rule files made from both and the catalogue."""

from stream_app.operate.rules.alerts import WATCHDOG, Alert, alerts, records
from stream_app.operate.rules.files import differing, every_record, runbook_url, texts, write
from stream_app.operate.rules.page import page
from stream_app.operate.rules.thresholds import SHIPPED, Thresholds, ThresholdsError, read

__all__ = [
    "SHIPPED",
    "WATCHDOG",
    "Alert",
    "Thresholds",
    "ThresholdsError",
    "alerts",
    "differing",
    "every_record",
    "page",
    "read",
    "records",
    "runbook_url",
    "texts",
    "write",
]
