"""Opening hours of a zone as intervals: weekly hours at local times, without holidays.

Made day by day from local times, so an office that opens at nine opens at nine on both sides of a change of the
clocks. A time that a change skips counts as the instant of the change; of one that comes twice the first opens and
the second closes. Calendars reach from 2000 to 2049, whatever the day is, so that numbers do not depend on when a
worker was started; before and after that it is always open.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from stream_app.domain.calendars import Calendar

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2049

Hours = Mapping[str, Sequence[tuple[int, int]]]
"""Day of the week -> its opening hours as minutes of the day; 1440 is midnight at its end."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE: Final = timedelta(minutes=1)
_MINUTE_MS: Final = 60_000
_DAY: Final = timedelta(days=1)


def calendar(zone: str, hours: Hours, closed: Collection[date] = ()) -> Calendar:
    """The calendar of a zone (IANA), open at `hours` but on days that are `closed`."""
    where = ZoneInfo(zone)
    opens: list[int] = []
    closes: list[int] = []
    week = [hours.get(day, ()) for day in DAYS]
    day = date(FIRST_YEAR, 1, 1)
    midnight = _midnight(where, day)
    while day.year <= LAST_YEAR:
        following = _midnight(where, day + _DAY)
        plain = following - midnight == 1440 * _MINUTE_MS  # the clocks are not changed on that day
        for begin, end in () if day in closed else week[day.weekday()]:
            if plain:
                start, stop = midnight + begin * _MINUTE_MS, midnight + end * _MINUTE_MS
            else:
                start, stop = _instant(where, day, begin, 0), _instant(where, day, end, 1)
            if stop <= start:
                continue  # a change of the clocks skipped all of it
            if closes and start <= closes[-1]:
                closes[-1] = max(closes[-1], stop)
            else:
                opens.append(start)
                closes.append(stop)
        day, midnight = day + _DAY, following
    return Calendar(opens, closes)


def holidays(country: str, subdivision: str | None) -> frozenset[date]:
    """The public holidays of a country or a part of it, of every year a calendar reaches to."""
    from holidays import country_holidays  # noqa: PLC0415  takes half a second, and most programs need none

    return frozenset(country_holidays(country, subdiv=subdivision, years=range(FIRST_YEAR, LAST_YEAR + 1)))


def _instant(zone: ZoneInfo, day: date, minute: int, fold: int) -> int:
    """A local time as ms since the epoch. fold: which of two, when the clocks are put back over it."""
    local = datetime.combine(day, time()) + minute * _MINUTE
    first, second = (_ms(local.replace(tzinfo=zone, fold=which)) for which in (0, 1))
    if first <= second:
        return second if fold else first
    at, before = second, _offset(zone, second)
    while _offset(zone, at) == before:  # the clocks were put forward over it: when they were
        at += _MINUTE_MS
    return at


def _midnight(zone: ZoneInfo, day: date) -> int:
    """The beginning of a day, as the clocks before any change on it would have it."""
    return _ms(datetime.combine(day, time(), zone))


def _offset(zone: ZoneInfo, at: int) -> timedelta | None:
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(zone).utcoffset()


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
