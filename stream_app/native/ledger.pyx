# cython: language_level=3
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""What a case moves of its account, compiled: `Ledger.move`, and the way to `Silence.case`, on the same plain objects."""

from bisect import bisect_left, insort

from stream_app.domain.health.ledger import Entry
from stream_app.domain.health.score import NEVER


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
    cdef dict evidence
    cdef Py_ssize_t balance = len(more) - len(items)
    cdef bint matters = before[1] != after[1]
    if matters:
        if before[1]:
            del entry.stamps[bisect_left(entry.stamps, before[1])]
        if after[1]:
            insort(entry.stamps, after[1])
    evidence = entry.evidence
    health = entry.health
    hour, due = ledger._hour, NEVER if health is None else health.due
    for item in more:
        if item in items:
            continue
        evidence[item] = evidence.get(item, 0) + 1
        matters = matters or item[1] <= hour or item[1] < due
    for item in items:
        if item in more:
            continue
        left = evidence.get(item, 0) - 1
        if left:
            evidence[item] = left
        else:
            del evidence[item]
        matters = matters or item[1] <= hour
    if balance < 0 and len(evidence) == 1:
        entry.evidence = evidence = {item: count for item, count in evidence.items()}  # a dictionary never shrinks
    if matters or balance or not evidence:
        if entry.read or not evidence:  # else it waits for a reading already
            ledger._touch(account, entry)
    return 0


cdef bint is_open(object silence, str before, str after) except -1:
    """`domain.account.Silence.case` where no device counts; whether it was that."""
    if silence._first is not None:
        return False
    silence._count(before, after)
    return True
