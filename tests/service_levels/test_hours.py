"""Calendars are made of local times: compared minute by minute with what the clocks of a zone show."""

from datetime import UTC, date, datetime, timedelta

import pytest

from stream_app.service_levels.hours import FIRST_YEAR, LAST_YEAR, calendar, holidays

WEEK = {"mon": [(9 * 60, 12 * 60), (12 * 60, 17 * 60)], "sat": [(0, 24 * 60)], "sun": [(0, 4 * 60)]}


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
@pytest.mark.parametrize(
    "begin", [date(2024, 3, 8), date(2024, 3, 29), date(2024, 4, 5), date(2024, 10, 4), date(2024, 10, 25)]
)
def test_a_minute_is_open_when_the_clocks_of_the_zone_say_so(zone: str, begin: date) -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  the zone's own clocks judge here

    closed = {begin + timedelta(days=3)}
    hours = calendar(zone, WEEK, closed)
    at = datetime(begin.year, begin.month, begin.day, tzinfo=UTC)
    for _ in range(5 * 24 * 60):
        local = at.astimezone(ZoneInfo(zone))
        spans = WEEK.get(("mon", "tue", "wed", "thu", "fri", "sat", "sun")[local.weekday()], [])
        minute = local.hour * 60 + local.minute
        expected = local.date() not in closed and any(start <= minute < end for start, end in spans)
        assert (hours.open_between(ms(at), ms(at) + 60_000) == 60_000) == expected, local
        at += timedelta(minutes=1)


def test_times_that_a_change_of_the_clocks_skips_or_repeats() -> None:
    """In Berlin 02:30 does not exist on 2024-03-31 and comes twice on 2024-10-27."""
    opens_late = calendar("Europe/Berlin", {"sun": [(2 * 60 + 30, 6 * 60)]})
    closes_early = calendar("Europe/Berlin", {"sun": [(0, 2 * 60 + 30)]})
    never = calendar("Europe/Berlin", {"sun": [(2 * 60 + 10, 2 * 60 + 50)]})
    spring, autumn = datetime(2024, 3, 31, tzinfo=UTC), datetime(2024, 10, 27, tzinfo=UTC)
    day = 24 * 3_600_000
    hour = 3_600_000
    assert opens_late.opening(ms(spring)) == ms(datetime(2024, 3, 31, 1, tzinfo=UTC)), "three, when the clocks change"
    assert closes_early.open_between(ms(spring) - 2 * hour, ms(spring) + day) == 2 * hour
    assert never.open_between(ms(spring) - hour, ms(spring) + day - 2 * hour) == 0
    assert opens_late.open_between(ms(autumn) - hour, ms(autumn) + day) == 4.5 * hour, "from the first half past two"
    assert closes_early.open_between(ms(autumn) - 2 * hour, ms(autumn) + day) == 3.5 * hour, "to the second"


def test_hours_that_touch_are_one_interval() -> None:
    every_day = calendar("UTC", {day: [(0, 24 * 60)] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")})
    assert len(every_day.opens) == 1
    assert every_day.opens[0] == ms(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC))
    assert every_day.closes[0] == ms(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC))


def test_holidays_are_those_of_the_part_of_the_country() -> None:
    assert date(2024, 1, 6) in holidays("DE", "BY")
    assert date(2024, 1, 6) not in holidays("DE", "BE")
    assert {date(2049, 12, 25), date(2000, 12, 25)} <= holidays("DE", "BE")
