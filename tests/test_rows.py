"""Stored rows outlive the program that wrote them: fields are added at the end, with a default."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from stream_app.domain import cases
from stream_app.pipeline import AREAS

FILE = Path(__file__).parent / "data" / "case_rows.jsonl"
"""Rows of version 1 as a program with fewer fields wrote them, and the state they then had."""


def stored() -> Iterator[tuple[bytes, dict[str, Any]]]:
    for line in FILE.read_text().splitlines():
        said = json.loads(line)
        yield base64.b64decode(said["row"]), said["state"]


def test_a_row_written_before_fields_were_added_still_says_the_same() -> None:
    codec = AREAS["cases"].row_codec()
    for data, state in stored():
        found = msgspec.to_builtins(msgspec.structs.asdict(codec.load(data).state))
        assert json.loads(json.dumps({name: found[name] for name in state})) == state


def test_a_row_written_before_fields_were_added_goes_on() -> None:
    codec = AREAS["cases"].row_codec()
    for data, _ in stored():
        row = codec.load(data)
        assert codec.load(codec.dump(row)).state == row.state


def test_a_state_without_the_newer_fields_has_their_defaults() -> None:
    oldest = next(state for _, state in stored())
    names = cases.Case.__struct_fields__
    assert list(names[: len(oldest)]) == list(oldest)
