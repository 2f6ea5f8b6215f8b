"""Reads the thresholds of the alerts: `deploy/thresholds.toml`, or a file that extends it."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec

from stream_app.operate.rules.parts import (
    BacklogSurge,
    Belief,
    Channels,
    Cost,
    DevicesShare,
    EventsShare,
    FaultStorms,
    Firing,
    Lag,
    Length,
    LevelHigh,
    LevelOverdue,
    NoData,
    Part,
    RejectsHigh,
    RepliesStopped,
    ShareHigh,
    SlowHigh,
    Stalls,
    StreamDry,
    Within,
)

_BESIDE_THE_PROGRAM: Final = Path(__file__).resolve().parents[3] / "deploy" / "thresholds.toml"
_HERE: Final = Path("deploy/thresholds.toml")
SHIPPED: Final = "deploy/thresholds.toml"
"""What the rule files call the file that comes with the program."""

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class ThresholdsError(Exception):
    """The file of thresholds cannot be used: which, and why."""

    exit_code = 2


class Thresholds(Part, frozen=True, kw_only=True):
    """Every threshold. runbooks: the address of the folder with an alert's page. interval: between evaluations."""

    runbooks: str
    interval: Length
    belief: Belief
    cost: Cost
    channels: Channels
    backlog_surge: BacklogSurge
    replies_overdue: LevelOverdue
    replies_stopped: RepliesStopped
    cases_untaken: LevelHigh
    cases_stuck: LevelHigh
    escalations_surge: LevelHigh
    first_response_slow: SlowHigh
    resolution_slow: SlowHigh
    reopens_high: ShareHigh
    first_contact_low: ShareHigh
    contact_abandoned: ShareHigh
    handoffs_high: ShareHigh
    targets_due: LevelHigh
    targets_breached: LevelHigh
    targets_missed: ShareHigh
    dissatisfied_high: ShareHigh
    dissatisfied_waiting: LevelOverdue
    customers_at_risk: LevelHigh
    answers_missing: StreamDry
    devices_silent: DevicesShare
    devices_late: DevicesShare
    faults_surge: LevelHigh
    fault_storms: FaultStorms
    proactive_waiting: LevelHigh
    signals_missed: ShareHigh
    no_data: NoData
    lag: Lag
    workers_absent: Firing
    incomplete: Firing
    events_late: EventsShare
    events_repeated: EventsShare
    rejects_high: RejectsHigh
    topic_rejected: EventsShare
    misrouted: Within
    records_lost: Within
    recovery_stuck: Firing
    loop_stalls: Stalls
    scrape_missing: Firing
    rules_failing: Within


def read(file: Path | None = None) -> Thresholds:
    """The thresholds of a file, else of the one that is shipped, over those of a file it extends.

    Raises ThresholdsError.
    """
    file = file or (_BESIDE_THE_PROGRAM if _BESIDE_THE_PROGRAM.exists() else _HERE)
    tree = _tree(file)
    try:
        return msgspec.convert(tree, Thresholds)
    except msgspec.ValidationError as error:
        raise ThresholdsError(f"the thresholds {file} are wrong: {error}") from error


def _tree(file: Path) -> dict[str, Any]:
    try:
        tree: dict[str, Any] = tomllib.loads(file.read_text())
    except OSError as error:
        raise ThresholdsError(f"the thresholds {file} cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ThresholdsError(f"the thresholds {file} are no TOML: {error}") from error
    below = tree.pop("extends", None)
    if below is None:
        return tree
    merged = _tree(file.parent / str(below))
    for name, value in tree.items():
        merged[name] = {**merged[name], **value} if isinstance(merged.get(name), dict) else value
    return merged


def seconds(length: str) -> int:
    """The seconds of a duration with one unit, such as `15m`."""
    found = re.fullmatch(r"([0-9]+)([smhd])", length)
    if found is None:
        raise ValueError(f"{length!r} is no duration")
    return int(found[1]) * _SECONDS[found[2]]
