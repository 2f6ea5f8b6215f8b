"""Areas (a topic each) and the rows and board of one partition: what every way of running shares.

Agent, replay, benchmark and tests all call `Partition.absorb`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from stream_app.codec import Codec, Contract, Event, RowCodec
from stream_app.domain import callhome, cases, surveyed, surveys
from stream_app.domain.account import NOTHING, Account, Change
from stream_app.domain.board import PAST, Board, Labels, Weight, up_to
from stream_app.domain.fold import Fact, Folding, Key, Outcome, Row, new_row, step
from stream_app.domain.health.evidence import of_case, of_device, of_silence, of_survey
from stream_app.domain.health.words import NOTHING as NO_EVIDENCE
from stream_app.domain.health.words import Evidence
from stream_app.domain.rules import Rules
from stream_app.domain.words import DUE, DURATION_BOUNDS, WINDOWS, minute


@dataclass(frozen=True, slots=True)
class Beats:
    """How the latest sign of life of a row moves the board without weighing all of the row again.

    steady: whether a later one moves nothing but the pulse. pulse: what it alone makes the row weigh, given the parts
    of the rows about it; the end of what `together` weighs. due: what the account needs of it; evidence: what that
    says of its health.
    """

    steady: Callable[[Row], bool]
    pulse: Callable[[Row, Rules, Collection[Any]], list[Weight]]
    due: Callable[[Row, Rules], int | None]
    evidence: Callable[[int | None], Evidence]


@dataclass(frozen=True, slots=True)
class Area:
    """Everything the pipeline needs to know of one topic.

    weigh: what a row weighs by itself. part: what its account's joins need of it. join: moves the account:
    (account, thing, part before, part after). together: what a row, or none, weighs with the parts of the rows
    about it; found: those parts, as its account knows them; about: the topic and thing that a row is about, by its
    part. evidence: what a row says of the health of its account.
    """

    contract: Contract
    folding: Folding
    weigh: Callable[[Row, Rules], list[Weight]]
    evidence: Callable[[Row, Rules], Evidence]
    part: Callable[[Row, Rules], Any] = lambda _row, _rules: None
    join: Callable[[Account, str, Any, Any], Change] = lambda _account, _thing, _before, _after: NOTHING
    together: Callable[[Row | None, Collection[Any], Rules], list[Weight]] | None = None
    found: Callable[[Account, str], Collection[Any]] = lambda _account, _thing: ()
    about: Callable[[Any], tuple[str, str] | None] = lambda _part: None
    beats: Beats | None = None

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
            of_case,
            lambda row, _rules: cases.part(row),
            lambda account, case, before, after: account.case(case, before, after),
            surveyed.together,
            Account.answers,
            about=lambda part: ("callhome", part.device) if part.device else None,
        ),
        Area(
            Contract("surveys", "survey", get_args(surveys.SurveyFact)),
            surveys.FOLDING,
            surveys.weigh,
            of_survey,
            surveyed.answer,
            lambda account, survey, before, after: account.survey(survey, before, after),
            about=lambda answer: ("cases", answer.case),
        ),
        Area(
            Contract("callhome", "device", get_args(callhome.DeviceFact)),
            callhome.FOLDING,
            callhome.weigh,
            of_device,
            callhome.part,
            lambda account, _device, before, after: account.device(before, after),
            callhome.together,
            Account.about,
            beats=Beats(callhome.steady, callhome.pulse, callhome.silent_from, of_silence),
        ),
    )
}

_WINDOWS: Final = tuple(WINDOWS.values())
_AGES: Final = (*(bound // 60 + 1 for bound in DURATION_BOUNDS), PAST)
"""An age of n minutes lies in the last n + 1 minutes, so these spans hold ages up to each bound."""

_DUE: Final = (PAST, *(up_to(minutes) for minutes in DUE.values()))
_PAST: Final = frozenset({
    "cases_open_silent_device", "cases_stuck", "devices_silent_excused", "device_fault_causes", "devices_with_outage",
    "customers_with_outage", "cases_untouched", "sla_breached_open",
})  # fmt: skip
_SLOPES: Final = frozenset({"device_outages", "device_outages:ms"})


def spans(rules: Rules) -> Callable[[str, Labels], tuple[int, ...]]:
    """The spans in minutes that the catalogue asks of each series."""

    def of(series: str, labels: Labels) -> tuple[int, ...]:
        if series == "devices_seen":
            minutes = int(labels[1])
            return (rules.late_after * minutes, rules.silent_after * minutes, PAST)
        if series in _SLOPES:
            return (*_WINDOWS, PAST)
        if series.endswith("_age"):
            return _AGES
        if series == "sla_due":
            return _DUE
        return (PAST,) if series.endswith("_age:start") or series in _PAST else _WINDOWS

    return of


Known = tuple[list[Weight], Any, Evidence]
"""What a row weighs, its part, and what it says of its account's health."""


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
        rows, folding, part, rules = self.rows[area.topic], area.folding, area.part, self.rules
        beats, maxima = area.beats, folding.maxima
        evidence = area.evidence
        before: dict[Key, Known] = {}
        changed: dict[Key, None] = {}
        outcomes: Counter[Outcome] = Counter()
        latest = 0
        for key, fact in events:
            row = rows.get(key)
            if row is not None and type(fact) in maxima and key not in before and beats and beats.steady(row):
                outcome = self._beat(area, beats, key, row, fact)
            else:
                if row is None:
                    row = new_row(folding)
                    known: Known = (self._weights(area, key, None), None, NO_EVIDENCE)
                else:
                    known = before.get(key) or (self._weights(area, key, row), part(row, rules), evidence(row, rules))
                outcome = step(folding, key, row, fact)
                if outcome is Outcome.APPLIED:
                    rows[key] = row
                    before.setdefault(key, known)
            outcomes[outcome] += 1
            if outcome is Outcome.APPLIED:
                changed[key] = None
                latest = max(latest, fact.at)
        for key, known in before.items():
            self._moved(area, key, known)
        return Absorbed(list(changed), outcomes, latest)

    def _weights(self, area: Area, key: Key, row: Row | None) -> list[Weight]:
        """What a row weighs, by itself and with the rows about it; there may be such rows without it."""
        weights = [] if row is None else area.weigh(row, self.rules)
        if area.together is not None:
            weights += area.together(row, self._about(area, key), self.rules)
        return weights

    def _about(self, area: Area, key: Key) -> Collection[Any]:
        account = self.accounts.get(key[0])
        return () if account is None else area.found(account, key[1])

    def _beat(self, area: Area, beats: Beats, key: Key, row: Row, fact: Fact) -> Outcome:
        """Fold a sign of life that can change nothing but the pulse of its row: nothing at all within a minute."""
        if minute(fact.at) <= minute(row.seen):
            return step(area.folding, key, row, fact)
        rules, account = self.rules, self.accounts.get(key[0])
        about = () if account is None else account.about(key[1])
        weights, due = beats.pulse(row, rules, about), beats.due(row, rules)
        outcome = step(area.folding, key, row, fact)
        if outcome is Outcome.APPLIED:
            self.board.add(weights, -1)
            self.board.add(beats.pulse(row, rules, about))
            if account is not None:
                later = beats.due(row, rules)
                self._changes(account.beat(due, later))
                said, says = beats.evidence(due), beats.evidence(later)
                if says != said:
                    self.board.ledgers[0].move(key[0], said, says)
        return outcome

    def _changes(self, change: Change) -> None:
        less, more = change
        if less:
            self.board.add(less, -1)
        if more:
            self.board.add(more)

    def _moved(self, area: Area, key: Key, known: Known) -> None:
        weights, was, said = known
        row = self.rows[area.topic][key]
        after = self._weights(area, key, row)
        if after != weights:
            self._weighs(weights, after)
        part = area.part(row, self.rules)
        if part != was:
            self._joined(area, key, was, part)
        says = area.evidence(row, self.rules)
        if says != said:
            self.board.ledgers[0].move(key[0], said, says)

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
        """Move the account of a row whose part changed, and the things that the row was and is about."""
        account = self.accounts.get(key[0])
        if account is None:
            account = self.accounts[key[0]] = Account()
        weights = {}
        for found in (was, part):
            about = None if found is None else area.about(found)
            if about is not None and about not in weights:
                weights[about] = self._weights_of(key[0], *about)
        self._changes(area.join(account, key[1], was, part))
        for about, before in weights.items():
            self._weighs(before, self._weights_of(key[0], *about))

    def _weights_of(self, account: str, topic: str, thing: str) -> list[Weight]:
        """What a thing weighs with the rows about it; by itself it weighs what it did."""
        area, key = AREAS[topic], (account, thing)
        if area.together is None:
            return []
        return area.together(self.rows[topic].get(key), self._about(area, key), self.rules)

    def restore(self, area: Area, restored: Mapping[Key, Row]) -> None:
        """Take rows read from the changelog, weighing each once."""
        rows = self.rows[area.topic]
        for key, row in restored.items():
            over = rows.get(key)
            weights = self._weights(area, key, over)
            known: Known = (weights, None, NO_EVIDENCE)
            if over is not None:
                known = (weights, area.part(over, self.rules), area.evidence(over, self.rules))
            rows[key] = row
            self._moved(area, key, known)

    def drop(self, area: Area, key: Key) -> None:
        """Forget one row and what it weighs."""
        row = self.rows[area.topic].pop(key, None)
        if row is None:
            return
        self._weighs(self._weights(area, key, row), self._weights(area, key, None))
        was = area.part(row, self.rules)
        if was is not None:
            self._joined(area, key, was, None)
        said = area.evidence(row, self.rules)
        if said != NO_EVIDENCE:
            self.board.ledgers[0].move(key[0], said, NO_EVIDENCE)


def rebuilt(rows: Mapping[str, Mapping[Key, Row]], rules: Rules) -> Partition:
    """The partition these rows make: the same as the one kept while streaming."""
    partition = Partition(rules)
    for topic, known in rows.items():
        partition.restore(AREAS[topic], known)
    return partition
