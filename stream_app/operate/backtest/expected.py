"""Which alerts an incident should set off: the truth that a backtest judges by."""

from dataclasses import dataclass
from typing import Final

from stream_app.sources.simulate.things import DAY, HOUR


@dataclass(frozen=True, slots=True)
class Expected:
    """caught_by: alerts of which one at least must fire. also: those that may, rightly. lingers_ms: for how long after.

    What an incident leaves behind stays in windows, backlogs and rows for a while after its end.
    """

    caught_by: tuple[str, ...]
    also: tuple[str, ...] = ()
    lingers_ms: int = 2 * HOUR


EXPECTED: Final[dict[str, Expected]] = {
    "backlog-surge": Expected(("SupportBacklogSurge",), lingers_ms=DAY),
    "staff-shortage": Expected((), ("SupportBacklogSurge",), lingers_ms=DAY),
    "replies-slow": Expected((), ("SupportBacklogSurge",), lingers_ms=DAY),
    "reopen-wave": Expected((), ("SupportBacklogSurge",), lingers_ms=DAY),
    "escalation-wave": Expected((), ("SupportBacklogSurge",), lingers_ms=2 * DAY),
    "csat-collapse": Expected((), lingers_ms=DAY),
    "survey-silence": Expected((), ("SupportPipelineNoData",), lingers_ms=2 * DAY),
    "fault-storm": Expected((), lingers_ms=2 * HOUR),
    "silent-fleet": Expected(("SupportDevicesSilent",)),
    "late-fleet": Expected((), ("SupportDevicesSilent",)),
    "no-data": Expected(("SupportPipelineNoData",), ("SupportDevicesSilent",)),
    "bad-records": Expected(("SupportRejectsHigh",), ("SupportPipelineNoData",), lingers_ms=8 * HOUR),
    "duplicates": Expected(()),
    "late-data": Expected(()),
    "worker-down": Expected(("SupportWorkersAbsent",), ("SupportPipelineNoData", "SupportPipelineLag")),
    "worker-slow": Expected(("SupportPipelineLag",)),
    "unowned": Expected(("SupportNumbersIncomplete",), ("SupportPipelineNoData", "SupportPipelineLag")),
}
"""Kind of incident -> what it should set off; nothing yet where no alert watches it."""
