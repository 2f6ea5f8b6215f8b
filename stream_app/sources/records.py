"""Rows to records: the columns, times and words a mapping names, and a count of every row left out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from sys import intern
from typing import Final, NamedTuple, get_args

from stream_app.codec import EARLIEST_MS
from stream_app.sources import times
from stream_app.sources.columns import Columns
from stream_app.sources.meaning import Lookup, Template, encodable, kinds_of, template
from stream_app.sources.schema import Kind, Mapping, State, Word
from stream_app.sources.table import MALFORMED, RAGGED, LogFile

ID_LENGTH: Final = 128
STATES: Final[tuple[str, ...]] = get_args(State)

SKIPPED: Final = {
    MALFORMED: "a quote is opened and not closed, or text stands after a closing quote",
    RAGGED: "it has more or fewer values than there are columns",
    "filtered": "the mapping's [[where]] leaves it out",
    "no_case": "it names no case",
    "bad_case": "its case id is longer than 128 characters, or unreadable in the file's encoding",
    "bad_account": "its account is longer than 128 characters, or unreadable in the file's encoding",
    "no_time": "it has no time",
    "bad_time": "its time is not in the format of the mapping",
    "early": "its time is before 2000: probably a wrong format or unit",
    "no_word": "its activity or state is missing",
    "broken": "its activity or state is one the mapping calls broken",
    "ignored": "its activity or state is one the mapping ignores",
    "unknown_word": "its activity or state is not in the mapping, which has no default",
    "invalid": "an event made from it does not fit the contract of the topic",
}
"""Why rows are left out -> what it means."""

LINES_KEPT: Final = 5


class Record(NamedTuple):
    """What a mapping takes from one row. `meaning`, of its `word`, is an index: of `Reader.meanings`, or of STATES."""

    at: int
    line: int
    case: str
    account: str
    word: str
    meaning: int
    fields: tuple[Word | None, ...]
    assigned: tuple[str, ...]
    ties: tuple[str, ...]


@dataclass(slots=True)
class Rows:
    """What became of the rows of a file: counts, the first lines of each fault, words without a meaning."""

    read: int = 0
    used: int = 0
    first_ms: int = 0
    last_ms: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def skip(self, reason: str, line: int) -> None:
        """Count a row left out."""
        self.skipped[reason] += 1
        lines = self.lines.setdefault(reason, [])
        if len(lines) < LINES_KEPT:
            lines.append(line)

    def use(self, at: int) -> None:
        """Count a row used."""
        self.first_ms = min(self.first_ms, at) if self.used else at
        self.last_ms = max(self.last_ms, at)
        self.used += 1


IGNORED: Final = -1
BROKEN: Final = -2
UNKNOWN: Final = -3
_SIGNS: Final = {IGNORED: "ignored", BROKEN: "broken", UNKNOWN: "unknown_word"}


class Reader:
    """Makes records of the rows of one open log. `meanings`: the templates of each activity's meaning."""

    def __init__(self, mapping: Mapping, log: LogFile) -> None:
        self._mapping, self._log = mapping, log
        self.meanings: list[tuple[Template, ...]] = []
        self.rows = Rows()
        columns = Columns(mapping, log)
        self._where = columns.where(mapping.where)
        self._case = columns.joined(mapping.case.names, mapping.case.join, whole=True)
        self._account = columns.account(mapping.account)
        self._time = columns.joined(mapping.time.names, mapping.time.join)
        self._word = columns.joined(mapping.words.names, mapping.words.join)
        self._fields = [columns.field(spec) for spec in mapping.fields.values()]
        self._assigned = columns.each(mapping.assigned.columns if mapping.assigned else [])
        self._ties = columns.each(mapping.order.columns if mapping.order else [])
        self._parse = times.parser(mapping.time)
        self._meaning = self._words()

    def _words(self) -> Lookup[int]:
        mapping, words = self._mapping, self._mapping.words
        table: dict[str, int] = dict.fromkeys(words.broken, BROKEN) | dict.fromkeys(words.ignore, IGNORED)
        default = UNKNOWN
        if mapping.activity is not None:
            for word, meaning in mapping.activity.kinds.items():
                table.setdefault(word, self._templates(kinds_of(meaning)))
            if mapping.activity.default is not None:
                default = self._templates(kinds_of(mapping.activity.default))
        elif mapping.state is not None:
            for word, state in mapping.state.states.items():
                table.setdefault(word, STATES.index(state))
            if mapping.state.default is not None:
                default = STATES.index(mapping.state.default)
        return Lookup(table, lambda _word: default)

    def _templates(self, kinds: list[Kind]) -> int:
        self.meanings.append(tuple(template(self._mapping, kind) for kind in kinds))
        return len(self.meanings) - 1

    def records(self) -> Iterator[Record]:
        """A record for every row that can be used, in the order of the file."""
        rows = self.rows
        for line, row in self._log.rows():
            rows.read += 1
            made = row if isinstance(row, str) else self._record(row, line)
            if isinstance(made, str):
                rows.skip(made, line)
            else:
                rows.use(made.at)
                yield made

    def _record(self, row: list[str], line: int) -> Record | str:  # noqa: PLR0911  one return a reason
        """The record of a row, or why there is none."""
        if not self._where(row):
            return "filtered"
        case, word = self._case(row), self._word(row)
        if case is None:
            return "no_case"
        if word is None:
            return "no_word"
        meaning = self._meaning(word)
        if meaning < 0:
            return _SIGNS[meaning]
        at = self._at(row)
        if isinstance(at, str):
            return at
        account = self._account(row, case)
        for identity, reason in ((case, "bad_case"), (account, "bad_account")):
            if len(identity) > ID_LENGTH or not encodable(identity):
                return reason
        fields = tuple([field(row) for field in self._fields])
        return Record(at, line, case, account, intern(word), meaning, fields, self._assigned(row), self._ties(row))

    def _at(self, row: list[str]) -> int | str:
        text = self._time(row)
        if text is None:
            return "no_time"
        at = self._parse(text)
        if at is None:
            return "bad_time"
        return at if at >= EARLIEST_MS else "early"
