"""Rows of a delimited text file, plain, gzipped or zipped. A bad row costs only itself.

An unclosed quote swallows lines until the next quote. When rows of several lines do not come out
right, only the first line is given up and reading goes on with the second.
"""

import csv
import fnmatch
import gzip
import io
import zipfile
import zlib
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final, Self, cast

from stream_app.sources.schema import FileFormat

MALFORMED: Final = "malformed"
RAGGED: Final = "ragged"

Row = tuple[int, list[str] | str]
"""(line the row begins in, its values); or the reason why there are none."""


class LogError(Exception):
    """A log cannot be read at all: no such file, no such column, not a file of that kind."""

    exit_code = 2


class LogFile:
    """An open log: `header` and `rows`. `size` and `position` are in bytes of the file, for progress."""

    def __init__(self, path: Path, layout: FileFormat) -> None:
        self.path = path
        self._layout = layout
        self._stack = ExitStack()
        try:
            self.size = path.stat().st_size
            self._raw: IO[bytes] = self._stack.enter_context(path.open("rb"))
            self._text = self._stack.enter_context(_text(self._stack, self._raw, layout))
            self._lines = _Lines(self._text)
            self.header = layout.columns
            for _ in range(layout.skip_lines):
                next(self._lines, "")
            self._options = _options(layout)
            if not self.header:
                self.header = [name.strip() for name in self._first()]
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            self._stack.close()
            raise LogError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
        except LogError as error:
            self._stack.close()
            raise LogError(f"{path}: {error}") from None

    def _first(self) -> list[str]:
        try:
            return next(row for row in csv.reader(self._lines, **self._options) if row)
        except StopIteration:
            raise LogError("is empty: it has not even a header line") from None
        except (csv.Error, UnicodeError) as error:
            raise LogError(
                f"the header line cannot be read ({error}): is it the right delimiter and encoding?"
            ) from None

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self._raw.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def rows(self) -> Iterator[Row]:
        """Every row after the header; empty lines are no rows."""
        lines, width, options = self._lines, len(self.header), self._options
        reader = csv.reader(lines, **options)
        taken = lines.taken
        while True:
            taken.clear()
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                if not taken:
                    return
                row = [] if len(taken) > 1 else _forgiving(taken[0], options)
                if len(row) != width:
                    lines.give_back()
                    yield lines.number, MALFORMED
                    continue
            except (OSError, EOFError, zipfile.BadZipFile, zlib.error, UnicodeError) as error:
                raise LogError(f"{self.path}: breaks off after line {lines.number}: {error}") from None
            if len(row) == width:
                yield lines.number - len(taken) + 1, row
            elif row:
                if len(row) > width and not any(row[width:]):
                    yield lines.number - len(taken) + 1, row[:width]
                    continue
                lines.give_back()
                yield lines.number, RAGGED

    def indexes(self, names: Sequence[str]) -> dict[str, int]:
        """Column name -> place; `name#2` is the second of that name. Raises LogError for all that are missing."""
        found: dict[str, int] = {}
        counts = Counter(self.header)
        seen: Counter[str] = Counter()
        for index, name in enumerate(self.header):
            seen[name] += 1
            found.setdefault(f"{name}#{seen[name]}", index)
            if counts[name] == 1:
                found[name] = index
        wrong = [
            f"column {name!r} occurs {counts[name]} times: say {name + '#1'!r} or {name + '#2'!r}"
            if counts[name] > 1
            else f"there is no column {name!r}"
            for name in dict.fromkeys(names)
            if name not in found
        ]
        if wrong:
            raise LogError(f"{self.path}: {'; '.join(wrong)}. Its columns are {', '.join(map(repr, self.header))}")
        return {name: found[name] for name in names}


def _forgiving(line: str, options: dict[str, Any]) -> list[str]:
    """A single line with text after a closing quote, as most programs read it."""
    try:
        return next(csv.reader([line], **{**options, "strict": False}), [])
    except csv.Error:
        return []


def _options(layout: FileFormat) -> dict[str, Any]:
    quoting: dict[str, Any] = {"quotechar": layout.quote} if layout.quote else {"quoting": csv.QUOTE_NONE}
    if layout.escape:
        quoting |= {"escapechar": layout.escape, "doublequote": False}
    return {"delimiter": layout.delimiter, "strict": True, **quoting}


class _Lines:
    """Lines that can be given back. `taken`: those of the present row. `number`: of the line read last."""

    def __init__(self, text: Iterator[str]) -> None:
        self._text = text
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._text)
        self.number += 1
        self.taken.append(line)
        return line

    def give_back(self) -> None:
        """All lines of the present row but the first."""
        self._back.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1


def _text(stack: ExitStack, raw: IO[bytes], layout: FileFormat) -> io.TextIOWrapper:
    magic = raw.read(4)
    raw.seek(0)
    data: IO[bytes] = raw
    if magic.startswith(b"\x1f\x8b"):
        data = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw)))
    elif magic.startswith(b"PK\x03\x04"):
        archive = stack.enter_context(zipfile.ZipFile(raw))
        data = stack.enter_context(archive.open(_member(archive, layout.member)))
    encoding = "utf-8-sig" if layout.encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else layout.encoding
    errors = "replace" if "16" in encoding or "32" in encoding else "surrogateescape"
    return io.TextIOWrapper(data, encoding, errors, newline="")


def _member(archive: zipfile.ZipFile, wanted: str | None) -> str:
    files = [info.filename for info in archive.infolist() if not info.is_dir()]
    files = [name for name in files if not name.startswith("__MACOSX/")]
    if wanted is not None:
        files = [name for name in files if fnmatch.fnmatch(name, wanted)]
    if len(files) != 1:
        count = f"{len(files) or 'no'} files are"
        which = f"that `file.member` {wanted!r} fits" if wanted is not None else "in it"
        raise LogError(f"{count} {which}: say which by `file.member` in the mapping")
    return files[0]
