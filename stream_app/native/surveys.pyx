# cython: language_level=3, boundscheck=False, initializedcheck=False, cdivision=True
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Rows of surveys, compiled: what `domain.surveys` and `Partition.absorb` do, for facts that come in order.

As with cases a row is its facts, and is folded anew for each further one. Surveys have few, and weigh in one group.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.vector cimport vector

from stream_app.native.closed cimport Words, text
from stream_app.native.core cimport (
    ID, IS_APPLIED, IS_DUPLICATE, IS_STALE, OFFSET, TO_PLAIN, Core, Entry, put,
)
from stream_app.native.kinds cimport know
from stream_app.native.packed cimport REAL, NUMBER, TEXT, Fact, Kinds, Reading, Text, Value
from stream_app.native.rows cimport Head, NativeRow, dumped, headed
from stream_app.native.slots cimport at_place

from stream_app.domain.fold import state_of
from stream_app.domain.health.words import ANSWERS, HOUR_MS, KNOWN
from stream_app.domain.health.words import NOTHING as NO_EVIDENCE
from stream_app.domain.surveyed import Answer
from stream_app.domain.surveys import CONTACTS, FOLDING, Answered, Contacted, Sent
from stream_app.domain.words import ASPECTS, CHANNELS

cdef enum Kind:
    SENT = 1, ANSWERED, CONTACTED

KINDS = {Sent: SENT, Answered: ANSWERED, Contacted: CONTACTED}
"""Kinds of facts that are folded here. Each of the others replaces or ends what is known of a survey."""

cdef enum:
    SENT_TYPE, SENT_CASE, SENT_CHANNEL, SENT_TIER  # the places in `Fact.says`

cdef enum:
    ANSWERED_TYPE, SCORE, LEAST, MOST, OF_ASPECTS, SATISFIED_FROM, DISSATISFIED_TO, ABOUT, CHANNEL_, TIER_, REASONS

SAYS = {
    Sent: ("survey_type", "case", "channel", "tier"),
    Answered: (
        "survey_type", "score", "least", "most", "aspects", "satisfied_from", "dissatisfied_to", "case", "channel", "tier",
        "reasons",
    ),
    Contacted: (),
}

cdef Kinds KNOWN_KINDS
for _kind, _number in KINDS.items():
    know(KNOWN_KINDS, _kind, _number, SAYS[_kind])

cdef int64_t MINUTE = 60_000, HOUR = HOUR_MS
cdef size_t CONTACTS_ = CONTACTS

cdef enum Type_:
    CSAT, NPS, EFFORT

cdef enum Answer_:
    SATISFIED, NEUTRAL, DISSATISFIED, PROMOTER, PASSIVE, DETRACTOR

cdef Words SURVEY = Words(("csat", "nps", "effort"), True), CHANNEL = Words(CHANNELS), ASPECT = Words(ASPECTS)
cdef Words WORD = Words(("satisfied", "neutral", "dissatisfied", "promoter", "passive", "detractor"), True)
cdef Words SUBJECT = Words(("case", "account"), True)
cdef int N_CHANNELS = len(CHANNEL.words), N_WORDS = len(WORD.words), N_ASPECTS = len(ASPECT.words)
cdef int OVERALL_WORD = ASPECT.number("overall")
cdef bytes _OVERALL = b"overall"
cdef Text OVERALL = text(_OVERALL)
cdef tuple KNOWN_EVIDENCE = (((KNOWN, 0),), 0)
cdef list KIND_OF = [ANSWERS[word] for word in WORD.words]


cdef struct Judged:
    int aspect
    int word


cdef cppclass Response:
    """What the facts of a row add up to, as of `domain.surveys.Response`. survey: below 0 before the first."""

    Text about, channel, tier
    int64_t sent, answered
    int survey, overall
    cbool contacted
    vector[Judged] aspects
    vector[Text] reasons
    vector[int64_t] contacts

    void clear():
        this.about = this.channel = this.tier = Text()
        this.sent = this.answered = 0
        this.survey = this.overall = -1
        this.contacted = False
        this.aspects.clear()
        this.reasons.clear()
        this.contacts.clear()


