# cython: language_level=3, boundscheck=False, initializedcheck=False, cdivision=True
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Rows of cases, compiled: what `domain.fold`, `domain.cases` and `Partition.absorb` do, for facts that come in order.

A row is the facts of a case. For each further one they are folded into a `Case`, which knows what the board needs, as
numbers: it weighs in the same groups as `domain.cases.weights`, in the same order, and moves the same tallies. What this
does not know it leaves: a fact of a kind that is not in `KINDS`, the first fact of a case that is no creation.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int8_t, int64_t, uint8_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.vector cimport vector

from stream_app.native.closed cimport Words, text
from stream_app.native.core cimport (
    ID, IS_APPLIED, IS_DUPLICATE, IS_STALE, LEVEL, OFFSET, TO_PLAIN, Core, Entry, put,
)
from stream_app.native.kinds cimport know
from stream_app.native.ledger cimport is_open
from stream_app.native.packed cimport Fact, Kinds, Reading, Text, Value
from stream_app.native.rows cimport Head, NativeRow, dumped, headed
from stream_app.native.slots cimport at_place

from stream_app.domain import cases, surveyed
from stream_app.domain.account import NOTHING, Account
from stream_app.domain.cases import touched
from stream_app.domain.cases.facts import (
    Assigned, Automation, Closed, Collaborated, ContactAttempt, Created, EffortLogged, Escalated, InformationAsked,
    Linked, PriorityChanged, Reopened, Replied, Resumed, Solved, Waiting,
)
from stream_app.domain.fold import state_of
from stream_app.domain.health.tiers import TIERS
from stream_app.domain.health.words import (
    CASE, ESCALATED, HOUR_MS, OPEN, OPEN_LONG, OPEN_OTHER, REOPENED, open_case,
)
from stream_app.domain.health.words import NOTHING as NO_EVIDENCE
from stream_app.domain.service_levels import TARGETS
from stream_app.domain.words import (
    ACCESS_POINTS, ATTEMPTS, AUTOMATED, AUTOMATION, CHANNELS, COLLABORATORS, COUNT_BOUNDS, DEVICE_CLASSES,
    DURATION_BOUNDS, ESCALATED_TO, ISSUE_TYPES, KNOWLEDGE, ORIGINS, PATHS, PRIORITIES, UNKNOWN,
)


include "words.pxi"
include "facts.pxi"
include "case.pxi"
include "counts.pxi"
include "moves.pxi"
include "weights.pxi"
include "targets.pxi"
include "accounts.pxi"


cdef int fold_kept(Case *case, Reading& kept, int number, Fact& fact, uint64_t looked_for, CaseCounts counts) except -1:
    """Fold the facts that a row keeps.

    Returns `IS_APPLIED`, `IS_DUPLICATE` when one has the id that is looked for, `TO_PLAIN` when they cannot be folded so.
    """
    cdef bint same = False
    for place in range(number):
        if not KNOWN_KINDS.read(kept, fact):
            return TO_PLAIN
        same = same or fact.id == looked_for
        if place:
            advance(case, fact, counts)
        elif fact.kind == CREATED:
            created(case, fact, counts)
        else:
            return TO_PLAIN
    return IS_DUPLICATE if same else IS_APPLIED


cdef CaseRow row_of(bytes facts, int64_t offset, int kept):
    cdef CaseRow row = CaseRow.__new__(CaseRow)
    row.facts, row.offset, row.kept = facts, offset, kept
    return row


cdef class CaseCore(CaseCounts):
    """The cases of a partition."""

    def __init__(self, partition, area):
        super().__init__(partition, area, KINDS, CaseRow, (Created,))

    cdef NativeRow made(self, bytes facts, int64_t offset, int kept, int64_t seen):
        return row_of(facts, offset, kept)

    cdef bint folded(self, NativeRow row) except -1:
        cdef Reading reading = Reading(PyBytes_AS_STRING(row.facts), PyBytes_GET_SIZE(row.facts))
        if not row.kept or fold_kept(&self.case, reading, row.kept, self.one, 0, self) == TO_PLAIN or not reading.done():
            return False
        row.at, row.sequence = self.one.at, self.one.sequence
        return True

    cdef int weigh_in(self, object partition, NativeRow row) except -1:
        cdef Case *case = &self.case
        self.before.clear()
        self.after.clear()
        weigh(case, self, -1, self.after)
        self.move()
        if case.phase == IN_OPEN or not case.device.empty():
            join(partition, self, row, case, -1, True)
        self.tell(row, NO_EVIDENCE, evidence(case, self), not case.reopened.empty())
        if self.answered and row.key in self.answered:
            delivered(partition, self, row.key, case, NOT_DELIVERED)
        if self.top_bugs:
            name_bug(self.board, case, Text())
        if self.top_topics:
            name_topic(self.board, case.known_topic, case.solved, 1)
        return 0

    cdef int fold(self, object partition, NativeRow row, int kind, object fact) except -1:
        cdef int64_t of, solved
        cdef int was, way
        cdef bint twice
        cdef Text bug, topic
        cdef bytes facts
        cdef tuple said = None, told, before = None
        cdef Case *case = &self.case
        if <int64_t>at_place(fact, OFFSET) <= row.offset:
            return IS_STALE
        facts = self.longer(row, fact)
        if facts is None:
            return TO_PLAIN
        of = TOUCHED[kind]
        cdef Reading reading = Reading(PyBytes_AS_STRING(facts), PyBytes_GET_SIZE(facts))
        way = fold_kept(case, reading, row.kept, self.one, at_place(fact, ID), self)
        if way != IS_APPLIED:
            return way
        if not KNOWN_KINDS.read(reading, self.one):
            return TO_PLAIN
        self.before.clear()
        self.after.clear()
        weigh(case, self, of, self.before)
        was, solved, bug, topic, twice = prioritised(case), case.solved, case.bug, case.known_topic, not case.reopened.empty()
        if of & EVIDENCE:
            said = evidence(case, self)
        if of & TOGETHER and self.answered and row.key in self.answered:
            before = delivery(case, self)
        advance(case, self.one, self)
        self.take(row, facts, fact)
        weigh(case, self, of, self.after)
        self.move()
        if of & PART and prioritised(case) != was:
            join(partition, self, row, case, was, False)
        if said is not None:
            told = evidence(case, self)
            if told != said:
                self.tell(row, said, told, twice or not case.reopened.empty())
        if before is not None:
            delivered(partition, self, row.key, case, before)
        if self.top_bugs and case.bug != bug:
            name_bug(self.board, case, bug)
        if self.top_topics and (case.solved != solved or case.known_topic != topic):
            name_topic(self.board, topic, solved, -1)
            name_topic(self.board, case.known_topic, case.solved, 1)
        return IS_APPLIED

    def together(self, NativeRow row not None, about):
        if not about:
            return []
        if not self.folded(row):
            raise ValueError("a row that was folded before cannot be folded")
        return surveyed.answered(about, *delivery(&self.case, self))


def dump(codec, row):
    """`RowCodec.dump`; codec: the plain one, for plain rows."""
    return dumped(<CaseRow>row, 0) if type(row) is CaseRow else codec.dump(row)


def read(codec, bytes data):
    """`RowCodec.read`; codec: the plain one, for whatever is not the row of a case that keeps all its facts."""
    cdef Reading reading = Reading(PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))
    cdef Head head
    if not headed(reading, head) or head.seen:
        return codec.read(data)
    return row_of((<char *>reading.rest())[: reading.left()], head.offset, head.kept)
