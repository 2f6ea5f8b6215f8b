# cython: language_level=3, boundscheck=False, initializedcheck=False, cdivision=True
# distutils: depends = stream_app/native/amounts.hpp stream_app/native/facts.pxi stream_app/native/words.pxi stream_app/native/cells.pxi stream_app/native/rows.pxi stream_app/native/moves.pxi stream_app/native/weights.pxi stream_app/native/targets.pxi stream_app/native/accounts.pxi
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Rows of cases, compiled: what `domain.fold`, `domain.cases` and `Partition.absorb` do, for facts that come in order.

A `LiveRow` knows of its case what the board needs, as numbers. It weighs in the same groups as `domain.cases.weights`,
in the same order, and moves the same tallies. What it does not know it leaves: a fact of a kind that is not in `KINDS`,
one that comes late, a row that forgets, the first fact of a case that is no creation. Such a row is a plain one from
then on, until it is made again from facts that are all in order (`native_row`). That both ways come to the same numbers
is a law of its own.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItem
from cpython.ref cimport PyObject
from libc.stdint cimport int8_t, int64_t, uint8_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.vector cimport vector

from stream_app.native.ledger cimport entry_of, is_open, says
from stream_app.native.slots cimport at_place, place_of
from stream_app.native.tally cimport Tally

from stream_app.codec import ROW_VERSION
from stream_app.domain import cases
from stream_app.domain.account import NOTHING, Account
from stream_app.domain.cases import touched
from stream_app.domain.cases.facts import (
    Assigned, Automation, Closed, Collaborated, ContactAttempt, Created, EffortLogged, Escalated, InformationAsked,
    Linked, PriorityChanged, Reopened, Replied, Resumed, Solved, Waiting,
)
from stream_app.domain.fold import MEMORY, Fact, Outcome, Row, kept_facts, state_of
from stream_app.domain.fold import _knows as knows
from stream_app.domain.health.tiers import stamp
from stream_app.domain.health.words import (
    CASE, ESCALATED, HOUR_MS, OPEN, OPEN_LONG, OPEN_OTHER, REOPENED, open_case,
)
from stream_app.domain.health.words import NOTHING as NO_EVIDENCE
from stream_app.domain.service_levels import TARGETS
from stream_app.domain.words import (
    ACCESS_POINTS, ATTEMPTS, AUTOMATED, AUTOMATION, CHANNELS, COLLABORATORS, COUNT_BOUNDS, DEVICE_CLASSES,
    DURATION_BOUNDS, ESCALATED_TO, ISSUE_TYPES, KNOWLEDGE, ORIGINS, OTHER, PATHS, PRIORITIES, UNKNOWN,
)


cdef extern from *:
    """
    static inline int support_holds_id(const char *bytes, Py_ssize_t size, uint64_t id) {
        unsigned char packed[9];
        packed[0] = 0xcf;
        for (int place = 8; place; --place, id >>= 8) packed[place] = (unsigned char)id;
        return memmem(bytes, (size_t)size, packed, sizeof packed) != NULL;
    }
    """
    bint support_holds_id(const char *bytes, Py_ssize_t size, uint64_t id)


cdef extern from *:
    """
    static inline char *support_pack(char *to, uint64_t value) {
        int bytes = value < 128 ? 0 : value < 1ULL << 8 ? 1 : value < 1ULL << 16 ? 2 : value < 1ULL << 32 ? 4 : 8;
        if (!bytes) { *to++ = (char)value; return to; }
        *to++ = (char)(bytes == 1 ? 0xcc : bytes == 2 ? 0xcd : bytes == 4 ? 0xce : 0xcf);
        for (int place = bytes - 1; place >= 0; --place) *to++ = (char)(value >> (8 * place));
        return to;
    }
    """
    char *support_pack(char *to, uint64_t value)


include "facts.pxi"
include "words.pxi"
include "cells.pxi"
include "rows.pxi"
include "moves.pxi"
include "weights.pxi"
include "targets.pxi"
include "accounts.pxi"


cdef enum Way:
    TO_PLAIN, IS_APPLIED, IS_STALE, IS_DUPLICATE

cdef bint held(object folding, LiveRow row, fact) except -1:
    """Whether a row has a fact of this id."""
    cdef uint64_t identity = at_place(fact, ID)
    if identity >> 32 and not support_holds_id(PyBytes_AS_STRING(row.facts), PyBytes_GET_SIZE(row.facts), identity):
        return False
    return knows(folding, row, fact)


