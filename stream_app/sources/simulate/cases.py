"""The life of a case, planned whole at its creation: answers, waiting, escalation, solve, reopening, close.

Shares and times follow published figures of technology support: 27 % by phone, how-to, faults and set-up a
third each, a mean resolution of 28 h with a long tail, about half solved at first contact.
"""

from dataclasses import dataclass
from math import log
from random import Random
from typing import Any, Final, NamedTuple, Protocol

from stream_app.sources.simulate.standing import snapshot
from stream_app.sources.simulate.things import DAY, HOUR, MINUTE, SECOND, Account, Step, Story, pick

CHANNELS: Final = {
    "phone": 0.27, "web": 0.33, "email": 0.20, "chat": 0.10, "in_product": 0.05, "community": 0.02,
    "social": 0.012, "api": 0.01, "fax": 0.005, "": 0.003,
}  # fmt: skip
"""Channel -> share of the cases: a few come by one nobody planned for, or by none that was noted."""

ISSUES: Final = {"how_to": 0.33, "bug_performance": 0.34, "install_config_setup": 0.32, "other": 0.01}
_INTERACTIVE: Final = frozenset({"phone", "chat"})
_PRIORITIES: Final = {
    True: {"p1": 0.09, "p2": 0.28, "p3": 0.41, "p4": 0.20, "": 0.015, "urgent": 0.005},
    False: {"p1": 0.03, "p2": 0.15, "p3": 0.50, "p4": 0.30, "": 0.015, "urgent": 0.005},
}
"""Whether the channel is interactive -> priority -> share."""

_ACCESS: Final = {
    "phone": {"phone": 1.0}, "web": {"web_site": 0.85, "mobile_app": 0.15}, "in_product": {"in_product": 1.0},
    "chat": {"web_site": 0.6, "mobile_app": 0.2, "in_product": 0.2}, "email": {"": 0.97, "letter": 0.03},
}  # fmt: skip
"""Channel -> share of the points of access; e-mail comes from anywhere."""

_NO_ACCESS: Final = {"": 1.0}
_DEVICES: Final = {"desktop": 0.7, "mobile": 0.27, "": 0.02, "tablet": 0.01}
COMPLETE: Final = 0.47
"""Share of the cases that come with enough information, of those that are judged."""

_JUDGED: Final = 0.95
PROACTIVE: Final = 0.14
"""Share of the cases that support opens itself; with outreach, 28 % of engagements are proactive."""

ENDS: Final = {"solved": 0.93, "merged": 0.025, "closed_unsolved": 0.02, "spam": 0.015, "transferred": 0.01}
FIRST_CONTACT: Final = 0.54
REOPENED: Final = 0.07
_RECONCILED: Final = 0.02
_DELETED_LATER: Final = 0.01

_RESOLUTION_MU: Final = log(12 * HOUR)
_RESOLUTION_SIGMA: Final = 1.3
"""Lognormal with a median of 12 h and a mean of 28 h."""

_SLOWNESS: Final = {"p1": 0.4, "p2": 0.75, "p3": 1.1, "p4": 1.35}
_RESPONSE_MEDIAN: Final = {"p1": 20 * MINUTE, "p2": 60 * MINUTE, "p3": 150 * MINUTE, "p4": 300 * MINUTE}
TEAMS: Final = ("front_line", "network", "storage", "platform")
_ESCALATED_TO: Final = {
    "tier": 0.35, "team": 0.2, "engineering": 0.2, "person": 0.1, "vendor": 0.08, "department": 0.05, "": 0.01,
    "board": 0.01,
}  # fmt: skip
_DELIVERED_BY: Final = {"in_house": 0.78, "outsourcer": 0.14, "reseller": 0.06, "": 0.015, "friend": 0.005}
_COLLABORATORS: Final = {"person": 0.7, "team": 0.17, "vendor": 0.1, "": 0.03}
_AUTHORISED: Final = 0.8
_LOGGED: Final = 0.9
"""Share of the replies of persons after which they log their effort."""

_EFFORT_MEDIAN: Final = 18
"""Minutes for a reply."""

_QUEUED: Final = 0.7
"""Share of the customers who speak to somebody after a time in a queue."""

ABANDONED: Final = 0.06
"""Calls given up for every case opened: of these no case comes."""

_ASKED: Final = 0.5
"""Share of the times a case waits on its customer because information is missing."""

_RECORDED: Final = 0.33
_ARTICLE: Final = 0.42
_KNOWN: Final = 0.7
_TIED: Final = 0.4
"""Share of the faults that are tied to a product issue."""

