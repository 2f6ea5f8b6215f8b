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

cdef bint answered_about(object partition, tuple key) except -1:
    """Whether surveys about a case were answered, so that it weighs with them."""
    cdef set answered = <set>partition.answered
    return len(answered) > 0 and key in answered


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


cdef int fold(object partition, object area, Cells cells, tuple key, NativeRow row, int kind, fact) except -1:
    """Advance a row by one fact and move board and account with it; `TO_PLAIN` leaves everything as it was."""
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
    if of & TOGETHER and answered_about(partition, key):
        return TO_PLAIN
    packed = area.folding.pack(fact)
    if PyBytes_GET_SIZE(packed) > LARGE:
        return TO_PLAIN
    facts = row.facts + packed
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


cdef NativeRow row_of(bytes facts, int64_t offset, int kept, Cells cells):
    """A row of these facts, folded into `cells.case`; None if they cannot be folded so."""
    cdef Reading reading = Reading(PyBytes_AS_STRING(facts), PyBytes_GET_SIZE(facts))
    cdef Fact last
    if not kept or fold_kept(&cells.case, reading, kept, last, 0, cells) == TO_PLAIN or not reading.done():
        return None
    cdef NativeRow row = NativeRow.__new__(NativeRow)
    row.facts, row.offset, row.kept, row.at, row.sequence = facts, offset, kept, last.at, last.sequence
    return row


cdef NativeRow first(object area, fact, Cells cells):
    """The row of a case whose first fact is its creation; None when it cannot be folded so."""
    cdef bytes packed = area.folding.pack(fact)
    if PyBytes_GET_SIZE(packed) > LARGE:
        return None
    return row_of(packed, at_place(fact, OFFSET), 1, cells)


cdef NativeRow from_plain(object row, Cells cells):
    if row.horizon is not None or row.base is not None or row.kept != row.count or row.kept > MEMORY_:
        return None
    return row_of(row.facts, row.offset, row.kept, cells)


def native_row(row, Cells cells not None):
    """A plain row, whatever is derived of it, as a native one; None if its facts cannot be folded so."""
    return from_plain(row, cells)


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
    cdef NativeRow row
    cdef int way, kind
    cdef int64_t at, latest = 0
    cdef int64_t[4] ways
    cdef object fact
    ways[:] = [0, 0, 0, 0]
    for event in events:
        key, fact = <tuple>(<tuple>event)[0], (<tuple>event)[1]
        if plain and key in plain:
            left.append(event)
            continue
        number = _KINDS.get(type(fact))
        found = PyDict_GetItem(rows, key)
        way = TO_PLAIN
        if found is NULL:
            if number == CREATED and not answered_about(partition, key):
                row = first(area, fact, cells)
                if row is not None:
                    rows[key] = row
                    weigh_in(partition, area, cells, key, row, &cells.case)
                    way = IS_APPLIED
        elif number is not None and type(<object>found) is NativeRow:
            kind = number
            way = fold(partition, area, cells, key, <NativeRow>found, kind, fact)
        ways[way] += 1
        if way == IS_APPLIED:
            changed[key] = None
            at = at_place(fact, AT)
            latest = max(latest, at)
        elif way == TO_PLAIN:
            if found is not NULL and type(<object>found) is NativeRow:
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
    if answered_about(partition, key):
        return False
    cdef NativeRow made = from_plain(row, cells)
    if made is None:
        return False
    weigh_in(partition, area, cells, key, made, &cells.case)
    (<dict>partition.rows[area.topic])[key] = made
    return True
