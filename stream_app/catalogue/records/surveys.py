"""What is made from the numbers of surveys."""

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


def _nps() -> str:
    every = _answers("nps")
    promoters, detractors = (f"({_answers('nps', word)} or 0 * {every})" for word in ("promoter", "detractor"))
    return f"100 * (\n  {promoters}\n  - {detractors}\n) / ({every} > 0)"


RECORDS: Final[tuple[Record, ...]] = (
    Record(
        "support:csat:ratio",
        ratio(_answers("csat", "satisfied", ("window", "aspect")), _answers("csat", "", ("window", "aspect"))),
        "Share of satisfied among the CSAT answers of the window.", "ratio", "surveys", ("window", "aspect"),
    ),
    Record(
        "support:nps:score", _nps(), "Promoters less detractors among the NPS answers of the window, -100 to 100.",
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
)  # fmt: skip
