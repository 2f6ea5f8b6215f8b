"""What a case-management system publishes of a case."""

from typing import Annotated, Literal

from msgspec import Meta

from stream_app.domain.fold import Fact

Label = Annotated[str, Meta(max_length=64)]
"""A word of a closed set; a word outside the set is counted as `other`."""

Instant = Annotated[int, Meta(title="instant")]
"""A time in ms since the epoch; 0 when there is none. Published like `at`; one later than its event counts as `at`."""

Instants = Annotated[tuple[Instant, ...], Meta(max_length=256)]
"""Times in ms since the epoch, at most 256; of more the latest are meant."""

Duration = Annotated[int, Meta(ge=0, le=2**53)]
"""A length of time in ms."""

DeviceId = Annotated[str, Meta(max_length=128)]
"""The device a case is about, as call-home names it. Kept with the row, shown nowhere."""

Signal = Annotated[str, Meta(max_length=64)]
"""The code of the fault that a case was opened from."""

Count = Annotated[int, Meta(ge=0, le=10_000_000)]
"""How often, or how many."""

Name = Annotated[str, Meta(max_length=128)]
"""The name of a topic, a bug or an article, empty when there is none."""

Side = Literal["customer", "agent"]
CaseState = Literal["new", "open", "waiting_customer", "waiting_vendor", "escalated", "solved", "closed", "merged"]


class Created(Fact, tag="created"):
    """A case was opened. `by`: who opened it; `origin` proactive when support did so on its own evidence.

    `access_point`: where the customer reached support, on a `device_class` (desktop or mobile). `complete`: whether
    it came with enough information to begin; left out when nobody judged. `device`: the one it is about; `signal`: the
    code of the device's fault that it was opened from, which makes it proactive. `delivered_by`: whose people deliver
    the support: our own, a partner's.
    """

    by: Side = "customer"
    channel: Label = ""
    origin: Label = "reactive"
    priority: Label = ""
    tier: Label = ""
    team: Label = ""
    issue_type: Label = ""
    access_point: Label = ""
    device_class: Label = ""
    product: Label = ""
    region: Label = ""
    complete: bool | None = None
    device: DeviceId = ""
    signal: Signal = ""
    delivered_by: Label = ""


class Assigned(Fact, tag="assigned"):
    """A person or a team took or was given the case. Without a `team` it stays with the one it was with.

    `agent`: the person, under a pseudonym of the publisher's; it tells one from another and is shown nowhere.
    `delivered_by`: whose people deliver the support from now on.
    """

    team: Label = ""
    agent: Label = ""
    delivered_by: Label = ""


class Replied(Fact, tag="replied"):
    """Somebody wrote or spoke. Internal notes are not `public`; a machine's answer is `automatic`.

    Without a `channel` it came by the one the case was opened by.
    """

    by: Side
    public: bool = True
    automatic: bool = False
    channel: Label = ""


class Waiting(Fact, tag="waiting"):
    """Work stopped until the customer or a vendor does something."""

    on: Literal["customer", "vendor"]


class Resumed(Fact, tag="resumed"):
    """The waiting ended."""


class Escalated(Fact, tag="escalated"):
    """The case was handed on, `to` a person, tier, team, department, engineering or vendor."""

    to: Label = ""


class Collaborated(Fact, tag="collaborated"):
    """Somebody else worked on the case too; it stayed with the one who has it.

    `who`: a person, a team or a vendor. `authorised`: whether the customer agreed that a vendor sees the case.
    """

    who: Label = ""
    authorised: bool | None = None


class PriorityChanged(Fact, tag="priority_changed"):
    """The case has another priority from now on."""

    priority: Label


class Solved(Fact, tag="solved"):
    """The agent says it is done. A solve of a solved case changes nothing.

    `recorded`: whether the required fields of its record are filled; left out when nobody looked.
    """

    recorded: bool | None = None


class Closed(Fact, tag="closed"):
    """The case is final. `recorded`: as of `solved`."""

    recorded: bool | None = None


class Reopened(Fact, tag="reopened"):
    """A solved or closed case is open again."""


class Merged(Fact, tag="merged"):
    """The case goes on as another one."""

    into: Annotated[str, Meta(min_length=1, max_length=128)]


