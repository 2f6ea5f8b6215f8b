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

Side = Literal["customer", "agent"]
CaseState = Literal["new", "open", "waiting_customer", "waiting_vendor", "escalated", "solved", "closed", "merged"]


class Created(Fact, tag="created"):
    """A case was opened. `by`: who opened it; `origin` proactive when support did so on its own evidence.

    `access_point`: where the customer reached support, on a `device_class` (desktop or mobile). `complete`: whether
    it came with enough information to begin; left out when nobody judged. `device`: the one it is about; `signal`: the
    code of the device's fault that it was opened from, which makes it proactive.
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


class Assigned(Fact, tag="assigned"):
    """A person or a team took or was given the case. Without a `team` it stays with the one it was with."""

    team: Label = ""


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
    """Another person worked on the case too; it stayed with the one who has it."""


class PriorityChanged(Fact, tag="priority_changed"):
    """The case has another priority from now on."""

    priority: Label


class Solved(Fact, tag="solved"):
    """The agent says it is done. A solve of a solved case changes nothing."""


class Closed(Fact, tag="closed"):
    """The case is final."""


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


class Deleted(Fact, tag="deleted"):
    """Spam, a test, a mistake: the case leaves every number. A later snapshot brings it back."""


class TransferredOut(Fact, tag="transferred_out"):
    """The case goes on under another account, where it arrives as a snapshot."""


CaseFact = (
    Created | Assigned | Replied | Waiting | Resumed | Escalated | Collaborated | PriorityChanged | Solved | Closed
    | Reopened | Merged | Snapshot | Deleted | TransferredOut
)  # fmt: skip
