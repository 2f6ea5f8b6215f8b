"""What comes of each source topic: nothing, too late, twice, unusable, or lost."""

from stream_app.catalogue import Record
from stream_app.catalogue.promql import increase, ratio, surely_share, whole
from stream_app.operate.rules.alert import Alert, each
from stream_app.operate.rules.thresholds import Thresholds, seconds

_AREA = "pipeline"
_BY = ("topic",)
_EVENTS = "stream_app_events_total"
_REJECTS = "stream_app_rejects_total"
_KNOWN = 'outcome=~"duplicate|stale|unchanged"'


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """What the alerts rest on."""
    quiet = thresholds.no_data
    windows = seconds(quiet.base) / seconds(quiet.window)
    expected = each(
        ("mean", f"{increase(_EVENTS, quiet.base, by=_BY)} / {windows:g}"),
        *((length, increase(_EVENTS, quiet.window, by=_BY, at=f" offset {length}")) for length in quiet.same_time),
    )
    return (
        Record(
            "stream_app:events:recent", increase(_EVENTS, quiet.window, by=_BY),
            f"Events that came in the last {quiet.window}.", "events", _AREA, _BY,
        ),
        Record(
            "stream_app:events:expected", f"min by (topic) (\n{expected}\n)",
            f"Events to be expected of {quiet.window}: the least of the times it is compared with.",
            "events", _AREA, _BY,
        ),
        Record(
            "stream_app:lag_seconds:max", whole("stream_app_lag_seconds", by=_BY), "How far the numbers are behind.",
            "seconds", _AREA, _BY,
        ),
        *_shares(thresholds),
    )  # fmt: skip


def _shares(thresholds: Thresholds) -> tuple[Record, ...]:
    late, known, bad = thresholds.events_late, thresholds.events_repeated, thresholds.topic_rejected
    return (
        *_share(
            "stream_app:events_late", increase("stream_app_events_late_total", late.window, by=_BY),
            increase(_EVENTS, late.window, by=_BY), f"Events of {late.window} that came late",
        ),
        *_share(
            "stream_app:events_known", increase(_EVENTS, known.window, _KNOWN, by=_BY),
            increase(_EVENTS, known.window, by=_BY), f"Events of {known.window} that said nothing new",
        ),
        *_share(
            "stream_app:rejects", increase(_REJECTS, bad.window, by=_BY),
            f"{increase(_REJECTS, bad.window, by=_BY)} + {increase(_EVENTS, bad.window, by=_BY)}",
            f"Records of {bad.window} that could not be used",
        ),
    )  # fmt: skip


def _share(name: str, part: str, total: str, text: str) -> tuple[Record, ...]:
    """Counts of a window, their share, and the least that it surely is."""
    return (
        Record(f"{name}:sum", part, f"{text}.", "events", _AREA, _BY),
        Record(f"{name}:total", total, f"{text}: among how many.", "events", _AREA, _BY),
        Record(f"{name}:ratio", ratio(f"{name}:sum", f"{name}:total"), f"{text}: their share.", "ratio", _AREA, _BY),
        Record(
            f"{name}:surely", surely_share(f"{name}:ratio", f"{name}:total"),
            "The least that the share is with 98 % confidence (Wilson).", "ratio", _AREA, _BY,
        ),
    )  # fmt: skip


def alerts(thresholds: Thresholds) -> tuple[Alert, ...]:
    """The alerts."""
    return (*_coming(thresholds), *_unusable(thresholds))