class Snapshot(Fact, tag="snapshot"):
    """The full state of a case at a time; replaces what earlier facts say.

    A solved or closed snapshot without `solved_at` was solved at `first_solved_at`, without that at `at`;
    one without `created_at` was created at `at`. `waited_ms`: time spent waiting on the customer until `at`;
    `idle_ms`: time between solves and reopenings. What of both lay before the first solve is not known when
    the case was reopened: then the first resolution is as long net as it is elapsed. `awaiting_since`: the
    first customer message that nobody has answered. `customer_spoke_at`, `agent_spoke_at`: when they wrote or
    spoke in public, the creation left out. `escalated_to`: where it was handed on last, whenever that was;
    `collaborated`: whether a second person ever worked on it. `device`, `signal`: as at the creation.
    `collaborated_with`: who did, and `vendor_authorised`: whether the customer agreed to each vendor. `handoffs`,
    `reassignments`: how often it went to another team without being escalated, to another agent of its team, while
    it was open. `merged_at`: when it went on as another case; `effort_minutes`: all time that people logged on it;
    `engineering_at`: when it was first escalated to engineering, and `engineering_until` when it was first solved or
    escalated elsewhere after that: without it a case that was handed on to engineering last left with its first solve
    since, else is there while it is escalated; of any other it is not known, and no target with engineering is judged.
    `information_rounds`: how often the customer was asked for what was missing; `recorded`: as of `solved`;
    `known_topic`: the topic it is about, and `topic_made` whether that was new; `bug`: the product issue it is tied
    to; `knowledge`: the most that was done with articles.
    Attempts to reach support and automatic steps are no state: a snapshot leaves them as they were told.
    """

    state: CaseState
    by: Side = "customer"
    channel: Label = ""
    origin: Label = "reactive"
    priority: Label = ""
    tier: Label = ""
    created_at: Instant = 0
    replied_at: Instant = 0
    first_solved_at: Instant = 0
    solved_at: Instant = 0
    closed_at: Instant = 0
    reopened_at: Instants = ()
    waited_ms: Duration = 0
    idle_ms: Duration = 0
    team: Label = ""
    awaiting_since: Instant = 0
    issue_type: Label = ""
    access_point: Label = ""
    device_class: Label = ""
    product: Label = ""
    region: Label = ""
    complete: bool | None = None
    customer_spoke_at: Instants = ()
    agent_spoke_at: Instants = ()
    escalated_to: Label = ""
    collaborated: bool = False
    device: DeviceId = ""
    signal: Signal = ""
    agent: Label = ""
    handoffs: Count = 0
    reassignments: Count = 0
    collaborated_with: Annotated[tuple[Label, ...], Meta(max_length=8)] = ()
    vendor_authorised: bool | None = None
    merged_at: Instant = 0
    effort_minutes: Count | None = None
    delivered_by: Label = ""
    engineering_at: Instant = 0
    engineering_until: Instant = 0
    information_rounds: Count = 0
    recorded: bool | None = None
    known_topic: Name = ""
    topic_made: bool = False
    bug: Name = ""
    knowledge: Literal["", "linked", "changed", "made"] = ""


class Deleted(Fact, tag="deleted"):
    """Spam, a test, a mistake: the case leaves every number. A later snapshot brings it back."""


class TransferredOut(Fact, tag="transferred_out"):
    """The case goes on under another account, where it arrives as a snapshot."""


class EffortLogged(Fact, tag="effort_logged"):
    """A person worked on the case for some `minutes`; no minutes are a person's look."""

    minutes: Count


class InformationAsked(Fact, tag="information_asked"):
    """Work cannot begin or go on before the customer says what is missing."""


class Linked(Fact, tag="linked"):
    """The case was tied to a known topic, a product issue or an article of the knowledge base, under its name there.

    `action`: it was there and was linked, it was changed, or it was made for this case. A topic that was made is new.
    """

    what: Literal["topic", "bug", "article"]
    target: Annotated[str, Meta(min_length=1, max_length=128)]
    action: Literal["linked", "changed", "made"] = "linked"


class ContactAttempt(Fact, tag="contact_attempt"):
    """The customer tried to speak to somebody and was queued, connected, abandoned it or was cut_off.

    Each turn of an attempt is an event. `wait_ms`: how long the customer waited until then, for a turn that ends the
    waiting. An attempt that no case came of has an id of its own and is told of alone.
    """

    outcome: Label
    channel: Label = ""
    wait_ms: Duration | None = None


class Automation(Fact, tag="automation"):
    """A machine did something.

    `step`: acknowledged, routed, solution_suggested, bot_answered, bot_handed_over, auto_closed, close_notice or
    survey_sent. `outcome`: done, failed, accepted, declined or reassigned, if it is known.
    """

    step: Label
    outcome: Label = ""


CaseFact = (
    Created | Assigned | Replied | Waiting | Resumed | Escalated | Collaborated | PriorityChanged | Solved | Closed
    | Reopened | Merged | Snapshot | Deleted | TransferredOut | EffortLogged | InformationAsked | Linked
    | ContactAttempt | Automation
)  # fmt: skip