_ARTICLES: Final = {"linked": 0.75, "changed": 0.15, "made": 0.1}
_ROUTED: Final = {"done": 0.93, "failed": 0.05, "": 0.02}
_SUGGESTED: Final = {"accepted": 0.3, "declined": 0.6, "ignored": 0.1}

_CALLED: Final = 0.15
"""Share of the later exchanges that are a call, however the case was opened."""

_ROUNDS: Final = {
    "customer": 0.34, "exchange": 0.26, "vendor": 0.08, "note": 0.12, "escalated": 0.12, "assigned": 0.05,
    "collaborated": 0.03,
}  # fmt: skip
"""What happens next in a case that first contact did not solve."""


@dataclass(frozen=True, slots=True)
class Surge:
    """A broken product: its name, and until when (ms) its cases cannot be solved."""

    product: str
    until_ms: int


class Device(Protocol):
    """What a case may be about."""

    name: str
    product: str

    def faults(self, now: int) -> dict[str, str]:
        """The faults active before a time, code -> severity."""


class Life(NamedTuple):
    """A planned case. solves: times after which it stays solved. moved: its snapshot and steps at another account."""

    steps: list[Step]
    solves: list[int]
    moved: list[Step]


def live(
    rng: Random, pace: float, account: Account, at: int, product: str, surge: Surge | None = None,
    device: Device | None = None,
) -> Life:  # fmt: skip
    """Plan a case opened at `at` ms, about a device if any; `pace` is how many times faster than real life it runs."""
    story = Story(at)
    opened = _opened(rng, account, product, surge)
    if device is not None:
        opened |= {"device": device.name, "product": device.product}
        faults = device.faults(at)
        if faults and opened["origin"] == "proactive":
            opened["signal"] = min(faults)
    story.tell(at, "created", **opened)
    priority = opened.get("priority", "p3")
    length = rng.lognormvariate(_RESOLUTION_MU, _RESOLUTION_SIGMA) * _SLOWNESS.get(priority, 1.0) / pace
    solve_at = at + length if surge is None else max(at + length, surge.until_ms + rng.random() * length)
    end = "solved" if surge is not None else pick(ENDS, rng.random())
    if opened.get("channel") in {"email", "web"}:
        story.tell(at + 2 * SECOND / pace, "replied", by="agent", public=True, automatic=True)
        story.tell(at + 2 * SECOND / pace, "automation", step="acknowledged", outcome="done")
    if end == "spam":
        story.tell(at + rng.random() * HOUR / pace, "deleted")
        return Life(story.steps, [], [])
    median = 2 * MINUTE if opened.get("channel") == "phone" else _RESPONSE_MEDIAN.get(priority, 150 * MINUTE)
    _machines(rng, story, opened.get("channel", ""))
    _first_contact(rng, story, rng.lognormvariate(log(median), 0.9) / pace, solve_at, opened.get("channel", ""))
    if rng.random() > FIRST_CONTACT:
        _rounds(rng, story, solve_at)
    _linked(rng, story, opened, solve_at)
    return _ended(rng, pace, story, end, solve_at)


def given_up(rng: Random, pace: float, at: int) -> list[Step]:
    """A call that its customer gives up, so that no case comes of it."""
    story = Story(at)
    channel = "phone" if rng.random() < 0.8 else "chat"
    wait = rng.lognormvariate(log(3 * MINUTE), 0.7) / pace
    story.tell(at, "contact_attempt", channel=channel, outcome="queued")
    outcome = "abandoned" if rng.random() < 0.9 else "cut_off"
    story.tell(at + wait, "contact_attempt", channel=channel, outcome=outcome, wait_ms=int(wait))
    return story.steps


def _machines(rng: Random, story: Story, channel: str) -> None:
    """What machines do with a case before a person does."""
    at = story.at
    if channel == "chat":
        step = "bot_handed_over" if rng.random() < 0.8 else "bot_answered"
        story.tell(at + 1, "automation", step=step, outcome="done")
    elif channel == "web" and rng.random() < 0.4:
        story.tell(at + 1, "automation", step="solution_suggested", outcome=pick(_SUGGESTED, rng.random()))
    if channel != "phone" and rng.random() < 0.6:
        outcome = pick(_ROUTED, rng.random())
        story.tell(at + 1, "automation", step="routed", **({"outcome": outcome} if outcome else {}))


