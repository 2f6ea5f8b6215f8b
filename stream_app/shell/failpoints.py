"""Named lines at which a test can have this process killed, as a machine may fail at any of them.

STREAM_APP_FAILPOINT=name:n kills the process with SIGKILL when the line `name` is reached for the
n-th time; STREAM_APP_FAILPOINT_FILE names a file that is written just before, as proof.
"""

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
        name, _, times = given.get("STREAM_APP_FAILPOINT", "").partition(":")
        if name and name not in NAMES:
            raise ValueError(f"STREAM_APP_FAILPOINT: there is no line {name!r}; there are {', '.join(NAMES)}")
        self._name = name
        self._left = int(times or 1)
        self._proof = given.get("STREAM_APP_FAILPOINT_FILE", "")

    def reach(self, name: str) -> None:
        """The line `name` was reached: kill the process if it is the one asked for."""
        if name != self._name:
            return
        self._left -= 1
        if self._left == 0:
            if self._proof:
                Path(self._proof).write_text(name)
            os.kill(os.getpid(), signal.SIGKILL)
