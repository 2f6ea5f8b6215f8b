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

from xxhash import xxh3_64_intdigest

from stream_app.codec import _EPOCH, _MS, EARLIEST_MS, EVENT_VERSION, Judged, Reject, in_one_go


cdef extern from "Python.h":
    object PyObject_Vectorcall(object callable, PyObject *const *args, size_t nargsf, PyObject *kwnames)

cdef int64_t EARLIEST = EARLIEST_MS
cdef int VERSION = EVENT_VERSION
cdef enum:
    ENVELOPE = 4
    MOST = 64


cdef class Reader:
    """Reads the events of one topic. codec: the plain one of that topic."""

    cdef object codec, decode
    cdef str thing
    cdef dict kinds

    def __init__(self, codec):
        self.codec, self.decode, self.thing = codec, codec._decode, codec.contract.thing
        self.kinds = in_one_go(codec.contract)

    def judged(self, list records, int64_t latest_ms, int64_t late_before_ms, dict accounts, strays):
        """What some records are; see `codec.Reader.judged`."""
        cdef list events = [], rejects = []
        cdef int64_t at, late = 0
        cdef int beyond = 0
        cdef PyObject *found
        cdef object wire, account, fact
        for record in records:
            try:
                wire = self.decode(record.value)
            except Exception:
                wire = None
            fact = None
            if wire is not None:
                moment = wire.at
                if type(moment) is not int:
                    moment = (moment - _EPOCH) // _MS
                at = PyLong_AsLongLongAndOverflow(moment, &beyond)
                if not beyond and EARLIEST <= at <= latest_ms and wire.version == VERSION:
                    found = PyDict_GetItem(self.kinds, type(wire))
                    if found is not NULL:
                        try:
                            fact = made(<tuple>found, wire, moment, record.offset)
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
                account, thing = wire.account, getattr(wire, self.thing)
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


cdef object made(tuple kind, object wire, object at, object offset):
    """The fact that a decoded event states; kind: its type and the names of its own fields."""
    cdef PyObject *given[MOST]
    cdef list held = [at, wire.sequence, offset, xxh3_64_intdigest((<str>wire.event_id).encode())]
    cdef tuple names = <tuple>kind[1]
    cdef Py_ssize_t place, count = ENVELOPE
    for name in names:
        held.append(getattr(wire, <str>name))
    count = len(held)
    for place in range(count):
        given[place] = <PyObject *>held[place]
    return PyObject_Vectorcall(kind[0], given, count, NULL)
