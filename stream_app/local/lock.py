"""One owner at a time for a directory of state."""

import fcntl
from pathlib import Path
from typing import IO

from stream_app.local.errors import LocalError


def hold(directory: Path) -> IO[bytes]:
    """Make a directory ours until the returned file is closed, or this process ends in whatever way.

    Raises LocalError if another holder, of this or of another process, has it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    lock = (directory / "lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise LocalError(f"{directory} is in use by another run; end that one, or use another directory") from error
    return lock
