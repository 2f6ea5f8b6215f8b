"""What is made from the numbers of surveys."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from stream_app.catalogue.promql import ratio, whole
from stream_app.catalogue.records.record import Record

_ANSWERS: Final = "support_survey_responses"
_WINDOW: Final = ("window",)


def _answers(survey: str, answer: str = "", by: tuple[str, ...] = _WINDOW) -> str:
    chosen = [f'survey="{survey}"', *([f'answer="{answer}"'] if answer else [])]
    if "aspect" not in by:
        chosen.append('aspect="overall"')
    return whole(_ANSWERS, *chosen, by=by)


def _share(by: str, survey: str = "csat", label: str = "") -> str:
    """The share of satisfied among the answers to a survey, by what a series divides them by, and the window."""
    return ratio(_answers_by(by, survey, "satisfied", label), _answers_by(by, survey, "", label))


def _answers_by(by: str, survey: str, answer: str = "", label: str = "") -> str:
    """The answers of a series by its label, which may have another name than the series."""
    chosen = [f'survey="{survey}"', *([f'answer="{answer}"'] if answer else [])]
    return whole(f"{_ANSWERS}_by_{by}", *chosen, by=("window", label or by))


def _answered(by: str) -> str:
    """Answers against surveys sent, by survey, channel or tier, and the window."""
    labels = ("window", "survey", by)
    return ratio(whole(f"{_ANSWERS}_by_{by}", by=labels), whole(f"support_surveys_sent_by_{by}", by=labels))


def _score(answers: Callable[[str], str]) -> str:
    """Promoters less detractors. answers: the NPS answers of a word, all of them without one."""
    every = answers("")
    promoters, detractors = (f"({answers(word)} or 0 * {every})" for word in ("promoter", "detractor"))
    return f"100 * (\n  {promoters}\n  - {detractors}\n) / ({every} > 0)"


def _divided() -> Iterator[Record]:
    """Response rate, NPS and effort score by channel and by tier, as CSAT has them."""
    for by, whose in (("channel", "the channel of the case"), ("tier", "the tier of the account")):
        yield Record(
            f"support:survey_response_by_{by}:ratio",
            _answered(by),
            f"Answers of the window against surveys sent in it, by {whose}; above 1 when answers to earlier surveys "
            "outnumber them.",
            "ratio",
            "surveys",
            ("window", "survey", by),
        )
        yield Record(
            f"support:nps_by_{by}:score",
            _score(partial(_answers_by, by, "nps")),
            f"Promoters less detractors among the NPS answers of the window, -100 to 100, by {whose}.",
            "points",
            "surveys",
            ("window", by),
        )
        yield Record(
            f"support:effort_by_{by}:ratio", _share(by, "effort"),
            f"Share of customers who found it easy among the effort answers of the window, by {whose}.",
            "ratio", "surveys", ("window", by),
        )  # fmt: skip


RECORDS: Final[tuple[Record, ...]] = (
    Record(
        "support:csat:ratio",
        ratio(_answers("csat", "satisfied", ("window", "aspect")), _answers("csat", "", ("window", "aspect"))),
        "Share of satisfied among the CSAT answers of the window.", "ratio", "surveys", ("window", "aspect"),
    ),
    Record(
        "support:nps:score", _score(partial(_answers, "nps")),
        "Promoters less detractors among the NPS answers of the window, -100 to 100.",
        "points", "surveys", _WINDOW,
    ),
    Record(
        "support:effort:ratio", ratio(_answers("effort", "satisfied"), _answers("effort")),
        "Share of customers who found it easy among the effort answers of the window.", "ratio", "surveys", _WINDOW,
    ),
    Record(
        "support:survey_response:ratio",
        ratio(
            whole(_ANSWERS, 'aspect="overall"', by=("window", "survey")),
            whole("support_surveys_sent", by=("window", "survey")),
        ),
        "Answers of the window against surveys sent in it; above 1 when answers to earlier surveys outnumber them.",
        "ratio", "surveys", ("window", "survey"),
    ),
    Record(
        "support:csat_by_channel:ratio", _share("channel"),
        "Share of satisfied among the CSAT answers of the window, by the channel of the case.",
        "ratio", "surveys", ("window", "channel"),
    ),
    Record(
        "support:csat_by_tier:ratio", _share("tier"),
        "Share of satisfied among the CSAT answers of the window, by the tier of the account.",
        "ratio", "surveys", ("window", "tier"),
    ),
    *_divided(),
    Record(
        "support:csat_by_delivery:ratio", _share("delivery", label="delivered_by"),
        "Share of satisfied among the CSAT answers of the window about cases, by who delivered the support.",
        "ratio", "surveys", ("window", "delivered_by"),
    ),
    Record(
        "support:csat_by_path:ratio", _share("path"),
        "Share of satisfied among the CSAT answers of the window about cases, by the path they took.",
        "ratio", "surveys", ("window", "path"),
    ),
    Record(
        "support:survey_coverage:ratio",
        ratio(
            whole("support_surveys_sent", 'about="case"', by=_WINDOW), whole("support_cases_solved", by=_WINDOW),
        ),
        "Surveys about cases sent in the window against cases solved in it.", "ratio", "surveys", _WINDOW,
    ),
    Record(
        "support:dissatisfied:sum",
        whole(_ANSWERS, 'aspect="overall"', 'answer="dissatisfied"', by=_WINDOW),
        "Dissatisfied answers to CSAT and effort surveys in the window.", "answers", "surveys", _WINDOW,
    ),
    Record(
        "support:dissatisfied_contacted:ratio",
        ratio(whole("support_dissatisfied_contacted", by=_WINDOW), "support:dissatisfied:sum"),
        "Contacts to dissatisfied customers in the window against dissatisfied answers of it; above 1 when contacts "
        "about earlier answers outnumber them.", "ratio", "surveys", _WINDOW,
    ),
)  # fmt: skip
