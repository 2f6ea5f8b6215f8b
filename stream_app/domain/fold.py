"""A row is the fold of one thing's facts in the order (event time, publisher's sequence, offset).

A row keeps its recent facts, so that an older one is folded in its place, a published-again one is
known by its id and a delivered-again one by its offset. Facts that have left the memory live on in
`base`; what comes before them is refused, never guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from itertools import accumulate
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


def _unpacking(kinds: Any) -> Callable[[bytes], list[Any]]:
    listed: Any = list
    return msgspec.msgpack.Decoder(listed[kinds]).decode


@dataclass(frozen=True, slots=True)
class Folding:
    """How one topic's facts fold: the empty state, the table of moves, and two exceptions.

    signs: types of fact that are a sign of life and move `Row.seen`; `maxima` of these only do that
    and are not kept. forbidden: True for a fact that is illegal in every order. resting: phases in which a row keeps
    no state: little comes any more, and the state can be derived. pack: a fact to the bytes a row keeps of it; unpack:
    a MessagePack array of facts to a list of them.
    """

    empty: Callable[[], State]
    moves: Moves
    signs: frozenset[type[Fact]] = frozenset()
    maxima: frozenset[type[Fact]] = frozenset()
    forbidden: Callable[[Key, Fact], bool] = lambda _key, _fact: False
    resting: frozenset[str] = frozenset()
    pack: Callable[[Fact], bytes] = msgspec.msgpack.Encoder().encode
    unpack: Callable[[bytes], list[Any]] = field(init=False)

    def __post_init__(self) -> None:
        """Derive how facts are read from the kinds that move a state."""
        kinds = reduce(or_, self.moves)
        object.__setattr__(self, "unpack", _unpacking(kinds))


class Row(msgspec.Struct, eq=False, gc=False):
    """What is kept about one thing. `state` is derived from `base` and `facts`, is not stored, and None while at rest.

    offset: of the last event applied. count: facts applied. seen: latest sign of life, ms.
    horizon: (at, sequence) of the newest fact that has left `facts` for `base`. facts: packed one behind the other in
    their order, and kept: how many; they are looked at only when one comes late. at, sequence: of the latest fact,
    derived and not stored.
    """

    state: Any
    offset: int = -1
    count: int = 0
    seen: int = 0
    horizon: tuple[int, int] | None = None
    base: Any = None
    facts: bytes = b""
    kept: int = 0
    at: int = 0
    sequence: int = 0


def array_head(length: int) -> bytes:
    """How MessagePack begins an array of so many items, of which a row has fewer than 65,536."""
    return bytes((0x90 | length,)) if length < 16 else b"\xdc" + length.to_bytes(2, "big")


def kept_facts(folding: Folding, row: Row) -> list[Any]:
    """The facts that a row keeps, in their order."""
    return folding.unpack(array_head(row.kept) + row.facts)


_pieces: Final = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode


def _ends(row: Row) -> list[int]:
    """Where each of the packed facts of a row ends, with a 0 before them."""
    return [0, *accumulate(len(bytes(piece)) for piece in _pieces(array_head(row.kept) + row.facts))]


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


def _folded(folding: Folding, row: Row) -> tuple[Any, list[Any]]:
    """What the facts of a row add up to, and the facts that it keeps."""
    state, facts = _copied(folding, row.base), kept_facts(folding, row)
    for fact in facts:
        _advance(folding, state, fact)
    return state, facts


def refold(folding: Folding, row: Row) -> None:
    """Derive again what is derived of a row: its state, and the place of its latest fact."""
    row.state, facts = _folded(folding, row)
    row.at, row.sequence = _order(facts[-1]) if facts else row.horizon or (0, 0)


def state_of(folding: Folding, row: Row) -> Any:
    """What the facts of a row add up to, whether it is at rest or not."""
    return _folded(folding, row)[0] if row.state is None else row.state


def awake(folding: Folding, row: Row) -> Row:
    """The row with its state."""
    row.state = state_of(folding, row)
    return row


def rest(folding: Folding, row: Row) -> None:
    """Let go of the state of a row of which little more is expected."""
    if folding.resting and row.state is not None and row.state.phase in folding.resting:
        row.state = None


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
    if _packed_id(fact.id) in row.facts and _knows(folding, row, fact):
        return Outcome.DUPLICATE
    if folding.forbidden(key, fact):
        return Outcome.ILLEGAL
    packed = folding.pack(fact)
    if (fact.at, fact.sequence) >= (row.at, row.sequence):  # of a tie the later offset is the later fact
        row.facts += packed
        row.kept += 1
        row.at, row.sequence = fact.at, fact.sequence
        _advance(folding, row.state, fact)
    else:
        _insert(folding, row, fact, packed)
        refold(folding, row)
    if row.kept > MEMORY or len(packed) > _LARGE:
        _forget(folding, row)
    if kind in folding.signs and fact.at > row.seen:
        row.seen = fact.at
    row.offset = fact.offset
    row.count += 1
    return Outcome.APPLIED


def _knows(folding: Folding, row: Row, fact: Fact) -> bool:
    """Whether one of the kept facts has this fact's id."""
    return any(kept.id == fact.id for kept in kept_facts(folding, row))


def _insert(folding: Folding, row: Row, fact: Fact, packed: bytes) -> None:
    """Put a fact that comes late into its place; among equals the one that came later is later."""
    order = (fact.at, fact.sequence)
    facts, place = kept_facts(folding, row), row.kept
    while place and _order(facts[place - 1]) > order:
        place -= 1
    at = _ends(row)[place]
    row.facts = row.facts[:at] + packed + row.facts[at:]
    row.kept += 1


def _order(fact: Fact) -> tuple[int, int]:
    """The place of a fact among the facts of its thing."""
    return (fact.at, fact.sequence)


def _forget(folding: Folding, row: Row) -> None:
    """Fold the oldest facts into the base while at least MEMORY newer ones stay, or while they are too many bytes."""
    while (bulky := row.kept > 1 and len(row.facts) > BULK) or row.kept > MEMORY:
        facts = kept_facts(folding, row)
        instant, tied = _order(facts[0]), 1
        while tied < len(facts) and _order(facts[tied]) == instant:
            tied += 1
        if len(facts) - tied < MEMORY and len(facts) <= HARD_MEMORY and not bulky:
            return
        base = _copied(folding, row.base)
        for fact in facts[:tied]:
            _advance(folding, base, fact)
        row.base = base
        row.horizon = instant
        row.facts, row.kept = row.facts[_ends(row)[tied] :], len(facts) - tied