cdef bint answered_about(object partition, tuple key, LiveRow row) except -1:
    """Whether surveys about a case were answered, so that it weighs with them; row: the one that is there, if any."""
    cdef PyObject *found
    cdef object account = None if row is None else row.account
    if account is None:
        found = PyDict_GetItem(<dict>partition.accounts, key[0])
        if found is NULL:
            return False
        account = <object>found
        if row is not None:
            row.account = account
    cdef dict answers = <dict>account._answers
    return len(answers) > 0 and key[1] in answers


cdef int fold(object partition, object area, Cells cells, tuple key, LiveRow row, int kind, fact) except -1:
    """Advance a row by one fact and move board and account with it; `TO_PLAIN` leaves everything as it was."""
    cdef int64_t offset = at_place(fact, OFFSET), at, sequence, of, solved
    cdef int was
    cdef str bug, topic
    cdef bytes packed
    if offset <= row.offset:
        return IS_STALE
    at, sequence = at_place(fact, AT), at_place(fact, SEQUENCE)
    if at < row.at or (at == row.at and sequence < row.sequence):
        return TO_PLAIN
    folding = area.folding
    if held(folding, row, fact):
        return IS_DUPLICATE
    of = TOUCHED[kind]
    if row.kept >= MEMORY_ or (of & TOGETHER and answered_about(partition, key, row)):
        return TO_PLAIN
    packed = folding.pack(fact)
    if PyBytes_GET_SIZE(packed) > LARGE:
        return TO_PLAIN
    cells.before.clear()
    cells.after.clear()
    weigh(row, cells, of, cells.before)
    was, solved, bug, topic = prioritised(row), row.solved, row.bug, row.known_topic
    said = evidence(row, cells) if of & EVIDENCE else None
    advance(row, kind, fact, at, cells)
    row.facts = row.facts + packed
    row.kept += 1
    row.at, row.sequence, row.offset = at, sequence, offset
    weigh(row, cells, of, cells.after)
    cells.move()
    if of & PART and prioritised(row) != was:
        join(partition, area, key, row, was, prioritised(row), False, cells)
    if said is not None:
        told = evidence(row, cells)
        if told != said:
            tell(cells, key, row, said, told)
    if cells.top_bugs and row.bug is not bug:
        name_bug(cells.board, row, bug)
    if cells.top_topics and (row.solved != solved or row.known_topic is not topic):
        name_topic(cells.board, topic, solved, -1)
        name_topic(cells.board, row.known_topic, row.solved, 1)
    return IS_APPLIED


cdef int weigh_in(object partition, object area, Cells cells, tuple key, LiveRow row) except -1:
    """Add a row that was not there."""
    cells.before.clear()
    cells.after.clear()
    weigh(row, cells, -1, cells.after)
    cells.move()
    if row.phase == IN_OPEN or row.device:
        join(partition, area, key, row, -1, prioritised(row), True, cells)
    tell(cells, key, row, NO_EVIDENCE, evidence(row, cells))
    if cells.top_bugs and row.bug:
        name_bug(cells.board, row, "")
    if cells.top_topics:
        name_topic(cells.board, row.known_topic, row.solved, 1)
    return 0


cdef LiveRow first(object area, fact, Cells cells):
    """The row of a case whose first fact is its creation; None when its facts are too large for one."""
    cdef bytes packed = area.folding.pack(fact)
    if PyBytes_GET_SIZE(packed) > LARGE:
        return None
    cdef LiveRow row = created_row(fact, cells)
    row.facts, row.kept = packed, 1
    row.at, row.sequence, row.offset = at_place(fact, AT), at_place(fact, SEQUENCE), at_place(fact, OFFSET)
    return row


cdef LiveRow alive(object area, object row, Cells cells):
    """A row, whatever is derived of it, with all of its case; None if one of its facts cannot be folded so."""
    cdef list facts = kept_facts(area.folding, row)
    if not facts or type(facts[0]) is not Created:
        return None
    cdef LiveRow made = created_row(facts[0], cells)
    cdef int64_t at
    for fact in facts[1:]:
        kind = _KINDS.get(type(fact))
        if kind is None:
            return None
        at = at_place(fact, AT)
        advance(made, kind, fact, at, cells)
    last = facts[len(facts) - 1]
    made.facts, made.kept, made.offset, made.at, made.sequence = row.facts, row.kept, row.offset, last.at, last.sequence
    return made


