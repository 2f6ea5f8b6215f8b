"""How a simulated support organisation is set: its size and pace, and the faults of its publishers."""

from dataclasses import dataclass
from typing import Final

from stream_app.sources.simulate.things import DAY, MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class Life:
    """The size and pace of what is simulated.

    accounts, devices: how many there are. cases_per_account_day: demand; `rate` replaces it by the number of
    cases that makes about that many events a second, fleet included. pace: how many times faster than real
    life cases, surveys and faults run (a resolution of 28 h takes 28 s at 3600). rhythm: demand follows the
    hours and days of the accounts' regions. beat_ms: between two heartbeats, if not the interval the rules expect.
    warmup_ms: before the start, when there is a history, how long life already ran at this pace.
    """

    accounts: int = 200
    devices: int = 600
    cases_per_account_day: float = 0.6
    rate: float | None = None
    pace: float = 1.0
    rhythm: bool = True
    beat_ms: int | None = None
    warmup_ms: int = 0

    def __post_init__(self) -> None:
        """Refuse a size that means nothing."""
        if self.accounts < 1 or self.devices < 0:
            raise ValueError("at least one account is needed, and no less than no devices")
        if self.pace <= 0 or self.cases_per_account_day < 0 or (self.rate is not None and self.rate <= 0):
            raise ValueError("pace and rate must be above 0, cases per account and day not below")


@dataclass(frozen=True, slots=True)
class InputFaults:
    """Shares of the events, 0..1, that go wrong on their way, each at most in one way.

    bad: an unusable copy goes out beside the event. late: published later by late_ms. duplicate: published
    again under the same event id, up to again_ms later. disordered: published up to shuffle_ms later, so behind others.
    """

    bad: float = 0.0
    late: float = 0.0
    duplicate: float = 0.0
    disordered: float = 0.0
    late_ms: tuple[int, int] = (1 * MINUTE, 30 * MINUTE)
    again_ms: int = 10 * MINUTE
    shuffle_ms: int = 3 * SECOND

    def __post_init__(self) -> None:
        """Refuse shares that cannot be."""
        shares = (self.bad, self.late, self.duplicate, self.disordered)
        if min(shares) < 0 or sum(shares) > 1:
            raise ValueError("shares of bad, late, duplicate and disordered events must be 0 to 1, together at most 1")


LIVE: Final = Life(
    accounts=200, devices=600, rate=200.0, pace=3600.0, rhythm=False, beat_ms=15 * SECOND, warmup_ms=90 * SECOND
)
"""A day of support in a minute, for looking at: cases are opened and solved while one watches."""

LIVE_FAULTS: Final = InputFaults(
    bad=0.002, late=0.005, duplicate=0.005, disordered=0.02, late_ms=(5 * SECOND, 30 * SECOND), again_ms=20 * SECOND
)
"""A little of everything that goes wrong, with delays one can wait for."""

HISTORY_MS: Final = 7 * DAY
"""What the live profile publishes at once before it begins."""
