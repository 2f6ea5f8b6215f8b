# cython: language_level=3, boundscheck=False, initializedcheck=False
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Records as they lie in what was fetched: none is an object of its own unless somebody asks for it.

aiokafka makes an object with two strings of bytes of each record. Most are decoded once, in their order: for that it is
enough to know where they lie.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_FillInfo, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int32_t, int64_t
from libcpp cimport bool as cbool
from libcpp.unordered_map cimport unordered_map

from collections import Counter
from typing import NamedTuple


class Stated(NamedTuple):
    """What one record says."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


cdef class View:
    """Bytes that lie somewhere else, for whoever decodes them at once."""

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        PyBuffer_FillInfo(buffer, self, <void *>self.data, self.size, 1, flags)


cdef class Part:
    """The records of one batch that are left to read. payload: its records, decompressed."""

    cdef Payload records
    cdef object payload
    cdef Py_buffer buffer
    cdef cbool held

    def __cinit__(self, payload, int64_t offset, int64_t timestamp, bint fixed, int64_t count):
        PyObject_GetBuffer(payload, &self.buffer, PyBUF_SIMPLE)
        self.payload, self.held = payload, True
        self.records = Payload(<const char *>self.buffer.buf, self.buffer.len, offset, timestamp, fixed, count)

    def __dealloc__(self):
        if self.held:
            PyBuffer_Release(&self.buffer)


cdef object taken(const char *data, int32_t size):
    return None if size < 0 else PyBytes_FromStringAndSize(data, size)


cdef class Chunk:
    """Records of one partition, in their order: a sequence of `Stated`."""

    def __cinit__(self):
        self.payloads = []

    def take(self, Part part not None, int64_t first, size_t most):
        """Take records of a batch whose offsets are `first` or later, until there are `most` here.

        Returns whether the batch is read to its end. Raises ValueError for one that cannot be read.
        """
        cdef Record record
        self.payloads.append(part)
        while part.records.left():
            if self.items.size() >= most:
                return False
            if not part.records.next(record):
                raise ValueError("a record does not lie within its batch")
            if record.offset >= first:
                self.items.push_back(record)
        return True

    def since(self, int64_t first):
        """The records whose offsets are `first` or later."""
        cdef Chunk found
        if self.items.empty() or self.items.front().offset >= first:
            return self
        found = Chunk()
        found.payloads = self.payloads
        for record in self.items:
            if record.offset >= first:
                found.items.push_back(record)
        return found

    def stamps(self):
        """How many records have each timestamp."""
        cdef unordered_map[int64_t, int64_t] counts
        for record in self.items:
            counts[record.timestamp] += 1
        return Counter(dict(counts))

    def keyed(self, load, int64_t end):
        """(key as loaded, value, the record if it has no value) of each record before an offset."""
        cdef View key = View()
        cdef size_t place
        for place in range(self.items.size()):
            if self.items[place].offset >= end:
                return
            key.data, key.size = self.items[place].key, max(self.items[place].key_size, 0)
            if self.items[place].value_size < 0:
                yield load(key), None, self.one(self.items[place])
            else:
                yield load(key), taken(self.items[place].value, self.items[place].value_size), None

    cdef object key(self, size_t place):
        """The key of a record."""
        return taken(self.items[place].key, self.items[place].key_size)

    cdef object one(self, const Record& record):
        """A record as an object."""
        cdef const unsigned char *at = <const unsigned char *>record.headers
        cdef const unsigned char *end = at + record.headers_size
        cdef const char *name = NULL
        cdef const char *value = NULL
        cdef int32_t name_size = 0, value_size = 0
        cdef list headers = []
        for _ in range(record.header_count):
            Payload.bytes(at, end, name, name_size)
            Payload.bytes(at, end, value, value_size)
            headers.append((PyUnicode_DecodeUTF8(name, max(name_size, 0), "replace"), taken(value, value_size)))
        return Stated(
            record.offset, record.timestamp, taken(record.key, record.key_size), taken(record.value, record.value_size),
            tuple(headers),
        )

    def __len__(self):
        return self.items.size()

    def __iter__(self):
        cdef size_t place
        for place in range(self.items.size()):
            yield self.one(self.items[place])

    def __getitem__(self, Py_ssize_t place):
        if place < 0:
            place += self.items.size()
        if not 0 <= place < <Py_ssize_t>self.items.size():
            raise IndexError("no such record")
        return self.one(self.items[place])
