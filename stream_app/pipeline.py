"""Areas (a topic each) and the rows and board of one partition: what every way of running shares.

Agent, replay, benchmark and tests all call `Partition.absorb`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from stream_app.codec import Codec, Contract, Event, RowCodec
from stream_app.domain import account as accounts
from stream_app.domain import callhome, cases, surveys
from stream_app.domain.account import Account
from stream_app.domain.board import PAST, Board, Labels, Weight
from stream_app.domain.fold import Folding, Key, Outcome, Row, new_row, step
from stream_app.domain.rules import Rules
from stream_app.domain.words import DURATION_BOUNDS, WINDOWS


@dataclass(frozen=True, slots=True)
class Area:
    """Everything the pipeline needs to know of one topic.

    join: moves the account's part of a row: (account, thing id, part before, part after).
    """

    contract: Contract
    folding: Folding
    weigh: Callable[[Row, Rules], list[Weight]]
    part: Callable[[Row, Rules], Any] = lambda _row, _rules: None
    join: Callable[[Account, str, Any, Any], None] = lambda _account, _thing, _before, _after: None

    @property
    def topic(self) -> str:
        """The name of the source topic."""
        return self.contract.topic

    def codec(self) -> Codec:
        """A decoder of this topic's events."""
        return Codec(self.contract)

    def row_codec(self) -> RowCodec:
        """Rows of this topic to bytes and back."""
        return RowCodec(self.contract, self.folding)


AREAS: Final[Mapping[str, Area]] = {
    area.topic: area
    for area in (
        Area(
            Contract("cases", "case", get_args(cases.CaseFact)),
            cases.FOLDING,
            cases.weigh,
            lambda row, _rules: cases.open_priority(row),
            lambda account, _case, before, after: account.case(before, after),
        ),
        Area(Contract("surveys", "survey", get_args(surveys.SurveyFact)), surveys.FOLDING, surveys.weigh),
        Area(
            Contract("callhome", "device", get_args(callhome.DeviceFact)),
            callhome.FOLDING,
            callhome.weigh,
            callhome.silent_from,
            lambda account, _device, before, after: account.device(before, after),
        ),
    )
}

_WINDOWS: Final = tuple(WINDOWS.values())
_AGES: Final = (*(bound // 60 + 1 for bound in DURATION_BOUNDS), PAST)
"""An age of n minutes lies in the last n + 1 minutes, so these spans hold ages up to each bound."""


def spans(rules: Rules) -> Callable[[str, Labels], tuple[int, ...]]:
    """The spans in minutes that the catalogue asks of each series."""

    def of(series: str, labels: Labels) -> tuple[int, ...]:
        if series == "devices_seen":
            product = str(labels[0])
            return (rules.late_minutes(product), rules.silent_minutes(product), PAST)
        if series.endswith("_age"):
            return _AGES
        return (
            (PAST,)
            if series.endswith("_age:start") or series in {"cases_open_silent_device", "cases_stuck"}
            else _WINDOWS
        )

    return of


@dataclass(slots=True)
class Absorbed:
    """What one batch did: rows changed, events by outcome, the latest event time applied (ms, 0 if none)."""

    changed: list[Key]
    outcomes: Counter[Outcome]
    latest_ms: int


@dataclass(slots=True)
class Partition:
    """The rows of every topic of one partition, its accounts, and the board they add up to."""

    rules: Rules
    rows: dict[str, dict[Key, Row]] = field(default_factory=lambda: {topic: {} for topic in AREAS})
    accounts: dict[str, Account] = field(default_factory=dict)
    board: Board = field(init=False)

    def __post_init__(self) -> None:
        """Start with an empty board."""
        self.board = Board(spans(self.rules))

    def absorb(self, area: Area, events: Iterable[Event]) -> Absorbed:
        """Fold events of one topic, given in offset order, into rows and board."""
        rows, folding, weigh, part, rules = self.rows[area.topic], area.folding, area.weigh, area.part, self.rules
        before: dict[Key, tuple[list[Weight], Any]] = {}
        changed: dict[Key, None] = {}
        outcomes: Counter[Outcome] = Counter()
        latest = 0
        for key, fact in events:
            row = rows.get(key)
            if row is None:
                row = new_row(folding)
                known: tuple[list[Weight], Any] = ([], None)
            else:
                known = before.get(key) or (weigh(row, rules), part(row, rules))
            outcome = step(folding, key, row, fact)
            outcomes[outcome] += 1
            if outcome is Outcome.APPLIED:
                rows[key] = row
                before.setdefault(key, known)
                changed[key] = None
                latest = max(latest, fact.at)
        for key, (weights, was) in before.items():
            self._moved(area, key, weights, was)
        return Absorbed(list(changed), outcomes, latest)

    def _moved(self, area: Area, key: Key, weights: list[Weight], was: Any) -> None:
        row = self.rows[area.topic][key]
        after = area.weigh(row, self.rules)
        if after != weights:
            self._weighs(weights, after)
        part = area.part(row, self.rules)
        if part != was:
            self._joined(area, key, was, part)

    def _weighs(self, before: list[Weight], after: list[Weight]) -> None:
        """Move the board from one list of weights to another; what both begin and end with stays untouched."""
        start, ends = 0, min(len(before), len(after))
        while start < ends and before[start] == after[start]:
            start += 1
        tail, left = 0, ends - start
        while tail < left and before[-1 - tail] == after[-1 - tail]:
            tail += 1
        self.board.add(before[start : len(before) - tail], -1)
        self.board.add(after[start : len(after) - tail])

    def _joined(self, area: Area, key: Key, was: Any, part: Any) -> None:
        account = self.accounts.setdefault(key[0], Account())
        weights = accounts.weigh(account)
        area.join(account, key[1], was, part)
        after = accounts.weigh(account)
        if after != weights:
            self.board.add(weights, -1)
            self.board.add(after)

    def restore(self, area: Area, restored: Mapping[Key, Row]) -> None:
        """Take rows read from the changelog, weighing each once."""
        rows = self.rows[area.topic]
        for key, row in restored.items():
            weights, was = (
                ([], None) if key not in rows else (area.weigh(rows[key], self.rules), area.part(rows[key], self.rules))
            )
            rows[key] = row
            self._moved(area, key, weights, was)

    def drop(self, area: Area, key: Key) -> None:
        """Forget one row and what it weighs."""
        row = self.rows[area.topic].pop(key, None)
        if row is None:
            return
        self.board.add(area.weigh(row, self.rules), -1)
        was = area.part(row, self.rules)
        if was is not None:
            self._joined(area, key, was, None)


def rebuilt(rows: Mapping[str, Mapping[Key, Row]], rules: Rules) -> Partition:
    """The partition these rows make: the same as the one kept while streaming."""
    partition = Partition(rules)
    for topic, known in rows.items():
        partition.restore(AREAS[topic], known)
    return partition
