# cython: language_level=3, boundscheck=False, initializedcheck=False, cdivision=True
# distutils: depends = stream_app/native/amounts.hpp stream_app/native/packed.hpp stream_app/native/facts.pxi stream_app/native/words.pxi stream_app/native/cells.pxi stream_app/native/rows.pxi stream_app/native/moves.pxi stream_app/native/weights.pxi stream_app/native/targets.pxi stream_app/native/accounts.pxi
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Rows of cases, compiled: what `domain.fold`, `domain.cases` and `Partition.absorb` do, for facts that come in order.

A `NativeRow` is the facts of a case. For each further one they are folded into a `Case`, which knows what the board needs,
as numbers: it weighs in the same groups as `domain.cases.weights`, in the same order, and moves the same tallies. What
this does not know it leaves: a fact of a kind that is not in `KINDS`, one that comes late, a row that forgets, the first
fact of a case that is no creation. Such a row is a plain one from then on, until it is made again from facts that are all
in order (`native_row`). That both ways come to the same numbers is a law of its own.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItem
from cpython.ref cimport PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int8_t, int64_t, uint8_t, uint64_t
from libc.string cimport memcpy
from libcpp cimport bool as cbool
from libcpp.string cimport string
from libcpp.vector cimport vector

from msgspec import inspect

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
from stream_app.domain.fold import MEMORY, Outcome, Row, state_of
from stream_app.domain.fold import Fact as AnyFact
from stream_app.domain.health.tiers import TIERS
from stream_app.domain.health.words import (
    CASE, ESCALATED, HOUR_MS, OPEN, OPEN_LONG, OPEN_OTHER, REOPENED, open_case,
)
from stream_app.domain.health.words import NOTHING as NO_EVIDENCE
from stream_app.domain.service_levels import TARGETS
from stream_app.domain.words import (
    ACCESS_POINTS, ATTEMPTS, AUTOMATED, AUTOMATION, CHANNELS, COLLABORATORS, COUNT_BOUNDS, DEVICE_CLASSES,
    DURATION_BOUNDS, ESCALATED_TO, ISSUE_TYPES, KNOWLEDGE, ORIGINS, OTHER, PATHS, PRIORITIES, UNKNOWN,
)


cdef extern from "packed.hpp" namespace "support":
    cppclass Text:
        Text()
        Text(const char *data, size_t size)
        const char *data()
        size_t size()
        bint empty()
        bint operator==(Text)
        bint operator!=(Text)

    cppclass Numbered:
        void add(string word)
        int of(Text word, int otherwise)

    enum Type:
        NIL, NO, YES, NUMBER, TEXT

    cppclass Value:
        Type type
        int64_t number
        Text text
        bint yes()
        bint none()

    cppclass Reading:
        Reading()
        Reading(const char *data, size_t size)
        bint done()
        bint array(uint64_t& length)
        bint value(Value& into)
        const char *rest()
        size_t left()

    cppclass Field:
        unsigned types
        bint required
        Value otherwise

    cppclass Fact:
        int kind
        int64_t at, sequence
        uint64_t id
        const Value *says()

    cppclass Kinds:
        void add(int kind, string tag, vector[Field] fields) except +
        bint read(Reading& reading, Fact& into)


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


include "words.pxi"
include "facts.pxi"
include "rows.pxi"
include "cells.pxi"
include "moves.pxi"
include "weights.pxi"
include "targets.pxi"
include "accounts.pxi"


cdef enum Way:
    TO_PLAIN, IS_APPLIED, IS_STALE, IS_DUPLICATE

cdef inline bytes joined(bytes facts, bytes packed):
    """Both, one behind the other."""
    cdef Py_ssize_t kept = PyBytes_GET_SIZE(facts), more = PyBytes_GET_SIZE(packed)
    cdef bytes made = PyBytes_FromStringAndSize(NULL, kept + more)
    memcpy(PyBytes_AS_STRING(made), PyBytes_AS_STRING(facts), kept)
    memcpy(PyBytes_AS_STRING(made) + kept, PyBytes_AS_STRING(packed), more)
    return made


