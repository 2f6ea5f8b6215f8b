"""Records in the order they happened: a stable sort by time over a whole file, of any size."""

import heapq
import pickle
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby, islice
from operator import attrgetter
from typing import IO, Final, cast

from stream_app.sources.records import Record

RUN: Final = 500_000
"""Records sorted in memory at once; a longer log goes through temporary files."""

_BLOCK: Final = 5_000
_AT: Final = attrgetter("at")

Tie = tuple[tuple[int, float, str], ...]


def by_time(records: Iterable[Record], stack: ExitStack, run: int = RUN) -> Iterator[Record]:
    """The records by time, those of equal time as in the file; `stack` holds the temporary files.

    All records are read before this returns.
    """
    source = iter(records)
    files: list[IO[bytes]] = []
    while True:
        block = sorted(islice(source, run), key=_AT)
        if len(block) < run:
            break
        files.append(_written(block, stack))
    if not files:
        return iter(block)
    return heapq.merge(*(_read(file) for file in files), block, key=_AT)


def _written(block: list[Record], stack: ExitStack) -> IO[bytes]:
    file = cast("IO[bytes]", stack.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115 - the stack closes it
    for start in range(0, len(block), _BLOCK):
        pickle.dump([tuple(record) for record in block[start : start + _BLOCK]], file, protocol=5)
    file.seek(0)
    return file


def _read(file: IO[bytes]) -> Iterator[Record]:
    while True:
        try:
            block = pickle.load(file)  # noqa: S301 - written by this process a moment ago
        except EOFError:
            return
        yield from map(Record._make, block)


def tied(records: Iterable[Record]) -> Iterator[Record]:
    """Records of one case and one time in the order of their tie columns; every other record keeps its place."""
    for _at, group in groupby(records, key=_AT):
        together = list(group)
        if len(together) == 1 or not together[0].ties:
            yield from together
            continue
        cases: dict[str, list[Record]] = {}
        for record in together:
            cases.setdefault(record.case, []).append(record)
        queues = {case: iter(sorted(found, key=_tie)) for case, found in cases.items()}
        yield from (next(queues[record.case]) for record in together)


_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")


def _tie(record: Record) -> Tie:
    """Numbers before words, each in its own order; a missing value comes first."""
    return tuple(
        (-1, 0.0, "") if not text else (0, float(text), "") if _NUMBER.fullmatch(text) else (1, 0.0, text)
        for text in record.ties
    )
