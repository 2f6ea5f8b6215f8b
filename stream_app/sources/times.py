"""Times as logs write them, to ms since the epoch."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from stream_app.sources.schema import TimeColumn

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_KEPT: Final = 100_000
"""Texts whose time is remembered: logs of minute precision repeat them."""

Parse = Callable[[str], int | None]
"""A text to ms since the epoch; None when it is no time."""


def _epoch(text: str, unit_ms: int) -> int:
    return round(float(text) * unit_ms)


def _clock(text: str, pattern: str, zone: ZoneInfo) -> int:
    at = datetime.fromisoformat(text) if pattern == "iso" else datetime.strptime(text, pattern)  # noqa: DTZ007 - below
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    return (at - _EPOCH) // _MS


def parser(time: TimeColumn) -> Parse:
    """Reads times as the mapping says; a local time that occurs twice is the first of the two."""
    zone = ZoneInfo(time.zone)
    units = {"epoch_s": 1000, "epoch_ms": 1}
    known: dict[str, int | None] = {}

    def read(text: str) -> int | None:
        for pattern in time.formats:
            try:
                return _epoch(text, units[pattern]) if pattern in units else _clock(text, pattern, zone)
            except (ValueError, OverflowError):
                continue
        return None

    def parse(text: str) -> int | None:
        if text in known:
            return known[text]
        if len(known) > _KEPT:
            known.clear()
        at = known[text] = read(text)
        return at

    return parse


def instant(text: str) -> int:
    """An instant as people write it: ISO (UTC when it has no offset) or ms since the epoch; raises ValueError."""
    if text.isdigit() and len(text) > len("20160101"):
        return int(text)
    return _clock(text, "iso", ZoneInfo("UTC"))


def shown(at_ms: int) -> str:
    """An instant for people, in UTC."""
    text = (_EPOCH + at_ms * _MS).isoformat(sep=" ", timespec="milliseconds")
    return text.replace("+00:00", "Z").replace(".000Z", "Z")


def faults(time: TimeColumn) -> Iterator[str]:
    """What is wrong with the formats and the zone of a mapping."""
    try:
        ZoneInfo(time.zone)
    except (ValueError, OSError, KeyError):
        yield "time.zone: is no zone of the time zone database, such as Europe/Rome or UTC"
    if not time.formats:
        yield "time.format: is empty"
    for pattern in time.formats:
        if pattern in {"iso", "epoch_s", "epoch_ms"}:
            continue
        if "%" not in pattern:
            yield f'time.format: {pattern!r} is neither "iso", "epoch_s", "epoch_ms" nor a strptime format'
            continue
        try:
            datetime.strptime(datetime(2020, 12, 31, 23, 59, 58, 123456, UTC).strftime(pattern), pattern)  # noqa: DTZ007
        except (ValueError, IndexError):
            yield f"time.format: {pattern!r} is not a strptime format"
