"""The alerts as a table, and the recording rules that depend on thresholds.

An alert about support life is about numbers; it speaks only while the numbers may be believed.
"""

from dataclasses import dataclass
from typing import Final

from stream_app.catalogue import Record
from stream_app.catalogue.promql import increase, selected, surely_more, whole
from stream_app.operate.rules.thresholds import Firing, Thresholds, seconds

BELIEVED: Final = "and on() support:belief:complete == 1\nand on() support:belief:current == 1"
"""Follows the condition of every alert about support life."""

WATCHDOG: Final = "Watchdog"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. area: the file it stands in. team: who acts on it. gated: silent while belief is not 1.

    summary: what, one sentence for every case of it. description: which and how much. firing: None for one that
    always fires.
    """

    name: str
    area: str
    team: str
    expr: str
    firing: Firing | None
    summary: str
    description: str
    gated: bool = False

    @property
    def whole_expr(self) -> str:
        """The condition with its gate."""
        return f"(\n  {self.expr.replace(chr(10), chr(10) + '  ')}\n)\n{BELIEVED}" if self.gated else self.expr


def _each(*terms: tuple[str, str]) -> str:
    """Several vectors as one, told apart by the label `basis`."""
    return "\nor ".join(f'label_replace({expr}, "basis", "{basis}", "", "")' for basis, expr in terms)


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """The recording rules that depend on thresholds."""
    return (*_belief(thresholds), *_backlog(thresholds), *_pipeline(thresholds))


def _belief(thresholds: Thresholds) -> tuple[Record, ...]:
    limit = f"{thresholds.belief.max_lag_seconds:g}"
    owned = selected("stream_app_partition_owned")
    current = (
        f"{whole('stream_app_lag_seconds')} < bool {limit}\n"
        f"unless on() ({owned} unless on(topic, instance) {selected('stream_app_lag_seconds')})"
    )
    text = f"1 while no topic is more than {limit} s behind, else 0; absent while some owner does not know its lag."
    return (Record("support:belief:current", current, text, "yes or no", "belief"),)


def _backlog(thresholds: Thresholds) -> tuple[Record, ...]:
    surge = thresholds.backlog_surge
    opened = f'support:cases_opened:sum{{window="{surge.window}"}}'
    windows = seconds(surge.base) / seconds(surge.window)
    mean = f'{surge.busy_hour:g} * support:cases_opened:sum{{window="{surge.base}"}} / {windows:g}'
    expected = _each(("mean", mean), *((length, f"{opened} offset {length}") for length in surge.same_hour))
    believed = f"support:cases_open:sum\n{BELIEVED}"
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
            "support:cases_open:believed", believed, "Open cases, while the number may be believed.", "cases", "cases"
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


def _pipeline(thresholds: Thresholds) -> tuple[Record, ...]:
    quiet = thresholds.no_data
    name, by = "stream_app_events_total", ("topic",)
    windows = seconds(quiet.base) / seconds(quiet.window)
    expected = _each(
        ("mean", f"{increase(name, quiet.base, by=by)} / {windows:g}"),
        *((length, increase(name, quiet.window, by=by, at=f" offset {length}")) for length in quiet.same_time),
    )
    return (
        Record(
            "stream_app:events:recent", increase(name, quiet.window, by=by),
            f"Events that came in the last {quiet.window}.", "events", "pipeline", by,
        ),
        Record(
            "stream_app:events:expected", f"min by (topic) (\n{expected}\n)",
            f"Events to be expected of {quiet.window}: the least of the times it is compared with.",
            "events", "pipeline", by,
        ),
        Record(
            "stream_app:lag_seconds:max", whole("stream_app_lag_seconds", by=by), "How far the numbers are behind.",
            "seconds", "pipeline", by,
        ),
    )  # fmt: skip


def alerts(thresholds: Thresholds) -> tuple[Alert, ...]:
    """Every alert."""
    surge, silent, quiet, lag = (
        thresholds.backlog_surge, thresholds.devices_silent, thresholds.no_data, thresholds.lag,
    )  # fmt: skip
    rejects, misrouted, lost = thresholds.rejects_high, thresholds.misrouted, thresholds.records_lost
    opened = f'max(support:cases_opened:sum{{window="{surge.window}"}})'
    topic = ("topic",)
    rejected = increase("stream_app_rejects_total", rejects.window, by=topic)
    strays = increase("stream_app_rejects_total", misrouted.window, 'reason="misrouted"', by=topic)
    gone = increase("stream_app_records_lost_total", lost.window, by=topic)
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
        Alert(
            "SupportDevicesSilent", "callhome", "fleet",
            f"support:devices_silent:surely > {silent.share:g}\n"
            f"and on(product) support:devices_silent:sum >= {silent.minimum:g}",
            silent,
            "Many devices of one product have fallen silent.",
            "Surely more than {{ $value | humanizePercentage }} of the devices of product {{ $labels.product }} sent "
            "no sign of life for as many intervals as the setting rules.silent_after says.",
            gated=True,
        ),
        Alert(
            "SupportPipelineNoData", "pipeline", "pipeline",
            f"stream_app:events:expected >= {quiet.expected:g}\nand on(topic) stream_app:events:recent == 0",
            quiet,
            "A source topic has fallen silent.",
            f"Topic {{{{ $labels.topic }}}} brought no event for {quiet.window}; "
            "about {{ $value | humanize }} were to be expected.",
        ),
        Alert(
            "SupportPipelineLag", "pipeline", "pipeline",
            f"(stream_app:lag_seconds:max > {lag.seconds:g} "
            f"and deriv(stream_app:lag_seconds:max[{lag.growing}]) > 0)\n"
            f"or stream_app:lag_seconds:max > {lag.limit:g}",
            lag,
            "The numbers fall behind the events.",
            "Topic {{ $labels.topic }} is {{ $value | humanizeDuration }} behind and does not catch up.",
        ),
        Alert(
            "SupportWorkersAbsent", "pipeline", "pipeline", "absent(stream_app_topic_partitions)",
            thresholds.workers_absent,
            "No worker is being scraped.",
            "Prometheus has no series of any worker: there are no numbers, and no alert about support life can fire.",
        ),
        Alert(
            "SupportNumbersIncomplete", "pipeline", "pipeline", "support:belief:complete == 0", thresholds.incomplete,
            "The numbers of support may not be believed.",
            "Some partition of a source topic is owned by no worker, or by two: "
            "totals are too low or too high, and no alert about support life can fire.",
        ),
        Alert(
            "SupportRejectsHigh", "pipeline", "pipeline",
            f"{whole('stream_app_reject_share', by=('topic', 'partition'))} > {rejects.share:g}\n"
            f"and on(topic) {rejected} >= {rejects.minimum:g}",
            rejects,
            "Most records of a partition cannot be used.",
            "{{ $value | humanizePercentage }} of the latest records of topic {{ $labels.topic }}, partition "
            "{{ $labels.partition }}, were rejected; they are kept in its dead-letter topic.",
        ),
        Alert(
            "SupportRecordsMisrouted", "pipeline", "pipeline", f"{strays} > 0", misrouted,
            "Records lie in a partition that is not their account's.",
            f"{{{{ $value | humanize }}}} records of topic {{{{ $labels.topic }}}} were set aside in "
            f"{misrouted.window}: their key or their partition is not their account's.",
        ),
        Alert(
            "SupportRecordsLost", "pipeline", "pipeline", f"{gone} > 0", lost,
            "Records left the log before they were read.",
            f"{{{{ $value | humanize }}}} records of topic {{{{ $labels.topic }}}} were lost in {lost.window}: "
            "the log of the topic starts after the place the worker had come to.",
        ),
        Alert(
            WATCHDOG, "pipeline", "pipeline", "vector(1)", None,
            "Alerting works from end to end.",
            "This alert always fires. Whoever receives it should raise the alarm when it stops coming.",
        ),
    )  # fmt: skip
