"""Records as they lie in what was fetched, for other compiled modules."""

from libc.stdint cimport int32_t, int64_t
from libcpp cimport bool as cbool
from libcpp.vector cimport vector


cdef extern from "records.hpp" namespace "support":
    struct Record:
        int64_t offset, timestamp
        const char *key
        const char *value
        const char *headers
        int32_t key_size, value_size, headers_size, header_count

    cppclass Payload:
        Payload()
        Payload(const char *data, size_t size, int64_t offset, int64_t timestamp, cbool fixed, int64_t count)
        int64_t left()
        cbool next(Record& into)
        @staticmethod
        cbool bytes(const unsigned char *& at, const unsigned char *end, const char *& data, int32_t& size)


cdef class View:
    cdef const char *data
    cdef Py_ssize_t size


cdef class Chunk:
    cdef vector[Record] items
    cdef list payloads
    cdef object key(self, size_t place)
    cdef object one(self, const Record& record)
