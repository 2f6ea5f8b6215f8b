import re
from pathlib import Path

import pytest

from stream_app.sources import mapping
from stream_app.sources.meaning import WIRES
from stream_app.sources.records import SKIPPED, STATES
from stream_app.sources.schema import FileFormat

PAGE = (Path(__file__).parents[2] / "docs/mappings.md").read_text()
WHOLE = [block for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if block.startswith("name")]


@pytest.mark.parametrize("text", WHOLE)
def test_every_whole_mapping_of_the_page_is_without_fault(text: str) -> None:
    mapping.parse(text)


def test_the_page_names_every_kind_state_reason_and_key_of_a_file() -> None:
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`[^`\n]+`", PAGE))))
    assert {*WIRES, *STATES, *SKIPPED, *FileFormat.model_fields} <= words
    assert len(WHOLE) == 2
