"""The rhythm of demand: which region works at an hour of the week, and how many cases that makes."""

from typing import Final

from stream_app.sources.simulate.things import DAY, HOUR

REGIONS: Final = {"emea": (1, 0.40), "amer": (-5, 0.40), "apac": (8, 0.20)}
"""Region -> (hours ahead of UTC of its offices, share of the accounts)."""

_OFFICE: Final = (
    0.10, 0.08, 0.06, 0.06, 0.08, 0.15, 0.40, 0.90, 1.90, 2.60, 2.90, 2.60,
    2.00, 2.20, 2.50, 2.30, 1.80, 1.10, 0.60, 0.40, 0.30, 0.25, 0.20, 0.15,
)  # fmt: skip
"""Demand by local hour of a working day, relative to the mean of an hour of the week."""

_WEEKEND: Final = 0.22
_MONDAY: Final = 1.15
_FIRST_WEEKDAY: Final = 3
"""1970-01-01 was a Thursday (Monday is 0)."""


def _hour_of_week(region: str, hour: int) -> float:
    local = hour + REGIONS[region][0]
    weekday = local // 24 % 7
    day = _WEEKEND if weekday >= 5 else _MONDAY if weekday == 0 else 1.0
    return _OFFICE[local % 24] * day


def _table() -> list[dict[str, float]]:
    shares = {region: share for region, (_, share) in REGIONS.items()}
    raw = [{region: _hour_of_week(region, hour) * share for region, share in shares.items()} for hour in range(168)]
    mean = sum(sum(row.values()) for row in raw) / 168
    return [{region: demand / mean for region, demand in row.items()} for row in raw]


_WEEK: Final = _table()
"""Hour of the week, from Monday 00:00 UTC -> demand by region; the week's mean over all regions is 1."""

PEAK: Final = max(sum(row.values()) for row in _WEEK)
"""The demand of the busiest hour of the week."""


def demand(at_ms: int) -> dict[str, float]:
    """The demand of each region at a time; the mean of all regions over a week is 1."""
    days = at_ms // DAY + _FIRST_WEEKDAY
    return _WEEK[days % 7 * 24 + at_ms % DAY // HOUR]
