from collections.abc import Iterable, Mapping
from typing import Any, Final

from stream_app.codec import RowCodec
from stream_app.domain.board import Board
from stream_app.domain.fold import Fact, Key, Outcome, Row
from stream_app.domain.rules import Rules

KINDS: Final[Mapping[type[Fact], int]]

class NativeRow(Row):
    def plain(self) -> Row: ...

class Cells:
    def __init__(self, board: Board, rules: Rules) -> None: ...

def absorb(
    partition: Any, area: Any, events: Iterable[tuple[Key, Fact]], cells: Cells
) -> tuple[dict[Key, None], dict[Outcome, int], int, list[tuple[Key, Fact]]]: ...
def native_row(row: Row, cells: Cells) -> NativeRow | None: ...
def restore(partition: Any, area: Any, key: Key, row: Row, cells: Cells) -> bool: ...
def dump(codec: RowCodec, row: Row) -> bytes: ...
