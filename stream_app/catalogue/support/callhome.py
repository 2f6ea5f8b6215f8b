"""The numbers of the fleet, from call-home."""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.reads import fleet, levels
from stream_app.catalogue.sets import FLEET, SEVERITY, product

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "support_devices",
        "Devices by product and state.",
        "devices",
        {"product": product, "state": FLEET},
        "fresh: a sign of life within `late_after` expected intervals; late: within `silent_after`; silent: longer ago;"
        " retired: decommissioned and no sign of life since.",
        fleet,
    ),
    Metric(
        "support_device_faults_active",
        "Faults raised and not cleared by product and severity, of devices not retired.",
        "faults",
        {"product": product, "severity": SEVERITY},
        "One for each device and fault code.",
        levels("device_faults_active"),
    ),
)
