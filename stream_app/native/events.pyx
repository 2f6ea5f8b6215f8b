# cython: language_level=3
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Records to events, compiled: what `Codec.decode` does with a payload there is nothing to say about.

Of whatever else comes, it is asked: it knows the reasons.
"""

from cpython.dict cimport PyDict_GetItemWithError
from cpython.long cimport PyLong_AsLongLongAndOverflow
from cpython.ref cimport PyObject
from libc.stdint cimport int64_t, uint32_t
from libcpp.vector cimport vector

from stream_app.native.records cimport Chunk, View
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

    def judged(self, records, int64_t latest_ms, int64_t late_before_ms, dict accounts, strays):
        """What some records are; see `codec.Reader.judged`."""
        cdef list events = [], rejects = []
        cdef Chunk chunk = <Chunk>records if type(records) is Chunk else None
        cdef View view = View()
        cdef int64_t at, late = 0
        cdef size_t place, count = len(records)
        cdef int beyond = 0
        cdef PyObject *found
        cdef object wire, account, fact, offset, record, value
        cdef Kind kind = None
        for place in range(count):
            if chunk is not None:
                view.data, view.size = chunk.items[place].value, max(chunk.items[place].value_size, 0)
                value, offset = view, chunk.items[place].offset
            else:
                record = records[place]
                value, offset = record.value, record.offset
            try:
                wire = self.decode(value)
            except Exception:
                wire = None
            fact = None
            found = PyDict_GetItemWithError(self.kinds, type(wire))  # None is of no kind
            if found is not NULL:
                kind = <Kind>found
                moment = at_place(wire, kind.at)
                if type(moment) is not int:
                    moment = (moment - _EPOCH) // _MS
                at = PyLong_AsLongLongAndOverflow(moment, &beyond)
                if not beyond and EARLIEST <= at <= latest_ms and at_place(wire, kind.version) == VERSION:
                    try:
                        fact = made(kind, wire, moment, offset)
                    except ValueError:
                        fact = None
            if fact is None:
                record = records[place]
                event = self.codec.decode(record.value, offset, latest_ms)
                if isinstance(event, Reject):
                    rejects.append((record, event))
                    continue
                (account, thing), fact = event
                at = fact.at
            else:
                account, thing = at_place(wire, kind.account), at_place(wire, kind.thing)
            found = PyDict_GetItemWithError(accounts, account)
            if found is not NULL:
                account = <object>found
            elif strays(account, records[place].key if chunk is None else chunk.key(place)):
                detail = "the record's key or partition is not its account's"
                rejects.append((records[place], Reject(offset, "misrouted", detail)))
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


cdef extern from *:
    """
    /* The hash by which Kafka's Java clients choose a partition. */
    static uint32_t support_murmur2(const unsigned char *data, size_t size) {
        const uint32_t m = 0x5bd1e995;
        uint32_t h = 0x9747b28c ^ (uint32_t)size, k;
        for (; size >= 4; data += 4, size -= 4) {
            k = data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
            k *= m; k ^= k >> 24; k *= m;
            h *= m; h ^= k;
        }
        if (size == 3) h ^= (uint32_t)data[2] << 16;
        if (size >= 2) h ^= (uint32_t)data[1] << 8;
        if (size >= 1) { h ^= data[0]; h *= m; }
        h ^= h >> 13; h *= m; h ^= h >> 15;
        return h;
    }
    """
    uint32_t support_murmur2(const unsigned char *data, size_t size)


def murmur2(bytes data not None):
    """`aiokafka.partitioner.murmur2`."""
    return support_murmur2(data, len(data))
