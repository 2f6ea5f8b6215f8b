"""Events of callhome."""

from random import Random
from typing import Final

from tests.events.making import CODES, DAY, HOUR, PRODUCTS, SEVERITIES, Fields, Kinds, nothing, past, some, written

_VERSIONS: Final = ("1.9", "2.0", "2.0.0", "2.10-rc1", "beta", "")


def _stated(rng: Random) -> Fields:
    return some(rng, {"heartbeat_minutes": rng.choice((0, 1, 30, 1_440)), "software": rng.choice(_VERSIONS)}, 0.5)


def _history(rng: Random, at: int, active: Fields) -> list[Fields]:
    """Faults that are over, and since when some of the active ones are."""
    found: list[Fields] = []
    for code in rng.sample(CODES, rng.choice((0, 1, 2, 3))):
        cleared = past(rng, at)
        raised = past(rng, cleared) if rng.random() < 0.5 else cleared - rng.randint(0, 12 * DAY)
        found.append({
            "code": code, "raised_at": written(rng, raised) if rng.random() < 0.8 else 0,
            "cleared_at": written(rng, cleared),
            **some(rng, {"severity": rng.choice(SEVERITIES), "self_healed": rng.random() < 0.5}),
        })  # fmt: skip
    since = [{"code": code, "raised_at": written(rng, past(rng, at))} for code in (*active, "E4") if rng.random() < 0.6]
    return rng.sample([*found, *since], len(found) + len(since))


def _outages(rng: Random, at: int) -> list[Fields]:
    found: list[Fields] = []
    for _ in range(rng.choice((0, 1, 2, 3))):
        began = past(rng, at)
        ended: Fields = {"ended_at": began + rng.randint(0, 9 * HOUR)} if rng.random() < 0.8 else {}
        found.append({"began_at": written(rng, began), **ended})
    return found


def _device_snapshot(rng: Random, at: int) -> Fields:
    faults = {code: rng.choice(SEVERITIES) for code in rng.sample(CODES, rng.choice((0, 1, 2)))}
    retired = {"decommissioned_at": written(rng, past(rng, at))} if rng.random() < 0.4 else {}
    told = some(rng, {"history": _history(rng, at, faults), "outages": _outages(rng, at)}, 0.7)
    return {
        "product": rng.choice(PRODUCTS),
        **({"faults": faults} if faults else {}),
        **retired,
        **_stated(rng),
        **told,
    }


KINDS: Final[Kinds] = {
    "registered": (0.7, lambda rng, _at: {"product": rng.choice(PRODUCTS), **_stated(rng)}),
    "heartbeat": (4, nothing),
    "fault_raised": (
        4,
        lambda rng, _at: {"code": rng.choice(CODES), **some(rng, {"severity": rng.choice(SEVERITIES)})},
    ),
    "fault_cleared": (2.5, lambda rng, _at: {"code": rng.choice(CODES)}),
    "self_healed": (1.5, lambda rng, _at: {"code": rng.choice(CODES)}),
    "outage_began": (2, nothing),
    "outage_ended": (1.5, nothing),
    "software_version": (1, lambda rng, _at: {"software": rng.choice(_VERSIONS)}),
    "decommissioned": (1, nothing),
    "snapshot": (1.5, _device_snapshot),
    "deleted": (0.4, nothing),
    "transferred_out": (0.3, nothing),
}
