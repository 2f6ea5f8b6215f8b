# cython: language_level=3, boundscheck=False, initializedcheck=False, cdivision=True
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""The compiled core of one topic of a partition: what `Partition.absorb` does, for rows that it knows to fold.

A topic says how one of its rows begins and goes on, in a class of its own. What it does not know it leaves: facts of
some kinds, what comes late, rows that forget. Such a row is a plain one from then on, until it is made again of facts
that are all in order. That both ways come to the same numbers is a law of its own.

What its rows weigh are counts with a number each: the labels of a series are closed sets, so each combination has its
place in a table, and counting is appending to a list.
"""

from cpython.bytes cimport PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItemWithError
from cpython.ref cimport PyObject
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from stream_app.native.closed cimport Words
from stream_app.native.ledger cimport entry_of, says
from stream_app.native.rows cimport NativeRow, joined
from stream_app.native.slots cimport at_place, place_of
from stream_app.native.tally cimport Tally

from stream_app.domain.fold import Fact as AnyFact
from stream_app.domain.fold import MEMORY, Outcome, refold

cdef enum:
    HOURS_KEPT = 10_000

cdef int KEPT = MEMORY
cdef Py_ssize_t LARGE = 1_024

AT, SEQUENCE = place_of(AnyFact, "at"), place_of(AnyFact, "sequence")
OFFSET, ID = place_of(AnyFact, "offset"), place_of(AnyFact, "id")


cdef class Core:
    """Of one topic and partition.

    kinds: type of a fact -> its number, from 1 on, of those that are folded here. row_type: of the topic's native rows.
    first: the kinds of facts that a row may begin with.
    """

    def __init__(self, partition, area, kinds, row_type, first):
        self.board, self.rules, self.ledger = partition.board, partition.rules, partition.board.ledgers[0]
        self.area, self.pack, self.row_type = area, area.folding.pack, row_type
        self.rows, self.accounts, self.answered = partition.rows[area.topic], partition.accounts, partition.answered
        self.kinds, self.items = kinds, {}
        for kind in first:
            self.first |= 1 << kinds[kind]
        self.held, self.series, self.places = [], [], []
        for kind in kinds:  # all of them have these where every fact does
            assert (AT, SEQUENCE, OFFSET, ID) == tuple(place_of(kind, name) for name in ("at", "sequence", "offset", "id"))

    cdef NativeRow made(self, bytes facts, int64_t offset, int kept, int64_t seen):
        """A row of this topic. seen: its latest sign of life, for those that have any."""
        return None

    cdef bint leaves(self, tuple key) except -1:
        """Whether a row is for the plain core, whatever its facts are."""
        return False

    cdef bint folded(self, NativeRow row) except -1:
        """Fold the facts of a row into what it knows, and know again what is derived of them; whether that could be done."""
        return False

    cdef int begin(self, object partition, tuple key, int kind, object fact) except -1:
        """A row that was not there, with its first fact; `TO_PLAIN` leaves everything as it was."""
        cdef bytes packed
        cdef NativeRow row
        if not self.first >> kind & 1 or self.leaves(key):
            return TO_PLAIN
        packed = self.pack(fact)
        if PyBytes_GET_SIZE(packed) > LARGE:
            return TO_PLAIN
        row = self.made(packed, at_place(fact, OFFSET), 1, at_place(fact, AT))
        if not self.folded(row):
            return TO_PLAIN
        row.key = key
        self.rows[key] = row
        self.weigh_in(partition, row)
        return IS_APPLIED

    cdef bytes longer(self, NativeRow row, object fact):
        """The facts of a row with a further one; None if it comes late, is large, or one must leave for it."""
        cdef int64_t at = at_place(fact, AT), sequence = at_place(fact, SEQUENCE)
        cdef bytes packed
        if at < row.at or (at == row.at and sequence < row.sequence) or row.kept >= KEPT:
            return None
        packed = self.pack(fact)
        return None if PyBytes_GET_SIZE(packed) > LARGE else joined(row.facts, packed)

    cdef int take(self, NativeRow row, bytes facts, object fact) except -1:
        """Keep the facts of `longer`."""
        row.facts = facts
        row.kept += 1
        row.at, row.sequence, row.offset = at_place(fact, AT), at_place(fact, SEQUENCE), at_place(fact, OFFSET)
        return 0

    cdef int fold(self, object partition, NativeRow row, int kind, object fact) except -1:
        """Advance a row by one fact and move board and account with it; `TO_PLAIN` leaves everything as it was."""
        return TO_PLAIN

    cdef int meet(self, object partition, tuple key, object row, int kind, object fact) except -1:
        """Advance a row that is a plain one; `TO_PLAIN` leaves everything as it was."""
        return TO_PLAIN

    cdef NativeRow taken(self, tuple key, object row):
        """A row of either kind, whatever is derived of it, as a native one that is folded; None if it cannot be."""
        cdef NativeRow made
        if self.leaves(key):
            return None
        if type(row) is self.row_type and (<NativeRow>row).key is None:
            made = <NativeRow>row
        elif row.horizon is not None or row.base is not None or row.kept != row.count or row.kept > KEPT:
            return None
        else:
            made = self.made(row.facts, row.offset, row.kept, row.seen)
        if not self.folded(made):
            return None
        made.key = key
        return made

    cdef int weigh_in(self, object partition, NativeRow row) except -1:
        """Add what a row makes that was `taken` just now, and was not there."""
        return 0

    def together(self, NativeRow row not None, about):
        """What a native row weighs with the rows about it."""
        return self.area.together(refolded(self.area.folding, row), about, self.rules)

    def absorb(self, partition, events):
        """Fold what can be folded. Returns (keys changed, {outcome: how many}, latest time applied, what is left).

        What is left is for `Partition._absorb`, in its order; all of a key from the first such event on.
        """
        cdef dict rows = self.rows, kinds = self.kinds, changed = {}
        cdef list left = []
        cdef set plain = set()
        cdef tuple key
        cdef PyObject *found
        cdef PyObject *number
        cdef NativeRow row
        cdef int way, kind
        cdef int64_t at, latest = 0
        cdef int64_t[5] ways
        cdef object fact
        ways[:] = [0, 0, 0, 0, 0]
        for event in events:
            key, fact = <tuple>(<tuple>event)[0], (<tuple>event)[1]
            if plain and key in plain:
                left.append(event)
                continue
            number = PyDict_GetItemWithError(kinds, type(fact))
            kind = 0 if number is NULL else <int><object>number
            found = PyDict_GetItemWithError(rows, key)
            row = None
            way = TO_PLAIN
            if found is NULL:
                if kind:
                    way = self.begin(partition, key, kind, fact)
            elif type(<object>found) is self.row_type:
                row = <NativeRow>found
                key = row.key
                if kind:
                    way = self.fold(partition, row, kind, fact)
            elif kind:
                way = self.meet(partition, key, <object>found, kind, fact)
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
        self.lay_out()
        outcomes = {outcome: ways[place] for place, outcome in OUTCOMES if ways[place]}
        return changed, outcomes, latest, left

    def take_back(self, keys):
        """Make native rows again of plain ones, those that can be."""
        cdef NativeRow made
        for key in keys:
            row = self.rows[key]
            made = None if isinstance(row, NativeRow) else self.taken(key, row)
            if made is not None:
                made.account = self.accounts.get(key[0])
                self.rows[key] = made

    def restore(self, partition, tuple key, row):
        """Take a row read from the changelog that was not there; whether it could be taken. At last, `lay_out`."""
        cdef NativeRow made = self.taken(key, row)
        if made is None:
            return False
        self.rows[key] = made
        self.weigh_in(partition, made)
        return True

    cdef int make(self, str name, tuple dimensions) except -1:
        """Number the counts of a series, in the order of its labels; returns the first number."""
        cdef int base = self.tallies.size(), size = 1
        for one in dimensions:
            size *= len((<Words>one).words)
        self.tallies.resize(base + size, NULL)
        self.levels.resize(base + size, 0)
        self.is_moved.resize(base + size, False)
        self.series.append((name, dimensions))
        self.places += [(base, len(self.series) - 1)] * size
        return base

    cdef tuple labelled(self, int cell):
        """(series, labels) of a count."""
        base, number = self.places[cell]
        name, dimensions = self.series[number]
        labels, left = [], cell - base
        for one in reversed(dimensions):
            words = (<Words>one).words
            labels.append(words[left % len(words)])
            left //= len(words)
        return name, tuple(reversed(labels))

    cdef int touch(self, int cell, bint level) except -1:
        """Find or make what is counted in."""
        name, labels = self.labelled(cell)
        if level:
            found = (self.board.levels.setdefault(name, {}), labels)
        else:
            found = self.board.tally(name, labels)
        self.held.append(found)
        self.tallies[cell] = <PyObject *>found
        return 0

    cdef int add(self, int cell, int64_t minute, int64_t amount) except -1:
        if minute == LEVEL:
            if not self.is_moved[cell]:
                self.is_moved[cell] = True
                self.moved.push_back(cell)
            self.levels[cell] += amount
            return 0
        if not amount:
            return 0
        if self.tallies[cell] is NULL:
            self.touch(cell, False)
        (<Tally>self.tallies[cell]).count(minute, amount)
        return 0

    def lay_out(self):
        """Take what plain counts moved by since the last time to the board, which nobody reads before."""
        for cell in self.moved:
            if self.tallies[cell] is NULL:
                self.touch(cell, True)
            levels, labels = <tuple>self.tallies[cell]
            (<dict>levels)[labels] = (<dict>levels).get(labels, 0) + self.levels[cell]
            self.levels[cell], self.is_moved[cell] = 0, False
        self.moved.clear()

    cdef int move(self) except -1:
        """Move the board from `before` to `after`; what both begin and end with stays untouched."""
        cdef size_t start = 0, lost = self.before.size(), found = self.after.size()
        while start < lost and start < found and same(self.before[start], self.after[start]):
            start += 1
        while lost > start and found > start and same(self.before[lost - 1], self.after[found - 1]):
            lost -= 1
            found -= 1
        cdef size_t at
        for at in range(start, lost):
            self.add(self.before[at].cell, self.before[at].minute, -self.before[at].amount)
        for at in range(start, found):
            self.add(self.after[at].cell, self.after[at].minute, self.after[at].amount)
        return 0

    cdef tuple item(self, str kind, int64_t hour):
        """A piece of evidence, the same object for all rows that say it."""
        cdef PyObject *found = PyDict_GetItemWithError(self.items, kind)
        cdef dict by_hour
        if found is NULL:
            by_hour = self.items[kind] = {}
        else:
            by_hour = <dict>found
        cdef object when = hour
        found = PyDict_GetItemWithError(by_hour, when)
        if found is not NULL:
            return <tuple>found
        if len(by_hour) >= HOURS_KEPT:
            by_hour.clear()
        made = by_hour[when] = (kind, when)
        return made

    cdef int tell(self, NativeRow row, tuple before, tuple after, bint twice) except -1:
        """A row says something else of its account. twice: whether it may say one thing twice."""
        if twice:
            self.ledger.move(row.key[0], before, after)
            return 0
        if row.entry is None:
            row.entry = entry_of(self.ledger, row.key[0])
        says(self.ledger, row.key[0], row.entry, before, after)
        return 0


cdef object refolded(object folding, NativeRow row):
    """The row as a plain one, with its state."""
    plain = row.plain()
    refold(folding, plain)
    return plain


cdef tuple OUTCOMES = (
    (IS_APPLIED, Outcome.APPLIED), (IS_STALE, Outcome.STALE), (IS_DUPLICATE, Outcome.DUPLICATE),
    (IS_UNCHANGED, Outcome.UNCHANGED),
)  # fmt: skip


cdef inline bint same(const Entry& one, const Entry& other) noexcept:
    return one.cell == other.cell and one.minute == other.minute and one.amount == other.amount
