"""What Alertmanager delivered: which alerts, when the first post of each came."""

from collections.abc import Iterable
from dataclasses import dataclass

from stream_app.local.receiver import Notification
from stream_app.operate.rules import WATCHDOG


@dataclass(frozen=True, slots=True)
class Delivered:
    """One alert that fired and was posted. at_ms: when its first post came; severity: as its label says."""

    name: str
    severity: str
    at_ms: int
    summary: str


def delivered(notifications: Iterable[Notification]) -> list[Delivered]:
    """The alerts of these posts in the order they came, each once. The one that always fires is left out."""
    found: dict[str, Delivered] = {}
    for notification in notifications:
        for alert in notification.alerts:
            labels, notes = alert.get("labels", {}), alert.get("annotations", {})
            name = labels.get("alertname", "")
            if alert.get("status") == "firing" and name != WATCHDOG and name not in found:
                severity = labels.get("severity", "")
                found[name] = Delivered(name, severity, notification.at_ms, notes.get("summary", ""))
    return list(found.values())


def watchdog_came(notifications: Iterable[Notification]) -> bool:
    """Whether the alert that always fires was posted: alerting works from end to end."""
    return any(alert.get("labels", {}).get("alertname") == WATCHDOG for each in notifications for alert in each.alerts)
