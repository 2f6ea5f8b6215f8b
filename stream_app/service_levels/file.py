"""Reads the file of service levels, names everything that is wrong with it, and makes what the domain takes of it."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta

from stream_app.domain.calendars import Calendar
from stream_app.domain.service_levels import TARGETS, Policy, ServiceLevels, Target
from stream_app.domain.words import OTHER, PRIORITIES, UNKNOWN
from stream_app.service_levels.hours import DAYS, calendar, holidays

Clock = Literal["business", "elapsed"]
Length = Annotated[str, Meta(pattern=r"^[1-9][0-9]*[smhd]$")]
"""A duration with one unit: 30m, 8h, 5d. A day is 24 hours, of open time where the clock is `business`."""

_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class _Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A table of the file. A key that is not named here is a fault."""


class TargetTable(_Part, frozen=True, kw_only=True):
    """A target with a clock of its own."""

    within: Length
    clock: Clock = "business"


class PolicyTable(_Part, frozen=True, kw_only=True):
    """What is promised to the cases of a tier and priority that are created from `effective_from` on."""

    tier: str
    priority: str
    effective_from: datetime
    clock: Clock = "business"
    first_response: Length | TargetTable | None = None
    next_response: Length | TargetTable | None = None
    resolution: Length | TargetTable | None = None
    engineering: Length | TargetTable | None = None

    def target(self, name: str) -> Target | None:
        """One of its targets; None if nothing is promised."""
        said: str | TargetTable | None = getattr(self, name)
        if said is None:
            return None
        within, clock = (said, self.clock) if isinstance(said, str) else (said.within, said.clock)
        return Target(int(within[:-1]) * _MS[within[-1]], clock == "business")


class HolidaysTable(_Part, frozen=True, kw_only=True):
    """Whose public holidays close the office: a country (ISO 3166-1) and, where they differ, its subdivision."""

    country: str
    subdivision: str | None = None


class CalendarTable(_Part, frozen=True, kw_only=True):
    """The hours of a region. closed: further days on which the office does not open."""

    region: str
    zone: str
    hours: dict[str, list[str]]
    holidays: HolidaysTable | None = None
    closed: list[date] = []


class Read(NamedTuple):
    """What a file of service levels says."""

    counted_from: datetime | None
    policies: tuple[PolicyTable, ...]
    calendars: tuple[CalendarTable, ...]


_KEYS: Final = ("counted_from", "policy", "calendar")
_Table = TypeVar("_Table", PolicyTable, CalendarTable)


class ServiceLevelsError(Exception):
    """The file of service levels cannot be used. faults: all that is wrong with it."""

    exit_code = 2

    def __init__(self, file: Path, faults: Sequence[str]) -> None:
        super().__init__(f"the service levels {file} cannot be used: {'; '.join(faults)}")
        self.faults = tuple(faults)


