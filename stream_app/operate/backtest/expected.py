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


_HANDLING: Final = (
    "SupportRepliesOverdue", "SupportCasesUntaken", "SupportFirstResponseSlow", "SupportBacklogSurge",
    "SupportResolutionSlow", "SupportCasesStuck", "SupportEscalationsSurge", "SupportRepliesStopped",
    "SupportAnswersMissing", "SupportTargetsBreached", "SupportTargetsMissed",
    "SupportCustomersAtRisk", "SupportReopensHigh", "SupportTargetsDue", "SupportContactAbandoned",
    "SupportHandoffsHigh",
)  # fmt: skip
"""What people who are too few, or who have to do things twice, make of support."""

_SIGNALS: Final = ("SupportProactiveWaiting", "SupportSignalsMissed")
"""What becomes of faults that nobody opens a case for."""

_UNFED: Final = (
    "SupportPipelineNoData", "SupportDevicesSilent", "SupportDevicesLate", "SupportAnswersMissing",
    "SupportProactiveWaiting",
)  # fmt: skip
"""What a topic that brings nothing makes of the numbers: devices seem silent, and to need a case."""

EXPECTED: Final[dict[str, Expected]] = {
    "backlog-surge": Expected(
        ("SupportBacklogSurge",),
        (*_HANDLING, "SupportFirstContactLow", "SupportReopensHigh", "SupportDissatisfiedWaiting"), lingers_ms=7 * DAY,
    ),
    "staff-shortage": Expected(
        ("SupportRepliesStopped", "SupportRepliesOverdue", "SupportCasesUntaken"), _HANDLING, lingers_ms=4 * DAY
    ),
    "replies-slow": Expected(("SupportRepliesOverdue", "SupportFirstResponseSlow"), _HANDLING, lingers_ms=2 * DAY),
    "reopen-wave": Expected(("SupportReopensHigh",), _HANDLING, lingers_ms=2 * DAY),
    "escalation-wave": Expected(("SupportEscalationsSurge",), _HANDLING, lingers_ms=4 * DAY),
    "first-contact-fails": Expected(("SupportFirstContactLow",), ("SupportCasesStuck",), lingers_ms=4 * DAY),
    "handoff-wave": Expected(("SupportHandoffsHigh",), _HANDLING, lingers_ms=4 * DAY),
    "solves-slow": Expected(("SupportResolutionSlow",), _HANDLING, lingers_ms=9 * DAY),
    "calls-dropped": Expected(("SupportContactAbandoned",)),
    "csat-collapse": Expected(("SupportDissatisfiedHigh",), ("SupportDissatisfiedWaiting",), lingers_ms=4 * DAY),
    "survey-silence": Expected(("SupportAnswersMissing",), lingers_ms=DAY),
    "fault-storm": Expected(("SupportFaultsSurge",), _SIGNALS),
    "silent-fleet": Expected(("SupportDevicesSilent",), ("SupportDevicesLate", "SupportProactiveWaiting")),
    "late-fleet": Expected(("SupportDevicesLate",), ("SupportDevicesSilent",)),
    "no-data": Expected(("SupportPipelineNoData",), (*_UNFED, "SupportEventsLate"), lingers_ms=6 * HOUR),
    "bad-records": Expected(
        ("SupportTopicRejected", "SupportRejectsHigh"), (*_UNFED, *_HANDLING), lingers_ms=2 * DAY,
    ),
    "duplicates": Expected(("SupportEventsRepeated",)),
    "late-data": Expected(("SupportEventsLate",), (*_HANDLING,), lingers_ms=6 * HOUR),
    "worker-down": Expected(
        ("SupportWorkersAbsent",), ("SupportScrapeMissing", "SupportPipelineNoData", "SupportPipelineLag"),
    ),
    "worker-slow": Expected(("SupportPipelineLag",)),
    "unowned": Expected(
        ("SupportNumbersIncomplete",),
        ("SupportRecoveryStuck", "SupportPipelineNoData", "SupportPipelineLag"),
    ),
}  # fmt: skip
"""Kind of incident -> what it should set off."""
