"""The life of a survey: sent after a solve (NPS: now and then to an account), answered or not, some twice."""

from math import log
from random import Random
from typing import Any, Final

from stream_app.sources.simulate.things import DAY, HOUR, Fields, Step, Story, pick

SENT: Final = 0.6
"""Share of the solves after which a survey is sent."""

ANSWERED: Final = 0.35
_TWICE: Final = 0.08
_ASPECTS: Final = ("response_time", "solution", "staff", "effort", "product", "weather")
"""What else is asked for; the last one is none that anybody agreed on."""

_SCALES: Final = {"1-5": 0.68, "0-10": 0.20, "1-7": 0.06, "1-10": 0.04, "1-4": 0.01, "own": 0.01}
_LIMITS: Final = {"1-5": (1, 5, 4, 2), "0-10": (0, 10, 9, 4), "1-7": (1, 7, 6, 3), "1-10": (1, 10, 9, 4)}
"""Scale -> least, most, satisfied from, dissatisfied up to."""

_ANSWERS: Final = {"satisfied": 0.867, "neutral": 0.063, "dissatisfied": 0.07}
"""Word -> share: 86.7 % satisfied."""

_NPS: Final = {"promoter": 0.50, "passive": 0.35, "detractor": 0.15}
"""Word -> share: a score of 35."""

_NPS_SCORES: Final = {"promoter": (9, 10), "passive": (7, 8), "detractor": (0, 6)}


_REASONS: Final = {
    "slow_solution": 0.24, "not_solved": 0.2, "slow_response": 0.18, "had_to_repeat": 0.12, "knowledge": 0.1,
    "product": 0.08, "attitude": 0.04, "policy": 0.02, "the_music": 0.02,
}  # fmt: skip
"""Why a customer is dissatisfied; the last one is none that anybody agreed on."""

_SAYS_WHY: Final = 0.7
_SPOKEN_TO: Final = 0.39
"""Share of the dissatisfied customers that somebody speaks to."""


def live(rng: Random, pace: float, at: int, survey_type: str, about: Fields) -> Story:
    """Plan a survey sent at `at` ms; about: what its events say of its case, channel and tier."""
    story = Story(at)
    story.tell(at, "sent", survey_type=survey_type, **about)
    draw = rng.random()
    if draw < 0.01:
        story.tell(at + HOUR / pace, "deleted")
    elif draw < 0.01 + ANSWERED:
        answer = _answer(rng, survey_type)
        story.tell(at + rng.lognormvariate(log(6 * HOUR), 1.0) / pace, "answered", **answer)
        _spoken_to(rng, pace, story, answer)
        if rng.random() < _TWICE:
            again = _answer(rng, survey_type)
            story.tell(story.at + rng.random() * HOUR / pace, "answered", **again)
            _spoken_to(rng, pace, story, again)
        if rng.random() < 0.03:
            story.tell(story.at + HOUR / pace, "snapshot", **snapshot(story.steps))
    return story


def _spoken_to(rng: Random, pace: float, story: Story, answer: Fields) -> None:
    """Somebody speaks to a dissatisfied customer, or nobody ever does."""
    share = _SPOKEN_TO if word(answer, answer["score"]) == "dissatisfied" else 0.005
    while rng.random() < share:
        story.tell(story.at + rng.lognormvariate(log(DAY), 0.8) / pace, "contacted")
        share = 0.05


def word(said: Fields, score: float) -> str:
    """The word for a score on its survey's scale."""
    if said["survey_type"] == "nps":
        return "detractor" if score <= 6 else "passive" if score <= 8 else "promoter"
    least, most = said.get("least", 1), said.get("most", 5)
    limits = {(1, 5): (4, 2), (1, 7): (6, 3), (0, 10): (9, 4), (1, 10): (9, 4)}.get((least, most))
    if limits is None:  # above four fifths of the way, up to two fifths of it
        satisfied, dissatisfied = 5 * (score - least) > 4 * (most - least), 5 * (score - least) <= 2 * (most - least)
    else:
        satisfied = score >= said.get("satisfied_from", limits[0])
        dissatisfied = score <= said.get("dissatisfied_to", limits[1])
    return "satisfied" if satisfied else "dissatisfied" if dissatisfied else "neutral"


def moved(rng: Random, pace: float, story: Story) -> list[Step]:
    """Move a survey to another account after all it has told: ends the story, returns how it arrives there."""
    at = story.at + rng.random() * HOUR / pace
    arrival = Step(story.tell(at, "transferred_out"), "snapshot", snapshot(story.steps[:-1]))
    return [arrival]


def snapshot(steps: list[Step]) -> dict[str, Any]:
    """What a snapshot says of a survey with these steps before it."""
    said: dict[str, Any] = {}
    for step in steps:
        if step.kind == "sent":
            said |= {"sent_at": step.at, **step.fields}
        elif step.kind == "answered":
            about: Fields = {name: said[name] for name in ("sent_at", "case", "channel", "tier") if name in said}
            said = {**about, "answered_at": step.at, **step.fields}
        elif step.kind == "contacted":
            if word(said, said["score"]) == "dissatisfied":
                said = {"contacted_at": step.at, **said}
        elif step.kind == "snapshot":
            said = dict(step.fields)
    return said


def _answer(rng: Random, survey_type: str) -> dict[str, Any]:
    answer = _scores(rng, survey_type)
    if word(answer, answer["score"]) == "dissatisfied" and rng.random() < _SAYS_WHY:
        answer["reasons"] = sorted({pick(_REASONS, rng.random()) for _ in range(rng.choice((1, 1, 2)))})
    return answer


def _scores(rng: Random, survey_type: str) -> dict[str, Any]:
    if survey_type == "nps":
        least, most = _NPS_SCORES[pick(_NPS, rng.random())]
        return {"survey_type": survey_type, "score": rng.randint(least, most)}
    scale = pick(_SCALES, rng.random())
    answer: dict[str, Any] = {"survey_type": survey_type}
    if scale == "1-4":
        return answer | {"score": rng.randint(1, 4), "least": 1, "most": 4}
    if scale == "own":
        return answer | {"score": rng.randint(1, 5), "satisfied_from": 5, "dissatisfied_to": 3}
    answer["score"] = _score(rng, scale)
    if scale != "1-5":
        answer |= {"least": _LIMITS[scale][0], "most": _LIMITS[scale][1]}
    if rng.random() < 0.4:
        answer["aspects"] = {aspect: _score(rng, scale) for aspect in _ASPECTS if rng.random() < 0.45}
    return answer


def _score(rng: Random, scale: str) -> int:
    least, most, satisfied, dissatisfied = _LIMITS[scale]
    word = pick(_ANSWERS, rng.random())
    if word == "satisfied":
        return rng.randint(satisfied, most)
    if word == "dissatisfied":
        return rng.randint(least, dissatisfied)
    return rng.randint(dissatisfied + 1, satisfied - 1)


def asked(rng: Random) -> str:
    """Which survey follows a solve."""
    return "csat" if rng.random() < 0.8 else "effort"
