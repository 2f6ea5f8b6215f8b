"""Closed sets of words as numbers, for other compiled modules."""

from stream_app.native.packed cimport Numbered, Text


cdef class Words:
    cdef Numbered numbers
    cdef readonly tuple words
    cdef int other, unknown
    cdef Text absent

    cdef inline int of(self, Text word) noexcept:
        return self.numbers.of(word, self.unknown if word.empty() or word == self.absent else self.other)

    cdef int number(self, str word) except -1


cdef Text text(bytes word)
