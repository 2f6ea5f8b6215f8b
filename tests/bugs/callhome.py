"""Bugs of call-home."""

from stream_app.domain.callhome import moves, weights
from tests.bugs.bug import ORACLE, Bug

BUGS = (
    Bug(
        "a device lives within the grace after its end",
        ORACLE,
        weights.retired,
        "rules.retired_grace_minutes * 60_000",
        "0",
    ),
    Bug(
        "a snapshot of a retired device revives it",
        ORACLE,
        moves._snapshot,
        "fact.at if",
        "fact.decommissioned_at if",
    ),
    Bug("a device that is registered again stays retired", ORACLE, moves._registered, "device.retired = 0", "pass"),
    Bug("clearing a fault clears the others", ORACLE, moves._ended, "if other is not fault", "if False"),
    Bug(
        "a fault raised again keeps its severity",
        ORACLE,
        moves._fault_raised,
        "raised = fault.raised",
        "raised, fact = fault.raised, fault",
    ),
    Bug("a fault raised again begins anew", ORACLE, moves._fault_raised, "raised = fault.raised", "pass"),
    Bug("every fault ends by itself", ORACLE, moves._fault_cleared, "healed=False", "healed=True"),
    Bug("an outage begins again while it lasts", ORACLE, moves._outage_began, "or device.outages[-1][1]", "or True"),
    Bug("an outage that is over ends again", ORACLE, moves._outage_ended, "and not device.outages[-1][1]", ""),
    Bug("overlapping outages of a snapshot stay apart", ORACLE, moves._disjoint, "0 < found[-1][1] < began", "True"),
    Bug("an outage that lasts swallows none", ORACLE, moves._disjoint, "if last and ends else 0", ""),
    Bug(
        "a device registered again keeps its product",
        ORACLE,
        moves._registered,
        "= fact.product",
        "= device.product or fact.product",
    ),
    Bug(
        "a registration without a version takes it away",
        ORACLE,
        moves._registered,
        "fact.software or device.software",
        "fact.software",
    ),
    Bug(
        "a snapshot keeps the interval",
        ORACLE,
        moves._snapshot,
        "device.interval, device.software = fact.heartbeat_minutes",
        "device.software, _",
    ),
    Bug(
        "a snapshot knows since when a fault that is over was active",
        ORACLE,
        moves._snapshot,
        "if not past.cleared_at}",
        "}",
    ),
    Bug("a device sends as its product does", ORACLE, weights.interval, "device.interval or ", ""),
    Bug(
        "a retired device falls silent", ORACLE, weights.silent_from, "device.retired and retired(row, rules)", "False"
    ),
    Bug("a deleted device falls silent", ORACLE, weights.counts, " and row.state.phase != GONE", ""),
    Bug("a retired device has a version", ORACLE, weights.weigh, "if retired(row, rules)", "if False"),
    Bug(
        "a fault of a snapshot was raised then",
        ORACLE,
        moves._snapshot,
        "since.get(code, 0)",
        "since.get(code, fact.at)",
    ),
    Bug("what is cleared was raised", ORACLE, weights._faults, '"cleared")', '"raised")'),
    Bug("causes are the codes' first letters", ORACLE, weights.cause, "CAUSES[", "CAUSES[0 * "),
    Bug("a storm lasts an hour whatever the setting", ORACLE, weights._faults, "rules.storm_minutes", "60"),
    Bug("versions are compared as words", ORACLE, weights._numbers, "int(number)", "number"),
    Bug("zeros at the end of a version count", ORACLE, weights._numbers, "not found[-1]", "False"),
    Bug("an outage that is over goes on", ORACLE, weights._in_outage, "if not device.outages[-1][1]", "if True"),
    Bug("an outage does not end", ORACLE, weights._in_outage, "if ended:", "if False:"),
    Bug(
        "the time in outage begins with its minute",
        ORACLE,
        weights._in_outage,
        "minute(began), began)",
        "minute(began), minute(began) * 60_000)",
    ),
    Bug(
        "the minute of an outage's end is not in it",
        ORACLE,
        weights._outages,
        "minute(ended) if ended",
        "minute(ended) - 1 if ended",
    ),
)
