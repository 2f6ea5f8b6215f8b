"""The rows of the simulation: a small fold with the properties the delivery protocol needs, behind two functions.

To simulate with other rows, write a class with `step` and `ended` and rows that have an `offset`.
"""

from typing import NamedTuple

CLOSE = -1
REFUSE_AFTER_MS = 500
"""An event this much older than its record is refused when its row is absent: it repeats one of a row deleted since."""
DELETE_AFTER_MS = 500
"""A closed row is deleted when the records committed are this much younger than its last event."""


class Event(NamedTuple):
    """`id` 0 is a beat: no identity, only the offset tells it from another. `sent` is the record's own timestamp."""

    id: int
    key: str
    time: int
    value: int
    sent: int


class Row(NamedTuple):
    """What is kept of one key: facts in order of (time, id), a count of beats, the latest event time."""

    offset: int
    facts: tuple[tuple[int, int, int], ...]
    beats: int
    last: int
    closed: bool


NEW = Row(-1, (), 0, 0, False)


class Rows:
    """The right fold."""

    def step(self, row: Row | None, event: Event, offset: int) -> Row | None:
        """The row after the event; the very same object when the event changes nothing."""
        if row is None:
            if event.sent - event.time > REFUSE_AFTER_MS:
                return None
            row = NEW
        elif offset <= row.offset:
            return row
        last = max(row.last, event.time)
        if event.id == 0:
            return Row(offset, row.facts, row.beats + 1, last, row.closed)
        for fact in row.facts:
            if fact[1] == event.id:
                return row
        facts = tuple(sorted((*row.facts, (event.time, event.id, event.value))))
        return Row(offset, facts, row.beats, last, row.closed or event.value == CLOSE)

    def ended(self, row: Row, stream_ms: int) -> bool:
        """Whether the row may go when the stream has come to `stream_ms`."""
        return row.closed and stream_ms - row.last > DELETE_AFTER_MS
