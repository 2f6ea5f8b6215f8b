"""Whether a worker still gets anywhere: a position that stands while there is something to read is stuck."""

from collections.abc import Mapping
from typing import Final

Partition = tuple[str, int]

MEND_MS: Final = 5_000
"""A batch dropped on its way shows within this time, or is fetched again."""


class Progress:
    """Remembers since when each partition's position stands although there is lag. Times are monotonic ms."""

    def __init__(self, patience_ms: int) -> None:
        self._patience_ms = patience_ms
        self._stands: dict[Partition, tuple[int, int]] = {}

    def note(self, positions: Mapping[Partition, int], lag: Mapping[Partition, int], now_ms: int) -> None:
        """These are the positions and the records left to read, per owned partition."""
        self._stands = {
            tp: self._stands[tp]
            if lag.get(tp, 0) and tp in self._stands and self._stands[tp][0] == position
            else (position, now_ms)
            for tp, position in positions.items()
        }

    def slow(self, now_ms: int) -> list[Partition]:
        """Partitions whose next batch may have been dropped on its way: fetch them again."""
        return [tp for tp, (_, since) in self._stands.items() if now_ms - since > MEND_MS]

    def stuck(self, now_ms: int) -> list[Partition]:
        """Partitions without progress for the patience given, although there is something to read."""
        return [tp for tp, (_, since) in self._stands.items() if now_ms - since > self._patience_ms]
