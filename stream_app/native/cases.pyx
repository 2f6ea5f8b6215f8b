# cython: language_level=3, boundscheck=False, initializedcheck=False, cdivision=True
# distutils: depends = stream_app/native/amounts.hpp
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Rows of cases, compiled: what `domain.fold`, `domain.cases` and `Partition.absorb` do, for facts that come in order.

A `NativeRow` knows of its case what the board needs, as numbers. It weighs in the same groups as `domain.cases.weights`,
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
from stream_app.native.tally cimport Tally

from stream_app.codec import ROW_VERSION
from stream_app.domain import cases
from stream_app.domain.account import NOTHING, Account
from stream_app.domain.cases import touched
from stream_app.domain.cases.facts import (
    Assigned, Automation, Closed, Collaborated, ContactAttempt, Created, EffortLogged, Escalated, InformationAsked,
    Linked, PriorityChanged, Reopened, Replied, Resumed, Solved, Waiting,
)
from stream_app.domain.fold import MEMORY, Outcome, Row, kept_facts, state_of
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


# -- which facts, which phases

cdef enum Kind:
    CREATED = 1, ASSIGNED, REPLIED, WAITING, RESUMED, ESCALATED_, COLLABORATED, PRIORITY_CHANGED, SOLVED, CLOSED
    REOPENED_, EFFORT_LOGGED, INFORMATION_ASKED, LINKED, CONTACT_ATTEMPT, AUTOMATION_

cdef enum Phase:
    IN_OPEN = 0, IN_SOLVED = 1, IN_CLOSED = 2

cdef enum Side:
    CUSTOMER = 0, AGENT = 1

cdef enum Wait:
    NOT_WAITING = 0, ON_CUSTOMER = 1, ON_VENDOR = 2

KINDS = {
    Created: CREATED, Assigned: ASSIGNED, Replied: REPLIED, Waiting: WAITING, Resumed: RESUMED,
    Escalated: ESCALATED_, Collaborated: COLLABORATED, PriorityChanged: PRIORITY_CHANGED, Solved: SOLVED,
    Closed: CLOSED, Reopened: REOPENED_, EffortLogged: EFFORT_LOGGED, InformationAsked: INFORMATION_ASKED,
    Linked: LINKED, ContactAttempt: CONTACT_ATTEMPT, Automation: AUTOMATION_,
}
"""Kinds of facts that a native row folds. Of the others each replaces or ends what is known of a case."""

cdef dict _KINDS = KINDS

cdef int64_t MINUTE = 60_000, DAY = 24 * 60 * 60_000, HOUR = HOUR_MS
cdef int MEMORY_ = MEMORY
cdef Py_ssize_t LARGE = 1_024

cdef int64_t ALWAYS = touched.ALWAYS, OPENED = touched.OPENED, FIRST = touched.FIRST, TOLD = touched.TOLD
cdef int64_t SERVED = touched.SERVED, DONE = touched.DONE, BACKLOG = touched.BACKLOG

cdef int64_t _touched(kind) except? -2:
    return touched.TOUCHED.get(kind, -1)

cdef int64_t[17] TOUCHED
for _kind, _number in KINDS.items():
    TOUCHED[_number] = _touched(_kind)

cdef int64_t PART = 1, EVIDENCE = 2, TOGETHER = 4
from stream_app.domain import touched as _groups
assert (PART, EVIDENCE, TOGETHER) == (_groups.PART, _groups.EVIDENCE, _groups.TOGETHER)


# -- words as numbers

cdef class Words:
    """A closed set of words, numbered; behind them `other` and `unknown`, unless it is `whole`."""

    cdef dict numbers
    cdef tuple words
    cdef int other, unknown

    def __init__(self, words, whole=False):
        self.numbers = {}
        for number, word in enumerate(words):
            self.numbers.setdefault(word, number)
        self.words = tuple(words) if whole else (*words, OTHER, UNKNOWN)
        self.other, self.unknown = len(words), len(words) + 1

    cdef inline int of(self, str word) except -1:
        cdef PyObject *found = PyDict_GetItem(self.numbers, word)
        if found is not NULL:
            return <int><object>found
        return self.other if word and word != UNKNOWN else self.unknown


cdef Words PRIORITY = Words(PRIORITIES), CHANNEL = Words(CHANNELS), ORIGIN = Words(ORIGINS), ISSUE = Words(ISSUE_TYPES)
cdef Words ACCESS = Words(ACCESS_POINTS), DEVICE_CLASS = Words(DEVICE_CLASSES), WHERE_TO = Words(ESCALATED_TO)
cdef Words COLLABORATOR = Words(COLLABORATORS), ATTEMPT = Words(ATTEMPTS), STEP = Words(AUTOMATION)
cdef Words AUTOMATED_ = Words(AUTOMATED)
cdef Words STATE = Words(("new", "open", "waiting_customer", "waiting_vendor", "escalated"), True)
cdef Words CONTACT = Words(("first", "later", UNKNOWN), True)
cdef Words PATH = Words(("first_contact", "escalated", "team", "coached", UNKNOWN), True)
cdef Words CLOCK = Words(("elapsed", "net", "business"), True)
cdef Words END = Words(("first", "full", "closed"), True)
cdef Words SAID = Words(("yes", "no", UNKNOWN), True)
cdef Words TOUCH = Words(("none", "one", "two", "multi"), True)
cdef Words VENDOR = Words(("no", UNKNOWN, "yes"), True)
cdef Words KNOWN_ = Words(KNOWLEDGE, True)
cdef Words DIRECTION = Words(("inbound", "outbound"), True)
cdef Words TARGET = Words(TARGETS, True)
cdef Words KEPT = Words(("met", "breached"), True)
cdef Words BUCKETS = Words(tuple(range(len(DURATION_BOUNDS) + 1)), True)
cdef Words COUNTS = Words(tuple(range(len(COUNT_BOUNDS) + 1)), True)

