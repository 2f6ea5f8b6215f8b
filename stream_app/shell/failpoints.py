"""Named lines at which a test can have this process killed, as a machine may fail at any of them.

STREAM_APP_FAILPOINT=name:n kills the process with SIGKILL when the line `name` is reached for the
n-th time; fetch:n:stall lets what reached the line wait there for ever instead, as a client that hangs,
and name:n:freeze freezes the process with SIGSTOP until the test wakes it, as a machine that is suspended.
STREAM_APP_FAILPOINT_FILE names a file that is written just before, as proof.
"""

import asyncio
import os
import signal
from pathlib import Path
from typing import Final

NAMES: Final = (
    "fetch",
    "absorb",
    "mid_flush",
    "flushed",
    "commit",
    "first_commit",
    "recovery",
    "revocation",
)
"""fetch: a batch has come. absorb: it is in the rows. mid_flush: some rows of a flush are written.
flushed: all are, nothing is committed. commit: offsets are committed. first_commit: just before the
first commit of this process. recovery: some changelog records are read. revocation: partitions are
about to be given up."""


class Failpoints:
    """Counts how often each line was reached; without the variable it does nothing."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        given = os.environ if environment is None else environment
        name, times, how = (*given.get("STREAM_APP_FAILPOINT", "").split(":"), "", "")[:3]
        if name and name not in NAMES:
            raise ValueError(f"STREAM_APP_FAILPOINT: there is no line {name!r}; there are {', '.join(NAMES)}")
        if how not in ("", "freeze") and (name, how) != ("fetch", "stall"):
            raise ValueError("STREAM_APP_FAILPOINT: every line can freeze, only fetch can stall")
        self._name = name
        self._stalls = how == "stall"
        self._signal = signal.SIGSTOP if how == "freeze" else signal.SIGKILL
        self._left = int(times or 1)
        self._proof = given.get("STREAM_APP_FAILPOINT_FILE", "")

    def reach(self, name: str) -> None:
        """The line `name` was reached: kill the process if it is the one asked for."""
        if self._is_hit(name) and not self._stalls:
            os.kill(os.getpid(), self._signal)

    async def pass_by(self, name: str) -> None:
        """The line `name`, at which one can also stall, was reached: kill the process, or never come back."""
        if self._is_hit(name):
            if self._stalls:
                await asyncio.Event().wait()
            os.kill(os.getpid(), self._signal)

    def _is_hit(self, name: str) -> bool:
        if name != self._name:
            return False
        self._left -= 1
        if self._left == 0 and self._proof:
            Path(self._proof).write_text(name)
        return self._left == 0
