"""Service levels: what was promised for a case, and when a promise is broken.

A clock runs in the open time of its calendar, but not in the pauses it is given. Its deadline is the first
instant by which it has run for as long as the target allows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from stream_app.domain.calendars import ALWAYS, Calendar

FIRST_RESPONSE: Final = "first_response"
NEXT_RESPONSE: Final = "next_response"
RESOLUTION: Final = "resolution"
ENGINEERING: Final = "engineering"
TARGETS: Final = (FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, ENGINEERING)

Pause = tuple[int, int]
"""From, to, ms."""


class Target(NamedTuple):
    """How long a clock may run, ms; `business` in the hours of the customer's region, else at any hour."""

    length: int
    business: bool


class Policy(NamedTuple):
    """What is promised to cases created from an instant (ms) on, until a later policy; None: nothing.

    engineering: what engineering agreed to, for the cases it is handed.
    """

    effective_from: int
    first_response: Target | None = None
    next_response: Target | None = None
    resolution: Target | None = None
    engineering: Target | None = None


NO_POLICY: Final = Policy(0)


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """Policies and calendars.

    policies: (tier, priority) -> its policies by `effective_from`, the earliest first. calendars: by region; a region
    without one is always open. tiers: those with a policy. counted_from: targets with a deadline before that instant
    (ms) count nowhere.
    """

    policies: dict[tuple[str, str], tuple[Policy, ...]] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    counted_from: int = 0
    tiers: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Note the tiers that were promised anything, so that other cases cost nothing."""
        object.__setattr__(self, "tiers", frozenset(tier for tier, _ in self.policies))

    def policy(self, tier: str, priority: str, created: int) -> Policy:
        """The policy of a tier and priority that was in force when a case was created."""
        for policy in reversed(self.policies.get((tier, priority), ())):
            if policy.effective_from <= created:
                return policy
        return NO_POLICY

    def hours(self, region: str) -> Calendar:
        """The calendar of a region."""
        return self.calendars.get(region, ALWAYS)


def deadline(
    hours: Calendar, begin: int, length: int, pauses: Iterable[Pause], halted: int | None, stop: int
) -> int | None:
    """When a clock that began at an instant, ms, will have run, or would have, for `length` ms of open time.

    pauses: spells in which it stood still, by their time. halted: since when it stands still now, None when it runs.
    stop: when it was stopped, 0 if it was not; how it fared later does not matter then.
    None while it stands still, or if it stood still when it was stopped, and the deadline had not come before.
    """
    at, left = begin, length
    for start, end in pauses:
        if stop and start >= stop:
            break
        if end <= at:
            continue
        if start > at:
            ran = hours.open_between(at, start)
            if ran >= left:
                return hours.advance(at, left)
            left -= ran
        at = end
    if halted is None or (stop and halted >= stop) or hours.open_between(at, halted) >= left:
        return hours.advance(at, left)
    return None
