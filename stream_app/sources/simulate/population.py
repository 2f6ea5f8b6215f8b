"""Accounts: tiers, regions, a few large ones among many small, and drawing one at a time."""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Final

from stream_app.sources.simulate.rhythm import REGIONS, demand
from stream_app.sources.simulate.things import Account, pick

TIERS: Final = {"basic": 0.45, "standard": 0.30, "premium": 0.15, "enterprise": 0.07, "": 0.02, "legacy": 0.01}
"""Tier -> share of the accounts: some have none, some one that is no longer sold."""

_REGION_SHARES: Final = {region: share for region, (_, share) in REGIONS.items()}
_TAIL: Final = 1.3
"""Exponent of the accounts' sizes (Pareto): a fifth of the accounts makes about half of the demand."""
_LARGEST: Final = 60.0


class Population:
    """The accounts, drawn by their share of the demand and by the hours of their region."""

    def __init__(self, rng: Random, count: int) -> None:
        self.accounts = [
            Account(
                number + 1,
                pick(TIERS, rng.random()),
                pick(_REGION_SHARES, rng.random()),
                min(rng.paretovariate(_TAIL), _LARGEST),
            )
            for number in range(count)
        ]
        self._everyone = _Urn(self.accounts)
        self._regions = {
            region: _Urn([a for a in self.accounts if a.region == region] or self.accounts) for region in REGIONS
        }

    def anyone(self, rng: Random) -> Account:
        """An account, by its share of the demand."""
        return self._everyone.draw(rng)

    def caller(self, rng: Random, at_ms: int) -> Account:
        """The account that needs support at a time: of a region that works then, by its share."""
        shares = demand(at_ms)
        draw = rng.random() * sum(shares.values())
        return self._regions[pick(shares, draw)].draw(rng)

    def other(self, rng: Random, than: Account) -> Account | None:
        """An account other than `than`, None if there is none."""
        if len(self.accounts) < 2:
            return None
        place = rng.randrange(len(self.accounts) - 1)
        return self.accounts[place if place < than.number - 1 else place + 1]


class _Urn:
    def __init__(self, accounts: Sequence[Account]) -> None:
        self._accounts = accounts
        self._heights = list(accumulate(account.weight for account in accounts))

    def draw(self, rng: Random) -> Account:
        return self._accounts[bisect(self._heights, rng.random() * self._heights[-1])]
