"""What a device adds to the board of its partition by itself."""

import re
from collections.abc import Iterator
from hashlib import md5
from typing import NamedTuple

from stream_app.domain.board import Weight
from stream_app.domain.callhome.state import GONE, Device, Fault, Over
from stream_app.domain.fold import Row
from stream_app.domain.intervals import FOREVER, Span, edges
from stream_app.domain.rules import Rules
from stream_app.domain.touched import ALL
from stream_app.domain.words import CAUSES, SEVERITIES, UNKNOWN, WINDOWS, closed, minute


class Part(NamedTuple):
    """What the joins of its account need of a device in service.

    silent_from: the minute it falls silent. outages: first and last minute of each.
    """

    silent_from: int
    outages: tuple[Span, ...]


def counts(row: Row | None) -> bool:
    """Whether a device counts in anything but as incomplete: it is registered and has not gone."""
    return row is not None and row.state.registered and row.state.phase != GONE


def retired(row: Row, rules: Rules) -> bool:
    """Whether a device is out of service: no sign of life came later than the grace after its end."""
    device: Device = row.state
    return device.retired > 0 and row.seen <= device.retired + rules.retired_grace_minutes * 60_000


def steady(row: Row) -> bool:
    """Whether a later sign of life alone moves nothing but the time of the latest one."""
    return not row.state.retired


def interval(device: Device, product: str, rules: Rules) -> int:
    """Minutes expected between two heartbeats."""
    return device.interval or rules.heartbeat_minutes.get(product, rules.default_heartbeat_minutes)


def silent_from(row: Row, rules: Rules) -> int | None:
    """The minute a device falls silent; None if it does not count."""
    device: Device = row.state
    if not counts(row) or (device.retired and retired(row, rules)):
        return None
    return minute(row.seen) + rules.silent_after * interval(device, closed(device.product, rules.products), rules)


def part(row: Row, rules: Rules) -> Part | None:
    """The part of a device in the joins of its account; None if it is not in service."""
    silent = silent_from(row, rules)
    return None if silent is None else Part(silent, tuple(_outages(row.state)))


def weigh(row: Row, rules: Rules, _of: int = ALL) -> list[Weight]:
    """What a device adds by itself, but for what its latest sign of life alone tells."""
    device: Device = row.state
    if device.phase == GONE:
        return []
    if not device.registered:
        return [("rows_incomplete", ("callhome",), None, 1)]
    product = closed(device.product, rules.products)
    weights = _faults(device, product, rules) if device.faults or device.over else []
    if retired(row, rules):
        weights.append(("devices_retired", (product,), None, 1))
        return weights
    for fault in device.faults:
        weights.append(("device_faults_active", (product, closed(fault.severity, SEVERITIES)), None, 1))
    weights.append(("devices_by_version:any", (product, device.software or UNKNOWN), None, 1))
    stands = release(device.software, rules.current_versions.get(product, ""))
    weights.append(("devices_by_release", (product, stands), None, 1))
    if device.outages:
        _in_outage(device, product, weights)
    return weights


def _faults(device: Device, product: str, rules: Rules) -> list[Weight]:
    """The raisings and endings of faults, and which causes were raised lately."""
    weights: list[Weight] = []
    raised: dict[str, list[int]] = {}
    found: tuple[Fault | Over, ...] = (*device.faults, *device.over)
    for fault in found:
        if fault.raised:
            when = minute(fault.raised)
            weights.append(("device_faults", (product, closed(fault.severity, SEVERITIES), "raised"), when, 1))
            raised.setdefault(cause(fault.code), []).append(when)
    for over in device.over:
        labels = (product, closed(over.severity, SEVERITIES), "cleared")
        weights.append(("device_faults", labels, minute(over.cleared), 1))
    for bucket, minutes in raised.items():
        spans = ((when, when) for when in sorted(minutes))
        for when, change in edges(spans, rules.storm_minutes):
            weights.append(("device_fault_causes", (product, bucket), when, change))
    return weights


def cause(code: str) -> str:
    """The one of 16 causes that a fault code counts under: the first digit of its MD5 sum, so that all agree."""
    return CAUSES[md5(code.encode(), usedforsecurity=False).digest()[0] >> 4]


_LEADING = re.compile(r"\d+(?:\.\d+)*")


def release(software: str, current: str) -> str:
    """How a version stands to the current release: behind, current, ahead, or unknown."""
    if not software or not current:
        return UNKNOWN
    own, wanted = _LEADING.match(software), _LEADING.match(current)
    if own is None or wanted is None:
        return UNKNOWN
    mine, theirs = _numbers(own[0]), _numbers(wanted[0])
    return "behind" if mine < theirs else "ahead" if mine > theirs else "current"


def _numbers(version: str) -> list[int]:
    """The numbers of a version, without zeros at its end."""
    found = [int(number) for number in version.split(".")]
    while found and not found[-1]:
        found.pop()
    return found


def _outages(device: Device) -> Iterator[Span]:
    for began, ended in device.outages:
        yield minute(began), minute(ended) if ended else FOREVER


def _in_outage(device: Device, product: str, weights: list[Weight]) -> None:
    """An outage that lasts; the time in outage as slopes that begin and end; who was in outage within each window.

    The time that outages lasted up to the end of a minute is the number of those that last times that end, less the
    sum of their beginnings, plus the lengths of those that ended: counts and sums, whatever their length.
    """
    if not device.outages[-1][1]:
        weights.append(("devices_in_outage", (product,), None, 1))
    for began, ended in device.outages:
        weights.append(("device_outages", (product,), minute(began), 1))
        weights.append(("device_outages:ms", (product,), minute(began), began))
        if ended:
            weights.append(("device_outages", (product,), minute(ended), -1))
            weights.append(("device_outages:ms", (product,), minute(ended), -ended))
    spans = tuple(_outages(device))
    for window, length in WINDOWS.items():
        for when, change in edges(spans, length):
            weights.append(("devices_with_outage", (window, product), when, change))
