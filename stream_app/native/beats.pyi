from collections.abc import Iterable
from typing import Any

from stream_app.domain.board import Board
from stream_app.domain.fold import Fact, Key, Outcome
from stream_app.domain.rules import Rules

class Beats:
    def __init__(self, board: Board, rules: Rules) -> None: ...

def absorb(
    partition: Any, area: Any, events: Iterable[tuple[Key, Fact]], beats: Beats
) -> tuple[dict[Key, None], dict[Outcome, int], int, list[tuple[Key, Fact]]]: ...
