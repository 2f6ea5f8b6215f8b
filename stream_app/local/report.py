"""How the search for services tells a person what it is doing."""

import sys
from collections.abc import Callable

#: Takes one line of progress.
Say = Callable[[str], None]


def say_on_stderr(line: str) -> None:
    """Print a line of progress where it does not mix with a program's output."""
    print(f"  {line}", file=sys.stderr, flush=True)
