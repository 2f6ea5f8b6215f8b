"""A row is the fold of one thing's facts in the order (event time, publisher's sequence, offset).

A row keeps its recent facts, so that an older one is folded in its place, a published-again one is
known by its id and a delivered-again one by its offset. Facts that have left the memory live on in
`base`; what comes before them is refused, never guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import msgspec

MEMORY: Final = 64
"""Facts a row keeps. Facts of one instant leave together, so a row may hold a few more."""

HARD_MEMORY: Final = 4 * MEMORY
"""Facts a row never exceeds, however many carry the same instant."""

BULK: Final = 2_048
"""Entries of lists and tables that the facts of a row hold together, but for the latest fact: a row must fit into one
record of its changelog."""

Key = tuple[str, str]
"""(account, id of the thing): the key of a row."""


class Fact(msgspec.Struct, array_like=True, kw_only=False, gc=False):
    """What one event says. `at` ms, `sequence` of the publisher (0 if none), `id` hash of the event id."""

    at: int
    sequence: int
    offset: int
    id: int

    @property
    def order(self) -> tuple[int, int, int]:
        """The place of this fact among the facts of its thing."""
        return (self.at, self.sequence, self.offset)


class State(msgspec.Struct, array_like=True):
    """Base of what a thing's facts add up to. Containers inside are replaced, never changed in place."""


class Outcome(StrEnum):
    """What became of an event that could be decoded: applied, or why it was refused."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    STALE = "stale"
    DUPLICATE = "duplicate"
    LATE_UNORDERED = "late_unordered"
    ILLEGAL = "illegal"


Move = Callable[[Any, Any], None]
"""Advances a state (changed in place) by one fact that is allowed in its phase."""

Moves = Mapping[type[Fact], tuple[frozenset[str], Move]]
"""Fact type -> (phases it acts in, what it does). In any other phase it changes nothing."""


@dataclass(frozen=True, slots=True)
class Folding:
    """How one topic's facts fold: the empty state, the table of moves, and two exceptions.

    signs: types of fact that are a sign of life and move `Row.seen`; `maxima` of these only do that
    and are not kept. forbidden: True for a fact that is illegal in every order. bulky: types of fact with lists or
    tables, whose entries are bounded together by `BULK`.
    """

    empty: Callable[[], State]
    moves: Moves
    signs: frozenset[type[Fact]] = frozenset()
    maxima: frozenset[type[Fact]] = frozenset()
    forbidden: Callable[[Key, Fact], bool] = lambda _key, _fact: False
    bulky: frozenset[type[Fact]] = frozenset()


@dataclass(slots=True, eq=False)
class Row:
    """What is kept about one thing. `state` is derived from `base` and `facts` and is not stored.

    offset: of the last event applied. count: facts applied. seen: latest sign of life, ms.
    horizon: (at, sequence) of the newest fact that has left `facts` for `base`.
    """

    state: Any
    offset: int = -1
    count: int = 0
    seen: int = 0
    horizon: tuple[int, int] | None = None
    base: Any = None
    facts: list[Any] = field(default_factory=list)


def new_row(folding: Folding) -> Row:
    """The row of a thing nothing is known of."""
    return Row(state=folding.empty())


def _advance(folding: Folding, state: Any, fact: Fact) -> None:
    move = folding.moves.get(type(fact))
    if move is not None and state.phase in move[0]:
        move[1](state, fact)


def _copied(folding: Folding, base: State | None) -> State:
    return folding.empty() if base is None else msgspec.structs.replace(base)


def refold(folding: Folding, row: Row) -> None:
    """Derive the row's state again from its base and facts."""
    state = _copied(folding, row.base)
    for fact in row.facts:
        _advance(folding, state, fact)
    row.state = state


def step(folding: Folding, key: Key, row: Row, fact: Fact) -> Outcome:  # noqa: C901, PLR0911  the order is the rule
    """Advance `row` by one fact; anything but APPLIED leaves the row exactly as it was."""
    if fact.offset <= row.offset:
        return Outcome.STALE
    kind = type(fact)
    if kind in folding.maxima:
        if fact.at <= row.seen:
            return Outcome.UNCHANGED
        row.seen = fact.at
        row.offset = fact.offset
        return Outcome.APPLIED
    if row.horizon is not None and (fact.at, fact.sequence) <= row.horizon:
        return Outcome.LATE_UNORDERED
    facts = row.facts
    identity = fact.id
    for kept in facts:
        if kept.id == identity:
            return Outcome.DUPLICATE
    if folding.forbidden(key, fact):
        return Outcome.ILLEGAL
    if not facts or fact.order > facts[-1].order:
        facts.append(fact)
        _advance(folding, row.state, fact)
    else:
        _insert(facts, fact)
        refold(folding, row)
    if len(facts) > MEMORY or (kind in folding.bulky and len(facts) > 1):
        _forget(folding, row)
    if kind in folding.signs and fact.at > row.seen:
        row.seen = fact.at
    row.offset = fact.offset
    row.count += 1
    return Outcome.APPLIED


def _insert(facts: list[Any], fact: Fact) -> None:
    order = fact.order
    place = len(facts)
    while place and facts[place - 1].order > order:
        place -= 1
    facts.insert(place, fact)


def _bulk(folding: Folding, facts: list[Any]) -> int:
    """How many entries of lists and tables facts hold together."""
    values = (value for fact in facts if type(fact) in folding.bulky for value in msgspec.structs.astuple(fact))
    return sum(len(value) for value in values if isinstance(value, tuple | dict))


def _forget(folding: Folding, row: Row) -> None:
    """Fold the oldest facts into the base while at least MEMORY newer ones stay, or while they are too bulky."""
    facts = row.facts
    while (bulky := len(facts) > 1 and _bulk(folding, facts) > BULK) or len(facts) > MEMORY:
        instant = (facts[0].at, facts[0].sequence)
        tied = 1
        while tied < len(facts) and (facts[tied].at, facts[tied].sequence) == instant:
            tied += 1
        if len(facts) - tied < MEMORY and len(facts) <= HARD_MEMORY and not bulky:
            return
        base = _copied(folding, row.base)
        for fact in facts[:tied]:
            _advance(folding, base, fact)
        row.base = base
        row.horizon = instant
        del facts[:tied]