cdef int fold_kept(Case *case, Reading& kept, int number, Fact& fact, uint64_t looked_for, Cells cells) except -1:
    """Fold the facts that a row keeps.

    Returns `IS_APPLIED`, `IS_DUPLICATE` when one has the id that is looked for, `TO_PLAIN` when they cannot be folded so.
    """
    cdef bint same = False
    for place in range(number):
        if not KNOWN_KINDS.read(kept, fact):
            return TO_PLAIN
        same = same or fact.id == looked_for
        if place:
            advance(case, fact, cells)
        elif fact.kind == CREATED:
            created(case, fact, cells)
        else:
            return TO_PLAIN
    return IS_DUPLICATE if same else IS_APPLIED


cdef int fold(object partition, object area, object pack, Cells cells, NativeRow row, int kind, fact) except -1:
    """Advance a row by one fact and move board and account with it; `TO_PLAIN` leaves everything as it was."""
    cdef tuple key = row.key
    cdef int64_t offset = at_place(fact, OFFSET), at, sequence, of, solved
    cdef int was, way
    cdef bint twice
    cdef Text bug, topic
    cdef bytes packed, facts
    cdef Case *case = &cells.case
    cdef Fact one
    if offset <= row.offset:
        return IS_STALE
    at, sequence = at_place(fact, AT), at_place(fact, SEQUENCE)
    of = TOUCHED[kind]
    if at < row.at or (at == row.at and sequence < row.sequence) or row.kept >= MEMORY_:
        return TO_PLAIN
    packed = pack(fact)
    if PyBytes_GET_SIZE(packed) > LARGE:
        return TO_PLAIN
    facts = joined(row.facts, packed)
    cdef Reading reading = Reading(PyBytes_AS_STRING(facts), PyBytes_GET_SIZE(facts))
    way = fold_kept(case, reading, row.kept, one, at_place(fact, ID), cells)
    if way != IS_APPLIED:
        return way
    if not KNOWN_KINDS.read(reading, one):
        return TO_PLAIN
    cells.before.clear()
    cells.after.clear()
    weigh(case, cells, of, cells.before)
    was, solved, bug, topic, twice = prioritised(case), case.solved, case.bug, case.known_topic, not case.reopened.empty()
    said = evidence(case, cells) if of & EVIDENCE else None
    advance(case, one, cells)
    row.facts = facts
    row.kept += 1
    row.at, row.sequence, row.offset = at, sequence, offset
    weigh(case, cells, of, cells.after)
    cells.move()
    if of & PART and prioritised(case) != was:
        join(partition, area, key, row, case, was, False)
    if said is not None:
        told = evidence(case, cells)
        if told != said:
            tell(cells, key, row, twice or not case.reopened.empty(), said, told)
    if cells.top_bugs and case.bug != bug:
        name_bug(cells.board, case, bug)
    if cells.top_topics and (case.solved != solved or case.known_topic != topic):
        name_topic(cells.board, topic, solved, -1)
        name_topic(cells.board, case.known_topic, case.solved, 1)
    return IS_APPLIED


cdef int weigh_in(object partition, object area, Cells cells, tuple key, NativeRow row, Case *case) except -1:
    """Add a row that was not there."""
    row.key = key
    (<dict>partition.rows[area.topic])[key] = row
    cells.before.clear()
    cells.after.clear()
    weigh(case, cells, -1, cells.after)
    cells.move()
    if case.phase == IN_OPEN or not case.device.empty():
        join(partition, area, key, row, case, -1, True)
    tell(cells, key, row, not case.reopened.empty(), NO_EVIDENCE, evidence(case, cells))
    if cells.top_bugs:
        name_bug(cells.board, case, Text())
    if cells.top_topics:
        name_topic(cells.board, case.known_topic, case.solved, 1)
    return 0


cdef bint can_fold(NativeRow row, Cells cells) except -1:
    """Fold the facts of a row into `cells.case`, and know again what is derived of them; whether that could be done."""
    cdef Reading reading = Reading(PyBytes_AS_STRING(row.facts), PyBytes_GET_SIZE(row.facts))
    cdef Fact last
    if not row.kept or fold_kept(&cells.case, reading, row.kept, last, 0, cells) == TO_PLAIN or not reading.done():
        return False
    row.at, row.sequence = last.at, last.sequence
    return True


