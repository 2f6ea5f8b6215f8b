"""The compiled core: what is done for every event, in C++ where a compiler was at hand when this was installed.

Everything in here has a plain counterpart in `stream_app.domain`, which says what is right: the laws hold for both,
and both come to the same numbers. `STREAM_APP_NATIVE=0` in the environment leaves the compiled core alone.
"""

import os
from importlib.util import find_spec
from typing import Final

BUILT: Final = find_spec("stream_app.native.cases") is not None
"""Whether there is a compiled core."""

if BUILT:
    from stream_app.native.cases import KINDS, Cells, NativeRow, absorb, dump, native_row, restore
    from stream_app.native.events import Reader
    from stream_app.native.tally import Tally

ENABLED: Final = BUILT and os.environ.get("STREAM_APP_NATIVE", "1") != "0"

__all__ = [
    "BUILT",
    "ENABLED",
    "KINDS",
    "Cells",
    "NativeRow",
    "Reader",
    "Tally",
    "absorb",
    "dump",
    "native_row",
    "restore",
]
