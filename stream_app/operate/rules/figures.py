"""Numbers that rest on figures of the operator: what an hour costs, which channels are expected."""

from collections.abc import Mapping
from typing import Final

from stream_app.catalogue import Record
from stream_app.operate.rules.parts import Channel
from stream_app.operate.rules.thresholds import Thresholds

_RATE: Final = "support:hour_cost:value"


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """The figures as series, and what is made with them."""
    return (*_costs(thresholds.cost.hour), *_expected(thresholds.channels.expected))


def _costs(hour: float) -> tuple[Record, ...]:
    """Cost per case; absent while an hour costs nothing."""

    def cost(effort: str) -> str:
        return f"{effort} / 3600\n* on() group_left() {_RATE}"

    return (
        Record(
            _RATE, f"vector({hour:g}) > 0", "What an hour of work on cases costs, by the file of thresholds.",
            "currency", "figures",
        ),
        Record(
            "support:case_cost:mean", cost("support:case_effort_seconds:mean"),
            "Mean cost of cases solved in the window: the effort that was logged on them, times the rate of an hour.",
            "currency", "figures", ("window",),
        ),
        Record(
            "support:case_cost_by_path:mean", cost("support:case_effort_by_path_seconds:mean"),
            "Mean cost of cases solved in the window, by path.", "currency", "figures", ("window", "path"),
        ),
    )  # fmt: skip


def _expected(shares: Mapping[Channel, float]) -> tuple[Record, ...]:
    return tuple(
        Record(
            "support:cases_opened_expected:ratio", f"vector({share:g})",
            "Share of a channel among the cases opened that is expected, by the file of thresholds.",
            "ratio", "figures", ("channel",), {"channel": channel},
        )
        for channel, share in shares.items()
    )  # fmt: skip