def _linked(rng: Random, story: Story, opened: dict[str, Any], solve_at: float) -> None:
    """What the case is tied to before its solve."""
    at = (story.at + solve_at) / 2
    if opened["issue_type"] == "bug_performance" and rng.random() < _TIED:
        story.tell(at, "linked", what="bug", target=f"BUG-{int(rng.random() ** 2 * 40)}")
    if rng.random() < 0.8:
        action = {} if rng.random() < _KNOWN else {"action": "made"}
        story.tell(at, "linked", what="topic", target=f"topic-{int(rng.random() ** 2 * 200)}", **action)
    if rng.random() < _ARTICLE:
        article = f"article-{int(rng.random() * 300)}"
        story.tell(at, "linked", what="article", target=article, action=pick(_ARTICLES, rng.random()))


def _opened(rng: Random, account: Account, product: str, surge: Surge | None) -> dict[str, Any]:
    channel = pick(CHANNELS, rng.random())
    proactive = surge is None and rng.random() < PROACTIVE
    priority = "p1" if surge is not None else pick(_PRIORITIES[channel in _INTERACTIVE], rng.random())
    opened: dict[str, Any] = {
        "by": "agent" if proactive else "customer",
        "origin": "proactive" if proactive else "reactive",
    }
    access, device = pick(_ACCESS.get(channel, _NO_ACCESS), rng.random()), pick(_DEVICES, rng.random())
    named = {"channel": channel, "priority": priority, "tier": account.tier, "access_point": access}
    if access in {"web_site", "mobile_app"}:
        named["device_class"] = "mobile" if access == "mobile_app" else device
    opened |= {name: value for name, value in named.items() if value}
    issue = "bug_performance" if surge is not None else pick(ISSUES, rng.random())
    opened |= {"product": product, "issue_type": issue, "region": account.region}
    if (judged := rng.random()) < _JUDGED:
        opened["complete"] = judged < COMPLETE * _JUDGED
    if delivered_by := pick(_DELIVERED_BY, rng.random()):
        opened["delivered_by"] = delivered_by
    opened["contact"] = f"{account.name}-c{rng.randrange(20)}"
    return opened


def _first_contact(rng: Random, story: Story, wait: float, solve_at: float, channel: str) -> None:
    """Assignment and the first reply of a person, before the solve."""
    at = story.at
    wait = min(wait, 0.8 * (solve_at - at))
    if channel in _INTERACTIVE:
        if rng.random() < _QUEUED:
            story.tell(at, "contact_attempt", outcome="queued")
        story.tell(at + 0.6 * wait, "contact_attempt", outcome="connected", wait_ms=max(int(0.6 * wait), 0))
    if rng.random() < 0.95:
        story.tell(at + wait * rng.random(), "assigned", team=pick_one(rng, TEAMS), agent=_agent(rng))
    if rng.random() < 0.97:
        story.tell(at + wait, "replied", by="agent", public=True)
        _logged(rng, story)


def _logged(rng: Random, story: Story) -> None:
    """The effort that a person logs just after what they did."""
    if rng.random() < _LOGGED:
        story.tell(story.at + 1, "effort_logged", minutes=round(rng.lognormvariate(log(_EFFORT_MEDIAN), 0.8)))


def _rounds(rng: Random, story: Story, solve_at: float) -> None:
    """Further work until the solve: questions, notes, escalation, waiting on others."""
    count = 1
    while count < 6 and rng.random() < 0.55:
        count += 1
    begin = story.at
    stride = max(solve_at - begin, 0) / (count + 1)
    for place in range(1, count + 1):
        at = begin + stride * (place - 0.5 * rng.random())
        until = at + stride * 0.45 * rng.random()
        _round(rng, story, pick(_ROUNDS, rng.random()), at, until)
    if rng.random() < 0.15:
        story.tell(begin + stride * (count + 0.5), "priority_changed", priority=pick_one(rng, ("p1", "p2", "p3", "p4")))


def _round(rng: Random, story: Story, what: str, at: float, until: float) -> None:
    if what in {"customer", "vendor"}:
        story.tell(at, "waiting", on=what)
        if what == "customer":
            if rng.random() < _ASKED:
                story.tell(story.at + 1, "information_asked")
            story.tell(until, "replied", by="customer")
        elif rng.random() < 0.2:
            story.tell((at + until) / 2, "waiting", on="customer")
        if rng.random() < 0.95:
            story.tell(until, "resumed")
    elif what == "exchange":
        other = {"channel": "phone"} if rng.random() < _CALLED else {}
        story.tell(at, "replied", by="customer", **other)
        story.tell(until, "replied", by="agent", **other)
        _logged(rng, story)
    elif what == "note":
        story.tell(at, "replied", by="agent", public=False)
    elif what == "escalated":
        story.tell(at, "escalated", to=pick(_ESCALATED_TO, rng.random()))
    elif what == "collaborated":
        story.tell(at, "collaborated", **_collaborator(rng))
    else:
        story.tell(at, "assigned", team=pick_one(rng, TEAMS), agent=_agent(rng))


