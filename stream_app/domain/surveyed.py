"""What a case and the surveys about it weigh together: answers by who delivered the support, and by its path.

Definitions. An answer is the latest overall one to a CSAT or effort survey that names a case, in its minute. NPS speaks
of the relationship and is held against no case. Who delivered and the path are those of the case as it is now, by its
latest solve; unknown while it is not solved, when it went on as another one, and when the case is not known.
"""

from collections.abc import Collection
from typing import NamedTuple

from stream_app.domain import surveys
from stream_app.domain.board import Weight
from stream_app.domain.cases import GONE, MERGED, Case, work
from stream_app.domain.fold import Row
from stream_app.domain.rules import Rules
from stream_app.domain.surveys import Response
from stream_app.domain.words import UNKNOWN, closed, minute


class Answer(NamedTuple):
    """What a case needs to know of a survey about it: the case, the kind of survey, its answer and the minute of it."""

    case: str
    survey: str
    word: str
    when: int


def answer(row: Row, _rules: Rules) -> Answer | None:
    """The answer of a survey about a case; None if there is none."""
    response: Response = row.state
    if not response.case or not response.answered or response.phase == surveys.GONE or response.survey == "nps":
        return None
    return Answer(response.case, response.survey, dict(response.answers)["overall"], minute(response.answered))


def delivery(row: Row | None, rules: Rules) -> tuple[str, str]:
    """Who delivered the support of a case, or of none, and its path."""
    case: Case | None = None if row is None else row.state
    if case is None or not case.solved or not case.created or case.phase in {GONE, MERGED}:
        return UNKNOWN, UNKNOWN
    return closed(case.delivered_by, rules.partners), work.path(case, work.contact(case))


def answered(answers: Collection[Answer], delivered_by: str, path: str) -> list[Weight]:
    """What answers add about a case that was delivered so."""
    weights: list[Weight] = []
    for _, survey, word, when in answers:
        weights.append(("survey_responses_by_delivery", (survey, delivered_by, word), when, 1))
        weights.append(("survey_responses_by_path", (survey, path, word), when, 1))
    return weights


def together(row: Row | None, answers: Collection[Answer], rules: Rules) -> list[Weight]:
    """What a case, or none, adds with the answers about it."""
    return answered(answers, *delivery(row, rules)) if answers else []
