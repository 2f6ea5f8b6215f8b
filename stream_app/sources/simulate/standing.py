"""Where a case stands, read from the steps of its story as spells of time.

Used to say what a snapshot of a case says, and to state the truth. Times in ms, None when there is none.
"""

from collections.abc import Sequence

from stream_app.sources.simulate.things import Fields, Step

Spell = tuple[int, int | None]
"""From, to (None: still)."""

_GONE = frozenset({"deleted", "transferred_out"})

_ONCE = (
    "by", "channel", "origin", "tier", "issue_type", "access_point", "device_class", "product", "region", "complete",
    "device", "signal",
)  # fmt: skip
"""What is said of a case once, at its creation."""


class Standing:
    """A case as its `steps` tell it. gone: deleted or with another account; merged: goes on as another case.

    went_on: when it was merged, which a snapshot may tell of later.
    messages: public ones of people but for the creation: time, side, channel.
    waits: spells of waiting on the customer. idle: from a solve (a close, if never solved) to the reopening.
    explained: an escalation accounts for the next assignment. helpers: who collaborated, and whether the customer
    agreed to it.
    engineering: since when it is there; fixing: when it first was, fixing_until when that ended;
    fixing_lost: it ended and nobody said when. effort: minutes.
    told_waited, told_idle: ms of both that only a snapshot tells of, and that was over at told_until.
    priorities: since when each held. solves: every one that counted when it came.
    """

    def __init__(self) -> None:
        self.steps: Sequence[Step] = ()
        self.gone = False
        self.created: int | None = None
        self.opened: Fields = {}
        self.priority = ""
        self.assigned = False
        self.escalated = False
        self.team = ""
        self.delivered_by = ""
        self.agent = ""
        self.handoffs = 0
        self.reassignments = 0
        self.explained = False
        self.helpers: list[tuple[str, bool | None]] = []
        self.effort: int | None = None
        self.rounds = 0
        self.asking = False
        self.recorded: bool | None = None
        self.topic = ""
        self.topic_made = False
        self.bug = ""
        self.knowledge = ""
        self.engineering: int | None = None
        self.fixing: int | None = None
        self.fixing_until: int | None = None
        self.fixing_lost = False
        self.handed_to: str | None = None
        self.collaborated = False
        self.awaiting: int | None = None
        self.messages: list[tuple[int, str, str]] = []
        self.replied: int | None = None
        self.first_solved: int | None = None
        self.solved: int | None = None
        self.closed: int | None = None
        self.merged: int | None = None
        self.went_on: int | None = None
        self.reopened: list[int] = []
        self.waiting: str | None = None
        self.waits: list[Spell] = []
        self.idle: list[tuple[int, int]] = []
        self.told_waited = 0
        self.told_idle = 0
        self.told_first_paused: int | None = None
        self.told_until: int | None = None
        self.priorities: list[tuple[int, str]] = []
        self.solves: list[int] = []

    @property
    def open(self) -> bool:
        """Whether somebody still has to solve it."""
        return not (self.gone or self.solved is not None or self.closed is not None or self.merged is not None)

    @property
    def state(self) -> str:
        """The exclusive word for how it stands, first match."""
        if self.merged is not None:
            return "merged"
        if self.closed is not None:
            return "closed"
        if self.solved is not None:
            return "solved"
        if self.waiting is not None:
            return f"waiting_{self.waiting}"
        if self.escalated:
            return "escalated"
        return "open" if self.assigned or self.replied is not None else "new"

    def waited(self, until: int) -> int:
        """Time it waited on the customer before an instant."""
        return self.told_waited + sum(
            max(min(until, until if end is None else end) - start, 0) for start, end in self.waits
        )

    def idled(self, until: int) -> int:
        """Time between solves and reopenings before an instant."""
        return self.told_idle + sum(end - start for start, end in self.idle if end <= until)

    def paused(self, solve: int) -> int:
        """What the net time to a solve leaves out."""
        if solve == self.first_solved and self.told_first_paused is not None:
            return self.told_first_paused
        return self.waited(solve) + self.idled(solve)

    def interactions(self) -> list[tuple[int, str, str]]:
        """The messages that begin a side's turn; the creation is the first of all."""
        found = [(self.created or 0, str(self.opened.get("by", "customer")), "")]
        for message in self.messages:
            if message[1] != found[-1][1]:
                found.append(message)
        return found

    def spoken(self, solve: int) -> int:
        """Interactions of the customer before a solve."""
        creation, *later = self.interactions()
        before = [side for at, side, _ in later if at <= solve]
        return (creation[1] == "customer") + before.count("customer")

    def priority_at(self, at: int) -> str:
        """The priority that held at a time."""
        return [priority for since, priority in self.priorities if since <= at][-1]

    def ended(self) -> int | None:
        """Since when it is not open."""
        return min((at for at in (self.solved, self.closed, self.merged) if at is not None), default=None)

    def still(self) -> list[tuple[int, int | None]]:
        """Spells in which nobody waits for support: waiting on the customer, and not being open."""
        spells: list[tuple[int, int | None]] = [*self.waits, *self.idle]
        ended = self.ended()
        if ended is not None:
            spells.append((ended, None))
        if self.told_until is not None:
            spells.append((self.told_until - self.told_waited - self.told_idle, self.told_until))
        return spells

    def questions(self) -> list[tuple[int, int]]:
        """The customer's questions that were answered: the first message, and the reply or solve."""
        turns = [(at, side == "customer") for at, side, _ in self.messages] + [(at, False) for at in self.solves]
        if self.created is not None and self.opened.get("by", "customer") == "customer":
            turns.append((self.created, True))
        found, asked = [], None
        for at, asks in sorted(turns):
            if asks:
                asked = at if asked is None else asked
            elif asked is not None:
                found.append((asked, at))
                asked = None
        return found

    def contact_ended(self) -> int | None:
        """When the customer first spoke after the first reply of a person."""
        replied = self.replied
        if replied is None:
            return None
        return min((at for at, side, _ in self.messages if side == "customer" and replied < at), default=None)

    def contact(self, solve: int) -> str:
        """Whether the customer spoke between the first reply of a person and a solve."""
        ended = self.contact_ended()
        if self.replied is None:
            return "unknown"
        return "later" if ended is not None and ended < solve else "first"

    def touches(self, solve: int) -> str:
        """How many public replies of persons came before a solve."""
        replies = sum(side == "agent" and at <= solve for at, side, _ in self.messages)
        return ("none", "one", "two")[replies] if replies < 3 else "multi"

    @classmethod
    def told(cls, at: int, said: Fields) -> "Standing":
        """Where a case stands by a snapshot alone."""
        case = cls()
        state = said["state"]
        case.created = said.get("created_at") or at
        case.opened = said
        case.priority = said.get("priority", "")
        case.priorities = [(0, case.priority)]
        case.assigned = state != "new"
        case.escalated = state == "escalated"
        case.team = said.get("team", "")
        case._told_work(at, said)
        case.handed_to = said.get("escalated_to") or ("" if case.escalated else None)
        spoken = [(time, side, "") for side in ("customer", "agent") for time in said.get(f"{side}_spoke_at", ())]
        case.messages = sorted(spoken, key=lambda message: message[0])
        case.replied = said.get("replied_at") or None
        case.first_solved = said.get("first_solved_at") or None
        case.reopened = list(said.get("reopened_at", ()))
        case.told_waited, case.told_idle = said.get("waited_ms", 0), said.get("idle_ms", 0)
        if state in {"solved", "closed"}:
            case.solved = said.get("solved_at") or case.first_solved or at
            case.first_solved = case.first_solved or case.solved
            case.closed = (said.get("closed_at") or at) if state == "closed" else None
        elif state == "merged":
            case.merged, case.went_on = at, said.get("merged_at") or at
        elif state.startswith("waiting_"):
            case._wait(at, state.removeprefix("waiting_"))
        case.told_until = min((time for time in (case.solved, case.closed) if time is not None), default=at)
        case.solves = sorted({solve for solve in (case.first_solved, case.solved) if solve is not None})
        case._told_fixing(said)
        if case.solved is None:
            case.awaiting = said.get("awaiting_since") or None
        if case.first_solved is not None:
            # How much of the paused time lies before the first of several solves is not told.
            case.told_first_paused = 0 if case.reopened else case.told_waited + case.told_idle
        return case

    def _told_work(self, at: int, said: Fields) -> None:
        """Who worked on it, by a snapshot."""
        self.agent, self.delivered_by = said.get("agent", ""), said.get("delivered_by", "")
        self.handoffs, self.reassignments = said.get("handoffs", 0), said.get("reassignments", 0)
        self.effort, self.explained = said.get("effort_minutes"), self.escalated
        helpers = said.get("collaborated_with") or ([""] if said.get("collaborated") else [])
        self.helpers = [(who, said.get("vendor_authorised")) for who in helpers]
        self.collaborated = bool(helpers)
        self.rounds, self.recorded = said.get("information_rounds", 0), said.get("recorded")
        self.topic, self.topic_made = said.get("known_topic", ""), said.get("topic_made", False)
        self.bug, self.knowledge = said.get("bug", ""), said.get("knowledge", "")
        self.fixing = said.get("engineering_at") or None
        if self.escalated and said.get("escalated_to") == "engineering":
            self.engineering = self.fixing = self.fixing or at

    def _told_fixing(self, said: Fields) -> None:
        """How long it was with engineering for the first time, by a snapshot."""
        since, until = self.fixing, said.get("engineering_until") or None
        if since is None:
            return
        if until is None and said.get("escalated_to") == "engineering":
            until = next((solve for solve in self.solves if solve >= since), None)
        self.fixing_until = until
        self.fixing_lost = until is None and self.engineering is None

    @property
    def path(self) -> str:
        """The way it went if it was not solved at first contact."""
        if self.handed_to is not None:
            return "escalated"
        if any(who in {"team", "vendor"} for who, _ in self.helpers):
            return "team"
        return "coached" if self.helpers else "unknown"

    @property
    def vendor_authorised(self) -> bool | None:
        """Whether the customer agreed to every vendor; None if that is not known or there was none."""
        answers = [agreed for who, agreed in self.helpers if who == "vendor"]
        if False in answers:
            return False
        return True if answers and None not in answers else None

    def add(self, step: Step) -> None:
        """Tell of one more step; a step that means nothing where the case stands changes nothing."""
        if step.kind == "created":
            if self.created is None:
                self.created, self.opened = step.at, step.fields
                self.priority = self.priority or step.fields.get("priority", "")
                self.priorities.append((step.at, self.priority))
                self.team = self.team or step.fields.get("team", "")
                self.delivered_by = self.delivered_by or step.fields.get("delivered_by", "")
                if step.fields.get("by", "customer") == "customer":
                    self._asked(step.at)
        elif step.kind == "replied":
            self._spoken(step.at, step.fields)
        elif self.merged is None:
            self._unmerged(step)

    def _spoken(self, at: int, said: Fields) -> None:
        """Somebody wrote: what is public and a person's own is a message."""
        if not said.get("public", True) or said.get("automatic"):
            return
        self.messages.append((at, said["by"], said.get("channel", "")))
        if said["by"] == "customer":
            self.asking = False
            self._asked(at)
        else:
            self.awaiting = None
            if self.replied is None:
                self.replied = at

    def _asked(self, at: int) -> None:
        if self.awaiting is None:
            self.awaiting = at

    def _unmerged(self, step: Step) -> None:
        if step.kind == "assigned":
            self._assign(step.fields)
        elif step.kind == "effort_logged":
            self.effort = (self.effort or 0) + step.fields["minutes"]
        elif step.kind == "linked":
            self._link(step.fields)
        elif step.kind == "priority_changed":
            self.priority = step.fields["priority"]
            self.priorities.append((step.at, self.priority))
        elif step.kind == "merged":
            self._stop_waiting(step.at)
            self.merged = self.went_on = step.at
        elif self.open:
            self._while_open(step)
        else:
            self._while_done(step)

    def _link(self, said: Fields) -> None:
        action = said.get("action", "linked")
        if said["what"] == "topic":
            self.topic, self.topic_made = said["target"], action == "made"
        elif said["what"] == "bug":
            self.bug = said["target"]
        else:
            self.knowledge = max(self.knowledge, action, key=("", "linked", "changed", "made").index)

    def _assign(self, said: Fields) -> None:
        """Somebody has it now; while it is open, that may be a handoff or a reassignment."""
        self.assigned = True
        self.delivered_by = said.get("delivered_by") or self.delivered_by
        before, team, agent = (self.team, self.agent), said.get("team"), said.get("agent", "")
        if team in {None, "", before[0]}:
            self.agent = agent or before[1]
            self.reassignments += self.open and before[1] not in {"", self.agent}
        else:
            self.team, self.agent = str(team), agent
            self.handoffs += self.open and before[0] != "" and not self.explained
        self.explained = self.explained and not team

    def _escalate(self, at: int, to: str) -> None:
        self.escalated = self.explained = True
        self.handed_to = to
        if to != "engineering":
            self.engineering = None
            self._fixed(at)
            return
        self.engineering = at if self.engineering is None else self.engineering
        self.fixing = at if self.fixing is None else self.fixing

    def _fixed(self, at: int) -> None:
        """Engineering is done with it, well or not, if it ever had it."""
        if self.fixing is not None and self.fixing_until is None:
            self.fixing_until = at

    def _while_open(self, step: Step) -> None:
        if step.kind == "waiting":
            self._wait(step.at, step.fields["on"])
        elif step.kind == "resumed":
            self._stop_waiting(step.at)
        elif step.kind == "escalated":
            self._escalate(step.at, step.fields.get("to", ""))
        elif step.kind == "collaborated":
            self.collaborated = True
            self.helpers.append((step.fields.get("who", ""), step.fields.get("authorised")))
        elif step.kind == "information_asked":
            self.rounds += not self.asking
            self.asking = True
        elif step.kind in {"solved", "closed"}:
            self._look(step.fields)
            self.escalated, self.engineering = False, None
            self._stop_waiting(step.at)
            if step.kind == "solved":
                self._solve(step.at)
            else:
                self.closed = step.at

    def _look(self, said: Fields) -> None:
        self.recorded = said.get("recorded", self.recorded)

    def _while_done(self, step: Step) -> None:
        kind, at = step.kind, step.at
        if kind == "closed" and self.closed is None:
            self._look(step.fields)
            self.closed = at
        elif kind == "solved" and self.solved is None:
            self._look(step.fields)
            self._solve(at)  # closed without a solve so far
        elif kind == "reopened":
            since = self.closed if self.solved is None else self.solved
            if since is not None:
                self.idle.append((since, at))
            self.reopened.append(at)
            self._fixed(at)
            self.solved = self.closed = None

    def _stop_waiting(self, at: int) -> None:
        if self.waiting == "customer":
            self.waits[-1] = (self.waits[-1][0], at)
        self.waiting = None

    def _wait(self, at: int, on: str) -> None:
        if self.waiting == on:
            return
        self._stop_waiting(at)
        self.waiting = on
        if on == "customer":
            self.waits.append((at, None))

    def _solve(self, at: int) -> None:
        self.solved, self.awaiting = at, None
        self.solves.append(at)
        self._fixed(at)
        if self.first_solved is None:
            self.first_solved = at


