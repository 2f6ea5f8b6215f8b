"""Ctrl-C and SIGTERM during a demo: the first ends it in order, the second at once."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """Raised in the main thread by the first signal, while nothing would hear of it otherwise."""


class Interrupt:
    """Hears the signals while it is entered. Everything started dies with the process if a second one ends it.

    raising: whether the first signal raises Interrupted in the main thread; else it only sets `asked`.
    """

    def __init__(self) -> None:
        self.raising = True
        self.asked = threading.Event()

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._hear) for number in _SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        self.asked.set()
        if self.raising:
            raise Interrupted
