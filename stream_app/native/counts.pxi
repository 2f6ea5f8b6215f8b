# The counts that cases move.

cdef struct Promise:
    int64_t length  # ms, below 0 for none
    cbool business

cdef struct PolicyOf:
    int64_t effective_from
    Promise[4] of

cdef class CaseCounts(Core):
    """The counts that cases move, each a number."""

    cdef object hours
    cdef list opens
    cdef Case case
    cdef Words tier, team, product, region, partner
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

    def __init__(self, partition, area, kinds, row_type, first):
        super().__init__(partition, area, kinds, row_type, first)
        rules = partition.rules
        self.tier, self.team, self.product = Words(rules.tiers), Words(rules.teams), Words(rules.products)
        self.region, self.partner = Words(rules.regions), Words(rules.partners)
        self.stuck_minutes, self.untouched_days = rules.stuck_minutes, rules.untouched_days
        self.long_ms = rules.health_long_days * 24 * HOUR_MS
        self.top_bugs, self.top_topics = rules.top_bugs > 0, rules.top_known_topics > 0
        self.n_tiers, self.n_partners = len(self.tier.words), len(self.partner.words)
        self.no_tier = [word == UNKNOWN for word in self.tier.words]
        self.opens = [(open_case(tier, priority), 0) for tier in self.tier.words for priority in PRIORITY.words]
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
        return self.make(name, dimensions)

    def _lasting(self, name, *dimensions):
        return self.make(name, (*dimensions, BUCKETS)), self.make(name + ":sum", dimensions)

    cdef int64_t stamp(self, Case *case) noexcept:
        """`domain.health.tiers.stamp`."""
        if self.no_tier[case.tier]:
            return 0
        return case.created // MINUTE * TIERS_ + (case.tier + 1 if case.tier < self.tier.other else TIERS_ - 1)