cdef NativeRow row_of(bytes facts, int64_t offset, int kept):
    cdef NativeRow row = NativeRow.__new__(NativeRow)
    row.facts, row.offset, row.kept = facts, offset, kept
    return row


cdef NativeRow first(object pack, fact, Cells cells):
    """The row of a case whose first fact is its creation; None when it cannot be folded so."""
    cdef bytes packed = pack(fact)
    if PyBytes_GET_SIZE(packed) > LARGE:
        return None
    cdef NativeRow row = row_of(packed, at_place(fact, OFFSET), 1)
    return row if can_fold(row, cells) else None


def native_row(tuple key, row, Cells cells not None):
    """A plain row, whatever is derived of it, as a native one; None if its facts cannot be folded so."""
    if row.horizon is not None or row.base is not None or row.kept != row.count or row.kept > MEMORY_:
        return None
    cdef NativeRow made = row_of(row.facts, row.offset, row.kept)
    made.key = key
    return made if can_fold(made, cells) else None


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


def read(codec, bytes data):
    """`RowCodec.read`; codec: the plain one, for whatever is not the row of a case that keeps all its facts."""
    cdef Reading reading = Reading(PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))
    cdef uint64_t fields = 0, kept = 0
    cdef Value version, offset, count, seen, horizon, base
    if not (
        reading.array(fields) and fields == 7 and reading.value(version) and reading.value(offset)
        and reading.value(count) and reading.value(seen) and reading.value(horizon) and reading.value(base)
        and reading.array(kept)
    ):
        return codec.read(data)
    if (
        version.type != NUMBER or version.number != ROW_VERSION_ or offset.type != NUMBER or count.type != NUMBER
        or count.number != <int64_t>kept or seen.type != NUMBER or seen.number or not horizon.none() or not base.none()
        or kept > <uint64_t>MEMORY_
    ):
        return codec.read(data)
    cdef NativeRow row = NativeRow.__new__(NativeRow)
    row.facts = PyBytes_FromStringAndSize(reading.rest(), reading.left())
    row.offset, row.kept = offset.number, kept
    return row

cdef int64_t ROW_VERSION_ = ROW_VERSION


def absorb(partition, area, events, Cells cells not None):
    """Fold what can be folded natively. Returns (keys changed, {outcome: how many}, latest time applied, what is left).

    What is left is for `Partition._absorb`, in its order; all of a key from the first such event on.
    """
    cdef dict rows = partition.rows[area.topic], changed = {}
    cdef list left = []
    cdef set plain = set(), answered = partition.answered
    cdef tuple key
    cdef PyObject *found
    cdef PyObject *number
    cdef NativeRow row
    cdef int way, kind
    cdef int64_t at, latest = 0
    cdef int64_t[4] ways
    cdef object fact, pack = area.folding.pack
    ways[:] = [0, 0, 0, 0]
    for event in events:
        key, fact = <tuple>(<tuple>event)[0], (<tuple>event)[1]
        if plain and key in plain:
            left.append(event)
            continue
        number = PyDict_GetItem(_KINDS, type(fact))
        kind = 0 if number is NULL else <int><object>number
        found = PyDict_GetItem(rows, key)
        row = None
        way = TO_PLAIN
        if found is not NULL and type(<object>found) is NativeRow:
            row = <NativeRow>found
        if kind and answered and TOUCHED[kind] & TOGETHER and key in answered:
            kind = 0  # it weighs with surveys
        if row is not None and kind:
            key = row.key
            way = fold(partition, area, pack, cells, row, kind, fact)
        elif found is NULL and kind == CREATED:
            row = first(pack, fact, cells)
            if row is not None:
                weigh_in(partition, area, cells, key, row, &cells.case)
                way = IS_APPLIED
        ways[way] += 1
        if way == IS_APPLIED:
            changed[key] = None
            at = at_place(fact, AT)
            latest = max(latest, at)
        elif way == TO_PLAIN:
            if row is not None:
                rows[key] = row.plain()
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
    cdef NativeRow made = None
    if key in partition.answered:
        return False
    if type(row) is NativeRow and (<NativeRow>row).account is None and (<NativeRow>row).entry is None:
        made = row if can_fold(row, cells) else None
    else:
        made = native_row(key, row, cells)
    if made is None:
        return False
    weigh_in(partition, area, cells, key, made, &cells.case)
    return True
