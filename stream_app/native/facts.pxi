# Which facts the compiled core folds, and which groups of counts each can change.

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

cdef dict _KINDS = KINDS

cdef int64_t MINUTE = 60_000, DAY = 24 * 60 * 60_000, HOUR = HOUR_MS
cdef int MEMORY_ = MEMORY
cdef Py_ssize_t LARGE = 1_024

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

cdef Py_ssize_t AT = place_of(Fact, "at"), SEQUENCE = place_of(Fact, "sequence")
cdef Py_ssize_t OFFSET = place_of(Fact, "offset"), ID = place_of(Fact, "id")
for _kind in KINDS:  # all of them have these where every fact does
    for _place, _field in ((AT, "at"), (SEQUENCE, "sequence"), (OFFSET, "offset"), (ID, "id")):
        assert place_of(_kind, _field) == _place