cdef enum State:
    NEW, OPENED_, WAITS_CUSTOMER, WAITS_VENDOR, IS_ESCALATED

cdef enum Clock:
    ELAPSED, NET, BUSINESS

cdef enum End:
    AT_FIRST, AT_FULL, AT_CLOSED

cdef enum Target:
    TO_RESPOND, TO_RESPOND_NEXT, TO_RESOLVE, TO_ENGINEER

assert TARGETS == ("first_response", "next_response", "resolution", "engineering")

cdef int N_BUCKETS = len(DURATION_BOUNDS) + 1
cdef vector[int64_t] BOUNDS = [bound * 1000 for bound in DURATION_BOUNDS]
cdef vector[int64_t] COUNT_BOUNDS_ = COUNT_BOUNDS
cdef int VENDOR_WORD = COLLABORATOR.of("vendor"), TEAM_WORD = COLLABORATOR.of("team")
cdef int ENGINEERING_WORD = WHERE_TO.of("engineering")
cdef int ROUTED = STEP.of("routed"), REASSIGNED = AUTOMATED_.of("reassigned")
cdef int N_PRIORITIES = len(PRIORITY.words)

cdef list OPEN_KINDS = [OPEN.get(word, OPEN_OTHER) for word in PRIORITY.words]
cdef tuple CASE_ITEM = (CASE, 0)


cdef inline int bucket(int64_t length_ms) noexcept:
    cdef int found = 0
    while found < <int>BOUNDS.size() and BOUNDS[found] < length_ms:
        found += 1
    return found


cdef inline int count_bucket(int64_t number) noexcept:
    cdef int found = 0
    while found < <int>COUNT_BOUNDS_.size() and COUNT_BOUNDS_[found] < number:
        found += 1
    return found


# -- the board, cell by cell

cdef struct Entry:
    int cell
    int64_t minute
    int64_t amount

cdef int64_t LEVEL = -(1 << 62)
"""Stands for the minute of a plain count."""

cdef struct Promise:
    int64_t length  # ms, below 0 for none
    cbool business

cdef struct PolicyOf:
    int64_t effective_from
    Promise[4] of

