"""What the makers of events share: time, gaps, fields left out, words of several topics."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any, Final

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
BEGIN: Final = 1_700_000_000_000

Fields = dict[str, Any]

_GAPS: Final = (
    (0, 0), (0, 0), (1, SECOND), (SECOND, MINUTE), (MINUTE, HOUR), (MINUTE, HOUR), (HOUR, DAY), (DAY, 9 * DAY),
    (20 * DAY, 100 * DAY),
)  # fmt: skip

_GAP_WEIGHTS: Final = (4, 4, 3, 5, 6, 6, 5, 2, 1)


def gap(rng: Random) -> int:
    low, high = rng.choices(_GAPS, _GAP_WEIGHTS)[0]
    return rng.randint(low, high)


def written(rng: Random, at: int) -> int | str:
    """A time as publishers write it: ms since the epoch, or RFC 3339 in some zone."""
    if rng.random() < 0.7:
        return at
    zone = timezone(timedelta(minutes=rng.choice((0, 60, -300, 330))))
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone(zone).isoformat()


def past(rng: Random, at: int) -> int:
    return max(at - gap(rng), BEGIN - 200 * DAY)


def some(rng: Random, fields: Fields, share: float = 0.8) -> Fields:
    """Publishers leave fields out where there is a default."""
    return {name: value for name, value in fields.items() if rng.random() < share}


def nothing(_rng: Random, _at: int) -> Fields:
    return {}


PRODUCTS: Final = ("sensor", "storage", "gateway", "", "toaster")

SEVERITIES: Final = ("critical", "major", "minor", "", "odd")

CODES: Final = ("E1", "E2", "E3")

Kinds = dict[str, tuple[float, Callable[[Random, int], Fields]]]
"""Kind -> how often it happens, and what makes its fields at a time."""
