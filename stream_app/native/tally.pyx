# cython: language_level=3, boundscheck=False, initializedcheck=False
# distutils: depends = stream_app/native/amounts.hpp
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""`domain.board.Tally`, compiled: the same questions, the same answers."""

from libc.stdint cimport int64_t, uint64_t
from libcpp.vector cimport vector


cdef extern from *:
    """
    static inline PyObject *support_int(__int128 value) {
        if (value >= INT64_MIN && value <= INT64_MAX) return PyLong_FromLongLong((long long)value);
        const int negative = value < 0;
        unsigned __int128 size = negative ? -(unsigned __int128)value : (unsigned __int128)value;
        PyObject *high = PyLong_FromUnsignedLongLong((unsigned long long)(size >> 64));
        PyObject *bits = PyLong_FromLong(64), *low = PyLong_FromUnsignedLongLong((unsigned long long)size);
        PyObject *moved = high && bits ? PyNumber_Lshift(high, bits) : NULL;
        PyObject *whole = moved && low ? PyNumber_Or(moved, low) : NULL;
        PyObject *found = whole && negative ? PyNumber_Negative(whole) : NULL;
        Py_XDECREF(high); Py_XDECREF(bits); Py_XDECREF(low); Py_XDECREF(moved);
        if (!negative) return whole;
        Py_XDECREF(whole);
        return found;
    }
    """
    object support_int(Sum value)


cdef class Tally:
    """Amounts by minute, with running sums over spans of minutes that the clock moves on; see `domain.board.Tally`."""

    def __init__(self, tuple spans):
        if spans and min(spans) < -1 and max(spans) > 0:
            raise ValueError("a tally is asked for windows or for minutes ahead, not for both")
        cdef vector[int64_t] asked = spans
        self.running.spans(asked)

    def add(self, int64_t minute, int64_t amount):
        """Count an amount in a minute."""
        self.count(minute, amount)

    def lay_out(self):
        """Count what waits where there is much of it; adding does so by itself."""

    def settled(self):
        """Itself, with everything counted."""
        self.running.settle(self.amounts)
        return self

    def items(self):
        """(minute, amount) of everything counted, by time."""
        self.running.settle(self.amounts)
        found = {}
        cdef Amount one
        cdef size_t at
        for at in range(self.amounts.laid().size()):
            one = self.amounts.laid()[at]
            found[one.minute] = found.get(one.minute, 0) + one.amount
        return [item for item in found.items() if item[1]]

    @property
    def total(self):
        """The sum of every minute, those ahead of the clock included; of what was counted when it was last read."""
        return support_int(self.running.total())

    def read(self, int64_t now_minute):
        """The sum over each span at `now_minute`."""
        self.running.read(self.amounts, now_minute)
        return [support_int(self.running.sum(index)) for index in range(self.running.size())]

    def first(self):
        """The first minute that holds something; None when none does."""
        self.running.settle(self.amounts)
        if self.amounts.laid().empty():
            return None
        return self.amounts.laid()[0].minute

    def within(self, int64_t now_minute, int64_t span):
        """The plain sum over one span of what was counted."""
        self.running.settle(self.amounts)
        return support_int(Running.within(self.amounts, now_minute, span))
