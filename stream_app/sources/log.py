"""A log read under a mapping: its events in order, ready to be published, and the report of what became of its rows."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple, Self, TypeVar

from stream_app.codec import Event, Reject
from stream_app.pipeline import AREAS
from stream_app.sources import order
from stream_app.sources.convert import Converter, Message
from stream_app.sources.meaning import CONTRACT
from stream_app.sources.records import SKIPPED, Reader
from stream_app.sources.schema import Mapping
from stream_app.sources.table import LogFile

_STRIDE: Final = 2_000
ANY_TIME: Final = 1 << 62
"""The clock of a log is its own."""

Watch = Callable[[str, int, int], None]
"""Told now and then how far things are: (stage, done, of how much)."""

T = TypeVar("T")


class Skipped(NamedTuple):
    """Rows left out for one reason, and the lines of the first of them."""

    reason: str
    meaning: str
    rows: int
    lines: list[int]


class Report(NamedTuple):
    """What became of a log: rows, events made of them by kind, what was left out. Times in ms."""

    rows: int
    used: int
    skipped: list[Skipped]
    cases: int
    accounts: int
    events: int
    kinds: dict[str, int]
    first_ms: int
    last_ms: int


class Ready(NamedTuple):
    """A message, and the event its bytes are decoded to by the very codec of the worker."""

    message: Message
    event: Event


def _silent(_stage: str, _done: int, _all: int) -> None:
    """Tell nobody."""


class Log:
    """A log file under a mapping. Use as a context; raises LogError when the file cannot be read.

    `ready()` may be gone through once. `last_ms` is known before.
    """

    def __init__(self, path: Path, mapping: Mapping, watch: Watch = _silent, run: int = order.RUN) -> None:
        self._mapping, self._watch = mapping, watch
        with ExitStack() as stack:
            file = stack.enter_context(LogFile(path, mapping.file))
            self._reader = Reader(mapping, file)
            self._records = order.by_time(
                self._watched(self._reader.records(), "reading", lambda _n: (file.position, file.size)), stack, run
            )
            self._stack = stack.pop_all()
        self._converter: Converter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    @property
    def last_ms(self) -> int:
        """The time of the log's last usable row; 0 if there is none."""
        return self._reader.rows.last_ms

    def _watched(self, items: Iterable[T], stage: str, far: Callable[[int], tuple[int, int]]) -> Iterator[T]:
        for count, item in enumerate(items):
            if count % _STRIDE == 0:
                self._watch(stage, *far(count))
            yield item

    def ready(self, until_ms: int = ANY_TIME, shift_ms: int = 0) -> Iterator[Ready]:
        """Events of records no later than `until_ms`, by time, with `shift_ms` added to their times."""
        self._converter = Converter(self._mapping, self._reader, shift_ms)
        rows, decode = self._reader.rows, AREAS[CONTRACT.topic].codec().decode
        records = self._watched(order.tied(self._records), "applying", lambda count: (count, rows.used))
        for offset, message in enumerate(self._converter.events(_until(records, until_ms))):
            event = decode(message.value, offset, ANY_TIME)
            if isinstance(event, Reject):
                rows.skip("invalid", message.line)
            else:
                yield Ready(message, event)

    def report(self) -> Report:
        """What became of the rows, as far as they have been gone through."""
        rows, made = self._reader.rows, self._converter
        skipped = [Skipped(reason, SKIPPED[reason], n, rows.lines[reason]) for reason, n in rows.skipped.most_common()]
        kinds: Counter[str] = made.kinds if made else Counter()
        return Report(
            rows.read, rows.used, skipped, made.cases if made else 0, made.accounts if made else 0, kinds.total(),
            dict(kinds.most_common()), rows.first_ms, rows.last_ms,
        )  # fmt: skip


def _until(records: Iterator[T], until_ms: int) -> Iterator[T]:
    for record in records:
        if record.at > until_ms:  # type: ignore[attr-defined]
            return
        yield record