cdef class Cells:
    """The counts of a board that cases move, each a number; made for one board and its rules."""

    cdef object board, ledger, rules, hours
    cdef vector[PyObject *] tallies
    cdef list held, series, places
    cdef Words tier, team, product, region, partner
    cdef vector[Entry] before, after
    cdef vector[int8_t] promised
    cdef vector[vector[PolicyOf]] policies
    cdef cbool calendars, top_bugs, top_topics
    cdef int n_tiers, n_partners
    cdef int64_t stuck_minutes, untouched_days, counted_from, long_ms
    cdef int cases_open, open_age, open_start, by_team, unassigned, engineering_age, engineering_start
    cdef int awaiting_age, awaiting_start, next_age, next_start, stuck, untouched
    cdef int first_response, first_response_sum, first_by_channel, first_by_channel_sum, resolution, resolution_sum
    cdef int opened, by_issue, by_access, by_product, by_region, complete, by_priority, bug_cases, reopened
    cdef int interactions, by_channel, by_channel_sum, solved, solved_escalated, solved_collaborated, solved_touches
    cdef int by_path, by_path_sum, by_delivery, by_delivery_sum, by_tier, by_tier_sum, handoffs, reassignments
    cdef int collaborated_with, vendor, effort, effort_sum, engineering, engineering_sum, closed_unsolved
    cdef int spoken, spoken_sum, rounds, rounds_sum, recorded, known, knowledge
    cdef int sla_due, sla_unassigned, sla_cases, sla_delivery, sla_paused, sla_open
    cdef int attempts, wait, wait_sum, automation

    def __init__(self, board, rules):
        self.board, self.ledger, self.rules = board, board.ledgers[0], rules
        self.held, self.series, self.places = [], [], []
        self.tier, self.team, self.product = Words(rules.tiers), Words(rules.teams), Words(rules.products)
        self.region, self.partner = Words(rules.regions), Words(rules.partners)
        self.stuck_minutes, self.untouched_days = rules.stuck_minutes, rules.untouched_days
        self.long_ms = rules.health_long_days * 24 * HOUR_MS
        self.top_bugs, self.top_topics = rules.top_bugs > 0, rules.top_known_topics > 0
        self.n_tiers, self.n_partners = len(self.tier.words), len(self.partner.words)
        self._promise(rules.levels)
        self._number()

    def _promise(self, levels):
        self.calendars, self.counted_from = bool(levels.calendars), levels.counted_from
        self.hours = [levels.calendars.get(region) for region in self.region.words]
        self.promised = [tier in levels.tiers for tier in self.tier.words]
        cdef vector[PolicyOf] found
        cdef PolicyOf one
        for tier in self.tier.words:
            for priority in PRIORITY.words:
                found.clear()
                for policy in levels.policies.get((tier, priority), ()):
                    one.effective_from = policy.effective_from
                    for number, name in enumerate(TARGETS):
                        target = getattr(policy, name)
                        one.of[number].length = -1 if target is None else target.length
                        one.of[number].business = target is not None and target.business
                    found.push_back(one)
                self.policies.push_back(found)

    def _number(self):
        """Give every count its number, in the order of its labels."""
        make = self._make
        P, C = PRIORITY, CHANNEL
        self.cases_open = make("cases_open", P, STATE, self.tier)
        self.open_age, self.open_start = make("cases_open_age", P), make("cases_open_age:start", P)
        self.by_team, self.unassigned = make("cases_open_by_team", self.team, P), make("cases_unassigned")
        self.engineering_age = make("cases_open_engineering_age", P)
        self.engineering_start = make("cases_open_engineering_age:start", P)
        self.awaiting_age = make("cases_awaiting_reply_age", P)
        self.awaiting_start = make("cases_awaiting_reply_age:start", P)
        self.next_age, self.next_start = make("cases_next_step_due_age", P), make("cases_next_step_due_age:start", P)
        self.stuck, self.untouched = make("cases_stuck", P), make("cases_untouched", P)
        self.first_response, self.first_response_sum = self._lasting("first_response", CLOCK, P)
        self.first_by_channel, self.first_by_channel_sum = self._lasting("first_response_by_channel", C)
        self.resolution, self.resolution_sum = self._lasting("resolution", END, CLOCK, P)
        self.opened, self.by_issue = make("cases_opened", C, ORIGIN), make("cases_opened_by_issue", ISSUE)
        self.by_access = make("cases_opened_by_access", ACCESS, DEVICE_CLASS)
        self.by_product = make("cases_opened_by_product", self.product)
        self.by_region = make("cases_opened_by_region", self.region)
        self.complete, self.by_priority = make("cases_opened_complete", C, SAID), make("cases_opened_by_priority", C, P)
        self.bug_cases, self.reopened = make("bug_cases"), make("cases_reopened")
        self.interactions = make("interactions", C, DIRECTION)
        self.by_channel, self.by_channel_sum = self._lasting("resolution_by_channel", C)
        self.solved = make("cases_solved", CONTACT, C)
        self.solved_escalated = make("cases_solved_escalated", WHERE_TO, CONTACT)
        self.solved_collaborated = make("cases_solved_collaborated", CONTACT)
        self.solved_touches = make("cases_solved_touches", TOUCH)
        self.by_path, self.by_path_sum = self._lasting("resolution_by_path", PATH)
        self.by_delivery, self.by_delivery_sum = self._lasting("resolution_by_delivery", self.partner)
        self.by_tier, self.by_tier_sum = self._lasting("resolution_by_tier", self.tier)
        self.handoffs, self.reassignments = make("cases_solved_handoffs", TOUCH), make("cases_solved_reassignments", TOUCH)
        self.collaborated_with = make("cases_solved_collaborated_with", COLLABORATOR)
        self.vendor = make("cases_solved_vendor", VENDOR)
        self.effort, self.effort_sum = self._lasting("effort", PATH)
        self.engineering, self.engineering_sum = self._lasting("engineering")
        self.closed_unsolved = make("cases_closed_unsolved")
        self.spoken, self.spoken_sum = make("case_interactions", COUNTS), make("case_interactions:sum")
        self.rounds, self.rounds_sum = make("case_rounds", COUNTS), make("case_rounds:sum")
        self.recorded, self.known = make("cases_solved_recorded", SAID), make("cases_solved_known", SAID)
        self.knowledge = make("cases_solved_knowledge", KNOWN_)
        self.sla_due, self.sla_unassigned = make("sla_due", TARGET, self.tier, P), make("sla_due_unassigned", TARGET, P)
        self.sla_cases = make("sla_cases", TARGET, self.tier, P, KEPT)
        self.sla_delivery = make("sla_cases_by_delivery", TARGET, self.partner, KEPT)
        self.sla_paused, self.sla_open = make("sla_paused", TARGET), make("sla_breached_open", self.team, P)
        self.attempts, self.automation = make("contact_attempts", C, ATTEMPT), make("case_automation", STEP, AUTOMATED_)
        self.wait, self.wait_sum = self._lasting("contact_wait", C)

    def _make(self, name, *dimensions):
        base, size = self.tallies.size(), 1
        for one in dimensions:
            size *= len((<Words>one).words)
        self.tallies.resize(base + size, NULL)
        self.series.append((name, dimensions))
        self.places += [(base, len(self.series) - 1)] * size
        return base

    def _lasting(self, name, *dimensions):
        return self._make(name, *dimensions, BUCKETS), self._make(name + ":sum", *dimensions)

    cdef tuple labelled(self, int cell):
        """(series, labels) of a cell."""
        base, number = self.places[cell]
        name, dimensions = self.series[number]
        labels, left = [], cell - base
        for one in reversed(dimensions):
            words = (<Words>one).words
            labels.append(words[left % len(words)])
            left //= len(words)
        return name, tuple(reversed(labels))

    cdef int touch(self, int cell, bint level) except -1:
        """Find or make what a cell counts in."""
        name, labels = self.labelled(cell)
        if level:
            found = (self.board.levels.setdefault(name, {}), labels)
        else:
            found = self.board.tally(name, labels)
        self.held.append(found)
        self.tallies[cell] = <PyObject *>found
        return 0

    cdef int add(self, int cell, int64_t minute, int64_t amount) except -1:
        if minute != LEVEL and not amount:
            return 0
        cdef PyObject *found = self.tallies[cell]
        if found is NULL:
            self.touch(cell, minute == LEVEL)
            found = self.tallies[cell]
        if minute == LEVEL:
            levels, labels = <tuple>found
            (<dict>levels)[labels] = (<dict>levels).get(labels, 0) + amount
        else:
            (<Tally>found).count(minute, amount)
        return 0

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


cdef inline bint same(const Entry& one, const Entry& other) noexcept:
    return one.cell == other.cell and one.minute == other.minute and one.amount == other.amount


# -- rows

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
    """The row of a case whose facts came in order; to readers a `domain.fold.Row`. Fields as of `domain.cases.Case`."""

    cdef readonly bytes facts
    cdef readonly int64_t offset, at, sequence
    cdef readonly int kept
    cdef object account, entry  # of its partition and of its ledger, once they are there: as long as the row is
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


# -- how facts move a row: `domain.cases.moves`

cdef int described(NativeRow row, fact, Cells cells) except -1:
    cdef str signal = fact.signal
    row.origin = ORIGIN.of("proactive" if signal else fact.origin)
    row.device, row.signal, row.product = fact.device, signal, fact.product
    row.tier, row.issue = cells.tier.of(fact.tier), ISSUE.of(fact.issue_type)
    row.product_code, row.region = cells.product.of(row.product), cells.region.of(fact.region)
    row.access, row.device_class = ACCESS.of(fact.access_point), DEVICE_CLASS.of(fact.device_class)
    complete = fact.complete
    row.complete = 2 if complete is None else 0 if complete else 1
    row.stamp = stamp(row.created, fact.tier, cells.rules)
    return 0


