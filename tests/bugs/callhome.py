"""Bugs of call-home."""

from stream_app.domain import callhome
from tests.bugs.bug import ORACLE, Bug

BUGS = (
    Bug("a device lives in the instant of its end", ORACLE, callhome._retired, ">= row.seen", "> row.seen"),
    Bug(
        "a snapshot of a retired device revives it",
        ORACLE,
        callhome._snapshot,
        "fact.at if",
        "fact.decommissioned_at if",
    ),
    Bug("clearing a fault clears the others", ORACLE, callhome._fault_cleared, "item[0] != fact.code", "False"),
    Bug(
        "a fault raised again keeps its severity",
        ORACLE,
        callhome._fault_raised,
        "{**dict(device.faults), fact.code: fact.severity}",
        "{fact.code: fact.severity, **dict(device.faults)}",
    ),
    Bug(
        "a device registered again keeps its product",
        ORACLE,
        callhome._registered,
        "= fact.product",
        "= device.product or fact.product",
    ),
    Bug("a retired device falls silent", ORACLE, callhome.silent_from, " or _retired(row)", ""),
    Bug("a deleted device falls silent", ORACLE, callhome.silent_from, "device.phase == GONE or ", ""),
)
