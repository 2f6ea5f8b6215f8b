"""Service levels for the laws: policies of every kind, and calendars of a zone with summer time."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from stream_app.domain.calendars import Calendar
from stream_app.domain.service_levels import Policy, ServiceLevels, Target
from tests.events.making import BEGIN, DAY, HOUR, MINUTE


def office(zone: str, begin: time, end: time, closed: frozenset[date] = frozenset()) -> Calendar:
    """Monday to Friday but for some days, at local times, from 2023 to 2027."""
    opens, closes = [], []
    day = date(2023, 1, 1)
    while day < date(2027, 1, 1):
        if day.weekday() < 5 and day not in closed:
            opens.append(instant(datetime.combine(day, begin, ZoneInfo(zone))))
            closes.append(instant(datetime.combine(day, end, ZoneInfo(zone))))
        day += timedelta(days=1)
    return Calendar(opens, closes)


def instant(at: datetime) -> int:
    """ms since the epoch."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def business(length: int) -> Target:
    return Target(length, business=True)


def elapsed(length: int) -> Target:
    return Target(length, business=False)


_CHRISTMAS: Final = frozenset(date(2023, 12, day) for day in (25, 26))

LEVELS: Final = ServiceLevels(
    policies={
        ("premium", "p1"): (Policy(0, elapsed(15 * MINUTE), elapsed(HOUR), elapsed(8 * HOUR), elapsed(2 * HOUR)),),
        ("premium", "p2"): (
            Policy(0, business(HOUR), business(4 * HOUR), business(2 * DAY), business(4 * HOUR)),
            Policy(BEGIN + DAY, business(30 * MINUTE), None, business(6 * HOUR), elapsed(DAY)),
            Policy(BEGIN + 3 * DAY, elapsed(2 * HOUR), elapsed(30 * MINUTE), None),
        ),
        ("premium", "p3"): (Policy(BEGIN + 2 * DAY, business(4 * HOUR), business(HOUR), business(DAY)),),
        ("premium", "unknown"): (Policy(0, elapsed(DAY), elapsed(DAY), elapsed(30 * DAY), elapsed(7 * DAY)),),
        ("basic", "p1"): (Policy(0, elapsed(HOUR), elapsed(2 * HOUR), business(8 * HOUR), business(HOUR)),),
        ("basic", "p2"): (Policy(0, business(HOUR), elapsed(DAY), elapsed(DAY)),),
        ("basic", "p4"): (Policy(0, business(2 * DAY), None, elapsed(7 * DAY), elapsed(HOUR)),),
        ("basic", "other"): (Policy(0, elapsed(15 * MINUTE), business(MINUTE), business(HOUR)),),
        ("unknown", "p1"): (Policy(0, business(2 * HOUR), business(2 * HOUR), business(3 * DAY)),),
        ("unknown", "p3"): (Policy(BEGIN - 30 * DAY, elapsed(HOUR), elapsed(HOUR), elapsed(HOUR), elapsed(HOUR)),),
        ("unknown", "unknown"): (Policy(0, elapsed(20 * DAY), elapsed(3 * DAY), elapsed(20 * DAY), elapsed(DAY)),),
        ("other", "p4"): (Policy(0, elapsed(4 * HOUR), elapsed(15 * MINUTE), business(30 * MINUTE)),),
        ("other", "other"): (Policy(0, business(1), business(1), business(1), business(1)),),
    },
    calendars={
        "emea": office("Europe/Berlin", time(9), time(17, 30), _CHRISTMAS),
        "amer": office("America/New_York", time(0), time(12)),
        "unknown": Calendar(),
    },
    counted_from=BEGIN + DAY,
)
