"""Events of cases."""

from random import Random
from typing import Final

from tests.events.making import CODES, DAY, HOUR, PRODUCTS, SECOND, Fields, Kinds, nothing, past, some, written

_PRIORITIES: Final = ("p1", "p2", "p3", "p4", "", "urgent")

_TIERS: Final = ("basic", "premium", "", "platinum")

_CHANNELS: Final = ("phone", "web", "email", "chat", "", "fax")

_TEAMS: Final = ("network", "storage", "", "night_shift")

_ESCALATED_TO: Final = ("person", "engineering", "vendor", "", "the_moon")

_DEVICES: Final = ("callhome-0", "callhome-0", "callhome-1", "callhome-2", "unheard-of")

_ORIGINS: Final = ("reactive", "reactive", "reactive", "proactive", "", "rumour")


def _about_a_case(rng: Random) -> Fields:
    return {
        "by": rng.choice(("customer", "customer", "agent")),
        "channel": rng.choice(_CHANNELS),
        "origin": rng.choice(_ORIGINS),
        "priority": rng.choice(_PRIORITIES),
        "tier": rng.choice(_TIERS),
        "team": rng.choice(_TEAMS),
        "issue_type": rng.choice(("how_to", "bug_performance", "install_config_setup", "other", "", "weather")),
        "access_point": rng.choice(("in_product", "web_site", "phone", "mobile_app", "", "counter")),
        "device_class": rng.choice(("desktop", "mobile", "", "watch")),
        "product": rng.choice(PRODUCTS),
        "region": rng.choice(("emea", "amer", "", "moon")),
        "complete": rng.choice((True, False, None)),
        "device": rng.choice((*_DEVICES, "")),
        **({"signal": rng.choice(CODES)} if rng.random() < 0.5 else {}),
    }


def _case_snapshot(rng: Random, at: int) -> Fields:
    state = rng.choice(
        ("new", "open", "waiting_customer", "waiting_vendor", "escalated", "solved", "closed", "merged")
    )  # fmt: skip
    times: Fields = {"created_at": written(rng, past(rng, at))}
    for name in ("replied_at", "first_solved_at", "solved_at", "closed_at", "awaiting_since"):
        # A publisher whose clock or rounding is off names times after the snapshot's own.
        times[name] = written(rng, at + 5 * SECOND if rng.random() < 0.2 else past(rng, at))
    times["reopened_at"] = [written(rng, past(rng, at)) for _ in range(rng.choice((0, 0, 1, 2)))]
    for name in ("customer_spoke_at", "agent_spoke_at"):
        times[name] = [written(rng, past(rng, at)) for _ in range(rng.choice((0, 1, 2, 3)))]
    times["waited_ms"], times["idle_ms"] = rng.randint(0, rng.choice((3 * HOUR, 3 * DAY))), rng.randint(0, HOUR)
    if rng.random() < 0.3:
        times["escalated_to"] = rng.choice(_ESCALATED_TO)
    if rng.random() < 0.3:
        times["collaborated"] = rng.random() < 0.7
    return {"state": state, **some(rng, _about_a_case(rng)), **some(rng, times, 0.5)}


KINDS: Final[Kinds] = {
    "created": (0.5, lambda rng, _at: some(rng, _about_a_case(rng))),
    "assigned": (2, lambda rng, _at: some(rng, {"team": rng.choice(_TEAMS)})),
    "replied": (
        4,
        lambda rng, _at: {
            "by": rng.choice(("agent", "agent", "customer")),
            **some(
                rng,
                {"public": rng.random() < 0.7, "automatic": rng.random() < 0.3, "channel": rng.choice(_CHANNELS)},
            ),
        },
    ),
    "waiting": (4, lambda rng, _at: {"on": rng.choice(("customer", "customer", "vendor"))}),
    "resumed": (2, nothing),
    "escalated": (2, lambda rng, _at: some(rng, {"to": rng.choice(_ESCALATED_TO)})),
    "collaborated": (1.5, nothing),
    "priority_changed": (2, lambda rng, _at: {"priority": rng.choice(_PRIORITIES)}),
    "solved": (5, nothing),
    "closed": (2, nothing),
    "reopened": (5, nothing),
    "merged": (0.6, lambda rng, _at: {"into": rng.choice(("elsewhere", "itself"))}),
    "snapshot": (1.5, _case_snapshot),
    "deleted": (0.4, nothing),
    "transferred_out": (0.3, nothing),
}
