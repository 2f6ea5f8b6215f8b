"""Areas (a topic each) and the rows and board of one partition: what every way of running shares.

Agent, replay, benchmark and tests all call `Partition.absorb`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, get_args

from stream_app import native
from stream_app.codec import Codec, Contract, Reader, RowCodec
from stream_app.domain import callhome, cases, surveyed, surveys
from stream_app.domain.account import NOTHING, Account, Change
from stream_app.domain.board import PAST, Board, Labels, Weight, up_to
from stream_app.domain.fold import Fact, Folding, Key, Outcome, Row, awake, new_row, refold, rest, step
from stream_app.domain.health.evidence import of_case, of_device, of_silence, of_survey
from stream_app.domain.health.words import NOTHING as NO_EVIDENCE
from stream_app.domain.health.words import Evidence
from stream_app.domain.rules import Rules
from stream_app.domain.touched import ALL, EVIDENCE, PART, TOGETHER, Touched
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

    weigh: what a row weighs by itself, or only some groups of it. touched: the groups that a fact can change.
    part: what its account's joins need of it. join: moves the account: (account, thing, part before, part after).
    together: what a row, or none, weighs with the parts of the rows about it; found: those parts, as its account knows
    them; about: the topic and thing that a row is about, by its part. evidence: what a row says of the health of its
    account.
    """

    contract: Contract
    folding: Folding
    weigh: Callable[[Row, Rules, int], list[Weight]]
    evidence: Callable[[Row, Rules], Evidence]
    part: Callable[[Row, Rules], Any] = lambda _row, _rules: None
    join: Callable[[Account, str, Any, Any], Change] = lambda _account, _thing, _before, _after: NOTHING
    together: Callable[[Row | None, Collection[Any], Rules], list[Weight]] | None = None
    found: Callable[[Account, str], Collection[Any]] = lambda _account, _thing: ()
    about: Callable[[Any], tuple[str, str] | None] = lambda _part: None
    touched: Touched = field(default_factory=dict)
    beats: Beats | None = None

    @property
    def topic(self) -> str:
        """The name of the source topic."""
        return self.contract.topic

    def codec(self) -> Codec:
        """A decoder of this topic's events."""
        return Codec(self.contract)

    def reader(self) -> Reader:
        """A reader of this topic's records."""
        return native.Reader(self.codec()) if native.ENABLED else Reader(self.codec())

    def row_codec(self) -> RowCodec:
        """Rows of this topic to bytes and back."""
        return RowCodec(self.contract, self.folding)

    def dump(self) -> Callable[[Row], bytes]:
        """What makes bytes of a row of this topic."""
        return partial(native.DUMP[self.topic], self.row_codec()) if native.ENABLED else self.row_codec().dump

    def read(self) -> Callable[[bytes], Row]:
        """What makes a row of this topic of bytes, nothing derived."""
        return partial(native.READ[self.topic], self.row_codec()) if native.ENABLED else self.row_codec().read


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
            touched=cases.TOUCHED,
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

