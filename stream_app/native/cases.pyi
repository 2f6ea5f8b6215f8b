from collections.abc import Mapping
from typing import Any, Final

from stream_app.codec import RowCodec
from stream_app.domain.fold import Fact, Row
from stream_app.native.core import Core

KINDS: Final[Mapping[type[Fact], int]]

class CaseCore(Core):
    def __init__(self, partition: Any, area: Any) -> None: ...

def dump(codec: RowCodec, row: Row) -> bytes: ...
def read(codec: RowCodec, data: bytes) -> Row: ...
