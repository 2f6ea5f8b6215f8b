"""The health of every account of a partition, each made anew only when it can have changed.

A ledger is a sum of evidence as a board is a sum of weights. What is read from it is kept between readings: an account
is evaluated again at the next reading after its evidence changed, and at the hour at which it changes by itself. That
reading it at any hours gives what evaluating everything afresh would give is the promise, and a test.
"""

from array import array
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from stream_app.domain.health.score import NEVER, Health, evaluate
from stream_app.domain.health.tiers import stamped
from stream_app.domain.health.words import RED, Evidence, Item, of_open_case
from stream_app.domain.rules import Rules
from stream_app.domain.words import UNKNOWN

Contents = dict[tuple[str, tuple[str | int, ...], int | None], int]

EVIDENCE: Final = "health"
TIER: Final = "health:tier"


class Entry:
    """One account: its evidence, the stamps of the tiers that are stated, and how it stood at the last reading.

    read: whether it was evaluated since anything changed that could matter. open: (tier, priority, how many) of its
    open cases, as they were then.
    """

    __slots__ = ("evidence", "health", "open", "read", "stamps", "tier")

    def __init__(self) -> None:
        self.evidence: dict[Item, int] = {}
        self.stamps: array[int] = array("q")
        self.health: Health | None = None
        self.tier = ""
        self.open: tuple[tuple[str, str, int], ...] = ()
        self.read = False


@dataclass(slots=True)
class Standing:
    """How the accounts of a ledger stand. scores: the accounts of each score, by score.

    bands: (band, tier) -> accounts. at_risk: (tier, reason) -> accounts at risk, under each of their weighty reasons.
    stale: input -> accounts. unknown: accounts without a score. open: (tier, band of the account, priority) -> open
    cases.
    """

    bands: Counter[tuple[str, str]] = field(default_factory=Counter)
    at_risk: Counter[tuple[str, str]] = field(default_factory=Counter)
    stale: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    open: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    scores: list[dict[str, None]] = field(default_factory=lambda: [{} for _ in range(101)])

    def count(self, account: str, entry: Entry, sign: int) -> None:
        """Count an account as it stands, or no longer with sign -1."""
        health = entry.health
        if health is None:
            self.unknown += sign
            return
        self.bands[health.band, entry.tier] += sign
        for tier, priority, cases in entry.open:
            self.open[tier, health.band, priority] += sign * cases
        for told in health.stale:
            self.stale[told] += sign
        if health.band == RED:
            for reason in health.weighty:
                self.at_risk[entry.tier, reason] += sign
        if sign > 0:
            self.scores[health.score][account] = None
        else:
            del self.scores[health.score][account]

    def worst(self, count: int) -> list[tuple[str, int]]:
        """So many accounts with the lowest scores below 100: (account, score); ties by account."""
        found: list[tuple[str, int]] = []
        for score, accounts in enumerate(self.scores[:100]):
            if len(found) >= count:
                break
            found += [(account, score) for account in sorted(accounts)]
        return found[:count]


class Ledger:
    """The evidence of the accounts of one partition, and how they stand."""

    __slots__ = ("_changed", "_due", "_hour", "_rules", "_standing", "accounts")

    def __init__(self) -> None:
        self.accounts: dict[str, Entry] = {}
        self._standing = Standing()
        self._changed: dict[str, None] = {}
        self._due: defaultdict[int, dict[str, None]] = defaultdict(dict)
        self._hour = -1
        self._rules: Rules | None = None

    def move(self, account: str, before: Evidence, after: Evidence) -> None:
        """A row of an account no longer says `before` but `after`."""
        items, no_tier = before
        more, tier = after
        moved: dict[Item, int] = {}
        for item in more:
            moved[item] = moved.get(item, 0) + 1
        for item in items:
            moved[item] = moved.get(item, 0) - 1
        self._add(account, moved, tier, no_tier)

    def _add(self, account: str, items: Mapping[Item, int], tier: int, no_tier: int) -> None:
        entry = self.accounts.get(account)
        if entry is None:
            entry = self.accounts[account] = Entry()
        matters = tier != no_tier
        if matters:
            if no_tier:
                del entry.stamps[bisect_left(entry.stamps, no_tier)]
            if tier:
                insort(entry.stamps, tier)
        evidence, hour = entry.evidence, self._hour
        due = NEVER if entry.health is None else entry.health.due
        balance = 0
        for item, amount in items.items():
            if amount:
                left = evidence.get(item, 0) + amount
                if left:
                    evidence[item] = left
                else:
                    del evidence[item]
                balance += amount
                matters = matters or item[1] <= hour or (amount > 0 and item[1] < due)
        if matters or balance or not evidence:
            self._touch(account, entry)

    def _touch(self, account: str, entry: Entry) -> None:
        """The account must be evaluated again, or is none any more."""
        if entry.read:
            entry.read = False
            self._standing.count(account, entry, -1)
            if entry.health is not None and entry.health.due < NEVER:
                due = self._due[entry.health.due]
                del due[account]
                if not due:
                    del self._due[entry.health.due]
        if entry.evidence:
            self._changed[account] = None
        else:
            del self.accounts[account]
            self._changed.pop(account, None)

    def read(self, hour: int, rules: Rules) -> Standing:
        """How the accounts stand at a full hour since the epoch. The same object each time."""
        if hour < self._hour or rules is not self._rules:
            self._forget()
        elif hour > self._hour:
            for due in [due for due in self._due if due <= hour]:
                for account in list(self._due[due]):
                    self._touch(account, self.accounts[account])
        self._hour, self._rules = hour, rules
        for account in self._changed:
            entry = self.accounts[account]
            entry.health = health = evaluate(entry.evidence, hour, rules)
            entry.tier = stamped(entry.stamps[-1], rules) if entry.stamps else UNKNOWN
            entry.open = _open(entry.evidence)
            entry.read = True
            self._standing.count(account, entry, 1)
            if health is not None and health.due < NEVER:
                self._due[health.due][account] = None
        self._changed.clear()
        return self._standing

    def _forget(self) -> None:
        """What was read holds no longer: the clock went back."""
        self._standing = Standing()
        self._due.clear()
        self._changed = dict.fromkeys(self.accounts)
        for entry in self.accounts.values():
            entry.read = False

    def contents(self) -> Contents:
        """All evidence, for comparing and combining: (series, (account, kind), hour) -> how much."""
        found: Contents = {}
        for account, entry in self.accounts.items():
            for (kind, hour), count in entry.evidence.items():
                found[EVIDENCE, (account, kind), hour] = count
            for stamp, count in Counter(entry.stamps).items():
                found[TIER, (account,), stamp] = count
        return found

    def take(self, contents: Mapping[tuple[str, tuple[str | int, ...], int | None], int]) -> None:
        """Add what `contents` gave of another ledger."""
        for (series, labels, when), count in contents.items():
            if series == EVIDENCE:
                self._add(str(labels[0]), {(str(labels[1]), when or 0): count}, 0, 0)
            elif series == TIER:
                for _ in range(count):
                    self._add(str(labels[0]), {}, when or 0, 0)


def _open(evidence: Mapping[Item, int]) -> tuple[tuple[str, str, int], ...]:
    """The open cases among the evidence of an account: (tier, priority, how many)."""
    return tuple((*told, count) for (kind, _), count in evidence.items() if (told := of_open_case(kind)) is not None)
