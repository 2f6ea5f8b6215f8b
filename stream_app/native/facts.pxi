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


cdef Py_ssize_t AT = place_of(AnyFact, "at"), SEQUENCE = place_of(AnyFact, "sequence"), OFFSET = place_of(AnyFact, "offset")
cdef Py_ssize_t ID = place_of(AnyFact, "id")
for _kind in KINDS:  # all of them have these where every fact does
    for _place, _field in ((AT, "at"), (SEQUENCE, "sequence"), (OFFSET, "offset"), (ID, "id")):
        assert place_of(_kind, _field) == _place


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

_TYPES = {
    inspect.NoneType: <int>NIL, inspect.BoolType: <int>NO | <int>YES, inspect.IntType: <int>NUMBER,
    inspect.StrType: <int>TEXT, inspect.LiteralType: <int>TEXT,
}

def _types(stated):
    """The types of values that may stand in a field."""
    if isinstance(stated, inspect.Metadata):
        return _types(stated.type)
    if isinstance(stated, inspect.UnionType):
        return sum(map(_types, stated.types))
    return _TYPES[type(stated)]

cdef Value stated(value) except *:
    """What stands for a field that is left out."""
    cdef Value made
    if value is None:
        made.type = NIL
    elif isinstance(value, bool):
        made.type = YES if value else NO
    elif isinstance(value, int):
        made.type, made.number = NUMBER, value
    else:
        _DEFAULTS.append(value.encode())
        made.type, made.text = TEXT, text(_DEFAULTS[-1])
    return made

cdef list _DEFAULTS = []
cdef Kinds KNOWN_KINDS
cdef int64_t TIERS_ = TIERS

cdef enum:
    ENVELOPE = 4  # fields every fact has

cdef int _know(kind, int number) except -1:
    cdef vector[Field] fields
    cdef Field one
    known = inspect.type_info(kind)
    assert tuple(field.name for field in known.fields[ENVELOPE:]) == SAYS[kind]
    for field in known.fields[ENVELOPE:]:
        one.types, one.required = _types(field.type), field.required
        if not field.required:
            one.otherwise = stated(field.default)
        fields.push_back(one)
    KNOWN_KINDS.add(number, known.tag.encode(), fields)
    return 0

for _kind, _number in KINDS.items():
    _know(_kind, _number)
