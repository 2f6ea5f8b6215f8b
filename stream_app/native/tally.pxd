"""The compiled tally, for other compiled modules."""

from libc.stdint cimport int64_t
from libcpp cimport bool as cbool
from libcpp.vector cimport vector


cdef extern from "amounts.hpp" namespace "support":
    cdef cppclass Sum "support::Sum":
        pass

    cdef struct Amount:
        int64_t minute
        int64_t amount

    cdef cppclass Amounts:
        void add(int64_t minute, int64_t amount)
        cbool much_waits()
        const vector[Amount]& laid()

    cdef cppclass Running:
        void spans(vector[int64_t] spans)
        size_t size()
        Sum sum(size_t index)
        Sum total()
        void settle(Amounts& amounts)
        void read(Amounts& amounts, int64_t now)
        @staticmethod
        Sum within(const Amounts& amounts, int64_t now, int64_t span)


cdef class Tally:
    cdef Amounts amounts
    cdef Running running

    cdef inline void count(self, int64_t minute, int64_t amount) noexcept:
        self.amounts.add(minute, amount)
        if self.amounts.much_waits():
            self.running.settle(self.amounts)
