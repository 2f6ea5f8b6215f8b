"""Events of cases."""

from random import Random
from typing import Final

from tests.events.making import CODES, DAY, HOUR, PRODUCTS, SECOND, Fields, Kinds, nothing, past, some, written

_PRIORITIES: Final = ("p1", "p2", "p3", "p4", "", "urgent")

_TIERS: Final = ("basic", "premium", "", "platinum")

_CHANNELS: Final = ("phone", "web", "email", "chat", "", "fax")

_TEAMS: Final = ("network", "storage", "network", "storage", "", "night_shift")

_ESCALATED_TO: Final = ("person", "engineering", "engineering", "engineering", "vendor", "", "the_moon")

_AGENTS: Final = ("ann", "bob", "eve", "")

_COLLABORATORS: Final = ("person", "team", "", "machine", *("vendor",) * 6)

_PARTNERS: Final = ("in_house", "reseller", "", "uncle")

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
        "delivered_by": rng.choice(_PARTNERS),
    }


def _case_snapshot(rng: Random, at: int) -> Fields:
    state = rng.choice(
        (
            "new", "open", "waiting_customer", "waiting_vendor", "escalated", "escalated", "solved", "closed", "merged",
            "merged",
        )
    )  # fmt: skip
    times: Fields = {"created_at": written(rng, past(rng, at))}
    for name in ("replied_at", "first_solved_at", "solved_at", "closed_at", "awaiting_since"):
        # A publisher whose clock or rounding is off names times after the snapshot's own.
        times[name] = written(rng, at + 5 * SECOND if rng.random() < 0.2 else past(rng, at))
    times["reopened_at"] = [written(rng, past(rng, at)) for _ in range(rng.choice((0, 0, 1, 2)))]
    for name in ("customer_spoke_at", "agent_spoke_at"):
        times[name] = [written(rng, past(rng, at)) for _ in range(rng.choice((0, 1, 2, 3)))]
    times["waited_ms"], times["idle_ms"] = rng.randint(0, rng.choice((3 * HOUR, 3 * DAY))), rng.randint(0, HOUR)
    if rng.random() < (0.9 if state == "escalated" else 0.3):
        times["escalated_to"] = rng.choice(_ESCALATED_TO)
    if rng.random() < 0.3:
        times["collaborated"] = rng.random() < 0.7
    about, told = some(rng, _about_a_case(rng)), some(rng, {**times, **_worked_on(rng, at)}, 0.5)
    if "merged_at" in told:
        told["engineering_until"] = told["merged_at"]  # one time in the past is as good as another
    return {"state": state, **about, **told}


def _worked_on(rng: Random, at: int) -> Fields:
    """What a snapshot says of who worked on a case."""
    return {
        "agent": rng.choice(_AGENTS),
        "handoffs": rng.randint(0, 3),
        "reassignments": rng.randint(0, 3),
        "collaborated_with": rng.sample(_COLLABORATORS, rng.choice((0, 0, 1, 2))),
        "vendor_authorised": rng.choice((True, False, None)),
        "merged_at": written(rng, past(rng, at)),
        "effort_minutes": rng.choice((None, 0, rng.randint(1, 900))),
        "engineering_at": written(rng, past(rng, at)),
        "information_rounds": rng.choice((0, 1, 2, 40)),
        "recorded": rng.choice((True, False, None)),
        "known_topic": rng.choice(("kt-1", "kt-2", "")),
        "topic_made": rng.random() < 0.5,
        "bug": rng.choice(("BUG-1", "")),
        "knowledge": rng.choice(("", "linked", "changed", "made")),
    }


def _link(rng: Random, _at: int) -> Fields:
    return {
        "what": rng.choice(("topic", "topic", "bug", "article", "article", "article")),
        "target": rng.choice(("one", "two")),
        **some(rng, {"action": rng.choice(("linked", "changed", "made"))}),
    }


def _attempt(rng: Random, _at: int) -> Fields:
    said = {"channel": rng.choice(_CHANNELS), "wait_ms": rng.choice((0, 299_999, 300_000, rng.randint(0, HOUR)))}
    return {"outcome": rng.choice(("queued", "connected", "abandoned", "cut_off", "", "lost")), **some(rng, said, 0.6)}


def _automatic(rng: Random, _at: int) -> Fields:
    steps = ("acknowledged", "routed", "routed", "routed", "bot_answered", "survey_sent", "", "danced")
    return {"step": rng.choice(steps), **some(rng, {"outcome": rng.choice(("done", "failed", "accepted", "", "odd"))})}


def _recorded(rng: Random, _at: int) -> Fields:
    return some(rng, {"recorded": rng.choice((True, False, None))}, 0.6)


KINDS: Final[Kinds] = {
    "created": (0.5, lambda rng, _at: some(rng, _about_a_case(rng))),
    "assigned": (
        4,
        lambda rng, _at: some(
            rng, {"team": rng.choice(_TEAMS), "agent": rng.choice(_AGENTS), "delivered_by": rng.choice(_PARTNERS)}
        ),
    ),
    "replied": (
        4,
        lambda rng, _at: {
            "by": rng.choice(("agent", "customer")),
            **some(
                rng,
                {"public": rng.random() < 0.7, "automatic": rng.random() < 0.3, "channel": rng.choice(_CHANNELS)},
            ),
        },
    ),
    "waiting": (4, lambda rng, _at: {"on": rng.choice(("customer", "customer", "vendor"))}),
    "resumed": (2, nothing),
    "escalated": (3.5, lambda rng, _at: some(rng, {"to": rng.choice(_ESCALATED_TO)})),
    "collaborated": (
        3,
        lambda rng, _at: some(rng, {"who": rng.choice(_COLLABORATORS), "authorised": rng.choice((True, False, None))}),
    ),
    "priority_changed": (2, lambda rng, _at: {"priority": rng.choice(_PRIORITIES)}),
    "solved": (5, _recorded),
    "closed": (2, _recorded),
    "reopened": (5, nothing),
    "merged": (0.6, lambda rng, _at: {"into": rng.choice(("elsewhere", "itself"))}),
    "snapshot": (2, _case_snapshot),
    "deleted": (0.4, nothing),
    "transferred_out": (0.3, nothing),
    "effort_logged": (1.5, lambda rng, _at: {"minutes": rng.choice((0, 5, rng.randint(1, 300)))}),
    "information_asked": (5, nothing),
    "linked": (2.5, _link),
    "contact_attempt": (1.5, _attempt),
    "automation": (2, _automatic),
}
