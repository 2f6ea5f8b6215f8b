# cython: language_level=3, boundscheck=False, initializedcheck=False, cdivision=True
# distutils: depends = stream_app/native/amounts.hpp
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Heartbeats, compiled: what `Partition._beat` does with a sign of life that moves nothing but its device's pulse.

Most events of call-home are of this kind, and nothing of them is kept. All others are left: facts of another kind, devices
that are not known, were retired, have an active fault or a case about them; and what comes behind one of these, of its key.
"""

from cpython.dict cimport PyDict_GetItem
from cpython.ref cimport PyObject
from libc.stdint cimport int64_t

from stream_app.native.ledger cimport entry_of, says
from stream_app.native.slots cimport at_place, place_of
from stream_app.native.tally cimport Tally

from stream_app.domain.account import NOTHING
from stream_app.domain.callhome import GONE, Device, Heartbeat
from stream_app.domain.fold import Outcome, Row
from stream_app.domain.health.evidence import of_silence
from stream_app.domain.words import closed

cdef int64_t MINUTE = 60_000
cdef Py_ssize_t AT = place_of(Heartbeat, "at"), FACT_OFFSET = place_of(Heartbeat, "offset")
cdef Py_ssize_t STATE = place_of(Row, "state"), SEEN = place_of(Row, "seen"), OFFSET = place_of(Row, "offset")
cdef Py_ssize_t PHASE = place_of(Device, "phase"), REGISTERED = place_of(Device, "registered")
cdef Py_ssize_t PRODUCT = place_of(Device, "product"), INTERVAL = place_of(Device, "interval")
cdef Py_ssize_t RETIRED = place_of(Device, "retired"), FAULTS = place_of(Device, "faults")

cdef enum:
    KEPT = 10_000

cdef enum Way:
    LEFT, IS_APPLIED, IS_STALE, IS_UNCHANGED


cdef class Pulse:
    """Devices of one product that are heard of in one interval. silent_after: minutes until one is silent."""

    cdef Tally seen
    cdef int64_t silent_after


cdef class Beats:
    """The heartbeats of one partition, on its board and by its rules."""

    cdef object board, ledger, rules
    cdef dict pulses, silences

    def __init__(self, board, rules):
        self.board, self.ledger, self.rules = board, board.ledgers[0], rules
        self.pulses, self.silences = {}, {}

    cdef Pulse pulse(self, object device):
        """Where a device counts as seen."""
        cdef object product = at_place(device, PRODUCT), interval = at_place(device, INTERVAL)
        cdef tuple key = (product, interval)
        cdef PyObject *found = PyDict_GetItem(self.pulses, key)
        if found is not NULL:
            return <Pulse>found
        if len(self.pulses) >= KEPT:
            self.pulses.clear()
        rules, word = self.rules, closed(product, self.rules.products)
        minutes = interval or rules.heartbeat_minutes.get(word, rules.default_heartbeat_minutes)
        cdef Pulse made = Pulse.__new__(Pulse)
        made.seen, made.silent_after = self.board.tally("devices_seen", (word, minutes)), rules.silent_after * minutes
        self.pulses[key] = made
        return made

    cdef tuple says_silent(self, int64_t minute):
        """What a device says that falls silent in a minute, the same object for all devices of an hour."""
        cdef object hour = (minute + 59) // 60
        cdef PyObject *found = PyDict_GetItem(self.silences, hour)
        if found is not NULL:
            return <tuple>found
        if len(self.silences) >= KEPT:
            self.silences.clear()
        made = self.silences[hour] = of_silence(minute)
        return made

    cdef int beat(self, object partition, dict accounts, tuple key, object row, object fact) except -1:
        """Fold one heartbeat; `LEFT` leaves everything as it was."""
        cdef object device = at_place(row, STATE), at = at_place(fact, AT), offset = at_place(fact, FACT_OFFSET)
        cdef int64_t before = at_place(row, SEEN), after = at, due, later
        cdef PyObject *found
        cdef Pulse pulse
        if device is None or at_place(device, RETIRED) != 0 or at_place(device, FAULTS):
            return LEFT
        if <int64_t>offset <= <int64_t>at_place(row, OFFSET):
            return IS_STALE
        if after <= before:
            return IS_UNCHANGED
        found = PyDict_GetItem(accounts, key[0])
        account = None if found is NULL else <object>found
        if account is not None and account._about is not None and key[1] in account._about:
            return LEFT
        row.seen, row.offset = at, offset
        before, after = before // MINUTE, after // MINUTE
        if before == after or not at_place(device, REGISTERED) or at_place(device, PHASE) == GONE:
            return IS_APPLIED
        pulse = self.pulse(device)
        pulse.seen.count(before, -1)
        pulse.seen.count(after, 1)
        if account is not None:
            due, later = before + pulse.silent_after, after + pulse.silent_after
            change = account.beat(due, later)
            if change is not NOTHING:
                partition._changes(change)
            said, told = self.says_silent(due), self.says_silent(later)
            if said is not told and said != told:
                says(self.ledger, key[0], entry_of(self.ledger, key[0]), said, told)
        return IS_APPLIED


def absorb(partition, area, events, Beats beats not None):
    """Fold the heartbeats that can be folded so; see `stream_app.native.cases.absorb`."""
    cdef dict rows = partition.rows[area.topic], accounts = partition.accounts, changed = {}
    cdef list left = []
    cdef set plain = set()
    cdef tuple key
    cdef PyObject *found
    cdef int way
    cdef int64_t at, latest = 0
    cdef int64_t[4] ways
    cdef object fact
    ways[:] = [0, 0, 0, 0]
    for event in events:
        key, fact = <tuple>(<tuple>event)[0], (<tuple>event)[1]
        way = LEFT
        if type(fact) is Heartbeat and (not plain or key not in plain):
            found = PyDict_GetItem(rows, key)
            if found is not NULL:
                way = beats.beat(partition, accounts, key, <object>found, fact)
        ways[way] += 1
        if way == IS_APPLIED:
            changed[key] = None
            at = at_place(fact, AT)
            latest = max(latest, at)
        elif way == LEFT:
            plain.add(key)
            left.append(event)
    outcomes = {}
    for outcome, number in ((Outcome.APPLIED, ways[1]), (Outcome.STALE, ways[2]), (Outcome.UNCHANGED, ways[3])):
        if number:
            outcomes[outcome] = number
    return changed, outcomes, latest, left
