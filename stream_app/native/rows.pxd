"""Compiled rows, for other compiled modules."""

cimport cython
from libc.stdint cimport int64_t

from stream_app.native.packed cimport Reading


@cython.no_gc
cdef class NativeRow:
    cdef readonly bytes facts
    cdef readonly int64_t offset, at, sequence
    cdef readonly int kept
    cdef tuple key
    cdef object account, entry


cdef struct Head:
    int64_t offset, seen
    int kept


cdef bytes joined(bytes facts, bytes packed)
cdef bint headed(Reading& reading, Head& into) except -1
cdef bytes dumped(NativeRow row, int64_t seen)
