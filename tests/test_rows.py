"""Stored rows outlive the program that wrote them: fields are added at the end, with a default."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stream_app.pipeline import AREAS

DATA = Path(__file__).parent / "data"
FILES = {"cases": "case_rows.jsonl", "surveys": "survey_rows.jsonl", "callhome": "device_rows.jsonl"}
"""Rows of version 1 as a program with fewer fields wrote them, and the state they then had."""

topics = pytest.mark.parametrize("topic", FILES)


def stored(topic: str) -> Iterator[tuple[bytes, dict[str, Any]]]:
    for line in (DATA / FILES[topic]).read_text().splitlines():
        said = json.loads(line)
        yield base64.b64decode(said["row"]), said["state"]


@topics
def test_a_row_written_before_fields_were_added_still_says_the_same(topic: str) -> None:
    codec = AREAS[topic].row_codec()
    for data, state in stored(topic):
        found = msgspec.to_builtins(msgspec.structs.asdict(codec.load(data).state))
        assert json.loads(json.dumps({name: found[name] for name in state})) == state


@topics
def test_a_row_written_before_fields_were_added_goes_on(topic: str) -> None:
    codec = AREAS[topic].row_codec()
    for data, _ in stored(topic):
        row = codec.load(data)
        assert codec.load(codec.dump(row)).state == row.state


@topics
def test_a_state_without_the_newer_fields_has_their_defaults(topic: str) -> None:
    oldest = next(state for _, state in stored(topic))
    names = AREAS[topic].folding.empty().__struct_fields__
    assert list(names[: len(oldest)]) == list(oldest)