def _collaborator(rng: Random) -> dict[str, Any]:
    """Who worked on a case too; vendors mostly with the customer's leave."""
    who = pick(_COLLABORATORS, rng.random())
    agreed = rng.random()
    said: dict[str, Any] = {"who": who} if who else {}
    return said | ({"authorised": agreed < _AUTHORISED} if who == "vendor" and agreed < 0.95 else {})


def _ended(rng: Random, pace: float, story: Story, end: str, solve_at: float) -> Life:
    if end == "merged":
        # Into a case that somebody else tells of; it need not be one of ours.
        story.tell(solve_at, "merged", into=f"duplicate-{rng.randrange(10**6):06d}")
        return Life(story.steps, [], [])
    if end == "closed_unsolved":
        story.tell(solve_at, "closed", **_recorded(rng))
        return Life(story.steps, [], [])
    solves = [story.tell(solve_at, "solved", **_recorded(rng))]
    if rng.random() < 0.01:
        story.tell(story.at + HOUR / pace, "solved")
    close = 3 * DAY / pace
    if rng.random() < REOPENED:
        if rng.random() < 0.3:
            story.tell(story.at + close, "closed")
        story.tell(story.at + rng.random() * close, "reopened")
        story.tell(story.at + rng.random() * HOUR / pace, "replied", by="agent", public=True)
        again = rng.lognormvariate(_RESOLUTION_MU, _RESOLUTION_SIGMA) * 0.3 / pace
        solves = [story.tell(story.at + again, "solved", **_recorded(rng))]
    if rng.random() < 0.3:
        story.tell(story.at + MINUTE / pace, "automation", step="survey_sent", outcome="done")
    if rng.random() < 0.97:
        _closed(rng, pace, story, story.at + close * (0.9 + 0.2 * rng.random()))
    if end == "transferred":
        return _transferred(rng, story.steps, solves)
    return Life(_corrected(rng, story.steps), solves, [])


def _closed(rng: Random, pace: float, story: Story, at: float) -> None:
    """The close, which a machine may make after it gave notice."""
    automatic = rng.random() < 0.5
    if automatic:
        story.tell(at - DAY / pace, "automation", step="close_notice", outcome="done")
    story.tell(at, "closed", **(_recorded(rng) if rng.random() < 0.1 else {}))
    if automatic:
        story.tell(at, "automation", step="auto_closed", outcome="done")


def _recorded(rng: Random) -> dict[str, bool]:
    """Whether the record is complete, where somebody looked."""
    looked = rng.random()
    return {"recorded": looked < _RECORDED * 0.95} if looked < 0.95 else {}


def _between(rng: Random, steps: list[Step]) -> tuple[int, int] | None:
    """A place in the story and an instant strictly between the steps around it; None if there is no room."""
    place = rng.randrange(1, len(steps)) if len(steps) > 1 else 0
    if not place or steps[place].at - steps[place - 1].at < 2:
        return None
    return place, rng.randrange(steps[place - 1].at + 1, steps[place].at)


def _transferred(rng: Random, steps: list[Step], solves: list[int]) -> Life:
    found = _between(rng, steps)
    if found is None:
        return Life(steps, solves, [])
    place, at = found
    arrival = Step(at, "snapshot", snapshot(steps[:place], at))
    return Life([*steps[:place], Step(at, "transferred_out", {})], solves, [arrival, *steps[place:]])


def _corrected(rng: Random, steps: list[Step]) -> list[Step]:
    """Now and then a reconciliation says how the case stands, or it is deleted and perhaps brought back."""
    draw = rng.random()
    if draw > _RECONCILED + _DELETED_LATER:
        return steps
    found = _between(rng, steps)
    if found is None:
        return steps
    place, at = found
    told = Step(at, "snapshot", snapshot(steps[:place], at))
    if draw < _RECONCILED:
        return [*steps[:place], told, *steps[place:]]
    gone = [*steps[:place], Step(at, "deleted", {})]
    if rng.random() < 0.7 or at + 1 >= steps[place].at:
        return gone
    told.at += 1
    return [*gone, told, *steps[place:]]


def pick_one(rng: Random, words: tuple[str, ...]) -> str:
    """One of some words, each as likely."""
    return words[int(rng.random() * len(words))]


def _agent(rng: Random) -> str:
    return f"agent-{int(rng.random() * 60):02d}"