_APPLIED: Final = Outcome.APPLIED
_WINDOWS: Final = tuple(WINDOWS.values())
_AGES: Final = (*(bound // 60 + 1 for bound in DURATION_BOUNDS), PAST)
"""An age of n minutes lies in the last n + 1 minutes, so these spans hold ages up to each bound."""

_DUE: Final = (PAST, *(up_to(minutes) for minutes in DUE.values()))
_PAST: Final = frozenset({
    "cases_open_silent_device", "cases_stuck", "devices_silent_excused", "device_fault_causes", "devices_with_outage",
    "customers_with_outage", "cases_untouched", "sla_breached_open",
})  # fmt: skip
_SLOPES: Final = frozenset({"device_outages", "device_outages:ms"})
_PROMISED: Final = frozenset({"sla_due", "sla_due_unassigned"})


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
        if series in _PROMISED:
            return _DUE
        return (PAST,) if series.endswith("_age:start") or series in _PAST else _WINDOWS

    return of


class Known:
    """What is known of a row as it stood before a batch: some groups of what it weighs, its part, its evidence."""

    __slots__ = ("evidence", "of", "part", "weights")

    def __init__(self) -> None:
        self.of = 0
        self.weights: list[Weight] = []
        self.part: Any = None
        self.evidence = NO_EVIDENCE


@dataclass(slots=True)
class Absorbed:
    """What one batch did: rows changed, events by outcome, the latest event time applied (ms, 0 if none)."""

    changed: Mapping[Key, None]
    outcomes: Counter[Outcome]
    latest_ms: int


@dataclass(slots=True)
class Partition:
    """The rows of every topic of one partition, its accounts, and the board they add up to.

    answered: the keys of cases, known or not, that surveys about them were answered.
    """

    rules: Rules
    rows: dict[str, dict[Key, Row]] = field(default_factory=lambda: {topic: {} for topic in AREAS})
    accounts: dict[str, Account] = field(default_factory=dict)
    answered: set[Key] = field(default_factory=set)
    board: Board = field(init=False)
    compiled: bool = field(default_factory=lambda: native.ENABLED)
    _cores: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Start with an empty board."""
        if self.compiled:
            self.board = Board(spans(self.rules), native.Tally)
            self._cores = {topic: core(self, AREAS[topic]) for topic, core in native.CORES.items()}
        else:
            self.board = Board(spans(self.rules))

    def absorb(self, area: Area, events: Iterable[tuple[Key, Fact]]) -> Absorbed:
        """Fold events of one topic, given in offset order, into rows and board."""
        core = self._cores.get(area.topic)
        if core is None:
            return self._absorb(area, events)
        changed, outcomes, latest, left = core.absorb(self, events)
        if not left:
            return Absorbed(changed, Counter(outcomes), latest)
        rest = self._absorb(area, left)
        core.take_back(rest.changed)
        return Absorbed({**changed, **rest.changed}, rest.outcomes + Counter(outcomes), max(latest, rest.latest_ms))

    def _absorb(self, area: Area, events: Iterable[tuple[Key, Fact]]) -> Absorbed:  # noqa: C901, PLR0912  one loop, for speed
        """`absorb` for rows that are plain."""
        rows, folding, beats = self.rows[area.topic], area.folding, area.beats
        maxima, touched = folding.maxima, area.touched
        before: dict[Key, Known] = {}
        changed: dict[Key, None] = {}
        refused: Counter[Outcome] = Counter()
        applied = latest = 0
        for key, fact in events:
            row, kind = rows.get(key), type(fact)
            new = row is None
            if row is None:
                row = new_row(folding)
            elif row.state is None:
                awake(folding, row)
            if not new and kind in maxima and key not in before and beats and beats.steady(row):
                outcome = self._beat(area, beats, key, row, fact)
            else:
                known = before.get(key)
                if known is None:
                    known = Known()
                late = fact.at < row.at or new or (fact.at == row.at and fact.sequence < row.sequence)
                of = (ALL if late else touched.get(kind, ALL)) & ~known.of
                if of:
                    self._know(area, key, None if new else row, known, of)
                outcome = step(folding, key, row, fact)
                if outcome is _APPLIED:
                    if new:
                        rows[key] = row
                    before[key] = known
            if outcome is _APPLIED:
                changed[key] = None
                applied += 1
                if fact.at > latest:  # noqa: PLR1730  twice as fast as max
                    latest = fact.at
            else:
                refused[outcome] += 1
                if not new and key not in before:
                    rest(folding, row)
        for key, known in before.items():
            self._moved(area, key, known)
        if applied:
            refused[_APPLIED] = applied
        return Absorbed(changed, refused, latest)

    def _know(self, area: Area, key: Key, row: Row | None, known: Known, of: int) -> None:
        """Note some more of what a row weighs: what was not noted yet has not changed yet."""
        known.of |= of
        known.weights += self._weights(area, key, row, of)
        if row is not None:
            if of & PART:
                known.part = area.part(row, self.rules)
            if of & EVIDENCE:
                known.evidence = area.evidence(row, self.rules)

    def _weights(self, area: Area, key: Key, row: Row | None, of: int = ALL) -> list[Weight]:
        """What a row weighs, by itself and with the rows about it; there may be such rows without it."""
        weights = [] if row is None else area.weigh(row, self.rules, of)
        if of & TOGETHER and area.together is not None:
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
        """Move the board from what was known of a row to what it is now."""
        row, of = awake(area.folding, self.rows[area.topic][key]), known.of
        after = self._weights(area, key, row, of)
        if after != known.weights:
            self._weighs(known.weights, after)
        if of & PART:
            part = area.part(row, self.rules)
            if part != known.part:
                self._joined(area, key, known.part, part)
        if of & EVIDENCE:
            says = area.evidence(row, self.rules)
            if says != known.evidence:
                self.board.ledgers[0].move(key[0], known.evidence, says)
        rest(area.folding, row)

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
        for (topic, thing), before in weights.items():
            self._weighs(before, self._weights_of(key[0], topic, thing))
            if topic == "cases":
                mark = self.answered.add if account.answers(thing) else self.answered.discard
                mark((key[0], thing))

    def _weights_of(self, account: str, topic: str, thing: str) -> list[Weight]:
        """What a thing weighs with the rows about it; by itself it weighs what it did."""
        area, key = AREAS[topic], (account, thing)
        if area.together is None:
            return []
        row, about = self.rows[topic].get(key), self._about(area, key)
        if row is None:
            return area.together(None, about, self.rules)
        if self._cores and isinstance(row, native.NativeRow):
            weights: list[Weight] = self._cores[topic].together(row, about)
            return weights
        weights = area.together(awake(area.folding, row), about, self.rules)
        rest(area.folding, row)
        return weights

    def restore(self, area: Area, restored: Mapping[Key, Row]) -> None:
        """Take rows read from the changelog, whatever is derived of them, weighing each once."""
        rows = self.rows[area.topic]
        core = self._cores.get(area.topic)
        for key, row in restored.items():
            over = rows.get(key)
            if core is not None and over is None and core.restore(self, key, row):
                continue
            plain = row.plain() if core is not None and isinstance(row, native.NativeRow) else row
            refold(area.folding, plain)
            known = Known()
            self._know(area, key, None if over is None else awake(area.folding, over), known, ALL)
            rows[key] = plain
            self._moved(area, key, known)
        if core is not None:
            core.lay_out()
        self.board.settle()

    def drop(self, area: Area, key: Key) -> None:
        """Forget one row and what it weighs."""
        row = self.rows[area.topic].pop(key, None)
        if row is None:
            return
        awake(area.folding, row)
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
