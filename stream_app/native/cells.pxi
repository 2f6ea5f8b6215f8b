# The counts of a board that cases move, each a place in a table.

cdef struct Entry:
    int cell
    int64_t minute
    int64_t amount

cdef int64_t LEVEL = -(1 << 62)
"""Stands for the minute of a plain count."""

cdef enum:
    HOURS_KEPT = 10_000

cdef struct Promise:
    int64_t length  # ms, below 0 for none
    cbool business

cdef struct PolicyOf:
    int64_t effective_from
    Promise[4] of

cdef class Cells:
    """The counts of a board that cases move, each a number; made for one board and its rules."""

    cdef object board, ledger, hours
    cdef vector[PyObject *] tallies
    cdef list held, series, places, opens
    cdef dict items
    cdef Case case
    cdef Words tier, team, product, region, partner
    cdef vector[Entry] before, after
    cdef vector[int8_t] promised, no_tier
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
        self.board, self.ledger = board, board.ledgers[0]
        self.held, self.series, self.places = [], [], []
        self.tier, self.team, self.product = Words(rules.tiers), Words(rules.teams), Words(rules.products)
        self.region, self.partner = Words(rules.regions), Words(rules.partners)
        self.stuck_minutes, self.untouched_days = rules.stuck_minutes, rules.untouched_days
        self.long_ms = rules.health_long_days * 24 * HOUR_MS
        self.top_bugs, self.top_topics = rules.top_bugs > 0, rules.top_known_topics > 0
        self.n_tiers, self.n_partners = len(self.tier.words), len(self.partner.words)
        self.no_tier = [word == UNKNOWN for word in self.tier.words]
        self.opens = [(open_case(tier, priority), 0) for tier in self.tier.words for priority in PRIORITY.words]
        self.items = {kind: {} for kind in (*OPEN_KINDS, OPEN_LONG, ESCALATED, REOPENED)}
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

    cdef tuple item(self, str kind, int64_t hour):
        """A piece of evidence, the same object for all rows that say it."""
        cdef dict by_hour = <dict>self.items[kind]
        cdef object when = hour
        cdef PyObject *found = PyDict_GetItem(by_hour, when)
        if found is not NULL:
            return <tuple>found
        if len(by_hour) >= HOURS_KEPT:
            by_hour.clear()
        made = by_hour[when] = (kind, when)
        return made

    cdef int64_t stamp(self, Case *case) noexcept:
        """`domain.health.tiers.stamp`."""
        if self.no_tier[case.tier]:
            return 0
        return case.created // MINUTE * TIERS_ + (case.tier + 1 if case.tier < self.tier.other else TIERS_ - 1)

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
