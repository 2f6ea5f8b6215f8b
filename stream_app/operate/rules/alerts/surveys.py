"""What customers answer, and whether they do."""

from stream_app.catalogue import Record
from stream_app.catalogue.promql import surely_less, whole
from stream_app.operate.rules.alert import Alert, each
from stream_app.operate.rules.shapes import WindowShare
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


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """What the alerts rest on."""
    missing = thresholds.answers_missing
    now = whole(_ANSWERS, f'window="{missing.window}"', _OVERALL)
    windows = seconds(missing.base) / seconds(missing.window)
    base = whole(_ANSWERS, f'window="{missing.base}"', _OVERALL)
    mean = f"{base} / {windows:g}"
    before = (("mean", mean), *((length, f"support:answers:sum offset {length}") for length in missing.same_time))
    return (
        *_dissatisfied(thresholds).records(),
        Record("support:answers:sum", now, f"Surveys answered in {missing.window}.", "answers", _AREA),
        Record(
            "support:answers:expected", f"min(\n{each(*before)}\n)",
            f"Answers to be expected of {missing.window}: the least of the times it is compared with.", "answers",
            _AREA,
        ),
        Record(
            "support:answers:surely", surely_less("support:answers:expected", missing.dispersion),
            "What chance leaves of them once in a thousand times.", "answers", _AREA,
        ),
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
            "SupportAnswersMissing", _AREA, "support",
            f"support:answers:sum < support:answers:surely\nand on() support:answers:expected >= {missing.expected:g}",
            missing,
            "Surveys are hardly answered any more.",
            f"{{{{ $value | humanize }}}} surveys were answered in {missing.window}, fewer than chance leaves of what "
            "is usual: they may not reach customers, or their answers not us.",
            gated=True,
        ),
    )  # fmt: skip