cdef NativeRow created_row(fact, Cells cells):
    cdef NativeRow row = NativeRow.__new__(NativeRow)
    row.facts = b""
    row.offset, row.created = -1, fact.at
    row.agent = row.bug = row.known_topic = ""
    row.effort = -1
    row.vendor = row.knowledge = row.recorded = -1
    row.by, row.channel = CUSTOMER if fact.by == "customer" else AGENT, CHANNEL.of(fact.channel)
    described(row, fact, cells)
    row.priority, row.team = PRIORITY.of(fact.priority), fact.team
    row.team_code, row.delivered_by = cells.team.of(row.team), cells.partner.of(fact.delivered_by)
    row.escalated_to = WHERE_TO.unknown
    row.interactions.push_back(Spoken(row.created // MINUTE, row.by, -1))
    if row.by == CUSTOMER:
        row.awaiting = row.created
    return row


cdef void end_waiting(NativeRow row, int64_t at) noexcept:
    if row.waiting == ON_CUSTOMER:
        row.paused += at - row.waiting_since
        paused(row, row.waiting_since, at)
    row.waiting, row.waiting_since = NOT_WAITING, 0


cdef void paused(NativeRow row, int64_t begin, int64_t end) noexcept:
    if begin < end:
        row.pauses.push_back(Pause(begin, end))


cdef void answered(NativeRow row, int64_t at) noexcept:
    if row.awaiting:
        row.answers.push_back(Answered(row.awaiting, at, row.priority))
        row.awaiting = 0


cdef void left_engineering(NativeRow row, int64_t at) noexcept:
    if row.engineering and not row.fixing_until:
        row.fixing_until, row.fixing_priority = at, row.priority


cdef int64_t halted(NativeRow row) noexcept:
    """Since when the clocks of a case stand still; below 0 while they run."""
    if row.phase == IN_OPEN:
        return row.waiting_since if row.waiting == ON_CUSTOMER else -1
    if row.solved and row.closed:
        return min(row.solved, row.closed)
    return row.solved or row.closed


cdef void solve(NativeRow row, int64_t at) noexcept:
    end_waiting(row, at)
    row.solved, row.solved_paused = at, row.paused
    row.solved_priority = row.priority
    row.solved_touches, row.solved_later = row.touches, row.contact_ended > 0
    row.solved_spoken = 0
    for spoken in row.interactions:
        row.solved_spoken += spoken.side == CUSTOMER
    answered(row, at)
    left_engineering(row, at)
    if not row.first_solved:
        row.first_solved, row.first_paused = at, row.paused


cdef int recorded(NativeRow row, fact) except -1:
    said = fact.recorded
    if said is not None:
        row.recorded = 0 if said else 1
    return 0


cdef int reply(NativeRow row, fact, int64_t at) except -1:
    if not fact.public or fact.automatic:
        return 0
    cdef int side = CUSTOMER if fact.by == "customer" else AGENT
    cdef str channel
    if row.interactions.back().side != side:
        channel = fact.channel
        row.interactions.push_back(Spoken(at // MINUTE, side, CHANNEL.of(channel) if channel else -1))
    if side == CUSTOMER:
        row.asking = False
        row.awaiting = row.awaiting or at
        if row.replied:
            row.contact_ended = row.contact_ended or at
        return 0
    answered(row, at)
    row.touches += 1
    if not row.replied:
        row.replied, row.replied_priority = at, row.priority
    return 0


cdef int assign(NativeRow row, fact, Cells cells) except -1:
    cdef str team = fact.team, agent = fact.agent, partner = fact.delivered_by
    row.assigned = True
    if partner:
        row.delivered_by = cells.partner.of(partner)
    if team and team != row.team:
        if row.team and not row.stepped_up and row.phase == IN_OPEN:
            row.handoffs += 1
        row.team, row.agent, row.team_code = team, agent, cells.team.of(team)
    elif agent and agent != row.agent:
        if row.agent and row.phase == IN_OPEN:
            row.reassignments += 1
        row.agent = agent
    if team:
        row.stepped_up = False
    return 0


cdef int escalate(NativeRow row, fact, int64_t at) except -1:
    row.escalated = row.handed_on = row.stepped_up = True
    row.escalated_to = WHERE_TO.of(fact.to)
    if row.escalated_to == ENGINEERING_WORD:
        row.engineering = row.engineering or at
        row.fixing = row.fixing or at
    else:
        left_engineering(row, at)
        row.engineering = 0
    return 0


cdef int work_with(NativeRow row, fact) except -1:
    cdef int word = COLLABORATOR.of(fact.who), said
    row.collaborated = True
    if not row.worked_with >> word & 1:
        row.worked_with |= 1 << word
        row.worked_order.push_back(word)
    if word == VENDOR_WORD:
        authorised = fact.authorised
        said = 1 if authorised is None else 2 if authorised else 0
        row.vendor = said if row.vendor < 0 else min(<int>row.vendor, said)
    return 0


cdef int link(NativeRow row, fact) except -1:
    cdef str what = fact.what
    cdef int done
    if what == "topic":
        row.known_topic, row.topic_made = fact.target, fact.action == "made"
    elif what == "bug":
        row.bug = fact.target
    else:
        done = KNOWN_.of(fact.action)
        row.knowledge = max(<int>row.knowledge, done)
    return 0


cdef int attempt(NativeRow row, fact, int64_t at) except -1:
    cdef str channel = fact.channel
    wait = fact.wait_ms
    row.attempts.push_back(Attempted(
        at // MINUTE, -1 if wait is None else <int64_t>wait, CHANNEL.of(channel) if channel else -1,
        ATTEMPT.of(fact.outcome),
    ))
    return 0


cdef int advance(NativeRow row, int kind, fact, int64_t at, Cells cells) except -1:
    """Move a row by a fact that is the latest; in another phase than those it acts in it changes nothing."""
    cdef int8_t phase = row.phase
    if kind == ASSIGNED:
        assign(row, fact, cells)
    elif kind == REPLIED:
        reply(row, fact, at)
    elif kind == PRIORITY_CHANGED:
        row.priority = PRIORITY.of(fact.priority)
    elif kind == EFFORT_LOGGED:
        row.effort = max(row.effort, <int64_t>0) + <int64_t>fact.minutes
    elif kind == LINKED:
        link(row, fact)
    elif kind == CONTACT_ATTEMPT:
        attempt(row, fact, at)
    elif kind == AUTOMATION_:
        row.automated.push_back(Stepped(at // MINUTE, STEP.of(fact.step), AUTOMATED_.of(fact.outcome)))
    elif kind == SOLVED:
        if phase == IN_CLOSED and not row.solved:
            solve(row, at)
            recorded(row, fact)
        elif phase == IN_OPEN:
            solve(row, at)
            recorded(row, fact)
            row.phase, row.escalated = IN_SOLVED, False
    elif kind == CLOSED:
        if phase != IN_CLOSED:
            recorded(row, fact)
            end_waiting(row, at)
            row.closed, row.phase, row.escalated = at, IN_CLOSED, False
    elif kind == REOPENED_:
        if phase != IN_OPEN:
            row.paused += at - (row.solved or row.closed)
            paused(row, halted(row), at)
            row.reopened.push_back(at)
            row.solved = row.solved_paused = row.closed = 0
            left_engineering(row, at)
            row.engineering, row.phase = 0, IN_OPEN
    elif phase == IN_OPEN:
        if kind == WAITING:
            wanted = ON_CUSTOMER if fact.on == "customer" else ON_VENDOR
            if row.waiting != wanted:
                end_waiting(row, at)
                row.waiting, row.waiting_since = wanted, at
        elif kind == RESUMED:
            end_waiting(row, at)
        elif kind == ESCALATED_:
            escalate(row, fact, at)
        elif kind == COLLABORATED:
            work_with(row, fact)
        elif kind == INFORMATION_ASKED and not row.asking:
            row.asking = True
            row.rounds += 1
    return 0


# -- what a row weighs: `domain.cases.weights`, group by group in its order

cdef inline void put(vector[Entry]& into, int cell, int64_t minute, int64_t amount) noexcept:
    into.push_back(Entry(cell, minute, amount))


cdef inline void lasted(vector[Entry]& into, int cells, int sums, int index, int64_t at, int64_t length) noexcept:
    """A length of time at a time, both in ms; one that comes out negative is 0."""
    length = max(length, <int64_t>0)
    put(into, cells + index * N_BUCKETS + bucket(length), at // MINUTE, 1)
    put(into, sums + index, at // MINUTE, length)


cdef inline void numbered(vector[Entry]& into, int cells, int sums, int64_t at, int64_t number) noexcept:
    put(into, cells + count_bucket(number), at // MINUTE, 1)
    put(into, sums, at // MINUTE, number)


cdef int weigh(NativeRow row, Cells cells, int64_t of, vector[Entry]& into) except -1:
    if of & OPENED:
        weigh_opened(row, cells, into)
    if of & touched_spoken:
        for spoken in row.interactions:
            put(into, cells.interactions + (row.channel if spoken.channel < 0 else spoken.channel) * 2 + spoken.side, spoken.minute, 1)
    if of & FIRST:
        weigh_first(row, cells, into)
    if of & TOLD:
        weigh_told(row, cells, into)
    if of & SERVED:
        if cells.promised[row.tier]:
            weigh_targets(row, cells, into)
        if cells.calendars:
            weigh_hours(row, cells, into)
    if of & DONE:
        if row.solved:
            weigh_solved(row, cells, into)
        if row.closed:
            weigh_closed(row, cells, into)
    if row.phase == IN_OPEN:
        if of & BACKLOG:
            weigh_open(row, cells, into)
        if of & ALWAYS:
            put(into, cells.untouched + row.priority, (row.at // DAY + 1 + cells.untouched_days) * 1440, 1)
    return 0

cdef int64_t touched_spoken = touched.SPOKEN


cdef void weigh_opened(NativeRow row, Cells cells, vector[Entry]& into) noexcept:
    cdef int64_t at = row.created // MINUTE
    cdef int p = row.priority, c = row.channel
    put(into, cells.opened + c * ORIGINS_ + row.origin, at, 1)
    put(into, cells.by_issue + row.issue, at, 1)
    put(into, cells.by_access + row.access * DEVICE_CLASSES_ + row.device_class, at, 1)
    put(into, cells.by_product + row.product_code, at, 1)
    put(into, cells.by_region + row.region, at, 1)
    put(into, cells.complete + c * 3 + row.complete, at, 1)
    put(into, cells.by_priority + c * N_PRIORITIES + p, at, 1)
    if row.bug:
        put(into, cells.bug_cases, at, 1)

cdef int ORIGINS_ = len(ORIGIN.words), DEVICE_CLASSES_ = len(DEVICE_CLASS.words), CHANNELS_ = len(CHANNEL.words)


cdef void weigh_first(NativeRow row, Cells cells, vector[Entry]& into) noexcept:
    cdef int p = row.priority
    cdef int64_t length
    if row.replied and row.by == CUSTOMER:
        length = row.replied - row.created
        lasted(into, cells.first_response, cells.first_response_sum, ELAPSED * N_PRIORITIES + p, row.replied, length)
        lasted(into, cells.first_by_channel, cells.first_by_channel_sum, row.channel, row.replied, length)
    if row.first_solved:
        length = row.first_solved - row.created
        resolved(row, cells, into, AT_FIRST, ELAPSED, row.first_solved, length)
        resolved(row, cells, into, AT_FIRST, NET, row.first_solved, length - row.first_paused)


cdef inline void resolved(
    NativeRow row, Cells cells, vector[Entry]& into, int end, int clock, int64_t at, int64_t length
) noexcept:
    lasted(into, cells.resolution, cells.resolution_sum, (end * 3 + clock) * N_PRIORITIES + row.priority, at, length)


cdef void weigh_told(NativeRow row, Cells cells, vector[Entry]& into) noexcept:
    cdef int where, came_to
    for at in row.reopened:
        put(into, cells.reopened, at // MINUTE, 1)
    for tried in row.attempts:
        where = row.channel if tried.channel < 0 else tried.channel
        put(into, cells.attempts + where * ATTEMPTS_ + tried.outcome, tried.minute, 1)
        if tried.wait >= 0:
            lasted(into, cells.wait, cells.wait_sum, where, tried.minute * MINUTE, tried.wait)
    for taken in row.automated:
        came_to = REASSIGNED if taken.step == ROUTED and (row.handoffs or row.reassignments) else taken.outcome
        put(into, cells.automation + taken.step * AUTOMATED_WORDS + came_to, taken.minute, 1)

cdef int ATTEMPTS_ = len(ATTEMPT.words), AUTOMATED_WORDS = len(AUTOMATED_.words)


cdef inline int contact(NativeRow row) noexcept:
    return (1 if row.solved_later else 0) if row.replied else 2


cdef int path(NativeRow row, int contact) noexcept:
    if contact == 0:
        return 0
    if row.handed_on:
        return 1
    if row.collaborated:
        return 2 if row.worked_with & (1 << TEAM_WORD | 1 << VENDOR_WORD) else 3
    return 4


cdef void weigh_solved(NativeRow row, Cells cells, vector[Entry]& into) noexcept:
    cdef int64_t length = row.solved - row.created, when = row.solved, at = row.solved // MINUTE
    cdef int met = contact(row)
    cdef int way = path(row, met)
    resolved(row, cells, into, AT_FULL, ELAPSED, when, length)
    resolved(row, cells, into, AT_FULL, NET, when, length - row.solved_paused)
    lasted(into, cells.by_channel, cells.by_channel_sum, row.channel, when, length)
    put(into, cells.solved + met * CHANNELS_ + row.channel, at, 1)
    if row.handed_on:
        put(into, cells.solved_escalated + row.escalated_to * 3 + met, at, 1)
    if row.collaborated:
        put(into, cells.solved_collaborated + met, at, 1)
    put(into, cells.solved_touches + min(row.solved_touches, 3), at, 1)
    lasted(into, cells.by_path, cells.by_path_sum, way, when, length)
    lasted(into, cells.by_delivery, cells.by_delivery_sum, row.delivered_by, when, length)
    lasted(into, cells.by_tier, cells.by_tier_sum, row.tier, when, length)
    if row.handoffs:
        put(into, cells.handoffs + min(row.handoffs, 3), at, 1)
    if row.reassignments:
        put(into, cells.reassignments + min(row.reassignments, 3), at, 1)
    for who in row.worked_order:
        put(into, cells.collaborated_with + who, at, 1)
    if row.vendor >= 0:
        put(into, cells.vendor + row.vendor, at, 1)
    if row.effort >= 0:
        lasted(into, cells.effort, cells.effort_sum, way, when, row.effort * MINUTE)
    if row.fixing:
        lasted(into, cells.engineering, cells.engineering_sum, 0, when, when - row.fixing)
    numbered(into, cells.spoken, cells.spoken_sum, when, row.solved_spoken)
    if row.rounds:
        numbered(into, cells.rounds, cells.rounds_sum, when, row.rounds)
    if row.recorded >= 0:
        put(into, cells.recorded + row.recorded, at, 1)
    if row.known_topic:
        put(into, cells.known + (1 if row.topic_made else 0), at, 1)
    if row.knowledge >= 0:
        put(into, cells.knowledge + row.knowledge, at, 1)


cdef void weigh_closed(NativeRow row, Cells cells, vector[Entry]& into) noexcept:
    if not row.first_solved:
        put(into, cells.closed_unsolved, row.closed // MINUTE, 1)
        return
    cdef int64_t length = row.closed - row.created
    resolved(row, cells, into, AT_CLOSED, ELAPSED, row.closed, length)
    resolved(row, cells, into, AT_CLOSED, NET, row.closed, length - row.paused)


cdef inline void aged(vector[Entry]& into, int ages, int starts, int p, int64_t since) noexcept:
    put(into, ages + p, since, 1)
    put(into, starts + p, since, since)


cdef void weigh_open(NativeRow row, Cells cells, vector[Entry]& into) noexcept:
    cdef int p = row.priority, state
    cdef int64_t since
    if row.waiting:
        state = WAITS_CUSTOMER if row.waiting == ON_CUSTOMER else WAITS_VENDOR
    elif row.escalated:
        state = IS_ESCALATED
    else:
        state = OPENED_ if row.assigned or row.replied else NEW
    put(into, cells.cases_open + (p * 5 + state) * cells.n_tiers + row.tier, LEVEL, 1)
    aged(into, cells.open_age, cells.open_start, p, row.created // MINUTE)
    put(into, cells.by_team + row.team_code * N_PRIORITIES + p, LEVEL, 1)
    if not row.assigned:
        put(into, cells.unassigned, LEVEL, 1)
    if row.engineering:
        aged(into, cells.engineering_age, cells.engineering_start, p, row.engineering // MINUTE)
    if row.awaiting:
        aged(into, cells.awaiting_age, cells.awaiting_start, p, row.awaiting // MINUTE)
    if row.contact_ended and not row.handed_on and not row.collaborated:
        since = row.contact_ended // MINUTE
        aged(into, cells.next_age, cells.next_start, p, since)
        put(into, cells.stuck + p, since + cells.stuck_minutes, 1)


# -- service levels: `domain.cases.targets`

cdef int weigh_hours(NativeRow row, Cells cells, vector[Entry]& into) except -1:
    hours = cells.hours[row.region]
    if row.replied and row.by == CUSTOMER:
        lasted(
            into, cells.first_response, cells.first_response_sum, BUSINESS * N_PRIORITIES + row.priority, row.replied,
            open_between(hours, row.created, row.replied),
        )
    if row.first_solved:
        resolved(row, cells, into, AT_FIRST, BUSINESS, row.first_solved, open_between(hours, row.created, row.first_solved))
    if row.solved:
        resolved(row, cells, into, AT_FULL, BUSINESS, row.solved, open_between(hours, row.created, row.solved))
    if row.first_solved and row.closed:
        resolved(row, cells, into, AT_CLOSED, BUSINESS, row.closed, open_between(hours, row.created, row.closed))
    return 0


cdef int64_t open_between(hours, int64_t begin, int64_t end) except? -2:
    if end <= begin:
        return 0
    return end - begin if hours is None else <int64_t>hours.open_between(begin, end)


cdef int64_t passed(hours, int64_t begin, int64_t length) except? -2:
    if length <= 0:
        return begin
    return begin + length if hours is None else <int64_t>hours.advance(begin, length)


cdef int64_t due_at(hours, NativeRow row, int64_t begin, int64_t length, int64_t stop) except? -2:
    """When a clock will have run, or would have, for `length` ms of open time; -1 while it stands still."""
    cdef int64_t at = begin, left = length, ran, still = halted(row)
    for pause in row.pauses:
        if stop and pause.begin >= stop:
            break
        if pause.end <= at:
            continue
        if pause.begin > at:
            ran = open_between(hours, at, pause.begin)
            if ran >= left:
                return passed(hours, at, left)
            left -= ran
        at = pause.end
    if still < 0 or (stop and still >= stop) or open_between(hours, at, still) >= left:
        return passed(hours, at, left)
    return -1


cdef struct Overdue:
    int64_t at  # minute, LEVEL for none

cdef int weigh_targets(NativeRow row, Cells cells, vector[Entry]& into) except -1:
    cdef Overdue overdue
    cdef bint by_customer = row.by == CUSTOMER
    overdue.at = LEVEL
    if by_customer:
        judge(row, cells, into, TO_RESPOND, row.created, row.replied, row.replied_priority if row.replied else row.priority, overdue)
    for answer in row.answers:
        if not by_customer or 0 < row.replied < answer.at:
            judge(row, cells, into, TO_RESPOND_NEXT, answer.asked, answer.at, answer.priority, overdue)
    if row.awaiting and (row.replied or not by_customer):
        judge(row, cells, into, TO_RESPOND_NEXT, row.awaiting, 0, row.priority, overdue)
    judge(row, cells, into, TO_RESOLVE, row.created, row.solved, row.solved_priority if row.solved else row.priority, overdue)
    if row.fixing_until > 0:
        judge(row, cells, into, TO_ENGINEER, row.fixing, row.fixing_until, row.fixing_priority, overdue)
    elif row.engineering and not row.fixing_until:
        judge(row, cells, into, TO_ENGINEER, row.fixing, 0, row.priority, overdue)
    if overdue.at != LEVEL:
        put(into, cells.sla_open + row.team_code * N_PRIORITIES + row.priority, overdue.at, 1)
    return 0


cdef int judge(
    NativeRow row, Cells cells, vector[Entry]& into, int target, int64_t begin, int64_t stop, int priority,
    Overdue& overdue,
) except -1:
    cdef Promise promise
    cdef int64_t due, at
    cdef int of = target * cells.n_tiers + row.tier
    of = of * N_PRIORITIES + priority
    promise.length, promise.business = -1, False
    for policy in cells.policies[row.tier * N_PRIORITIES + priority]:
        if policy.effective_from <= row.created:
            promise = policy.of[target]
    if promise.length < 0:
        return 0
    if stop and stop - begin <= promise.length and stop >= cells.counted_from:
        judged(row, cells, into, target, of, 0, stop // MINUTE)
        return 0
    due = due_at(cells.hours[row.region] if promise.business else None, row, begin, promise.length, stop)
    if 0 < (stop if due < 0 else due) < cells.counted_from:
        return 0
    if stop and (due < 0 or stop <= due):
        judged(row, cells, into, target, of, 0, stop // MINUTE)
    elif due >= 0:
        at = (due + MINUTE - 1) // MINUTE
        judged(row, cells, into, target, of, 1, at)
        if not stop and row.phase == IN_OPEN:
            put(into, cells.sla_due + of, at, 1)
            if not row.assigned:
                put(into, cells.sla_unassigned + target * N_PRIORITIES + priority, at, 1)
            overdue.at = at if overdue.at == LEVEL else min(overdue.at, at)
    elif row.phase == IN_OPEN:
        put(into, cells.sla_paused + target, LEVEL, 1)
    return 0


cdef void judged(NativeRow row, Cells cells, vector[Entry]& into, int target, int of, int kept, int64_t at) noexcept:
    put(into, cells.sla_cases + of * 2 + kept, at, 1)
    put(into, cells.sla_delivery + (target * cells.n_partners + row.delivered_by) * 2 + kept, at, 1)


# -- what a row tells of its account

cdef tuple evidence(NativeRow row, Cells cells):
    """`domain.health.evidence.of_case`."""
    cdef list items
    if row.phase == IN_OPEN:
        opened = (row.created + HOUR - 1) // HOUR
        items = [
            (open_case(cells.tier.words[row.tier], PRIORITY.words[row.priority]), 0),
            (OPEN_KINDS[row.priority], opened),
            (OPEN_LONG, (row.created + cells.long_ms + HOUR - 1) // HOUR),
        ]
        if row.escalated:
            items.append((ESCALATED, opened))
    else:
        items = [CASE_ITEM]
    for at in row.reopened:
        items.append((REOPENED, (at + HOUR - 1) // HOUR))
    return tuple(items), row.stamp


cdef int tell(Cells cells, tuple key, NativeRow row, tuple before, tuple after) except -1:
    """A row says something else of its account."""
    if not row.reopened.empty():  # may say a thing twice
        cells.ledger.move(key[0], before, after)
        return 0
    if row.entry is None:
        row.entry = entry_of(cells.ledger, key[0])
    says(cells.ledger, key[0], row.entry, before, after)
    return 0


cdef int prioritised(NativeRow row) noexcept:
    """The priority of an open case, below 0 of another."""
    return row.priority if row.phase == IN_OPEN else -1


cdef object part(NativeRow row, int priority, Cells cells):
    """`domain.cases.weights.part`, of a case about a device."""
    return cases.Part(
        None if priority < 0 else PRIORITY.words[priority], row.device, row.created, row.origin == REACTIVE, row.signal,
        row.product,
    )

cdef int REACTIVE = ORIGIN.of("reactive")


cdef int join(object partition, object area, tuple key, NativeRow row, int was, int now, bint new, Cells cells) except -1:
    """Move the joins of the account from one priority of an open case to another."""
    if row.device:
        partition._joined(area, key, None if new else part(row, was, cells), part(row, now, cells))
        return 0
    account = row.account
    if account is None:
        account = partition.accounts.get(key[0])
        if account is None:
            account = partition.accounts[key[0]] = Account()
        row.account = account
    if is_open(
        account._silence, None if was < 0 else PRIORITY.words[was], None if now < 0 else PRIORITY.words[now]
    ):
        return 0
    change = account.case(
        key[1], None if was < 0 else PLAIN_PARTS[was], None if now < 0 else PLAIN_PARTS[now]
    )
    if change is not NOTHING:
        partition._changes(change)
    return 0

cdef list PLAIN_PARTS = [cases.Part(word) for word in PRIORITY.words]


# -- names: of any words, so they are counted where plain rows count them

cdef int name_bug(object board, NativeRow row, str was) except -1:
    if row.bug != was:
        when = row.created // MINUTE
        if was:
            board.add([("bug_cases:any", (was,), when, 1)], -1)
        board.add([("bug_cases:any", (row.bug,), when, 1)])
    return 0


cdef int name_topic(object board, str topic, int64_t solved, int sign) except -1:
    if topic and solved:
        board.add([("known_topic_cases:any", (topic,), solved // MINUTE, 1)], sign)
    return 0


# -- the way in

cdef enum Way:
    TO_PLAIN, IS_APPLIED, IS_STALE, IS_DUPLICATE

cdef bint held(object folding, NativeRow row, fact) except -1:
    """Whether a row has a fact of this id."""
    cdef uint64_t identity = fact.id
    if identity >> 32 and not support_holds_id(PyBytes_AS_STRING(row.facts), PyBytes_GET_SIZE(row.facts), identity):
        return False
    return knows(folding, row, fact)


cdef bint answered_about(object partition, tuple key, NativeRow row) except -1:
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


cdef int fold(object partition, object area, Cells cells, tuple key, NativeRow row, int kind, fact) except -1:
    """Advance a row by one fact and move board and account with it; `TO_PLAIN` leaves everything as it was."""
    cdef int64_t offset = fact.offset, at, sequence, of, solved
    cdef int was
    cdef str bug, topic
    cdef bytes packed
    if offset <= row.offset:
        return IS_STALE
    at, sequence = fact.at, fact.sequence
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


cdef int weigh_in(object partition, object area, Cells cells, tuple key, NativeRow row) except -1:
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


cdef NativeRow first(object area, fact, Cells cells):
    """The row of a case whose first fact is its creation; None when its facts are too large for one."""
    cdef bytes packed = area.folding.pack(fact)
    if PyBytes_GET_SIZE(packed) > LARGE:
        return None
    cdef NativeRow row = created_row(fact, cells)
    row.facts, row.kept = packed, 1
    row.at, row.sequence, row.offset = fact.at, fact.sequence, fact.offset
    return row


def native_row(area, row, Cells cells):
    """A plain row, whatever is derived of it, as a native one; None if one of its facts cannot be folded so."""
    if row.horizon is not None or row.base is not None or row.kept != row.count or row.kept > MEMORY_:
        return None
    facts = kept_facts(area.folding, row)
    if not facts or type(facts[0]) is not Created:
        return None
    cdef NativeRow made = created_row(facts[0], cells)
    cdef int64_t at
    for fact in facts[1:]:
        kind = _KINDS.get(type(fact))
        if kind is None:
            return None
        at = fact.at
        advance(made, kind, fact, at, cells)
    last = facts[len(facts) - 1]
    made.facts, made.kept, made.offset, made.at, made.sequence = row.facts, row.kept, row.offset, last.at, last.sequence
    return made


def dump(codec, row):
    """`RowCodec.dump`; codec: the plain one, for plain rows."""
    if type(row) is not NativeRow:
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


def absorb(partition, area, events, Cells cells):
    """Fold what can be folded natively. Returns (keys changed, {outcome: how many}, latest time applied, what is left).

    What is left is for `Partition.absorb`, in its order; all of a key from the first such event on.
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
        number = _KINDS.get(type(fact))
        found = PyDict_GetItem(rows, key)
        if plain and key in plain:
            left.append(event)
            continue
        if number is None or (found is not NULL and type(<object>found) is not NativeRow):
            way = TO_PLAIN
        elif found is not NULL:
            kind = number
            way = fold(partition, area, cells, key, <NativeRow>found, kind, fact)
        else:
            way = TO_PLAIN
            if number == CREATED and not answered_about(partition, key, None):
                row = first(area, fact, cells)
                if row is not None:
                    rows[key] = row
                    weigh_in(partition, area, cells, key, row)
                    way = IS_APPLIED
        ways[way] += 1
        if way == IS_APPLIED:
            changed[key] = None
            at = fact.at
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


def restore(partition, area, tuple key, row, Cells cells):
    """Take a row read from the changelog that was not there; whether it could be taken natively."""
    if answered_about(partition, key, None):
        return False
    cdef NativeRow made = native_row(area, row, cells)
    if made is None:
        return False
    (<dict>partition.rows[area.topic])[key] = made
    weigh_in(partition, area, cells, key, made)
    return True
