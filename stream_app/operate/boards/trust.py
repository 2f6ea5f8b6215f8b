"""The first row of every board: whether its numbers may be believed, and what is wrong."""

from typing import Final

from stream_app.operate.boards.panel import Row, number, state
from stream_app.operate.boards.queries import alerts, rate, recorded, whole

ROW: Final = Row(
    "May these numbers be believed?",
    (
        state(
            "Complete", recorded("support:belief:complete"), (1, "complete", "green"), (0, "INCOMPLETE", "red"),
            nothing="NO WORKER",
            runbooks=(
                "SupportNumbersIncomplete", "SupportWorkersAbsent", "SupportRecoveryStuck", "SupportScrapeMissing",
            ),
        ),
        state(
            "Current", recorded("support:belief:current"), (1, "current", "green"), (0, "BEHIND", "red"),
            nothing="NOT KNOWN", runbooks=("SupportPipelineLag", "SupportLoopStalls"),
        ),
        number("Behind by", whole("stream_app_lag_seconds"), runbooks=("SupportPipelineLag",), nothing="not known"),
        number(
            "Events a second", rate("stream_app_events_total"),
            runbooks=("SupportPipelineNoData", "SupportEventsLate", "SupportEventsRepeated"),
        ),
        number(
            "Rejected a second", rate("stream_app_rejects_total"),
            runbooks=("SupportRejectsHigh", "SupportTopicRejected", "SupportRecordsMisrouted"),
        ),
        number(
            "Alerts that fire", alerts(), description="Alerts that fire now, but for the one that always does.",
            red_from=1, runbooks=("Watchdog", "SupportRulesFailing"),
        ),
    ),
)  # fmt: skip
"""While one of the first two says no, figures below are shown as `incomplete` and graphs carry a red mark."""