cdef cppclass Scale:
    """`domain.surveys.word`, of one survey and its scale."""

    int survey
    double least, most, above, below
    cbool fixed, says_above, says_below

    void take(int survey, const Value *said) noexcept:
        this.survey = survey
        this.least, this.most = said[LEAST].as_real(), said[MOST].as_real()
        this.says_above, this.says_below = not said[SATISFIED_FROM].none(), not said[DISSATISFIED_TO].none()
        this.above = this.below = 0
        this.fixed = True
        if this.least == 1 and this.most == 5:
            this.above, this.below = 4, 2
        elif this.least == 1 and this.most == 7:
            this.above, this.below = 6, 3
        elif (this.least == 0 or this.least == 1) and this.most == 10:
            this.above, this.below = 9, 4
        else:
            this.fixed = False
        if this.says_above:
            this.above = said[SATISFIED_FROM].as_real()
        if this.says_below:
            this.below = said[DISSATISFIED_TO].as_real()

    int word(double score) noexcept:
        cdef double way
        cdef cbool satisfied, dissatisfied
        if this.survey == NPS:
            return PROMOTER if score >= 9 else PASSIVE if score > 6 else DETRACTOR
        way = 0 if this.fixed else (score - this.least) / (this.most - this.least)
        satisfied = score >= this.above if this.fixed or this.says_above else way > 0.8
        dissatisfied = score <= this.below if this.fixed or this.says_below else way <= 0.4
        return SATISFIED if satisfied else DISSATISFIED if dissatisfied else NEUTRAL


cdef cbool answer(Response *response, const Fact& fact) noexcept:
    """Take an answer; whether it could be read."""
    cdef const Value *said = fact.says()
    cdef Scale scale
    cdef Reading reading
    cdef Value name, score
    cdef uint64_t length = 0, place
    response.survey, response.answered = SURVEY.of(said[ANSWERED_TYPE].text), fact.at
    scale.take(response.survey, said)
    response.overall = scale.word(said[SCORE].as_real())
    response.aspects.clear()
    reading = Reading(said[OF_ASPECTS].text.data(), said[OF_ASPECTS].text.size())
    if not reading.pairs(length):
        return False
    for place in range(length):
        if not reading.value(name) or not reading.value(score) or name.type != TEXT:
            return False
        if score.type != REAL and score.type != NUMBER:
            return False
        if name.text != OVERALL:
            response.aspects.push_back(Judged(ASPECT.of(name.text), scale.word(score.as_real())))
    response.reasons.clear()
    reading = Reading(said[REASONS].text.data(), said[REASONS].text.size())
    if not reading.array(length):
        return False
    for place in range(length):
        if not reading.value(name) or name.type != TEXT:
            return False
        response.reasons.push_back(name.text)
    response.contacted = False
    return True


cdef void is_about(Response *response, Text about, Text channel, Text tier) noexcept:
    """The latest word on what the survey is about counts."""
    if not about.empty():
        response.about = about
    if not channel.empty():
        response.channel = channel
    if not tier.empty():
        response.tier = tier


cdef cbool advance(Response *response, const Fact& fact) noexcept:
    """Move a survey by a fact that is the latest; whether it could be read."""
    cdef const Value *said = fact.says()
    if fact.kind == SENT:
        is_about(response, said[SENT_CASE].text, said[SENT_CHANNEL].text, said[SENT_TIER].text)
        if not response.sent:
            response.sent = fact.at
            if response.survey < 0:
                response.survey = SURVEY.of(said[SENT_TYPE].text)
    elif fact.kind == ANSWERED:
        is_about(response, said[ABOUT].text, said[CHANNEL_].text, said[TIER_].text)
        return answer(response, fact)
    elif response.overall == DISSATISFIED and not response.contacted:
        response.contacted = True
        if response.contacts.size() == CONTACTS_:
            response.contacts.erase(response.contacts.begin())
        response.contacts.push_back(fact.at)
    return True


