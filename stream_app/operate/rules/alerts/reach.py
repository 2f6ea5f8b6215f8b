"""Whether customers reach support, and the right people in it."""

from stream_app.catalogue import Record
from stream_app.catalogue.promql import whole
from stream_app.operate.rules.alert import Alert
from stream_app.operate.rules.shapes import WindowShare
from stream_app.operate.rules.thresholds import Thresholds

_AREA = "reach"
_ENDED = 'outcome=~"connected|abandoned|cut_off"'
_FAILED = 'outcome=~"abandoned|cut_off"'


def _abandoned(thresholds: Thresholds) -> WindowShare:
    def attempts(window: str, outcome: str = _ENDED) -> str:
        return whole("support_contact_attempts", f'window="{window}"', outcome)

    return WindowShare(
        "support:contact_failed", lambda window: attempts(window, _FAILED), attempts,
        "Attempts to reach support that were abandoned or cut off", _AREA, thresholds.contact_abandoned,
    )  # fmt: skip


def _handoffs(thresholds: Thresholds) -> WindowShare:
    return WindowShare(
        "support:handoffs", lambda window: whole("support_cases_solved_handoffs", f'window="{window}"'),
        lambda window: whole("support_cases_solved", f'window="{window}"'),
        "Solved cases that had gone to another team", _AREA, thresholds.handoffs_high,
    )  # fmt: skip


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """What the alerts rest on."""
    return (*_abandoned(thresholds).records(), *_handoffs(thresholds).records())


def alerts(thresholds: Thresholds) -> tuple[Alert, ...]:
    """The alerts."""
    abandoned, handoffs = thresholds.contact_abandoned, thresholds.handoffs_high
    return (
        Alert(
            "SupportContactAbandoned", _AREA, "support", _abandoned(thresholds).too_high, abandoned,
            "Customers do not reach anybody.",
            "{{ $value | humanizePercentage }} of the attempts to reach support that ended in the last "
            f"{abandoned.long} were abandoned or cut off; surely more than {abandoned.share:.0%}.",
            gated=True,
        ),
        Alert(
            "SupportHandoffsHigh", _AREA, "support", _handoffs(thresholds).too_high, handoffs,
            "Many cases go from one team to another.",
            f"{{{{ $value | humanizePercentage }}}} of the cases solved in the last {handoffs.long} had gone to "
            f"another team; surely more than {handoffs.share:.0%}.",
            gated=True,
        ),
    )  # fmt: skip
