"""Records to published events: what a record means in the light of the records of its case before it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from xxhash import xxh3_64_intdigest

from stream_app.sources.meaning import WIRES, Template, plain, template
from stream_app.sources.records import STATES, Reader, Record
from stream_app.sources.schema import Mapping, Word

TERMINAL: Final = frozenset({"solved", "closed"})


class Message(NamedTuple):
    """An event ready to be published: `value` under the key `account`. `line` is where it came from."""

    at: int
    account: str
    kind: str
    value: bytes
    line: int


@dataclass(slots=True)
class _Course:
    """What is known of a case so far. `record_at`, `alike`: records of the present instant, by their contents."""

    account: str
    state: str = ""
    terminal: bool = False
    waiting: bool = False
    assigned: bool = False
    priority: Word | None = None
    holders: tuple[str, ...] = ()
    sequence: int = 0
    record_at: int = -1
    alike: Counter[int] | None = None


class Converter:
    """Makes events of records given in the order they happened.

    The first record of a case yields `created` before its own meaning. A case stays with the account
    of its first record. `shift_ms` is added to every time; it is no part of an event's id.
    """

    def __init__(self, mapping: Mapping, reader: Reader, shift_ms: int = 0) -> None:
        self._mapping, self._meanings, self._rows, self._shift = mapping, reader.meanings, reader.rows, shift_ms
        self._source = mapping.name
        self._own = {kind: template(mapping, plain(kind)) for kind in WIRES}
        self._priority = self._compared(mapping)
        self._encode = msgspec.json.Encoder().encode
        self._courses: dict[str, _Course] = {}
        self.kinds: Counter[str] = Counter()

    @staticmethod
    def _compared(mapping: Mapping) -> int | None:
        """The place of the priority among a record's fields, when it comes from a column and may change."""
        field = mapping.fields.get("priority")
        if field is None or field.column is None or (field.kinds and "priority_changed" not in field.kinds):
            return None
        return list(mapping.fields).index("priority")

    @property
    def cases(self) -> int:
        """Cases met so far."""
        return len(self._courses)

    @property
    def accounts(self) -> int:
        """Accounts met so far."""
        return len({course.account for course in self._courses.values()})

    def events(self, records: Iterable[Record]) -> Iterator[Message]:
        """The events of some records, in order."""
        for record in records:
            yield from self._of(record)

    def _of(self, record: Record) -> list[Message]:
        course = self._courses.get(record.case)
        made: list[tuple[Template, dict[str, Any]]] = []
        if course is None:
            course = self._courses[record.case] = _Course(record.account)
            made.append((self._own["created"], {}))
        if self._priority is not None:
            self._compare_priority(course, record.fields[self._priority], made)
        handed = self._handed_over(course, record)
        if self._mapping.activity is not None:
            self._act(course, self._meanings[record.meaning], made, handed=handed)
        else:
            self._enter(course, STATES[record.meaning], made, handed=handed)
        return self._written(course, record, made) if made else []

    def _compare_priority(self, course: _Course, priority: Word | None, made: list[Any]) -> None:
        if priority is None or priority == course.priority:
            return
        if course.sequence:
            made.append((self._own["priority_changed"], {"priority": priority}))
        course.priority = priority

    @staticmethod
    def _handed_over(course: _Course, record: Record) -> bool:
        """Whether a column of [assigned] has a new value. A value gone missing assigns nobody."""
        if record.assigned == course.holders:
            return False
        before = course.holders or ("",) * len(record.assigned)
        course.holders = record.assigned
        return any(now and now != was for now, was in zip(record.assigned, before, strict=True))

    def _act(self, course: _Course, meaning: tuple[Template, ...], made: list[Any], *, handed: bool) -> None:
        """The events of one record of an activity log."""
        kinds = {part.kind for part in meaning}
        terminal = not kinds.isdisjoint(TERMINAL)
        if course.terminal and not terminal and self._mapping.reopen_on_other and "reopened" not in kinds:
            made.append((self._own["reopened"], {}))
            course.terminal = False
        if course.waiting and self._mapping.resume_on_other and kinds.isdisjoint({"waiting", "resumed"}):
            made.append((self._own["resumed"], {}))
            course.waiting = False
        if handed and "assigned" not in kinds:
            made.append((self._own["assigned"], {}))
        if "closed" in kinds and "solved" not in kinds and not course.sequence:
            made.append((self._own["solved"], {}))
        for part in meaning:
            if part.kind == "created" and (course.sequence or made[:1] == [(self._own["created"], {})]):
                continue
            made.append((part, {}))
            self._follow(course, part.kind)

    @staticmethod
    def _follow(course: _Course, kind: str) -> None:
        if kind in TERMINAL:
            course.terminal, course.waiting = True, False
        elif kind == "reopened":
            course.terminal = False
        elif kind == "waiting":
            course.waiting = True
        elif kind == "resumed":
            course.waiting = False

    def _enter(self, course: _Course, state: str, made: list[Any], *, handed: bool) -> None:
        """The events of one record of a snapshot log: what differs from the record before it."""
        if state in TERMINAL:
            self._assign(course, made, now=handed)
            if state != course.state:
                if state == "closed" and not course.sequence:
                    made.append((self._own["solved"], {}))
                made.append((self._own[state], {}))
                self._follow(course, state)
            course.state = state
            return
        if course.terminal and (self._mapping.reopen_on_other or state == "reopened"):
            made.append((self._own["reopened"], {}))
            course.terminal, course.state = False, ""
        if state == "none":
            self._assign(course, made, now=handed)
            return
        waits = state.removeprefix("waiting_") if state.startswith("waiting_") else ""
        if course.waiting and not waits:
            made.append((self._own["resumed"], {}))
            course.waiting = False
        self._assign(course, made, now=handed or (state != "new" and not course.assigned))
        if state != course.state:
            if waits:
                made.append((self._own["waiting"], {"on": waits}))
                course.waiting = True
            elif state == "escalated":
                made.append((self._own["escalated"], {}))
        course.state = state

    def _assign(self, course: _Course, made: list[Any], *, now: bool) -> None:
        if now:
            made.append((self._own["assigned"], {}))
            course.assigned = True

    def _written(self, course: _Course, record: Record, made: list[tuple[Template, dict[str, Any]]]) -> list[Message]:
        at, identity = record.at + self._shift, self._identity(course, record)
        messages = []
        for index, (part, values) in enumerate(made):
            course.sequence += 1
            fields = {name: record.fields[place] for name, place in part.columns if record.fields[place] is not None}
            fields |= part.constants
            fields |= values
            try:
                wire = part.wire(
                    event_id=f"{self._source}-{identity:016x}.{index}", at=at, account=course.account,
                    source=self._source, case=record.case, sequence=course.sequence, **fields,
                )  # fmt: skip
            except TypeError:  # a field the kind needs has no value in this record
                self._rows.skip("invalid", record.line)
                continue
            messages.append(Message(at, course.account, part.kind, self._encode(wire), record.line))
            self.kinds[part.kind] += 1
        return messages

    @staticmethod
    def _identity(course: _Course, record: Record) -> int:
        """The same for the same record in any export: its contents, and its number among those just alike."""
        contents = repr((record.case, record.at, record.word, record.fields, record.assigned, record.ties))
        identity = xxh3_64_intdigest(contents.encode(errors="surrogateescape"))
        if course.record_at != record.at:
            course.record_at, course.alike = record.at, None
        if course.alike is None:
            course.alike = Counter()
        course.alike[identity] += 1
        alike = course.alike[identity]
        return identity if alike == 1 else xxh3_64_intdigest(f"{contents}{alike}".encode(errors="surrogateescape"))