cdef cbool fold_kept(Response *response, Reading& kept, int number, Fact& fact, uint64_t looked_for, cbool& same) noexcept:
    """Fold the facts that a row keeps; whether that could be done. same: whether one has the id that is looked for."""
    response.clear()
    same = False
    for _ in range(number):
        if not KNOWN_KINDS.read(kept, fact) or not advance(response, fact):
            return False
        same = same or fact.id == looked_for
    return True


cdef object part(Response *response):
    """`domain.surveyed.answer`."""
    if response.about.empty() or not response.answered or response.survey == NPS:
        return None
    about = PyUnicode_DecodeUTF8(response.about.data(), response.about.size(), NULL)
    return Answer(about, SURVEY.words[response.survey], WORD.words[response.overall], response.answered // MINUTE)


@cython.no_gc
cdef class SurveyRow(NativeRow):
    """A survey."""

    @property
    def state(self):
        """What the facts add up to, folded anew."""
        return state_of(FOLDING, self.plain())

    @state.setter
    def state(self, value):
        """It is derived each time."""


cdef SurveyRow row_of(bytes facts, int64_t offset, int kept):
    cdef SurveyRow row = SurveyRow.__new__(SurveyRow)
    row.facts, row.offset, row.kept = facts, offset, kept
    return row


cdef class SurveyCore(Core):
    """The surveys of a partition, and the counts that they move."""

    cdef Response response
    cdef Words tier, reason
    cdef int sent, sent_by_channel, sent_by_tier, responses, by_channel, by_tier, dissatisfaction, awaiting, awaiting_start
    cdef int contacted

    def __init__(self, partition, area):
        super().__init__(partition, area, KINDS, SurveyRow, KINDS)
        self.tier, self.reason = Words(partition.rules.tiers), Words(partition.rules.reasons)
        self.sent = self.make("surveys_sent", (SURVEY, SUBJECT))
        self.sent_by_channel = self.make("surveys_sent_by_channel", (SURVEY, CHANNEL))
        self.sent_by_tier = self.make("surveys_sent_by_tier", (SURVEY, self.tier))
        self.responses = self.make("survey_responses", (SURVEY, ASPECT, WORD))
        self.by_channel = self.make("survey_responses_by_channel", (SURVEY, CHANNEL, WORD))
        self.by_tier = self.make("survey_responses_by_tier", (SURVEY, self.tier, WORD))
        self.dissatisfaction = self.make("dissatisfaction", (self.reason,))
        self.awaiting = self.make("dissatisfied_awaiting_contact_age", (self.tier,))
        self.awaiting_start = self.make("dissatisfied_awaiting_contact_age:start", (self.tier,))
        self.contacted = self.make("dissatisfied_contacted", (self.tier,))

    cdef NativeRow made(self, bytes facts, int64_t offset, int kept, int64_t seen):
        return row_of(facts, offset, kept)

    cdef bint folded(self, NativeRow row) except -1:
        cdef Reading reading = Reading(PyBytes_AS_STRING(row.facts), PyBytes_GET_SIZE(row.facts))
        cdef cbool same = False
        if not row.kept or not fold_kept(&self.response, reading, row.kept, self.one, 0, same) or not reading.done():
            return False
        row.at, row.sequence = self.one.at, self.one.sequence
        return True

    cdef int weigh(self, vector[Entry]& into) except -1:
        """`domain.surveys.weigh`."""
        cdef Response *response = &self.response
        cdef int survey = response.survey, channel = CHANNEL.of(response.channel), tier = self.tier.of(response.tier)
        cdef int64_t at
        if response.sent:
            at = response.sent // MINUTE
            put(into, self.sent + survey * 2 + response.about.empty(), at, 1)
            put(into, self.sent_by_channel + survey * N_CHANNELS + channel, at, 1)
            put(into, self.sent_by_tier + survey * <int>len(self.tier.words) + tier, at, 1)
        if response.answered:
            self.weigh_answer(survey, channel, tier, into)
        for at in response.contacts:
            put(into, self.contacted + tier, at // MINUTE, 1)
        return 0

    cdef int weigh_answer(self, int survey, int channel, int tier, vector[Entry]& into) except -1:
        cdef Response *response = &self.response
        cdef int64_t when = response.answered // MINUTE
        cdef int word = response.overall, code
        cdef vector[int] told
        put(into, self.responses + (survey * N_ASPECTS + OVERALL_WORD) * N_WORDS + word, when, 1)
        put(into, self.by_channel + (survey * N_CHANNELS + channel) * N_WORDS + word, when, 1)
        put(into, self.by_tier + (survey * <int>len(self.tier.words) + tier) * N_WORDS + word, when, 1)
        for judged in response.aspects:
            put(into, self.responses + (survey * N_ASPECTS + judged.aspect) * N_WORDS + judged.word, when, 1)
        if word != DISSATISFIED:
            return 0
        for reason in response.reasons:
            code = self.reason.of(reason)
            for other in told:
                if other == code:
                    break
            else:
                told.push_back(code)
        if told.empty():
            told.push_back(self.reason.unknown)
        for code in told:
            put(into, self.dissatisfaction + code, when, 1)
        if not response.contacted:
            put(into, self.awaiting + tier, when, 1)
            put(into, self.awaiting_start + tier, when, when)
        return 0

    cdef tuple evidence(self):
        """`domain.health.evidence.of_survey`."""
        cdef Response *response = &self.response
        if not response.answered:
            return KNOWN_EVIDENCE
        return (self.item(KIND_OF[response.overall], (response.answered + HOUR - 1) // HOUR),), 0

    cdef int weigh_in(self, object partition, NativeRow row) except -1:
        self.before.clear()
        self.after.clear()
        self.weigh(self.after)
        self.move()
        answer = part(&self.response)
        if answer is not None:
            partition._joined(self.area, row.key, None, answer)
        self.tell(row, NO_EVIDENCE, self.evidence(), False)
        return 0

    cdef int fold(self, object partition, NativeRow row, int kind, object fact) except -1:
        cdef bytes facts
        cdef tuple said, told
        cdef cbool same = False
        if <int64_t>at_place(fact, OFFSET) <= row.offset:
            return IS_STALE
        facts = self.longer(row, fact)
        if facts is None:
            return TO_PLAIN
        cdef Reading reading = Reading(PyBytes_AS_STRING(facts), PyBytes_GET_SIZE(facts))
        if not fold_kept(&self.response, reading, row.kept, self.one, at_place(fact, ID), same):
            return TO_PLAIN
        if same:
            return IS_DUPLICATE
        self.before.clear()
        self.after.clear()
        self.weigh(self.before)
        said, was = self.evidence(), part(&self.response)
        if not KNOWN_KINDS.read(reading, self.one) or not advance(&self.response, self.one):
            return TO_PLAIN
        self.take(row, facts, fact)
        self.weigh(self.after)
        self.move()
        now = part(&self.response)
        if now != was:
            partition._joined(self.area, row.key, was, now)
        told = self.evidence()
        if told != said:
            self.tell(row, said, told, False)
        return IS_APPLIED


def dump(codec, row):
    """`RowCodec.dump`; codec: the plain one, for plain rows."""
    return dumped(<SurveyRow>row, 0) if type(row) is SurveyRow else codec.dump(row)


def read(codec, bytes data):
    """`RowCodec.read`; codec: the plain one, for whatever is not the row of a survey that keeps all its facts."""
    cdef Reading reading = Reading(PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))
    cdef Head head
    if not headed(reading, head) or head.seen:
        return codec.read(data)
    return row_of(reading.rest()[: reading.left()], head.offset, head.kept)
