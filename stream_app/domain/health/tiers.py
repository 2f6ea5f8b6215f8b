"""The tier of an account: the one that its latest created case states."""

from typing import Final

from stream_app.domain.rules import Rules
from stream_app.domain.words import MINUTE_MS, OTHER, UNKNOWN, closed

TIERS: Final = 64
"""More than there can be tiers."""


def stamp(created_ms: int, tier: str, rules: Rules) -> int:
    """What tells a later statement of a tier from an earlier one: the minute and the place of the tier; 0 for none."""
    word = closed(tier, rules.tiers)
    if word == UNKNOWN:
        return 0
    place = rules.tiers.index(word) + 1 if word in rules.tiers else TIERS - 1
    return created_ms // MINUTE_MS * TIERS + place


def stamped(value: int, rules: Rules) -> str:
    """The tier of a stamp."""
    place = value % TIERS
    return UNKNOWN if not value else OTHER if place == TIERS - 1 else rules.tiers[place - 1]