def read(file: Path, tiers: Sequence[str], regions: Sequence[str]) -> Read:
    """The service levels of a file, for the tiers and regions of the settings. Raises ServiceLevelsError."""
    try:
        tree: dict[str, Any] = tomllib.loads(file.read_text())
    except OSError as error:
        raise ServiceLevelsError(file, [f"the file cannot be read: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ServiceLevelsError(file, [f"it is no TOML: {error}"]) from error
    faults = [f"there is no {key}; what there is: {', '.join(_KEYS)}" for key in tree if key not in _KEYS]
    policies = _tables(PolicyTable, tree.get("policy", []), "policy", faults)
    calendars = _tables(CalendarTable, tree.get("calendar", []), "calendar", faults)
    counted_from = tree.get("counted_from")
    if counted_from is not None and (not isinstance(counted_from, datetime) or counted_from.tzinfo is None):
        faults.append("counted_from is no instant with an offset; write 2026-01-01T00:00:00Z")
    faults += _wrong_policies(policies, tiers)
    faults += _wrong_calendars(calendars, regions)
    if faults:
        raise ServiceLevelsError(file, faults)
    return Read(counted_from, tuple(policies.values()), tuple(calendars.values()))


def compiled(found: Read) -> ServiceLevels:
    """What the domain takes: policies by tier and priority, intervals of open time by region."""
    policies: dict[tuple[str, str], list[Policy]] = {}
    for said in found.policies:
        targets = {name: said.target(name) for name in TARGETS}
        policies.setdefault((said.tier, said.priority), []).append(Policy(milliseconds(said.effective_from), **targets))
    return ServiceLevels(
        {of: tuple(sorted(versions, key=lambda policy: policy.effective_from)) for of, versions in policies.items()},
        {said.region: _calendar(said) for said in found.calendars},
        0 if found.counted_from is None else milliseconds(found.counted_from),
    )


def _tables(kind: type[_Table], said: object, name: str, faults: list[str]) -> dict[int, _Table]:
    """The tables of a list by their place; what is wrong with the form of a key goes to `faults`."""
    found: dict[int, _Table] = {}
    if not isinstance(said, list):
        faults.append(f"{name} is no list of tables; write [[{name}]]")
        return found
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for place, table in enumerate(said, 1):
        wrong = [f"there is no {key}" for key in table if key not in fields]
        for key, field in fields.items():
            if key not in table:
                wrong += [f"{key} is missing"] if field.required else []
                continue
            try:
                msgspec.convert(table[key], field.type)
            except msgspec.ValidationError as error:
                said_so = "no duration; write 30s, 15m, 8h or 5d" if "regex" in str(error) else error
                wrong.append(f"{key} = {table[key]}: {said_so}")
        faults += [f"{name} {place}: {fault}" for fault in wrong]
        if not wrong:
            found[place] = msgspec.convert(table, kind)
    return found


def _wrong_policies(policies: Mapping[int, PolicyTable], tiers: Sequence[str]) -> Iterator[str]:
    seen: set[tuple[str, str, datetime]] = set()
    for place, said in policies.items():
        name = f"policy {place} ({said.tier}, {said.priority})"
        if said.tier not in {*tiers, UNKNOWN, OTHER}:
            yield f"{name}: {said.tier} is none of the tiers of the settings: {', '.join(tiers)}, {UNKNOWN}, {OTHER}"
        if said.priority not in {*PRIORITIES, UNKNOWN, OTHER}:
            yield f"{name}: {said.priority} is none of {', '.join(PRIORITIES)}, {UNKNOWN}, {OTHER}"
        if said.effective_from.tzinfo is None:
            yield f"{name}: effective_from has no offset; write 2026-01-01T00:00:00Z"
            continue
        version = (said.tier, said.priority, said.effective_from.astimezone(UTC))
        if version in seen:
            yield f"{name}: another policy of this tier and priority begins at the same time"
        seen.add(version)
        first, last = said.target("first_response"), said.target("resolution")
        if first and last and first.business == last.business and first.length > last.length:
            yield f"{name}: first_response takes longer than resolution"


def _wrong_calendars(calendars: Mapping[int, CalendarTable], regions: Sequence[str]) -> Iterator[str]:
    zones = available_timezones() if calendars else set()
    seen: set[str] = set()
    for place, said in calendars.items():
        name = f"calendar {place} ({said.region})"
        if said.region not in {*regions, UNKNOWN, OTHER}:
            yield f"{name}: {said.region} is none of the regions of the settings: {', '.join(regions)}"
        if said.region in seen:
            yield f"{name}: the region has two calendars"
        seen.add(said.region)
        if said.zone not in zones:
            yield f"{name}: there is no zone {said.zone}; write one such as Europe/Berlin"
        if not said.hours:
            yield f"{name}: no hours; a region that is always open needs no calendar"
        for days, spans in said.hours.items():
            yield from (f"{name}: hours of {days}: {fault}" for fault in _wrong_hours(days, spans))
        yield from (f"{name}: {fault}" for fault in _wrong_holidays(said.holidays))


def _wrong_hours(days: str, spans: Sequence[str]) -> Iterator[str]:
    if not _days(days):
        yield f"no days of the week; write one of {', '.join(DAYS)}, or mon-fri"
    for span in spans:
        minutes = _span(span)
        if minutes is None:
            yield f"{span} is no span of a day; write 09:00-17:30, up to 24:00"
        elif minutes[0] >= minutes[1]:
            yield f"{span} ends before it begins; write the part after midnight at the next day"


def _wrong_holidays(said: HolidaysTable | None) -> Iterator[str]:
    if said is None:
        return
    from holidays import list_supported_countries  # noqa: PLC0415  see hours.holidays

    known = list_supported_countries()
    if said.country not in known:
        yield f"no holidays are known of the country {said.country}; write its ISO 3166-1 code, such as DE"
    elif said.subdivision is not None and said.subdivision not in known[said.country]:
        there = ", ".join(known[said.country]) or "none"
        yield f"{said.country} has no subdivision {said.subdivision}; there are: {there}"


def _days(said: str) -> tuple[str, ...]:
    """The days of the week that `mon` or `mon-fri` names; none when it names none."""
    first, dash, last = said.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        return ()
    begin, end = DAYS.index(first), DAYS.index(last if dash else first)
    return DAYS[begin : end + 1]


def _span(said: str) -> tuple[int, int] | None:
    """The minutes of the day of `09:00-17:30`."""
    found = re.fullmatch(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})", said)
    if found is None:
        return None
    hour, minute, until_hour, until_minute = map(int, found.groups())
    begin, end = hour * 60 + minute, until_hour * 60 + until_minute
    return (begin, end) if max(minute, until_minute) < 60 and max(begin, end) <= 24 * 60 else None


def _calendar(said: CalendarTable) -> Calendar:
    hours: dict[str, list[tuple[int, int]]] = {}
    for days, spans in said.hours.items():
        for day in _days(days):
            hours.setdefault(day, []).extend(minutes for span in spans if (minutes := _span(span)))
    sorted_hours = {day: sorted(spans) for day, spans in hours.items()}
    free = holidays(said.holidays.country, said.holidays.subdivision) if said.holidays else frozenset()
    return calendar(said.zone, sorted_hours, free | frozenset(said.closed))


def milliseconds(at: datetime) -> int:
    """An instant as ms since the epoch."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def local(at_ms: int, zone: str) -> datetime:
    """An instant on the clocks of a zone."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone))
