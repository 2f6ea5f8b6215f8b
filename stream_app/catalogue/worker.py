"""What a worker measures of itself: every `stream_app_*` metric that does not come from boards.

They say whether the numbers of support may be believed: lag, belief, what became of each record.
"""

from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.sets import OUTCOME, REASON, RESULT, partition, topic

DELAY_BOUNDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0)
"""Upper bounds in seconds of what should take less than a moment."""

STALL_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds in seconds of what should never be seen to take time."""

SHARE_OF: Final = 1_000
"""The share of rejects is that of a partition's last so many records."""

EVENTS: Final = Metric(
    "stream_app_events_total",
    "Events decoded, by what became of them.",
    "events",
    {"topic": topic, "outcome": OUTCOME},
    "applied: the row took it. duplicate, stale: known already. unchanged: it says nothing new. late_unordered: older "
    "than what the row remembers. illegal: impossible in every order.",
    kind="counter",
    zeros=True,
)
REJECTS: Final = Metric(
    "stream_app_rejects_total",
    "Records that could not be used, by reason.",
    "records",
    {"topic": topic, "reason": REASON},
    "Each went to the dead-letter topic with its reason.",
    kind="counter",
    zeros=True,
)
REJECT_SHARE: Final = Metric(
    "stream_app_reject_share",
    "Share of rejects among a partition's last 1,000 records.",
    "ratio",
    {"topic": topic, "partition": partition},
    "Rejects / records, over the latest batches of a partition that hold at least 1,000 records, if it had so many.",
    aggregation="max",
)
LATE: Final = Metric(
    "stream_app_events_late_total",
    "Events applied long after they happened (setting app.late_seconds).",
    "events",
    {"topic": topic},
    "Event time further back than app.late_seconds when it was absorbed. They count all the same.",
    kind="counter",
    zeros=True,
)
LOST: Final = Metric(
    "stream_app_records_lost_total",
    "Records that left the log before they were read.",
    "records",
    {"topic": topic},
    "Offsets from where the worker stood to the start of the log, when the log starts later.",
    kind="counter",
    zeros=True,
)
HOLES: Final = Metric(
    "stream_app_fetch_holes_total",
    "Batches found missing and fetched again.",
    "batches",
    {"topic": topic},
    "Batches that did not begin where the one before them ended; the worker went back to the hole.",
    kind="counter",
    zeros=True,
)
NEWEST: Final = Metric(
    "stream_app_newest_event_timestamp_seconds",
    "Latest event time applied.",
    "seconds",
    {"topic": topic},
    "Seconds since the epoch; absent until this worker has applied an event.",
    aggregation="max",
)
LAG: Final = Metric(
    "stream_app_lag_records",
    "Records not yet absorbed, of owned partitions.",
    "records",
    {"topic": topic},
    "End of the log less the position of the worker, over its owned partitions; absent while it is not known.",
)
LAG_SECONDS: Final = Metric(
    "stream_app_lag_seconds",
    "How far this worker is behind the records of its owned partitions; 0 without lag.",
    "seconds",
    {"topic": topic},
    "Of the owned partition that is furthest behind: now - the later of the timestamp of the latest record absorbed "
    "and the latest moment without lag. Absent while that is not known, so that nothing is believed then.",
    aggregation="max",
)
EVENT_TO_BOARD: Final = Metric(
    "stream_app_event_to_board_seconds",
    "From the record's timestamp to its being counted in the boards.",
    "seconds",
    {"topic": topic},
    "Absorbed - the record's timestamp at the broker.",
    kind="histogram",
    bounds=DELAY_BOUNDS,
)
FLUSHED: Final = Metric(
    "stream_app_rows_flushed_total",
    "Rows written to changelogs.",
    "rows",
    {"topic": topic},
    "One for each changed row and flush.",
    kind="counter",
    zeros=True,
)
FLUSH_SECONDS: Final = Metric(
    "stream_app_flush_seconds",
    "Duration of a flush with its commit.",
    "seconds",
    {},
    "From the first changed row written to the offsets committed.",
    kind="histogram",
    bounds=DELAY_BOUNDS,
)
COMMITS: Final = Metric(
    "stream_app_commits_total",
    "Offset commits, by result.",
    "commits",
    {"result": RESULT},
    "refused: the partitions had gone to another worker meanwhile.",
    kind="counter",
    zeros=True,
)
RECOVERY_SECONDS: Final = Metric(
    "stream_app_recovery_seconds",
    "Duration of the latest recovery.",
    "seconds",
    {},
    "From the assignment of partitions to all their rows read from the changelogs.",
    aggregation="max",
)
COLLECT_SECONDS: Final = Metric(
    "stream_app_collect_seconds",
    "Duration of the latest reading of the boards.",
    "seconds",
    {},
    "Time the scrape before this one spent on the numbers of support.",
    aggregation="max",
)
LOOP_STALL: Final = Metric(
    "stream_app_loop_stall_seconds",
    "How much later than due the event loop came back to a timer.",
    "seconds",
    {},
    "A timer of 10 ms, again and again: the time beyond these. While the loop stalls no scrape and no heartbeat "
    "is answered.",
    kind="histogram",
    bounds=STALL_BOUNDS,
)
TOPIC_PARTITIONS: Final = Metric(
    "stream_app_topic_partitions",
    "Partitions of a source topic; each must be owned exactly once.",
    "partitions",
    {"topic": topic},
    "The setting topics.partitions.",
    aggregation="max",
)
PARTITION_OWNED: Final = Metric(
    "stream_app_partition_owned",
    "1 for a partition that this worker owns and has recovered.",
    "partitions",
    {"topic": topic, "partition": partition},
    "Absent for any other partition. Over all workers each must come to exactly 1.",
)
ASSIGNED: Final = Metric(
    "stream_app_partitions_assigned",
    "Partitions assigned to this worker, recovered or not.",
    "partitions",
    {"topic": topic},
    "What the consumer group gave to this worker.",
)
ROWS: Final = Metric(
    "stream_app_rows",
    "Rows held, of owned partitions.",
    "rows",
    {"topic": topic},
    "Cases, surveys, devices.",
)

WORKER: Final = (
    EVENTS, REJECTS, REJECT_SHARE, LATE, LOST, HOLES, NEWEST, LAG, LAG_SECONDS, EVENT_TO_BOARD, FLUSHED, FLUSH_SECONDS,
    COMMITS, RECOVERY_SECONDS, COLLECT_SECONDS, LOOP_STALL, TOPIC_PARTITIONS, PARTITION_OWNED, ASSIGNED, ROWS,
)  # fmt: skip
"""What a worker measures of itself; the client library's `process_*` come beside it."""
