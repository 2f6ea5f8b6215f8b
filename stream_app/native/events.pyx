# cython: language_level=3
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Records to events, compiled: what `Codec.decode` does with a payload there is nothing to say about.

Of whatever else comes, it is asked: it knows the reasons.
"""

from cpython.dict cimport PyDict_GetItem
from cpython.long cimport PyLong_AsLongLongAndOverflow
from cpython.ref cimport PyObject
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from stream_app.native.slots cimport at_place, place_of

from xxhash import xxh3_64_intdigest

from stream_app.codec import _EPOCH, _MS, EARLIEST_MS, EVENT_VERSION, Judged, Reject, in_one_go


cdef extern from "Python.h":
    object PyObject_Vectorcall(object callable, PyObject *const *args, size_t nargsf, PyObject *kwnames)

cdef int64_t EARLIEST = EARLIEST_MS
cdef int VERSION = EVENT_VERSION
cdef enum:
    ENVELOPE = 4
    MOST = 64


cdef class Kind:
    """A kind of event: the type of its fact, and where what is published has its fields."""

    cdef object fact
    cdef Py_ssize_t event_id, at, account, thing, version, sequence
    cdef vector[Py_ssize_t] own

    def __init__(self, wire, thing, fact, names):
        self.fact = fact
        self.event_id, self.at, self.account = place_of(wire, "event_id"), place_of(wire, "at"), place_of(wire, "account")
        self.version, self.sequence = place_of(wire, "version"), place_of(wire, "sequence")
        self.thing = place_of(wire, thing)
        self.own = [place_of(wire, name) for name in names]


cdef class Reader:
    """Reads the events of one topic. codec: the plain one of that topic."""

    cdef object codec, decode
    cdef dict kinds

    def __init__(self, codec):
        self.codec, self.decode = codec, codec._decode
        self.kinds = {wire: Kind(wire, codec.contract.thing, *made) for wire, made in in_one_go(codec.contract).items()}

    def judged(self, list records, int64_t latest_ms, int64_t late_before_ms, dict accounts, strays):
        """What some records are; see `codec.Reader.judged`."""
        cdef list events = [], rejects = []
        cdef int64_t at, late = 0
        cdef int beyond = 0
        cdef PyObject *found
        cdef object wire, account, fact
        cdef Kind kind = None
        for record in records:
            try:
                wire = self.decode(record.value)
            except Exception:
                wire = None
            fact = None
            found = PyDict_GetItem(self.kinds, type(wire))  # None is of no kind
            if found is not NULL:
                kind = <Kind>found
                moment = at_place(wire, kind.at)
                if type(moment) is not int:
                    moment = (moment - _EPOCH) // _MS
                at = PyLong_AsLongLongAndOverflow(moment, &beyond)
                if not beyond and EARLIEST <= at <= latest_ms and at_place(wire, kind.version) == VERSION:
                    try:
                        fact = made(kind, wire, moment, record.offset)
                    except ValueError:
                        fact = None
            if fact is None:
                event = self.codec.decode(record.value, record.offset, latest_ms)
                if isinstance(event, Reject):
                    rejects.append((record, event))
                    continue
                (account, thing), fact = event
                at = fact.at
            else:
                account, thing = at_place(wire, kind.account), at_place(wire, kind.thing)
            found = PyDict_GetItem(accounts, account)
            if found is not NULL:
                account = <object>found
            elif strays(account, record.key):
                detail = "the record's key or partition is not its account's"
                rejects.append((record, Reject(record.offset, "misrouted", detail)))
                continue
            else:
                accounts[account] = account
            late += at < late_before_ms
            events.append(((account, thing), fact))
        return Judged(events, rejects, late)


cdef object made(Kind kind, object wire, object at, object offset):
    """The fact that a decoded event states."""
    cdef PyObject *given[MOST]
    cdef object sequence = at_place(wire, kind.sequence)
    cdef object identity = xxh3_64_intdigest((<str>at_place(wire, kind.event_id)).encode())
    cdef size_t place
    given[0], given[1], given[2], given[3] = <PyObject *>at, <PyObject *>sequence, <PyObject *>offset, <PyObject *>identity
    for place in range(kind.own.size()):
        given[ENVELOPE + place] = (<PyObject **>(<char *><PyObject *>wire + kind.own[place]))[0]
    return PyObject_Vectorcall(kind.fact, given, ENVELOPE + kind.own.size(), NULL)
