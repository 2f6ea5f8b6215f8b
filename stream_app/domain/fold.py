"""A row is the fold of one thing's facts in the order (event time, publisher's sequence, offset).

A row keeps its recent facts, so that an older one is folded in its place, a published-again one is
known by its id and a delivered-again one by its offset. Facts that have left the memory live on in
`base`; what comes before them is refused, never guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any, Final

import msgspec

MEMORY: Final = 64
"""Facts a row keeps. Facts of one instant leave together, so a row may hold a few more."""

HARD_MEMORY: Final = 4 * MEMORY
"""Facts a row never exceeds, however many carry the same instant."""

BULK: Final = 128 * 1024
"""Bytes the facts of a row may come to before the oldest leave: a row must fit into one record of its changelog."""

_LARGE: Final = 1_024
"""A fact of more bytes is a reason to look whether they come to too many."""

Key = tuple[str, str]
"""(account, id of the thing): the key of a row."""


class Fact(msgspec.Struct, array_like=True, kw_only=False, gc=False):
    """What one event says. `at` ms, `sequence` of the publisher (0 if none), `id` hash of the event id."""

    at: int
    sequence: int
    offset: int
    id: int


class State(msgspec.Struct, array_like=True, gc=False):
    """Base of what a thing's facts add up to. Containers inside are replaced, never changed in place; no cycles."""


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
    and are not kept. forbidden: True for a fact that is illegal in every order. pack, unpack: a fact to the
    bytes a row keeps of it, and back.
    """

    empty: Callable[[], State]
    moves: Moves
    signs: frozenset[type[Fact]] = frozenset()
    maxima: frozenset[type[Fact]] = frozenset()
    forbidden: Callable[[Key, Fact], bool] = lambda _key, _fact: False
    pack: Callable[[Fact], bytes] = msgspec.msgpack.Encoder().encode
    unpack: Callable[[bytes], Any] = field(init=False)

    def __post_init__(self) -> None:
        """Derive how facts are read from the kinds that move a state."""
        kinds = reduce(or_, self.moves)
        object.__setattr__(self, "unpack", msgspec.msgpack.Decoder(kinds).decode)


class Row(msgspec.Struct, eq=False, gc=False):
    """What is kept about one thing. `state` is derived from `base` and `facts` and is not stored.

    offset: of the last event applied. count: facts applied. seen: latest sign of life, ms.
    horizon: (at, sequence) of the newest fact that has left `facts` for `base`. facts: packed, in their order; they
    are looked at only when one comes late. at, sequence: of the latest fact, derived and not stored.
    """

    state: Any
    offset: int = -1
    count: int = 0
    seen: int = 0
    horizon: tuple[int, int] | None = None
    base: Any = None
    facts: tuple[bytes, ...] = ()
    at: int = 0
    sequence: int = 0


_packed_id: Final = msgspec.msgpack.Encoder().encode
"""How an id stands in a packed fact: bytes that are quickly looked for in all of them."""


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
    """Derive again what is derived of a row: its state, and the place of its latest fact."""
    state = _copied(folding, row.base)
    row.at, row.sequence = row.horizon or (0, 0)
    for fact in map(folding.unpack, row.facts):
        _advance(folding, state, fact)
        row.at, row.sequence = fact.at, fact.sequence
    row.state = state


def step(folding: Folding, key: Key, row: Row, fact: Fact) -> Outcome:  # noqa: PLR0911  the order is the rule
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
    if _packed_id(fact.id) in b"".join(row.facts) and _knows(folding, row, fact):
        return Outcome.DUPLICATE
    if folding.forbidden(key, fact):
        return Outcome.ILLEGAL
    packed = folding.pack(fact)
    if (fact.at, fact.sequence) >= (row.at, row.sequence):  # of a tie the later offset is the later fact
        row.facts += (packed,)
        row.at, row.sequence = fact.at, fact.sequence
        _advance(folding, row.state, fact)
    else:
        _insert(folding, row, fact, packed)
        refold(folding, row)
    if len(row.facts) > MEMORY or len(packed) > _LARGE:
        _forget(folding, row)
    if kind in folding.signs and fact.at > row.seen:
        row.seen = fact.at
    row.offset = fact.offset
    row.count += 1
    return Outcome.APPLIED


def _knows(folding: Folding, row: Row, fact: Fact) -> bool:
    """Whether one of the kept facts has this fact's id."""
    return any(folding.unpack(kept).id == fact.id for kept in row.facts)


def _insert(folding: Folding, row: Row, fact: Fact, packed: bytes) -> None:
    """Put a fact that comes late into its place."""
    order = (fact.at, fact.sequence)
    place = len(row.facts)
    while place and _order(folding, row.facts[place - 1]) > order:
        place -= 1
    row.facts = (*row.facts[:place], packed, *row.facts[place:])


def _order(folding: Folding, packed: bytes) -> tuple[int, int]:
    """The place of a fact among the facts of its thing; among equals the one that came later is later."""
    fact = folding.unpack(packed)
    return (fact.at, fact.sequence)


def _forget(folding: Folding, row: Row) -> None:
    """Fold the oldest facts into the base while at least MEMORY newer ones stay, or while they are too many bytes."""
    while (bulky := len(row.facts) > 1 and sum(map(len, row.facts)) > BULK) or len(row.facts) > MEMORY:
        facts = row.facts
        instant, tied = _order(folding, facts[0]), 1
        while tied < len(facts) and _order(folding, facts[tied]) == instant:
            tied += 1
        if len(facts) - tied < MEMORY and len(facts) <= HARD_MEMORY and not bulky:
            return
        base = _copied(folding, row.base)
        for fact in map(folding.unpack, facts[:tied]):
            _advance(folding, base, fact)
        row.base = base
        row.horizon = instant
        row.facts = facts[tied:]
