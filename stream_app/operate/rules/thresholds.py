"""Reads the thresholds of the alerts: `deploy/thresholds.toml`, or a file that extends it."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

Length = Annotated[str, Meta(pattern=r"^[0-9]+[smhd]$")]
"""A duration as Prometheus writes it, with one unit."""

Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(gt=0, lt=1)]

_BESIDE_THE_PROGRAM: Final = Path(__file__).resolve().parents[3] / "deploy" / "thresholds.toml"
_HERE: Final = Path("deploy/thresholds.toml")
SHIPPED: Final = "deploy/thresholds.toml"
"""What the rule files call the file that comes with the program."""

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class ThresholdsError(Exception):
    """The file of thresholds cannot be used: which, and why."""

    exit_code = 2


class Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A table of the file. A key that is not named here is a fault."""


class Firing(Part, rename={"hold": "for"}, frozen=True, kw_only=True):
    """When a condition becomes an alert, and how long it stays one."""

    severity: Literal["critical", "warning", "info"]
    hold: Length
    keep: Length


class Belief(Part, frozen=True, kw_only=True):
    """When numbers may be believed."""

    max_lag_seconds: Positive


class BacklogSurge(Firing, frozen=True, kw_only=True):
    """More cases than support gets done, and more than chance brings."""

    window: Literal["15m", "1h", "24h"]
    base: Literal["24h", "7d"]
    busy_hour: Positive
    same_hour: list[Length]
    dispersion: Annotated[float, Meta(ge=1)]
    minimum: Positive
    level: Length
    ago: Length


class DevicesSilent(Firing, frozen=True, kw_only=True):
    """Too many devices of a product have fallen silent."""

    share: Share
    minimum: Positive


class NoData(Firing, frozen=True, kw_only=True):
    """A topic that should have brought events brought none."""

    window: Length
    base: Length
    same_time: list[Length]
    expected: Positive


class Lag(Firing, frozen=True, kw_only=True):
    """The numbers fall behind."""

    seconds: Positive
    growing: Length
    limit: Positive


class RejectsHigh(Firing, frozen=True, kw_only=True):
    """Most records of a partition cannot be used."""

    share: Share
    minimum: Positive
    window: Length


class Within(Firing, frozen=True, kw_only=True):
    """Something that must not happen at all, in a window."""

    window: Length


class Thresholds(Part, frozen=True, kw_only=True):
    """Every threshold. runbooks: the address of the folder with an alert's page. interval: between evaluations."""

    runbooks: str
    interval: Length
    belief: Belief
    backlog_surge: BacklogSurge
    devices_silent: DevicesSilent
    no_data: NoData
    lag: Lag
    workers_absent: Firing
    incomplete: Firing
    rejects_high: RejectsHigh
    misrouted: Within
    records_lost: Within


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
