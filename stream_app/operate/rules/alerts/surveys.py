"""What customers answer, and whether they do."""

from stream_app.catalogue import Record
from stream_app.catalogue.promql import whole
from stream_app.operate.rules.alert import Alert, slower
from stream_app.operate.rules.shapes import Level, Stream, WindowShare
from stream_app.operate.rules.thresholds import Thresholds, seconds

_AREA = "surveys"
_ANSWERS = "support_survey_responses"
_OVERALL = 'aspect="overall"'


def _dissatisfied(thresholds: Thresholds) -> WindowShare:
    def answers(window: str, *conditions: str) -> str:
        return whole(_ANSWERS, f'window="{window}"', 'survey="csat"', _OVERALL, *conditions)

    return WindowShare(
        "support:dissatisfied", lambda window: answers(window, 'answer="dissatisfied"'), answers,
        "CSAT answers that say dissatisfied", _AREA, thresholds.dissatisfied_high,
    )  # fmt: skip


def _waiting(thresholds: Thresholds) -> Level:
    limits = thresholds.dissatisfied_waiting
    longer, _ = slower("support_dissatisfied_awaiting_contact_age_seconds", round(limits.hours * 3_600))
    return Level(
        "support:dissatisfied_waiting", longer,
        f"Dissatisfied answers that nobody has spoken to the customer about for {limits.hours:g} h", "answers", _AREA,
        limits,
    )  # fmt: skip


def _answers(thresholds: Thresholds) -> Stream:
    limits = thresholds.answers_missing

    def answers(window: str) -> str:
        return whole(_ANSWERS, f'window="{window}"', _OVERALL)

    return Stream(
        "support:answers", answers(limits.window), f"Surveys answered in {limits.window}", "answers", _AREA, limits,
        mean=f"{answers(limits.base)} / {seconds(limits.base) / seconds(limits.window):g}",
    )  # fmt: skip


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """What the alerts rest on."""
    return (
        *_dissatisfied(thresholds).records(), *_waiting(thresholds).records(), *_answers(thresholds).records(),
    )  # fmt: skip


def alerts(thresholds: Thresholds) -> tuple[Alert, ...]:
    """The alerts."""
    high, missing = thresholds.dissatisfied_high, thresholds.answers_missing
    return (
        Alert(
            "SupportDissatisfiedHigh", _AREA, "support", _dissatisfied(thresholds).too_high, high,
            "Many customers answer that they are dissatisfied.",
            f"{{{{ $value | humanizePercentage }}}} of the CSAT answers of the last {high.long} say dissatisfied; "
            f"surely more than {high.share:.0%}.",
            gated=True,
        ),
        Alert(
            "SupportDissatisfiedWaiting", _AREA, "support", _waiting(thresholds).too_high,
            thresholds.dissatisfied_waiting,
            "Nobody speaks to dissatisfied customers.",
            "{{ $value | humanize }} dissatisfied answers are older than "
            f"{thresholds.dissatisfied_waiting.hours:g} h and nobody has spoken to the customer, many more than usual.",
            gated=True,
        ),
        Alert(
            "SupportAnswersMissing", _AREA, "support",
            _answers(thresholds).dry,
            missing,
            "Surveys are hardly answered any more.",
            f"{{{{ $value | humanize }}}} surveys were answered in {missing.window}, fewer than chance leaves of what "
            "is usual: they may not reach customers, or their answers not us.",
            gated=True,
        ),
    )  # fmt: skip
