# cython: language_level=3
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""What rows move of their account, compiled: the usual ways through `Ledger.move`, `Silence` and `Availability`, on the
same plain objects."""

from cpython.dict cimport PyDict_GetItemWithError
from cpython.ref cimport PyObject
from libc.stdint cimport int64_t

from stream_app.native.slots cimport at_place, place_of

from bisect import bisect_left, insort
from heapq import heappush

from stream_app.domain.account import NOTHING, Availability, Minutes, Silence
from stream_app.domain.health.ledger import Entry, Ledger
from stream_app.domain.health.score import NEVER

cdef Py_ssize_t EVIDENCE = place_of(Entry, "evidence"), HEALTH = place_of(Entry, "health"), READ = place_of(Entry, "read")
cdef Py_ssize_t HOUR = place_of(Ledger, "_hour")
cdef Py_ssize_t FIRST = place_of(Silence, "_first"), OPEN_CASES = place_of(Silence, "_open")
cdef int64_t NEVER_DUE = NEVER


cdef object entry_of(object ledger, str account):
    """The entry of an account, which is there as long as one of its rows says anything: `says` it at once."""
    entry = ledger.accounts.get(account)
    if entry is None:
        entry = ledger.accounts[account] = Entry()
        ledger._changed[account] = None
    return entry


cdef int says(object ledger, str account, object entry, tuple before, tuple after) except -1:
    """`domain.health.ledger.Ledger.move`: a row of an account no longer says `before` but `after`, neither anything twice."""
    cdef tuple items = before[0], more = after[0], item
    cdef dict evidence = <dict>at_place(entry, EVIDENCE)
    cdef Py_ssize_t balance = len(more) - len(items)
    cdef bint matters = before[1] != after[1]
    cdef int64_t hour = at_place(ledger, HOUR), due = NEVER_DUE, at
    cdef PyObject *found
    if matters:
        if before[1]:
            del entry.stamps[bisect_left(entry.stamps, before[1])]
        if after[1]:
            insort(entry.stamps, after[1])
    health = at_place(entry, HEALTH)
    if health is not None:
        due = health.due
    for item in more:
        if item in items:
            continue
        found = PyDict_GetItemWithError(evidence, item)
        evidence[item] = 1 if found is NULL else <object>found + 1
        at = item[1]
        matters = matters or at <= hour or at < due
    for item in items:
        if item in more:
            continue
        found = PyDict_GetItemWithError(evidence, item)
        left = -1 if found is NULL else <object>found - 1
        if left:
            evidence[item] = left
        else:
            del evidence[item]
        matters = matters or <int64_t>item[1] <= hour
    if balance < 0 and len(evidence) == 1:
        entry.evidence = evidence = {item: count for item, count in evidence.items()}  # a dictionary never shrinks
    if (matters or balance or not evidence) and (at_place(entry, READ) or not evidence):  # else it waits for a reading
        ledger._touch(account, entry)
    return 0


cdef bint is_open(object silence, str before, str after) except -1:
    """`domain.account.Silence.case` where no device counts; whether it was that."""
    cdef dict open
    cdef PyObject *found
    if at_place(silence, FIRST) is not None:
        return False
    known = at_place(silence, OPEN_CASES)
    open = {} if known is None else <dict>known
    if before is not None:
        left = <object>PyDict_GetItemWithError(open, before) - 1
        if left:
            open[before] = left
        else:
            del open[before]
    if after is not None:
        found = PyDict_GetItemWithError(open, after)
        open[after] = 1 if found is NULL else <object>found + 1
    if known is None or not open:
        silence._open = open or None
    return True


cdef object first_of(object minutes, object before, object after):
    """`domain.account.Minutes.move`."""
    cdef dict counts = minutes._counts
    cdef list heap = minutes._heap
    found = counts.get(after)
    if found is None:
        counts[after] = 1
        heappush(heap, after)
    else:
        counts[after] = found + 1
    if before is not None:
        left = counts[before] - 1
        if left:
            counts[before] = left
        else:
            del counts[before]
    first = heap[0]
    if first in counts and len(heap) <= 2 * len(counts) + 64:
        return first
    return minutes._first()


cdef object now_from(object silence, object before, object after):
    """`domain.account.Silence.device`, of a device that counts from one of these minutes and now from the other."""
    first = first_of(silence._minutes, before, after)
    if first == silence._first:
        return NOTHING
    if silence._open is None:
        silence._first = first
        return NOTHING
    was = silence._weigh()
    silence._first = first
    return was, silence._weigh()


cdef object falls_silent(object silence, int64_t before, int64_t after):
    """A device in service falls silent in another minute."""
    return NOTHING if before == after else now_from(silence, before, after)


cdef object comes(object account, int64_t silent_from):
    """`domain.account.Account.device`, of one that comes into service and was never in outage."""
    silence, availability = account._silence, account._availability
    if availability is None:
        availability = account._availability = Availability()
    if silence._minutes is None:
        silence._minutes = Minutes()
    change = now_from(silence, None, silent_from)
    served = availability._devices
    availability._devices = served + 1
    return change if served else (change[0], [*change[1], ("customers_with_devices", (), None, 1)])
