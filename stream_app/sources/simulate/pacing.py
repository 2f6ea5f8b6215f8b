"""When to publish what: the plan's clock follows the wall's, and a publisher that is late catches up gently."""

from typing import Final

from stream_app.sources.simulate.things import SECOND

TICK_SECONDS: Final = 0.02
"""How often a paced publisher looks what is due."""

CATCH_UP: Final = 4.0
"""A publisher that fell behind runs at most this many times as fast as it should."""

_STOP_SECONDS: Final = 0.25
"""No more than so long a stop is made good at once, so that no burst follows a long one."""


class Pacer:
    """The plan's clock. speed: how many times faster than the wall it runs."""

    def __init__(self, start_ms: int, speed: float) -> None:
        if speed <= 0:
            raise ValueError("the speed of a paced publisher must be above 0")
        self._start_ms, self._speed = start_ms, speed
        self._now_ms = float(start_ms)
        self._asked = 0.0

    def due(self, elapsed_seconds: float) -> int:
        """Up to when, ms, the plan is published after so much time on the wall."""
        since = max(TICK_SECONDS, min(elapsed_seconds - self._asked, _STOP_SECONDS))
        self._asked = elapsed_seconds
        target = self._start_ms + elapsed_seconds * SECOND * self._speed
        reach = self._now_ms + CATCH_UP * since * SECOND * self._speed
        self._now_ms = max(self._now_ms, min(target, reach))
        return int(self._now_ms)


def allowance(limit: float, elapsed_seconds: float, sent: int) -> int:
    """How many events may go now at a limit of events a second: none too many by now, nor more than 50 ms' worth."""
    return max(0, min(int(limit * elapsed_seconds) - sent, int(limit * 0.05) + 1))
