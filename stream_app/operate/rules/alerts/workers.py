"""Whether workers, and Prometheus itself, are able to tell anything."""

from stream_app.catalogue import Record
from stream_app.catalogue.promql import increase, selected, whole
from stream_app.operate.rules.alert import WATCHDOG, Alert
from stream_app.operate.rules.thresholds import Thresholds

_AREA = "workers"
_STALLS = "stream_app_loop_stall_seconds"


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """Whether the numbers are of now; whether they are whole depends on no threshold."""
    limit = f"{thresholds.belief.max_lag_seconds:g}"
    owned = selected("stream_app_partition_owned")
    current = (
        f"{whole('stream_app_lag_seconds')} < bool {limit}\n"
        f"unless on() ({owned} unless on(topic, instance) {selected('stream_app_lag_seconds')})"
    )
    text = f"1 while no topic is more than {limit} s behind, else 0; absent while some owner does not know its lag."
    return (Record("support:belief:current", current, text, "yes or no", "belief"),)


def alerts(thresholds: Thresholds) -> tuple[Alert, ...]:
    """The alerts, and the one that always fires."""
    return (*_belief(thresholds), *_ailing(thresholds), _watchdog())


def _belief(thresholds: Thresholds) -> tuple[Alert, ...]:
    return (
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
    )  # fmt: skip


def _ailing(thresholds: Thresholds) -> tuple[Alert, ...]:
    recovery, stalls, scrape, failing = (
        thresholds.recovery_stuck, thresholds.loop_stalls, thresholds.scrape_missing, thresholds.rules_failing,
    )  # fmt: skip
    everything = increase(f"{_STALLS}_count", stalls.window, by=("instance",))
    short = increase(f"{_STALLS}_bucket", stalls.window, f'le="{float(stalls.seconds)}"', by=("instance",))
    assigned = whole("stream_app_partitions_assigned", by=("topic",))
    owned = whole("stream_app_partition_owned", by=("topic",))
    return (
        Alert(
            "SupportRecoveryStuck", _AREA, "pipeline", f"{assigned} - ({owned} or 0 * {assigned}) > 0", recovery,
            "A worker does not get done with its recovery.",
            "{{ $value | humanize }} partitions of topic {{ $labels.topic }} are assigned and still not recovered: "
            "their numbers are missing.",
        ),
        Alert(
            "SupportLoopStalls", _AREA, "pipeline", f"{everything} - {short} >= {stalls.minimum:g}", stalls,
            "A worker stands still again and again.",
            f"The event loop of worker {{{{ $labels.instance }}}} stood still for more than {stalls.seconds:g} s "
            f"{{{{ $value | humanize }}}} times in {stalls.window}: it answers late, and may lose its partitions.",
        ),
        Alert(
            "SupportScrapeMissing", _AREA, "pipeline", 'up{job="stream-app"} == 0', scrape,
            "A worker is not being scraped.",
            "Worker {{ $labels.instance }} does not answer Prometheus: up is {{ $value }}. Others may have its "
            "partitions.",
        ),
        Alert(
            "SupportRulesFailing", _AREA, "pipeline",
            f"sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total[{failing.window}])) > 0",
            failing,
            "Prometheus cannot evaluate some rule.",
            f"{{{{ $value | humanize }}}} evaluations of rules of {{{{ $labels.rule_group }}}} failed in "
            f"{failing.window}: an alert may be blind.",
        ),
    )  # fmt: skip


def _watchdog() -> Alert:
    return Alert(
        WATCHDOG, "pipeline", "pipeline", "vector(1)", None,
        "Alerting works from end to end.",
        "This alert always fires. Whoever receives it should raise the alarm when it stops coming.",
    )  # fmt: skip