cdef LiveRow from_plain(object area, object row, Cells cells):
    if row.horizon is not None or row.base is not None or row.kept != row.count or row.kept > MEMORY_:
        return None
    return alive(area, row, cells)


def native_row(area, row, Cells cells not None):
    """A plain row, whatever is derived of it, as a native one; None if one of its facts cannot be folded so."""
    made = from_plain(area, row, cells)
    return None if made is None else rested(made)


def dump(codec, row):
    """`RowCodec.dump`; codec: the plain one, for plain rows."""
    if not isinstance(row, NativeRow):
        return codec.dump(row)
    cdef NativeRow made = <NativeRow>row
    cdef char[40] head
    cdef char *end = support_pack(support_pack(support_pack(&head[1], ROW_VERSION_), made.offset), made.kept)
    head[0] = <char>0x97
    end[0], end[1], end[2] = 0, <char>0xC0, <char>0xC0  # no sign of life, no horizon, no base
    end += 3
    if made.kept < 16:
        end[0] = <char>(0x90 | made.kept)
        end += 1
    else:
        end[0], end[1], end[2] = <char>0xDC, <char>(made.kept >> 8), <char>made.kept
        end += 3
    return PyBytes_FromStringAndSize(head, end - head) + made.facts

cdef uint64_t ROW_VERSION_ = ROW_VERSION


def absorb(partition, area, events, Cells cells not None):
    """Fold what can be folded natively. Returns (keys changed, {outcome: how many}, latest time applied, what is left).

    What is left is for `Partition._absorb`, in its order; all of a key from the first such event on.
    """
    cdef dict rows = partition.rows[area.topic], changed = {}
    cdef list left = []
    cdef set plain = set()
    cdef tuple key
    cdef PyObject *found
    cdef LiveRow row
    cdef int way, kind
    cdef int64_t at, offset, latest = 0
    cdef bint resting
    cdef int64_t[4] ways
    cdef object fact
    ways[:] = [0, 0, 0, 0]
    for event in events:
        key, fact = <tuple>(<tuple>event)[0], (<tuple>event)[1]
        number = _KINDS.get(type(fact))
        found = PyDict_GetItem(rows, key)
        if plain and key in plain:
            left.append(event)
            continue
        row = None
        if found is NULL:
            way = TO_PLAIN
            if number == CREATED and not answered_about(partition, key, None):
                row = first(area, fact, cells)
                if row is not None:
                    rows[key] = row
                    weigh_in(partition, area, cells, key, row)
                    way = IS_APPLIED
        elif number is None or not isinstance(<object>found, NativeRow):
            way = TO_PLAIN
        else:
            offset = at_place(fact, OFFSET)
            if offset <= (<NativeRow>found).offset:
                way = IS_STALE
            else:
                resting = type(<object>found) is NativeRow
                row = alive(area, <object>found, cells) if resting else <LiveRow>found
                kind = number
                way = fold(partition, area, cells, key, row, kind, fact)
                if way == IS_APPLIED and (resting or row.phase != IN_OPEN):
                    rows[key] = rested(row)
        ways[way] += 1
        if way == IS_APPLIED:
            changed[key] = None
            at = at_place(fact, AT)
            latest = max(latest, at)
        elif way == TO_PLAIN:
            if found is not NULL and isinstance(<object>found, NativeRow):
                rows[key] = (<NativeRow>found).plain()
            plain.add(key)
            left.append(event)
    outcomes = {}
    if ways[<int>IS_APPLIED]:
        outcomes[Outcome.APPLIED] = ways[<int>IS_APPLIED]
    if ways[<int>IS_STALE]:
        outcomes[Outcome.STALE] = ways[<int>IS_STALE]
    if ways[<int>IS_DUPLICATE]:
        outcomes[Outcome.DUPLICATE] = ways[<int>IS_DUPLICATE]
    return changed, outcomes, latest, left


def restore(partition, area, tuple key, row, Cells cells not None):
    """Take a row read from the changelog that was not there; whether it could be taken natively."""
    if answered_about(partition, key, None):
        return False
    cdef LiveRow made = from_plain(area, row, cells)
    if made is None:
        return False
    weigh_in(partition, area, cells, key, made)
    (<dict>partition.rows[area.topic])[key] = rested(made)
    return True
