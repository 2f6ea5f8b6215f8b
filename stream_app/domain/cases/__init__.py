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
stuck: so for as long as a setting says. Handoff: an assignment to another team, not after an escalation;
reassignment: to another agent of the same team; both count in the minute of the solve. Untouched: open, and
no event of it for as many days as a setting says.

Where the sources leave it open: an escalation and a collaboration stay with a case, whatever follows;
escalations of a solved case count by the last one; a case solved, reopened and solved again before its
customer spoke was solved at first contact; what was said after a solve does not move its touches; a
merged case has no full resolution, it goes on as another one; a case closed without a solve and
reopened was idle since the close; a message of a machine is nobody's, so an automatic answer of a
customer waits for no reply; a customer's message to a solved case that is reopened later has been
waiting since that message; the creation is the first message of who opened the case; a case keeps its
latest 256 interactions; a case is counted as opened under its present priority; a case assigned without
a team stays with its team; a length of time that comes out negative, from publishers whose clocks
disagree, is 0. An escalation explains the next assignment that names a team, which is no handoff then; who
takes over in another team is no reassignment; assignments of a case that is not open are neither. The path
of a solved case is the first that fits: first_contact (solved at first contact, whoever helped), escalated,
team (a team or a vendor worked on it too), coached (anybody else did), unknown. The customer agreed to a
case's vendors if to each of them. Effort logged after the solve counts in the minute of the solve; a case
nobody logged effort on has none. A case is with engineering while the latest escalation since it was opened
went there, whoever it is assigned to; the time to fix runs from the first such escalation to the latest
solve. A case that is merged counts as merged in the minute of that, under whatever it goes on. Untouched
counts from the first midnight (UTC) after the last event is that many days old, so that a case's deadline
moves once a day at most.
Attempts to reach support count whether or not a case came of them: a thing of which nothing but attempts is told
is no case and no incomplete row. An abandoned attempt is one of those that were connected, abandoned or cut off; who
is queued is still waiting. Every event of asking for information is a round unless the customer has not spoken since
the one before, and rounds are those of the cases solved that had any: what came before the work begins is
nowhere told apart. The customer's interactions of a solved case are those before its latest solve. A topic made
for the case is new, one that was linked or changed is known; the latest link to a topic counts, and of several
bugs the latest. Articles linked after the solve count in the minute of the solve; of what was done with them made
comes before changed, and changed before linked. A record is as complete as the last solve or close that speaks of it
says. A case that was routed by a machine and then handed off or reassigned was `reassigned`. Attempts and
automatic steps stay where they were told: a snapshot neither says nor changes them, so a case that goes to another
account leaves them behind.
"""

from stream_app.domain.cases.facts import (
    Assigned,
    Automation,
    CaseFact,
    CaseState,
    Closed,
    Collaborated,
    ContactAttempt,
    Count,
    Created,
    Deleted,
    Duration,
    EffortLogged,
    Escalated,
    InformationAsked,
    Instant,
    Instants,
    Label,
    Linked,
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
from stream_app.domain.cases.touched import TOUCHED
from stream_app.domain.cases.weights import Part, open_state, part, weigh

__all__ = [
    "CLOSED",
    "FOLDING",
    "GONE",
    "MERGED",
    "MOVES",
    "OPEN",
    "SOLVED",
    "TOUCHED",
    "Assigned",
    "Automation",
    "Case",
    "CaseFact",
    "CaseState",
    "Closed",
    "Collaborated",
    "ContactAttempt",
    "Count",
    "Created",
    "Deleted",
    "Duration",
    "EffortLogged",
    "Escalated",
    "InformationAsked",
    "Instant",
    "Instants",
    "Label",
    "Linked",
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
