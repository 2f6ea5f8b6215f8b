"""The join: what one account weighs, from rows of several topics, kept in incremental parts.

Rows of one account lie in one partition, so a join needs no other worker. An account is never
stored: it is weighed again whenever the part of one of its rows changes, and rebuilt after recovery.
"""

from collections import Counter
from dataclasses import dataclass, field

from stream_app.domain.board import Weight


@dataclass(slots=True)
class Account:
    """The parts of an account's rows that joins need.

    open_cases: open cases by priority. silent_from: device id -> the minute it falls silent.
    """

    open_cases: Counter[str] = field(default_factory=Counter)
    silent_from: dict[str, int] = field(default_factory=dict)

    def case(self, before: str | None, after: str | None) -> None:
        """A case's part changed: the priority under which it is open, or None."""
        if before is not None:
            self.open_cases[before] -= 1
            if not self.open_cases[before]:
                del self.open_cases[before]
        if after is not None:
            self.open_cases[after] += 1

    def device(self, device: str, after: int | None) -> None:
        """A device's part changed: the minute it falls silent, or None."""
        if after is None:
            self.silent_from.pop(device, None)
        else:
            self.silent_from[device] = after


def weigh(account: Account) -> list[Weight]:
    """Open cases of an account count from the minute its first device falls silent."""
    if not account.open_cases or not account.silent_from:
        return []
    first = min(account.silent_from.values())
    return [("cases_open_silent_device", (priority,), first, n) for priority, n in sorted(account.open_cases.items())]
