"""Events of surveys."""

from random import Random
from typing import Final

from tests.events.making import Fields, Kinds, nothing, past, some, written

_SCALES: Final = ((1, 5), (1, 7), (0, 10), (1, 10), (0, 100), (-2, 2), (1, 6))

_ASPECTS: Final = ("response_time", "solution", "staff", "effort", "product", "weather", "", "overall")


_REASONS: Final = ("slow_response", "not_solved", "attitude", "weather", "", "moon")


def _about(rng: Random) -> Fields:
    """What a survey is about; often nothing is said."""
    return some(
        rng,
        {
            "case": rng.choice(("cases-0", "cases-1", "")),
            "channel": rng.choice(("phone", "chat", "", "fax")),
            "tier": rng.choice(("basic", "premium", "", "platinum")),
        },
        0.5,
    )


def _scale(rng: Random) -> Fields:
    least, most = rng.choice(_SCALES)
    fields: Fields = {"least": least, "most": most}
    if rng.random() < 0.2:
        fields["satisfied_from"] = rng.randint(least, most)
    if rng.random() < 0.2:
        fields["dissatisfied_to"] = rng.randint(least, most)
    return fields


def _answer(rng: Random, _at: int) -> Fields:
    survey = rng.choice(("csat", "nps", "effort"))
    scale = {} if survey == "nps" or rng.random() < 0.4 else _scale(rng)
    least, most = (0, 10) if survey == "nps" else (scale.get("least", 1), scale.get("most", 5))
    aspects = {
        aspect: rng.randint(least, most) for aspect in rng.sample(_ASPECTS, rng.choice((0, 0, 1, 2)))
    }  # fmt: skip
    score = rng.choice(
        (rng.randint(least, most), rng.randint(least, most), (least + most) / 2, least + (most - least) * 0.8)
    )
    reasons = {"reasons": rng.choices(_REASONS, k=rng.choice((0, 1, 2, 3)))} if rng.random() < 0.6 else {}
    return {
        "survey_type": survey, "score": score, **scale, **({"aspects": aspects} if aspects else {}), **reasons,
        **_about(rng),
    }  # fmt: skip


def _sending(rng: Random) -> Fields:
    return {"survey_type": rng.choice(("csat", "nps", "effort")), **_about(rng)}


def _survey_snapshot(rng: Random, at: int) -> Fields:
    answer = _answer(rng, at) if rng.random() < 0.6 else _sending(rng)
    times = {name: written(rng, past(rng, at)) for name in ("sent_at", "answered_at", "contacted_at")}
    return {**answer, **some(rng, times, 0.6)}


KINDS: Final[Kinds] = {
    "sent": (3, lambda rng, _at: _sending(rng)),
    "answered": (5, _answer),
    "contacted": (3, nothing),
    "snapshot": (1, _survey_snapshot),
    "deleted": (0.5, nothing),
    "transferred_out": (0.4, nothing),
}
