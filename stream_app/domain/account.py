"""The join: what one account weighs, from rows of several topics, kept in incremental parts.

Rows of one account lie in one partition, so a join needs no other worker. An account is never
stored: it is weighed again whenever the part of one of its rows changes, and rebuilt after recovery.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeVar

from stream_app.domain.board import Weight

_Part = TypeVar("_Part", str, int)


@dataclass(slots=True)
class Account:
    """The parts of an account's rows that joins need.

    open_cases: open cases by priority. silent_from: devices by the minute they fall silent, so that the
    first one is found among minutes and not among devices, of which an account may have thousands.
    """

    open_cases: Counter[str] = field(default_factory=Counter)
    silent_from: Counter[int] = field(default_factory=Counter)

    def case(self, before: str | None, after: str | None) -> None:
        """A case's part changed: the priority under which it is open, or None."""
        _moved(self.open_cases, before, after)

    def device(self, before: int | None, after: int | None) -> None:
        """A device's part changed: the minute it falls silent, or None."""
        _moved(self.silent_from, before, after)


def _moved(counts: Counter[_Part], before: _Part | None, after: _Part | None) -> None:
    """One thing less counts as `before`, one more as `after`; None does not count."""
    if before is not None:
        counts[before] -= 1
        if not counts[before]:
            del counts[before]
    if after is not None:
        counts[after] += 1


def weigh(account: Account) -> list[Weight]:
    """Open cases of an account count from the minute its first device falls silent."""
    if not account.open_cases or not account.silent_from:
        return []
    first = min(account.silent_from)
    return [("cases_open_silent_device", (priority,), first, n) for priority, n in sorted(account.open_cases.items())]
