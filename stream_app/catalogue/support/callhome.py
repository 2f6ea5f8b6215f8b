"""The numbers of the fleet, from call-home."""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.reads import candidates, fleet, lasted, levels, most, past, window_histogram, windows
from stream_app.catalogue.sets import (
    CAUSE,
    CHANGE,
    ENDED,
    EVIDENCE,
    FLEET,
    RELEASE,
    SEVERITY,
    SIGNAL,
    WINDOW,
    product,
    version,
)

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "support_devices",
        "Devices by product and state.",
        "devices",
        {"product": product, "state": FLEET},
        "fresh: a sign of life within `late_after` expected intervals; late: within `silent_after`; silent: longer ago;"
        " retired: decommissioned, not registered again, and no sign of life later than the grace. The interval is the"
        " device's own where it states one, else its product's.",
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
    Metric(
        "support_device_faults",
        "Faults raised and cleared in the window by product and severity.",
        "faults",
        {"window": WINDOW, "product": product, "severity": SEVERITY, "change": CHANGE},
        "Each in the minute of its raising and of its end, under the severity it had last; an active fault raised again"
        " is the same one.",
        windows("device_faults"),
    ),
    Metric(
        "support_device_faults_ended",
        "Faults that ended in the window by product and what it took.",
        "faults",
        {"window": WINDOW, "product": product, "outcome": ENDED},
        "case: a case about the device was created from the raising to the end, from this signal or from none;"
        " else self_healed: the device says it mended the fault; else cleared; unknown: nobody knows since when it was"
        " active.",
        windows("device_faults_ended"),
    ),
    Metric(
        "support_device_fault_causes",
        "Devices that raised a fault of late, by product and cause.",
        "devices",
        {"product": product, "cause": CAUSE},
        "Each device once for each cause within `storm_minutes`. A cause is the first hex digit of the MD5 sum of the"
        " fault code, so that labels are closed and workers add up; two codes may share one.",
        past("device_fault_causes"),
    ),
    Metric(
        "support_devices_in_outage",
        "Devices in outage now, by product.",
        "devices",
        {"product": product},
        "An outage began and has not ended; devices in service.",
        levels("devices_in_outage"),
    ),
    Metric(
        "support_device_outage_seconds",
        "Time in outage within the window, over all devices in service.",
        "seconds",
        {"window": WINDOW, "product": product},
        "The part of each outage that lies in the minutes of the window, to the ms; while it lasts up to the end of the"
        " minute of the clock.",
        lasted("device_outages"),
        zeros=True,
        per=1000,
    ),
    Metric(
        "support_devices_with_outage",
        "Devices that were in outage in the window, by product.",
        "devices",
        {"window": WINDOW, "product": product},
        "Devices in service of which an outage touches a minute of the window; each once.",
        past("devices_with_outage"),
        zeros=True,
    ),
    Metric(
        "support_customers_with_outage",
        "Customers of whom a device was in outage in the window.",
        "customers",
        {"window": WINDOW},
        "Accounts with a device in service of which an outage touches a minute of the window; each once.",
        past("customers_with_outage"),
        zeros=True,
    ),
    Metric(
        "support_customers_with_devices",
        "Customers with a device in service.",
        "customers",
        {},
        "Accounts with a device that is registered and not retired.",
        levels("customers_with_devices"),
        zeros=True,
    ),
    Metric(
        "support_devices_by_version",
        "Devices in service by product and the version of their software, the most frequent ones.",
        "devices",
        {"product": product, "version": version},
        "Of each product the `top_versions` most frequent versions of a worker's devices; the rest are `other`.",
        levels("devices_by_version:any"),
        cut=most(0, lambda rules: rules.top_versions),
    ),
    Metric(
        "support_devices_by_release",
        "Devices in service by product and how their software stands to its current release.",
        "devices",
        {"product": product, "release": RELEASE},
        "The numbers that the version begins with against those of `current_versions`; unknown without either.",
        levels("devices_by_release"),
    ),
    Metric(
        "support_proactive_candidates",
        "Devices that call for a case and have none open, by product and reason.",
        "devices",
        {"product": product, "reason": EVIDENCE},
        "Devices in service without an open case about them; reason by first match: a critical fault is active, a major"
        " one, the device is silent.",
        candidates,
    ),
    Metric(
        "support_cases_reactive_device",
        "Reactive cases about a device opened in the window, by product and whether a signal came before.",
        "cases",
        {"window": WINDOW, "product": product, "signal": SIGNAL},
        "missed: the device raised a fault within `signal_days` before the creation of the case; product of the case.",
        windows("cases_reactive_device"),
    ),
    Metric(
        "support_case_missed_signal_lead_seconds",
        "How long before a reactive case its device had raised a fault, cases opened in the window.",
        "seconds",
        {"window": WINDOW},
        "Creation less the earliest raising within `signal_days` before it.",
        window_histogram("missed_signal_lead"),
        kind="gaugehistogram",
    ),
)
