"""Events of callhome."""

from random import Random
from typing import Final

from tests.events.making import CODES, PRODUCTS, SEVERITIES, Fields, Kinds, nothing, past, some, written


def _device_snapshot(rng: Random, at: int) -> Fields:
    faults = {code: rng.choice(SEVERITIES) for code in rng.sample(CODES, rng.choice((0, 1, 2)))}
    retired = {"decommissioned_at": written(rng, past(rng, at))} if rng.random() < 0.4 else {}
    return {"product": rng.choice(PRODUCTS), **({"faults": faults} if faults else {}), **retired}


KINDS: Final[Kinds] = {
    "registered": (0.7, lambda rng, _at: {"product": rng.choice(PRODUCTS)}),
    "heartbeat": (4, nothing),
    "fault_raised": (
        4,
        lambda rng, _at: {"code": rng.choice(CODES), **some(rng, {"severity": rng.choice(SEVERITIES)})},
    ),
    "fault_cleared": (2.5, lambda rng, _at: {"code": rng.choice(CODES)}),
    "decommissioned": (1, nothing),
    "snapshot": (1.5, _device_snapshot),
    "deleted": (0.4, nothing),
    "transferred_out": (0.3, nothing),
}