def _coming(thresholds: Thresholds) -> tuple[Alert, ...]:
    quiet, lag, late, known = (
        thresholds.no_data, thresholds.lag, thresholds.events_late, thresholds.events_repeated,
    )  # fmt: skip
    return (
        Alert(
            "SupportPipelineNoData", _AREA, "pipeline",
            f"stream_app:events:expected >= {quiet.expected:g}\nand on(topic) stream_app:events:recent == 0",
            quiet,
            "A source topic has fallen silent.",
            f"Topic {{{{ $labels.topic }}}} brought no event for {quiet.window}; "
            "about {{ $value | humanize }} were to be expected.",
        ),
        Alert(
            "SupportPipelineLag", _AREA, "pipeline",
            f"(stream_app:lag_seconds:max > {lag.seconds:g} "
            f"and deriv(stream_app:lag_seconds:max[{lag.growing}]) > 0)\n"
            f"or stream_app:lag_seconds:max > {lag.limit:g}",
            lag,
            "The numbers fall behind the events.",
            "Topic {{ $labels.topic }} is {{ $value | humanizeDuration }} behind and does not catch up.",
        ),
        Alert(
            "SupportEventsLate", _AREA, "pipeline",
            f"stream_app:events_late:ratio\nand on(topic) stream_app:events_late:surely > {late.share:g}\n"
            f"and on(topic) stream_app:events_late:sum >= {late.minimum:g}",
            late,
            "Many events come long after they happened.",
            f"{{{{ $value | humanizePercentage }}}} of the events that topic {{{{ $labels.topic }}}} brought in "
            f"{late.window} are older than the setting app.late_seconds.",
        ),
        Alert(
            "SupportEventsRepeated", _AREA, "pipeline",
            f"stream_app:events_known:ratio\nand on(topic) stream_app:events_known:surely > {known.share:g}\n"
            f"and on(topic) stream_app:events_known:sum >= {known.minimum:g}",
            known,
            "Many events say what is known already.",
            f"{{{{ $value | humanizePercentage }}}} of the events that topic {{{{ $labels.topic }}}} brought in "
            f"{known.window} changed nothing: a publisher sends them again.",
        ),
    )  # fmt: skip


def _unusable(thresholds: Thresholds) -> tuple[Alert, ...]:
    rejects, misrouted, lost, bad = (
        thresholds.rejects_high, thresholds.misrouted, thresholds.records_lost, thresholds.topic_rejected,
    )  # fmt: skip
    rejected = increase(_REJECTS, rejects.window, by=_BY)
    strays = increase(_REJECTS, misrouted.window, 'reason="misrouted"', by=_BY)
    gone = increase("stream_app_records_lost_total", lost.window, by=_BY)
    return (
        Alert(
            "SupportRejectsHigh", _AREA, "pipeline",
            f"{whole('stream_app_reject_share', by=('topic', 'partition'))} > {rejects.share:g}\n"
            f"and on(topic) {rejected} >= {rejects.minimum:g}",
            rejects,
            "Most records of a partition cannot be used.",
            "{{ $value | humanizePercentage }} of the latest records of topic {{ $labels.topic }}, partition "
            "{{ $labels.partition }}, were rejected; they are kept in its dead-letter topic.",
        ),
        Alert(
            "SupportTopicRejected", _AREA, "pipeline",
            f"stream_app:rejects:ratio\nand on(topic) stream_app:rejects:surely > {bad.share:g}\n"
            f"and on(topic) stream_app:rejects:sum >= {bad.minimum:g}",
            bad,
            "A large part of what a topic brings cannot be used.",
            f"{{{{ $value | humanizePercentage }}}} of the records that topic {{{{ $labels.topic }}}} brought in "
            f"{bad.window} were rejected; they are kept in its dead-letter topic.",
        ),
        Alert(
            "SupportRecordsMisrouted", _AREA, "pipeline", f"{strays} > 0", misrouted,
            "Records lie in a partition that is not their account's.",
            f"{{{{ $value | humanize }}}} records of topic {{{{ $labels.topic }}}} were set aside in "
            f"{misrouted.window}: their key or their partition is not their account's.",
        ),
        Alert(
            "SupportRecordsLost", _AREA, "pipeline", f"{gone} > 0", lost,
            "Records left the log before they were read.",
            f"{{{{ $value | humanize }}}} records of topic {{{{ $labels.topic }}}} were lost in {lost.window}: "
            "the log of the topic starts after the place the worker had come to.",
        ),
    )  # fmt: skip