def standing(steps: Sequence[Step]) -> Standing:
    """Where a case stands after these steps, given in the order they happened."""
    case, begin = Standing(), 0
    for place in range(len(steps) - 1, -1, -1):
        if steps[place].kind == "snapshot":
            case, begin = Standing.told(steps[place].at, steps[place].fields), place + 1
            break
    case.steps = steps
    for step in steps[begin:]:
        if step.kind in _GONE:
            case.gone = True
            return case
        case.add(step)
    return case


def snapshot(steps: Sequence[Step], at: int) -> dict[str, object]:
    """What a snapshot taken at a time says of a case with these steps before it."""
    case = standing(steps)
    said: dict[str, object] = {"state": case.state}
    said |= {name: case.opened[name] for name in _ONCE if name in case.opened}
    if case.priority:
        said["priority"] = case.priority
    if case.handed_to:
        said["escalated_to"] = case.handed_to
    said |= _work(case)
    if case.team:
        said["team"] = case.team
    times = {
        "created_at": case.created, "replied_at": case.replied, "first_solved_at": case.first_solved,
        "solved_at": case.solved, "closed_at": case.closed, "awaiting_since": case.awaiting,
        "merged_at": case.went_on, "engineering_at": case.fixing,
        "engineering_until": None if case.fixing_lost else case.fixing_until,
    }  # fmt: skip
    said |= {name: time for name, time in times.items() if time is not None}
    for side in ("customer", "agent"):
        if times_spoken := [time for time, by, _ in case.messages if by == side]:
            said[f"{side}_spoke_at"] = times_spoken
    if case.reopened:
        said["reopened_at"] = list(case.reopened)
    said["waited_ms"] = case.waited(at)
    said["idle_ms"] = case.idled(at)
    return said


def _work(case: Standing) -> dict[str, object]:
    """What a snapshot says of who worked on a case, where there is something to say."""
    agreed = case.vendor_authorised
    said: dict[str, object] = {
        "agent": case.agent, "delivered_by": case.delivered_by, "handoffs": case.handoffs,
        "reassignments": case.reassignments, "collaborated": case.collaborated,
        "collaborated_with": sorted({who for who, _ in case.helpers}),
        "information_rounds": case.rounds, "known_topic": case.topic, "topic_made": case.topic_made, "bug": case.bug,
        "knowledge": case.knowledge,
    }  # fmt: skip
    said = {name: value for name, value in said.items() if value}
    said |= {} if case.recorded is None else {"recorded": case.recorded}
    said |= {} if agreed is None else {"vendor_authorised": agreed}
    return said | ({} if case.effort is None else {"effort_minutes": case.effort})
