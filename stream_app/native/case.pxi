# What the facts of a case add up to.

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


cdef cppclass Case:
    """What the facts of a row add up to, as of `domain.cases.Case`, words as numbers. Texts lie where the facts do."""

    Text team, agent, device, signal, product, bug, known_topic
    int64_t created, waiting_since, replied, first_solved, first_paused, solved, solved_paused, closed, paused
    int64_t awaiting, contact_ended, engineering, fixing, fixing_until, effort, stamp, at
    int touches, solved_touches, solved_spoken, handoffs, reassignments, rounds
    int8_t phase, by, waiting, priority, channel, tier, origin, issue, access, device_class, product_code, region
    int8_t complete, team_code, delivered_by, escalated_to, vendor, knowledge, recorded
    int8_t replied_priority, solved_priority, fixing_priority
    cbool assigned, escalated, handed_on, collaborated, stepped_up, solved_later, asking, topic_made
    uint8_t worked_with
    vector[int8_t] worked_order
    vector[int64_t] reopened
    vector[Spoken] interactions
    vector[Pause] pauses
    vector[Answered] answers
    vector[Attempted] attempts
    vector[Stepped] automated

    void clear():
        """Nothing is known; memory stays for the next one."""
        this.team = this.agent = this.device = this.signal = this.product = this.bug = this.known_topic = Text()
        this.created = this.waiting_since = this.replied = this.first_solved = this.first_paused = this.solved = 0
        this.solved_paused = this.closed = this.paused = this.awaiting = this.contact_ended = this.engineering = 0
        this.fixing = this.fixing_until = this.stamp = this.at = 0
        this.touches = this.solved_touches = this.solved_spoken = this.handoffs = this.reassignments = this.rounds = 0
        this.phase, this.by, this.waiting = IN_OPEN, CUSTOMER, NOT_WAITING
        this.priority = this.channel = this.tier = this.origin = this.issue = this.access = this.device_class = 0
        this.product_code = this.region = this.complete = this.team_code = this.delivered_by = this.escalated_to = 0
        this.replied_priority = this.solved_priority = this.fixing_priority = 0
        this.effort = this.vendor = this.knowledge = this.recorded = -1
        this.assigned = this.escalated = this.handed_on = this.collaborated = this.stepped_up = False
        this.solved_later = this.asking = this.topic_made = False
        this.worked_with = 0
        this.worked_order.clear()
        this.reopened.clear()
        this.interactions.clear()
        this.pauses.clear()
        this.answers.clear()
        this.attempts.clear()
        this.automated.clear()


@cython.no_gc
cdef class CaseRow(NativeRow):
    """A case."""

    @property
    def state(self):
        """What the facts add up to, folded anew."""
        return state_of(cases.FOLDING, self.plain())

    @state.setter
    def state(self, value):
        """It is derived each time."""
