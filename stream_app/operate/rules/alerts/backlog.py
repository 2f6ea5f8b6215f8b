"""More cases than support gets done."""

from stream_app.catalogue import Record
from stream_app.catalogue.promql import surely_more
from stream_app.operate.rules.alert import BELIEVED, Alert, each
from stream_app.operate.rules.thresholds import Thresholds, seconds


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """What the backlog is compared with."""
    surge = thresholds.backlog_surge
    opened = f'support:cases_opened:sum{{window="{surge.window}"}}'
    windows = seconds(surge.base) / seconds(surge.window)
    mean = f'{surge.busy_hour:g} * support:cases_opened:sum{{window="{surge.base}"}} / {windows:g}'
    expected = each(("mean", mean), *((length, f"{opened} offset {length}") for length in surge.same_hour))
    return (
        Record(
            "support:cases_opened:expected", f"max(\n{expected}\n)",
            f"Cases that the busiest known {surge.window} of this time brings.", "cases", "cases",
        ),
        Record(
            "support:cases_opened:surely", surely_more("support:cases_opened:expected", surge.dispersion),
            "What chance makes of them once in a thousand times.", "cases", "cases",
        ),
        Record(
            "support:cases_open:believed", f"support:cases_open:sum\n{BELIEVED}",
            "Open cases, while the number may be believed.", "cases", "cases",
        ),
        Record(
            "support:cases_open:level", f"avg_over_time(support:cases_open:believed[{surge.level}] offset {surge.ago})",
            f"Mean of open cases over {surge.level} that ended {surge.ago} ago.", "cases", "cases",
        ),
        Record(
            "support:cases_open:surely", surely_more("support:cases_open:level", surge.dispersion),
            "What chance makes of that level once in a thousand times.", "cases", "cases",
        ),
    )  # fmt: skip


def alerts(thresholds: Thresholds) -> tuple[Alert, ...]:
    """The alert on a surge."""
    surge = thresholds.backlog_surge
    opened = f'max(support:cases_opened:sum{{window="{surge.window}"}})'
    return (
        Alert(
            "SupportBacklogSurge", "cases", "support",
            "support:cases_open:sum > support:cases_open:surely\n"
            f"and on() {opened} > support:cases_opened:surely\n"
            f"and on() {opened} >= {surge.minimum:g}",
            surge,
            "The backlog of open cases grows faster than chance explains.",
            f"{{{{ $value | humanize }}}} cases are open, well above their mean over the {surge.level} that ended "
            f"{surge.ago} ago, and the last {surge.window} opened more cases than any comparable one.",
            gated=True,
        ),
    )  # fmt: skip
