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


def _share(series: str, *by: str) -> str:
    """The share of satisfied among CSAT answers, by these labels and the window."""
    found = [whole(series, 'survey="csat"', *chosen, by=("window", *by)) for chosen in (('answer="satisfied"',), ())]
    return ratio(*found)


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
    Record(
        "support:csat_by_channel:ratio", _share("support_survey_responses_by_channel", "channel"),
        "Share of satisfied among the CSAT answers of the window, by the channel of the case.",
        "ratio", "surveys", ("window", "channel"),
    ),
    Record(
        "support:csat_by_tier:ratio", _share("support_survey_responses_by_tier", "tier"),
        "Share of satisfied among the CSAT answers of the window, by the tier of the account.",
        "ratio", "surveys", ("window", "tier"),
    ),
    Record(
        "support:csat_by_delivery:ratio", _share("support_survey_responses_by_delivery", "delivered_by"),
        "Share of satisfied among the CSAT answers of the window about cases, by who delivered the support.",
        "ratio", "surveys", ("window", "delivered_by"),
    ),
    Record(
        "support:csat_by_path:ratio", _share("support_survey_responses_by_path", "path"),
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
