"""What a case adds to the board by what was recorded of it."""

from typing import Final

from stream_app.domain.board import Weight
from stream_app.domain.cases.state import Case
from stream_app.domain.observed import count
from stream_app.domain.rules import Rules
from stream_app.domain.words import MINUTE_MS, minute

_YES: Final = ("yes",)
_NO: Final = ("no",)


def tied(case: Case, rules: Rules, weights: list[Weight]) -> None:
    """What a case that is tied to a product issue adds by the name of that, if any are to be shown."""
    if rules.top_bugs:
        weights.append(("bug_cases:any", (case.bug,), minute(case.created), 1))


def solved(case: Case, rules: Rules, weights: list[Weight]) -> None:
    """What the latest solve of a case that is not open again adds by its record; nothing where nothing is known."""
    at = case.solved // MINUTE_MS
    weights += count("case_interactions", case.solved, case.solved_spoken)
    if case.rounds:
        weights += count("case_rounds", case.solved, case.rounds)
    if case.recorded is not None:
        weights.append(("cases_solved_recorded", _YES if case.recorded else _NO, at, 1))
    if case.known_topic:
        weights.append(("cases_solved_known", _NO if case.topic_made else _YES, at, 1))
        if rules.top_known_topics:
            weights.append(("known_topic_cases:any", (case.known_topic,), at, 1))
    if case.knowledge:
        weights.append(("cases_solved_knowledge", (case.knowledge,), at, 1))
