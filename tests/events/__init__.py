"""What happens to things, as publishers write it: for each topic the kinds of events, how often, and their fields."""

from typing import Final

from tests.events import callhome, cases, surveys
from tests.events.making import Kinds

KINDS: Final[dict[str, Kinds]] = {"cases": cases.KINDS, "surveys": surveys.KINDS, "callhome": callhome.KINDS}
