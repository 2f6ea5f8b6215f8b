# Rows of cases: with the whole case, and at rest.

cdef struct Spoken:
    int64_t minute
    int8_t side
    int8_t channel

cdef struct Answered:
    int64_t asked
    int64_t at
    int8_t priority

cdef struct Pause:
    int64_t begin
    int64_t end

cdef struct Attempted:
    int64_t minute
    int64_t wait  # ms, below 0 when it is not known
    int8_t channel
    int8_t outcome

cdef struct Stepped:
    int64_t minute
    int8_t step
    int8_t outcome


@cython.no_gc
@cython.freelist(64)
cdef class NativeRow:
    """A case whose facts came in order, as its changelog knows it; to readers a `domain.fold.Row`.

    One that is solved or closed is kept like this: little comes any more, and the rest can be derived.
    """

    cdef readonly bytes facts
    cdef readonly int64_t offset, at, sequence
    cdef readonly int kept

    @property
    def count(self):
        """Facts applied: it keeps them all."""
        return self.kept

    @property
    def seen(self):
        """A case has no sign of life."""
        return 0

    @property
    def horizon(self):
        """Nothing has left the facts."""
        return None

    @property
    def base(self):
        """Nothing has left the facts."""
        return None

    @property
    def state(self):
        """What the facts add up to, folded anew."""
        return state_of(cases.FOLDING, self.plain())

    @state.setter
    def state(self, value):
        """It is derived each time."""

    def plain(self):
        """The same row as a plain one."""
        return Row(None, self.offset, self.kept, 0, None, None, self.facts, self.kept, self.at, self.sequence)


@cython.no_gc
cdef class LiveRow(NativeRow):
    """A row with what the board needs of its case. Fields as of `domain.cases.Case`, words as numbers.

    account, entry: of its partition and of its ledger, once they are there; they are as long as the row is.
    """

    cdef object account, entry
    cdef str team, agent, device, signal, product, bug, known_topic
    cdef int64_t created, waiting_since, replied, first_solved, first_paused, solved, solved_paused, closed, paused
    cdef int64_t awaiting, contact_ended, engineering, fixing, fixing_until, effort, stamp
    cdef int touches, solved_touches, solved_spoken, handoffs, reassignments, rounds
    cdef int8_t phase, by, waiting, priority, channel, tier, origin, issue, access, device_class, product_code, region
    cdef int8_t complete, team_code, delivered_by, escalated_to, vendor, knowledge, recorded
    cdef int8_t replied_priority, solved_priority, fixing_priority
    cdef cbool assigned, escalated, handed_on, collaborated, stepped_up, solved_later, asking, topic_made
    cdef uint8_t worked_with
    cdef vector[int8_t] worked_order
    cdef vector[int64_t] reopened
    cdef vector[Spoken] interactions
    cdef vector[Pause] pauses
    cdef vector[Answered] answers
    cdef vector[Attempted] attempts
    cdef vector[Stepped] automated


cdef NativeRow rested(LiveRow row):
    """The row as it is kept: without what can be derived, once its case is no longer open."""
    if row.phase == IN_OPEN:
        return row
    cdef NativeRow kept = NativeRow.__new__(NativeRow)
    kept.facts, kept.offset, kept.at, kept.sequence, kept.kept = row.facts, row.offset, row.at, row.sequence, row.kept
    return kept
