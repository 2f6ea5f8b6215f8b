"""Surveys: what a survey tool publishes, and what a survey weighs.

Definitions. CSAT and effort: satisfied 4-5 of 5, 6-7 of 7, 9-10 of ten; dissatisfied 1-2 of 5, 1-3 of 7,
up to 4 of ten; other scales above 0.8 and at or below 0.4 of the way from least to most; a survey may
state its own limits. NPS: 0-6 detractor, 7-8 passive, 9-10 promoter. The answer with the latest event
time counts; a survey whose sending was never seen still counts its answer. A survey is about a case when
one is named, else about the account. Dissatisfied: the overall answer of a CSAT or effort survey; NPS speaks
of the relationship and makes nobody dissatisfied. Awaiting contact: the latest answer is dissatisfied and
nobody spoke to the customer since.

Where the sources leave it open: what is said of a survey's case, channel and tier counts by its latest
word; a dissatisfied answer counts once under each reason given, under `unknown` without any; of several
contacts after an answer the first counts, in its minute, whatever is answered later; an answer given again
after the contact, if it is dissatisfied, waits for another one; the contact that a snapshot tells of was
about its answer; a survey keeps its latest 64 contacts.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta

from stream_app.domain.board import Weight
from stream_app.domain.cases import Instant, Label
from stream_app.domain.fold import Fact, Folding, Moves, Row, State
from stream_app.domain.rules import Rules
from stream_app.domain.touched import ALL
from stream_app.domain.words import ASPECTS, CHANNELS, UNKNOWN, closed, minute

Aspects = Annotated[dict[Label, float], Meta(max_length=16)]
"""Scores by aspect."""

Survey = Literal["csat", "nps", "effort"]

CaseId = Annotated[str, Meta(max_length=128)]
Reasons = Annotated[tuple[Label, ...], Meta(max_length=8)]

CONTACTS: Final = 64
"""Contacts a survey keeps: the latest ones."""

_FIXED: Final = {(1, 5): (4, 2), (1, 7): (6, 3), (0, 10): (9, 4), (1, 10): (9, 4)}
"""(least, most) of a scale -> (satisfied from, dissatisfied up to)."""


class Sent(Fact, tag="sent"):
    """A survey was put to a customer. case: what it is about; without one it is about the account.

    channel: the one that case came by. tier: the account's.
    """

    survey_type: Survey
    case: CaseId = ""
    channel: Label = ""
    tier: Label = ""


class Answered(Fact, tag="answered"):
    """The customer answered, or changed the answer.

    score: on the scale `least`..`most` (NPS: 0..10 whatever is stated). aspects: further scores on the
    same scale by aspect (response_time, solution, staff, effort, product). satisfied_from and
    dissatisfied_to replace the usual limits of the scale. reasons: codes of why the customer is dissatisfied.
    case, channel, tier: as at the sending.
    """

    survey_type: Survey
    score: float
    least: float = 1
    most: float = 5
    aspects: Aspects = {}  # noqa: RUF012  msgspec copies an empty default for every value
    satisfied_from: float | None = None
    dissatisfied_to: float | None = None
    case: CaseId = ""
    channel: Label = ""
    tier: Label = ""
    reasons: Reasons = ()

    def __post_init__(self) -> None:
        """Refuse a score outside its scale."""
        if self.survey_type == "nps":
            self.least, self.most = 0, 10
        if not self.least < self.most:
            raise ValueError("the scale is empty: least must be below most")
        for score in (self.score, *self.aspects.values()):
            if not self.least <= score <= self.most:
                raise ValueError("a score lies outside its scale")


class Contacted(Fact, tag="contacted"):
    """Somebody spoke to the customer about a dissatisfied answer."""


class Snapshot(Fact, tag="snapshot"):
    """The full state of a survey at a time; replaces what earlier facts say.

    contacted_at: when somebody spoke to the customer about this answer.
    """

    survey_type: Survey
    sent_at: Instant = 0
    answered_at: Instant = 0
    score: float | None = None
    least: float = 1
    most: float = 5
    aspects: Aspects = {}  # noqa: RUF012  msgspec copies an empty default for every value
    satisfied_from: float | None = None
    dissatisfied_to: float | None = None
    case: CaseId = ""
    channel: Label = ""
    tier: Label = ""
    reasons: Reasons = ()
    contacted_at: Instant = 0

    def __post_init__(self) -> None:
        """Refuse a score outside its scale."""
        if self.score is not None:
            Answered(0, 0, 0, 0, self.survey_type, self.score, self.least, self.most, self.aspects)


class Deleted(Fact, tag="deleted"):
    """The survey leaves every number. A later snapshot brings it back."""


class TransferredOut(Fact, tag="transferred_out"):
    """The survey goes on under another account, where it arrives as a snapshot."""


SurveyFact = Sent | Answered | Contacted | Snapshot | Deleted | TransferredOut

LIVE: Final = "live"
GONE: Final = "gone"


class Response(State):
    """What the facts of a survey add up to. `answers`: (aspect, word of the answer).

    contacted: somebody spoke to the customer about the latest answer. contacts: when somebody did, the first
    time after each dissatisfied answer, ms.
    """

    phase: str = LIVE
    survey: str = ""
    sent: int = 0
    answered: int = 0
    answers: tuple[tuple[str, str], ...] = ()
    case: str = ""
    channel: str = ""
    tier: str = ""
    reasons: tuple[str, ...] = ()
    contacted: bool = False
    contacts: tuple[int, ...] = ()

    @property
    def dissatisfied(self) -> bool:
        """Whether the latest overall answer is; no answer to an NPS survey is called so."""
        return ("overall", "dissatisfied") in self.answers


def word(survey: str, score: float, least: float, most: float, above: float | None, below: float | None) -> str:
    """The word of an answer: promoter, passive, detractor for NPS; else satisfied, neutral, dissatisfied."""
    if survey == "nps":
        return "promoter" if score >= 9 else "passive" if score > 6 else "detractor"
    fixed = _FIXED.get((int(least), int(most))) if least == int(least) and most == int(most) else None
    if fixed is None:
        way = (score - least) / (most - least)
        satisfied = score >= above if above is not None else way > 0.8
        dissatisfied = score <= below if below is not None else way <= 0.4
    else:
        satisfied = score >= (above if above is not None else fixed[0])
        dissatisfied = score <= (below if below is not None else fixed[1])
    return "satisfied" if satisfied else "dissatisfied" if dissatisfied else "neutral"


def _about(response: Response, fact: Sent | Answered) -> None:
    """The latest word on what the survey is about counts."""
    response.case = fact.case or response.case
    response.channel = fact.channel or response.channel
    response.tier = fact.tier or response.tier


def _sent(response: Response, fact: Sent) -> None:
    _about(response, fact)
    if not response.sent:
        response.sent = fact.at
        response.survey = response.survey or fact.survey_type


def _judged(response: Response, fact: Answered | Snapshot, score: float) -> None:
    """Take the words of an answer."""
    scale = (fact.least, fact.most, fact.satisfied_from, fact.dissatisfied_to)
    scores = {**fact.aspects, "overall": score}
    response.answers = tuple(sorted((aspect, word(fact.survey_type, s, *scale)) for aspect, s in scores.items()))
    response.reasons = fact.reasons
    response.contacted = False


def _answered(response: Response, fact: Answered) -> None:
    _about(response, fact)
    response.survey = fact.survey_type
    response.answered = fact.at
    _judged(response, fact, fact.score)


def _contacted(response: Response, fact: Contacted) -> None:
    if response.dissatisfied and not response.contacted:
        response.contacted = True
        response.contacts = (*response.contacts, fact.at)[-CONTACTS:]


def _snapshot(response: Response, fact: Snapshot) -> None:
    response.phase = LIVE
    response.survey = fact.survey_type
    response.case, response.channel, response.tier = fact.case, fact.channel, fact.tier
    response.sent = fact.sent_at
    response.answered = (fact.answered_at or fact.at) if fact.score is not None else 0
    response.answers, response.reasons = (), ()
    if fact.score is not None:
        _judged(response, fact, fact.score)
    response.contacted = response.dissatisfied and fact.contacted_at > 0
    response.contacts = (fact.contacted_at,) if response.contacted else ()


def _gone(response: Response, _fact: Fact) -> None:
    response.phase = GONE


_IS_LIVE = frozenset({LIVE})

MOVES: Moves = {
    Sent: (_IS_LIVE, _sent),
    Answered: (_IS_LIVE, _answered),
    Contacted: (_IS_LIVE, _contacted),
    Snapshot: (frozenset({LIVE, GONE}), _snapshot),
    Deleted: (_IS_LIVE, _gone),
    TransferredOut: (_IS_LIVE, _gone),
}

FOLDING = Folding(empty=Response, moves=MOVES)


def weigh(row: Row, rules: Rules, _of: int = ALL) -> list[Weight]:
    """What a survey adds to the board of its partition: its sending, its latest answer, what became of that."""
    response: Response = row.state
    if response.phase == GONE:
        return []
    weights: list[Weight] = []
    tier = closed(response.tier, rules.tiers)
    if response.sent:
        about = "case" if response.case else "account"
        sent, channel = minute(response.sent), closed(response.channel, CHANNELS)
        weights.append(("surveys_sent", (response.survey, about), sent, 1))
        weights.append(("surveys_sent_by_channel", (response.survey, channel), sent, 1))
        weights.append(("surveys_sent_by_tier", (response.survey, tier), sent, 1))
    if response.answered:
        _answer(response, rules, weights)
    weights += [("dissatisfied_contacted", (tier,), minute(at), 1) for at in response.contacts]
    return weights


def _answer(response: Response, rules: Rules, weights: list[Weight]) -> None:
    """What the latest answer of a survey adds."""
    survey, when = response.survey, minute(response.answered)
    channel, tier = closed(response.channel, CHANNELS), closed(response.tier, rules.tiers)
    for aspect, answer in response.answers:
        weights.append(("survey_responses", (survey, closed(aspect, ASPECTS), answer), when, 1))
        if aspect == "overall":
            weights.append(("survey_responses_by_channel", (survey, channel, answer), when, 1))
            weights.append(("survey_responses_by_tier", (survey, tier, answer), when, 1))
    if response.dissatisfied:
        reasons = {closed(reason, rules.reasons) for reason in response.reasons or (UNKNOWN,)}
        weights += [("dissatisfaction", (reason,), when, 1) for reason in sorted(reasons)]
        if not response.contacted:
            weights.append(("dissatisfied_awaiting_contact_age", (tier,), when, 1))
            weights.append(("dissatisfied_awaiting_contact_age:start", (tier,), when, when))
