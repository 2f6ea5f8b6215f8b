"""What a planted bug is."""

from collections.abc import Callable
from typing import Any, NamedTuple

BATCH = "1 batch size changes nothing"
REPLAY = "2 replay changes nothing"
AGAIN = "2 publishing again changes nothing"
REBUILT = "3 rebuilt equals kept"
PARTS = "4 parts add up"
BAD = "5 a bad payload costs only itself"
KEEPS = "5 whatever is decoded can be kept"
ORACLE = "6 stream equals batch"
EDGE = "6 stream equals batch at every edge"
COMPILED = "7 compiled equals plain"
ORDER = "order changes nothing"


class Bug(NamedTuple):
    """`old` becomes `new` in the source of `function`; `law` finds it in the streams whose seeds begin at `seed`."""

    name: str
    law: str
    function: Callable[..., Any]
    old: str
    new: str
    seed: int = 0
