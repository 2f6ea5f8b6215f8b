"""What one fact can change of what its row weighs: groups of weights as bits, so that only those are weighed again.

A topic numbers groups of its own from `FIRST_GROUP` on. A fact that comes late moves a row as a whole.
"""

from collections.abc import Mapping
from typing import Final

from stream_app.domain.fold import Fact

PART: Final = 1
"""The part that the joins of the account need of the row."""

EVIDENCE: Final = 2
"""What the row says of the health of its account."""

TOGETHER: Final = 4
"""What the row weighs with the rows about it."""

FIRST_GROUP: Final = 8

ALL: Final = -1

Touched = Mapping[type[Fact], int]
"""Type of fact -> the groups it can change when no later one came before it; `ALL` for a type that is not named."""
