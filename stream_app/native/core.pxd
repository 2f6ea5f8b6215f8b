"""The compiled core of one topic of a partition, for the modules of the topics."""

from cpython.ref cimport PyObject
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from stream_app.native.packed cimport Fact
from stream_app.native.rows cimport NativeRow


cdef struct Entry:
    int cell
    int64_t minute
    int64_t amount


cdef extern from *:
    """
    static constexpr int64_t SUPPORT_LEVEL = -(INT64_C(1) << 62);
    """
    int64_t LEVEL "SUPPORT_LEVEL"  # stands for the minute of a plain count


cdef enum Way:
    TO_PLAIN, IS_APPLIED, IS_STALE, IS_DUPLICATE, IS_UNCHANGED


cdef class Core:
    cdef object area, board, rules, ledger, pack, row_type
    cdef dict kinds, rows, accounts, items
    cdef set answered
    cdef vector[PyObject *] tallies
    cdef vector[int64_t] levels
    cdef vector[char] is_moved
    cdef vector[int] moved
    cdef list held, series, places
    cdef vector[Entry] before, after
    cdef Fact one
    cdef int64_t first

    cdef NativeRow made(self, bytes facts, int64_t offset, int kept, int64_t seen)
    cdef bint leaves(self, tuple key) except -1
    cdef bint folded(self, NativeRow row) except -1
    cdef int begin(self, object partition, tuple key, int kind, object fact) except -1
    cdef bytes longer(self, NativeRow row, object fact)
    cdef int take(self, NativeRow row, bytes facts, object fact) except -1
    cdef int fold(self, object partition, NativeRow row, int kind, object fact) except -1
    cdef int meet(self, object partition, tuple key, object row, int kind, object fact) except -1
    cdef NativeRow taken(self, tuple key, object row)
    cdef int weigh_in(self, object partition, NativeRow row) except -1

    cdef int make(self, str name, tuple dimensions) except -1
    cdef tuple labelled(self, int cell)
    cdef int touch(self, int cell, bint level) except -1
    cdef int add(self, int cell, int64_t minute, int64_t amount) except -1
    cdef int move(self) except -1
    cdef tuple item(self, str kind, int64_t hour)
    cdef int tell(self, NativeRow row, tuple before, tuple after, bint twice) except -1


cdef inline void put(vector[Entry]& into, int cell, int64_t minute, int64_t amount) noexcept:
    into.push_back(Entry(cell, minute, amount))


cdef Py_ssize_t AT, SEQUENCE, OFFSET, ID
