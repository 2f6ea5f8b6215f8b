"""What the plan is made of: accounts, the things that belong to them, and the steps of each thing's story."""

from collections.abc import Mapping
from typing import Any, Final

CASES: Final = "cases"
SURVEYS: Final = "surveys"
CALLHOME: Final = "callhome"

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

NEVER: Final = 2**62
"""The time of publishing of what is never published."""

Fields = Mapping[str, Any]


class Account:
    """A customer: its number, the name it is published under, tier, region and share of the demand, and its devices."""

    __slots__ = ("devices", "key", "name", "number", "region", "tier", "weight")

    def __init__(self, number: int, tier: str, region: str, weight: float) -> None:
        self.number = number
        self.name = f"acct-{number:05d}"
        self.key = self.name.encode()
        self.tier = tier
        self.region = region
        self.weight = weight
        self.devices: list[Any] = []


class Step:
    """One thing that happens: when, which kind of event tells of it, and what that event says.

    published: when its event is published for the first time, ms; `NEVER` if it is not.
    """

    __slots__ = ("at", "fields", "kind", "published")

    def __init__(self, at: int, kind: str, fields: Fields) -> None:
        self.at = at
        self.kind = kind
        self.fields = fields
        self.published = NEVER


class Thing:
    """A case, a survey or a device as one account has it; one that moves to another account is two things."""

    __slots__ = ("account", "name", "steps", "topic")

    def __init__(self, topic: str, name: str, account: Account, steps: list[Step]) -> None:
        self.topic = topic
        self.name = name
        self.account = account
        self.steps = steps


class Story:
    """Steps in the order they happen: a step is later than the one before it by at least 1 ms."""

    __slots__ = ("at", "steps")

    def __init__(self, at: int) -> None:
        self.at = at - 1
        self.steps: list[Step] = []

    def tell(self, at: float, kind: str, **fields: object) -> int:
        """Add a step at a time, or just after the step before it if that is later; returns its time."""
        self.at = max(int(at), self.at + 1)
        self.steps.append(Step(self.at, kind, fields))
        return self.at


def pick(shares: Mapping[str, float], draw: float) -> str:
    """The word in whose share a draw in 0..1 falls; the last one if the shares do not reach it."""
    word = ""
    for word, share in shares.items():  # noqa: B007  the last word is wanted after the loop
        draw -= share
        if draw < 0:
            break
    return word
