"""Surveys: what a survey tool publishes, and what a survey weighs.

Definitions. CSAT and effort: satisfied 4-5 of 5, 6-7 of 7, 9-10 of ten; dissatisfied 1-2 of 5, 1-3 of 7,
up to 4 of ten; other scales above 0.8 and at or below 0.4 of the way from least to most; a survey may
state its own limits. NPS: 0-6 detractor, 7-8 passive, 9-10 promoter. The answer with the latest event
time counts; a survey whose sending was never seen still counts its answer.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta

from stream_app.domain.board import Weight
from stream_app.domain.cases import Instant, Label
from stream_app.domain.fold import Fact, Folding, Moves, Row, State
from stream_app.domain.rules import Rules
from stream_app.domain.words import ASPECTS, closed, minute

Aspects = Annotated[dict[Label, float], Meta(max_length=16)]
"""Scores by aspect."""

Survey = Literal["csat", "nps", "effort"]

_FIXED: Final = {(1, 5): (4, 2), (1, 7): (6, 3), (0, 10): (9, 4), (1, 10): (9, 4)}
"""(least, most) of a scale -> (satisfied from, dissatisfied up to)."""


class Sent(Fact, tag="sent"):
    """A survey was put to a customer."""

    survey_type: Survey


class Answered(Fact, tag="answered"):
    """The customer answered, or changed the answer.

    score: on the scale `least`..`most` (NPS: 0..10 whatever is stated). aspects: further scores on the
    same scale by aspect (response_time, solution, staff, effort, product). satisfied_from and
    dissatisfied_to replace the usual limits of the scale.
    """

    survey_type: Survey
    score: float
    least: float = 1
    most: float = 5
    aspects: Aspects = {}  # noqa: RUF012  msgspec copies an empty default for every value
    satisfied_from: float | None = None
    dissatisfied_to: float | None = None

    def __post_init__(self) -> None:
        """Refuse a score outside its scale."""
        if self.survey_type == "nps":
            self.least, self.most = 0, 10
        if not self.least < self.most:
            raise ValueError("the scale is empty: least must be below most")
        for score in (self.score, *self.aspects.values()):
            if not self.least <= score <= self.most:
                raise ValueError("a score lies outside its scale")


class Snapshot(Fact, tag="snapshot"):
    """The full state of a survey at a time; replaces what earlier facts say."""

    survey_type: Survey
    sent_at: Instant = 0
    answered_at: Instant = 0
    score: float | None = None
    least: float = 1
    most: float = 5
    aspects: Aspects = {}  # noqa: RUF012  msgspec copies an empty default for every value
    satisfied_from: float | None = None
    dissatisfied_to: float | None = None

    def __post_init__(self) -> None:
        """Refuse a score outside its scale."""
        if self.score is not None:
            Answered(0, 0, 0, 0, self.survey_type, self.score, self.least, self.most, self.aspects)


class Deleted(Fact, tag="deleted"):
    """The survey leaves every number. A later snapshot brings it back."""


class TransferredOut(Fact, tag="transferred_out"):
    """The survey goes on under another account, where it arrives as a snapshot."""


SurveyFact = Sent | Answered | Snapshot | Deleted | TransferredOut

LIVE: Final = "live"
GONE: Final = "gone"


class Response(State):
    """What the facts of a survey add up to. `answers`: (aspect, word of the answer)."""

    phase: str = LIVE
    survey: str = ""
    sent: int = 0
    answered: int = 0
    answers: tuple[tuple[str, str], ...] = ()


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


def _sent(response: Response, fact: Sent) -> None:
    if not response.sent:
        response.sent = fact.at
        response.survey = response.survey or fact.survey_type


def _answers(fact: Answered | Snapshot, score: float) -> tuple[tuple[str, str], ...]:
    scale = (fact.least, fact.most, fact.satisfied_from, fact.dissatisfied_to)
    scores = {**fact.aspects, "overall": score}
    return tuple(sorted((aspect, word(fact.survey_type, s, *scale)) for aspect, s in scores.items()))


def _answered(response: Response, fact: Answered) -> None:
    response.survey = fact.survey_type
    response.answered = fact.at
    response.answers = _answers(fact, fact.score)


def _snapshot(response: Response, fact: Snapshot) -> None:
    response.phase = LIVE
    response.survey = fact.survey_type
    response.sent = fact.sent_at
    response.answered = (fact.answered_at or fact.at) if fact.score is not None else 0
    response.answers = () if fact.score is None else _answers(fact, fact.score)


def _gone(response: Response, _fact: Fact) -> None:
    response.phase = GONE


_IS_LIVE = frozenset({LIVE})

MOVES: Moves = {
    Sent: (_IS_LIVE, _sent),
    Answered: (_IS_LIVE, _answered),
    Snapshot: (frozenset({LIVE, GONE}), _snapshot),
    Deleted: (_IS_LIVE, _gone),
    TransferredOut: (_IS_LIVE, _gone),
}

FOLDING = Folding(empty=Response, moves=MOVES)


def weigh(row: Row, _rules: Rules) -> list[Weight]:
    """What a survey adds to the board of its partition: its sending and the words of its latest answer."""
    response: Response = row.state
    if response.phase == GONE:
        return []
    weights: list[Weight] = []
    if response.sent:
        weights.append(("surveys_sent", (response.survey,), minute(response.sent), 1))
    if response.answered:
        when = minute(response.answered)
        weights += [
            ("survey_responses", (response.survey, closed(aspect, ASPECTS), answer), when, 1)
            for aspect, answer in response.answers
        ]
    return weights
