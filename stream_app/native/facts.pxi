# Which facts the compiled core folds, what each says, and which groups of counts it can change.

cdef enum Kind:
    CREATED = 1, ASSIGNED, REPLIED, WAITING, RESUMED, ESCALATED_, COLLABORATED, PRIORITY_CHANGED, SOLVED, CLOSED
    REOPENED_, EFFORT_LOGGED, INFORMATION_ASKED, LINKED, CONTACT_ATTEMPT, AUTOMATION_

cdef enum Phase:
    IN_OPEN = 0, IN_SOLVED = 1, IN_CLOSED = 2

cdef enum Side:
    CUSTOMER = 0, AGENT = 1

cdef enum Wait:
    NOT_WAITING = 0, ON_CUSTOMER = 1, ON_VENDOR = 2

KINDS = {
    Created: CREATED, Assigned: ASSIGNED, Replied: REPLIED, Waiting: WAITING, Resumed: RESUMED,
    Escalated: ESCALATED_, Collaborated: COLLABORATED, PriorityChanged: PRIORITY_CHANGED, Solved: SOLVED,
    Closed: CLOSED, Reopened: REOPENED_, EffortLogged: EFFORT_LOGGED, InformationAsked: INFORMATION_ASKED,
    Linked: LINKED, ContactAttempt: CONTACT_ATTEMPT, Automation: AUTOMATION_,
}
"""Kinds of facts that a native row folds. Of the others each replaces or ends what is known of a case."""

cdef int64_t MINUTE = 60_000, DAY = 24 * 60 * 60_000, HOUR = HOUR_MS, TIERS_ = TIERS

cdef int64_t ALWAYS = touched.ALWAYS, OPENED = touched.OPENED, FIRST = touched.FIRST, TOLD = touched.TOLD
cdef int64_t SPOKEN = touched.SPOKEN, SERVED = touched.SERVED, DONE = touched.DONE, BACKLOG = touched.BACKLOG

cdef int64_t _touched(kind) except? -2:
    return touched.TOUCHED.get(kind, -1)

cdef int64_t[17] TOUCHED
for _kind, _number in KINDS.items():
    TOUCHED[_number] = _touched(_kind)

cdef int64_t PART = 1, EVIDENCE = 2, TOGETHER = 4
from stream_app.domain import touched as _groups
assert (PART, EVIDENCE, TOGETHER) == (_groups.PART, _groups.EVIDENCE, _groups.TOGETHER)


# What the facts say besides when they happened, in the order they say it in: the places in `Fact.says`.

cdef enum:
    BY, BY_CHANNEL, OF_ORIGIN, OF_PRIORITY, OF_TIER, OF_TEAM, OF_ISSUE, OF_ACCESS, OF_CLASS, OF_PRODUCT, OF_REGION
    IS_COMPLETE, OF_DEVICE, OF_SIGNAL, DELIVERED_BY

SAYS = {
    Created: (
        "by", "channel", "origin", "priority", "tier", "team", "issue_type", "access_point", "device_class", "product",
        "region", "complete", "device", "signal", "delivered_by",
    ),
    Assigned: ("team", "agent", "delivered_by"), Replied: ("by", "public", "automatic", "channel"), Waiting: ("on",),
    Resumed: (), Escalated: ("to",), Collaborated: ("who", "authorised"), PriorityChanged: ("priority",),
    Solved: ("recorded",), Closed: ("recorded",), Reopened: (), EffortLogged: ("minutes",), InformationAsked: (),
    Linked: ("what", "target", "action"), ContactAttempt: ("outcome", "channel", "wait_ms"),
    Automation: ("step", "outcome"),
}

cdef Kinds KNOWN_KINDS
for _kind, _number in KINDS.items():
    know(KNOWN_KINDS, _kind, _number, SAYS[_kind])
