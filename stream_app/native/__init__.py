"""The compiled core: what is done for every event, in C++ where a compiler was at hand when this was installed.

Everything in here has a plain counterpart in `stream_app.domain`, `stream_app.codec` or `stream_app.pipeline`, which
says what is right: both come to the same numbers, which is a law of its own. `STREAM_APP_NATIVE=0` in the environment
leaves the compiled core alone.
"""

import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from stream_app.codec import RowCodec
from stream_app.domain.fold import Fact, Row

VARIABLE: Final = "STREAM_APP_NATIVE"
"""The variable of the environment that turns the compiled core off when it is 0."""

_SOURCES: Final = {".pyx", ".pxd", ".pxi", ".hpp"}

BUILT: Final = find_spec("stream_app.native.cases") is not None
"""Whether there is a compiled core."""

if BUILT:
    from stream_app.native import cases, devices, surveys
    from stream_app.native.core import Core
    from stream_app.native.events import Reader, murmur2
    from stream_app.native.pages import give_back
    from stream_app.native.pages import granted as huge_pages_granted
    from stream_app.native.pages import use as use_huge_pages
    from stream_app.native.records import Chunk, Part
    from stream_app.native.rows import NativeRow
    from stream_app.native.tally import Tally

    CORES: Final[Mapping[str, Callable[[Any, Any], Core]]] = {
        "cases": cases.CaseCore, "surveys": surveys.SurveyCore, "callhome": devices.DeviceCore,
    }  # fmt: skip
    """Topic -> what makes its compiled core: (partition, area)."""

    KINDS: Final[Mapping[str, Mapping[type[Fact], int]]] = {
        "cases": cases.KINDS, "surveys": surveys.KINDS, "callhome": devices.KINDS,
    }  # fmt: skip
    """Topic -> the kinds of facts that its core folds."""

    DUMP: Final[Mapping[str, Callable[[RowCodec, Row], bytes]]] = {
        "cases": cases.dump, "surveys": surveys.dump, "callhome": devices.dump,
    }  # fmt: skip
    """Topic -> what makes bytes of its rows, given the plain codec."""

    READ: Final[Mapping[str, Callable[[RowCodec, bytes], Row]]] = {
        "cases": cases.read, "surveys": surveys.read, "callhome": devices.read,
    }  # fmt: skip
    """Topic -> what makes rows of such bytes, given the plain codec."""


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
    "BUILT", "CORES", "DUMP", "ENABLED", "KINDS", "PLAIN_BECAUSE", "READ", "VARIABLE", "Chunk", "Core", "NativeRow",
    "Part", "Reader", "Tally", "give_back", "huge_pages_granted", "murmur2", "use_huge_pages",
]  # fmt: skip
