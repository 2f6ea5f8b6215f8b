"""Call-home: what products in the field publish, and what a device weighs, alone and with the cases about it.

Definitions. A device is fresh until `late_after` expected intervals have passed without a sign of life,
then late, and silent after `silent_after`; intervals are those it stated itself, else its product's, and are
counted in whole minutes of the clock. It is retired from its decommissioning on, until it is registered
again or a sign of life comes later than the grace. A fault is active from its raising to its clearing. A
device that was never registered weighs nothing. In outage: since an outage that has not ended. Time in
outage: that of whole windows, of the minute of the clock too. Behind: of its version only the numbers that
it begins with are compared with those of the current release. Candidate for a proactive case: in service,
no open case about it, and by first match a critical fault active, a major one, or silent. Missed signal: a
reactive case about a device that had raised a fault within `signal_days` before the case was created.
Ended by itself: a fault without a case about its device that was created from its raising to its end and
names no other signal.

Where the sources leave it open: raising an active fault again changes its severity and raises nothing; a
fault counts under the severity it had last; what happened to a device stays in the windows when it retires,
but the numbers of its condition (active faults, outages, versions, candidates) speak of devices in service
only, so that they are shares of those; a fault that only a snapshot tells of, without since when, was never
raised, and of its end nobody can say whether a case was needed; a device that retires, or is heard of again,
within the grace stays retired, because what it had still to send may arrive late; a new registration puts it
in service at once; an outage touches every minute from that of its beginning to that of its end; a device
keeps its latest 64 ended faults and 64 outages; the time that a missed signal gave counts from the earliest
one of the period; a case counts under its own product.
"""

from stream_app.domain.callhome.facts import (
    Decommissioned,
    Deleted,
    DeviceFact,
    FaultCleared,
    FaultRaised,
    Heartbeat,
    OutageBegan,
    OutageEnded,
    PastFault,
    PastOutage,
    Registered,
    SelfHealed,
    Snapshot,
    SoftwareVersion,
    TransferredOut,
)
from stream_app.domain.callhome.joint import pulse, together
from stream_app.domain.callhome.moves import FOLDING, MOVES
from stream_app.domain.callhome.state import GONE, LIVE, Device, Fault, Over
from stream_app.domain.callhome.weights import Part, part, silent_from, steady, weigh

__all__ = [
    "FOLDING",
    "GONE",
    "LIVE",
    "MOVES",
    "Decommissioned",
    "Deleted",
    "Device",
    "DeviceFact",
    "Fault",
    "FaultCleared",
    "FaultRaised",
    "Heartbeat",
    "OutageBegan",
    "OutageEnded",
    "Over",
    "Part",
    "PastFault",
    "PastOutage",
    "Registered",
    "SelfHealed",
    "Snapshot",
    "SoftwareVersion",
    "TransferredOut",
    "part",
    "pulse",
    "silent_from",
    "steady",
    "together",
    "weigh",
]
