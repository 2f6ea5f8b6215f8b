"""A mapping file read and checked: every fault of it named at once, with its place."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stream_app.sources import meaning, times
from stream_app.sources.schema import REGEX, Mapping


class MappingError(Exception):
    """A mapping cannot be used. `faults` are all that is wrong with it, each with its place."""

    exit_code = 2

    def __init__(self, file: str, faults: list[str]) -> None:
        self.file, self.faults = file, faults
        head = "the mapping has a fault:" if len(faults) == 1 else f"the mapping has {len(faults)} faults:"
        super().__init__("\n  ".join([f"{file}: {head}", *faults]))


def load(file: Path) -> Mapping:
    """The mapping of a file; raises MappingError."""
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise MappingError(str(file), [f"cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise MappingError(str(file), ["is not UTF-8 text"]) from None
    return parse(text, str(file))


def parse(text: str, name: str = "mapping") -> Mapping:
    """The mapping of a text; raises MappingError with the name."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(name, [f"is not TOML: {error}"]) from None
    try:
        mapping = Mapping.model_validate(table)
    except ValidationError as error:
        raise MappingError(name, _told(table, error)) from None
    found = [*_regex_faults(mapping), *times.faults(mapping.time), *meaning.faults(mapping)]
    if found:
        raise MappingError(name, found)
    return mapping


def _told(table: dict[str, Any], error: ValidationError) -> list[str]:
    """What pydantic found, by place; a value that fits none of several forms has a reason for each."""
    found: dict[str, list[str]] = {}
    for fault in error.errors(include_url=False, include_input=False):
        missing = fault["type"] == "missing"
        reasons = {"missing": "is missing", "extra_forbidden": "no such key"}
        why = reasons.get(fault["type"], fault["msg"].removeprefix("Value error, "))
        found.setdefault(_place(table, fault["loc"], missing=missing), []).append(why)
    return [f"{place}: {', or '.join(dict.fromkeys(whys))}" for place, whys in found.items()]


def _place(table: object, loc: tuple[int | str, ...], *, missing: bool) -> str:
    """The path of a fault in the file, without the parts pydantic adds for members of a union."""
    parts: list[str] = []
    for part in loc:
        inside: dict[Any, object] = {}
        if isinstance(table, dict):
            inside = table
        elif isinstance(table, list):
            inside = dict(enumerate(table))
        if part in inside or (missing and part == loc[-1]):
            table = inside.get(part)
            parts.append(f"[{part}]" if isinstance(part, int) else f".{part}" if parts else part)
    return "".join(parts) or "the file"


def _regex_faults(mapping: Mapping) -> Iterator[str]:
    words = mapping.words
    tables: dict[str, list[str]] = {
        "activity.kinds": list(mapping.activity.kinds) if mapping.activity else [],
        "state.states": list(mapping.state.states) if mapping.state else [],
        "ignore": words.ignore,
        "broken": words.broken,
        "file.missing": mapping.file.missing,
    }
    for name, value in mapping.fields.items():
        tables[f"fields.{name}.map"] = list(value.map)
    for index, where in enumerate(mapping.where):
        tables[f"where[{index}]"] = where.only + where.without
    for place, keys in tables.items():
        for key in keys:
            if key.startswith(REGEX):
                try:
                    re.compile(key.removeprefix(REGEX))
                except re.error as error:
                    yield f"{place}.{key!r}: is not a regular expression: {error}"
