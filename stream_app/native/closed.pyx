# cython: language_level=3
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Closed sets of words as numbers: what `domain.words.closed` makes of a word."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from stream_app.native.packed cimport Text

from stream_app.domain.words import OTHER, UNKNOWN

cdef bytes _UNKNOWN = UNKNOWN.encode()


cdef Text text(bytes word):
    """What bytes say, for as long as they are there."""
    return Text(PyBytes_AS_STRING(word), PyBytes_GET_SIZE(word))


cdef class Words:
    """A closed set of words, numbered; behind them `other` and `unknown`, unless it is `whole`."""

    def __init__(self, words, whole=False):
        for word in words:
            self.numbers.add(str(word).encode())
        self.words = tuple(words) if whole else (*words, OTHER, UNKNOWN)
        self.other, self.unknown = len(words), len(words) + 1
        self.absent = text(_UNKNOWN)

    cdef int number(self, str word) except -1:
        """The number of a word that this program knows."""
        return self.words.index(word)
