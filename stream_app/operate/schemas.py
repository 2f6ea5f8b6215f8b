"""The JSON Schema of each topic's events: made from their types, kept beside the contracts."""

from pathlib import Path
from typing import Any

import orjson

from stream_app.operate.contracts import Place
from stream_app.pipeline import AREAS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(topic: str) -> dict[str, Any]:
    """The JSON Schema of one topic's events."""
    title = {"$schema": DIALECT, "title": f"Events of the topic {topic}"}
    return title | AREAS[topic].codec().schema()


def text(topic: str) -> bytes:
    """The schema as its file holds it."""
    return orjson.dumps(schema(topic), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def drifted(where: Place) -> list[Path]:
    """The files that differ from the types, or are missing."""
    files = {where.schema(topic): text(topic) for topic in AREAS}
    return [file for file, content in files.items() if not file.exists() or file.read_bytes() != content]


def write(where: Place) -> None:
    """Write every schema anew."""
    for topic in AREAS:
        file = where.schema(topic)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text(topic))
