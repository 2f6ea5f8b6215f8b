"""The compiled core: what is done for every event, in C++ where a compiler was at hand when this was installed.

Everything in here has a plain counterpart in `stream_app.domain`, `stream_app.codec` or `stream_app.pipeline`, which
says what is right: both come to the same numbers, which is a law of its own. `STREAM_APP_NATIVE=0` in the environment
leaves the compiled core alone.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Final

VARIABLE: Final = "STREAM_APP_NATIVE"
"""The variable of the environment that turns the compiled core off when it is 0."""

_SOURCES: Final = {".pyx", ".pxd", ".pxi", ".hpp"}

BUILT: Final = find_spec("stream_app.native.cases") is not None
"""Whether there is a compiled core."""

if BUILT:
    from stream_app.native.beats import Beats
    from stream_app.native.beats import absorb as absorb_beats
    from stream_app.native.cases import KINDS, Cells, NativeRow, absorb, dump, native_row, read, restore
    from stream_app.native.events import Reader
    from stream_app.native.pages import granted as huge_pages_granted
    from stream_app.native.pages import use as use_huge_pages
    from stream_app.native.tally import Tally


def _plain_because() -> str:
    if not BUILT:
        return "the compiled one was not built"
    files = list(Path(__file__).parent.iterdir())
    built = max((file.stat().st_mtime for file in files if file.suffix in {".so", ".pyd"}), default=0.0)
    if any(file.stat().st_mtime > built for file in files if file.suffix in _SOURCES):
        return "the compiled one is older than its sources"
    return f"{VARIABLE}=0 says so" if os.environ.get(VARIABLE) == "0" else ""


PLAIN_BECAUSE: Final = _plain_because()
"""Why the plain core counts; empty when the compiled one does."""

ENABLED: Final = not PLAIN_BECAUSE

__all__ = [
    "BUILT", "ENABLED", "KINDS", "PLAIN_BECAUSE", "VARIABLE", "Beats", "Cells", "NativeRow", "Reader", "Tally",
    "absorb", "absorb_beats", "dump", "huge_pages_granted", "native_row", "read", "restore", "use_huge_pages",
]  # fmt: skip
