"""Cases: the facts a case-management system publishes, their moves, and what a case weighs.

Definitions. Open: not solved, closed, merged or gone. Reopen: a move from solved or closed to open.
Resolution first: creation to the first solve, for ever; full: creation to the latest solve, not counted
while the case is open again. Clock elapsed: all of it; net: without waiting on the customer and without
the time between a solve and a reopening. First response: creation by a customer to the first public
human reply of an agent. Awaiting reply: since the first customer message, the creation by a customer
among them, that neither a person's public reply nor a solve followed. Interaction: a public message or
call of a person, of consecutive ones by one side the first. Unassigned: neither a person nor a team was
given the case. A case whose creation was never seen weighs nothing. First contact ends when the
customer speaks after the first public reply of a person; solved at first contact: before that, and not
open again; without such a reply it is unknown. Touches: public replies of persons up to the solve.
A case opened from a signal of its device is proactive.
Resolution closed: creation to the final close of a case that was ever solved; one that never was is
closed unsolved. Next step due: open after first contact ended, neither escalated nor collaborated on;
stuck: so for as long as a setting says.

Where the sources leave it open: an escalation and a collaboration stay with a case, whatever follows;
escalations of a solved case count by the last one; a case solved, reopened and solved again before its
customer spoke was solved at first contact; what was said after a solve does not move its touches; a
merged case has no full resolution, it goes on as another one; a case closed without a solve and
reopened was idle since the close; a message of a machine is nobody's, so an automatic answer of a
customer waits for no reply; a customer's message to a solved case that is reopened later has been
waiting since that message; the creation is the first message of who opened the case; a case keeps its
latest 256 interactions; a case is counted as opened under its present priority; a case assigned without
a team stays with its team; a length of time that comes out negative, from publishers whose clocks
disagree, is 0.
"""

from stream_app.domain.cases.facts import (
    Assigned,
    CaseFact,
    CaseState,
    Closed,
    Collaborated,
    Created,
    Deleted,
    Duration,
    Escalated,
    Instant,
    Instants,
    Label,
    Merged,
    PriorityChanged,
    Reopened,
    Replied,
    Resumed,
    Side,
    Snapshot,
    Solved,
    TransferredOut,
    Waiting,
)
from stream_app.domain.cases.moves import FOLDING, MOVES
from stream_app.domain.cases.state import CLOSED, GONE, MERGED, OPEN, SOLVED, Case
from stream_app.domain.cases.weights import Part, open_state, part, weigh

__all__ = [
    "CLOSED",
    "FOLDING",
    "GONE",
    "MERGED",
    "MOVES",
    "OPEN",
    "SOLVED",
    "Assigned",
    "Case",
    "CaseFact",
    "CaseState",
    "Closed",
    "Collaborated",
    "Created",
    "Deleted",
    "Duration",
    "Escalated",
    "Instant",
    "Instants",
    "Label",
    "Merged",
    "Part",
    "PriorityChanged",
    "Reopened",
    "Replied",
    "Resumed",
    "Side",
    "Snapshot",
    "Solved",
    "TransferredOut",
    "Waiting",
    "open_state",
    "part",
    "weigh",
]
