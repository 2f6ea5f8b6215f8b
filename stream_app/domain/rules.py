"""What an operator may set that a number depends on: closed sets, the fleet's intervals, service levels."""

from dataclasses import dataclass, field

from stream_app.domain.health.words import POINTS
from stream_app.domain.service_levels import ServiceLevels


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings a weight depends on. Facts keep what was published; rules are applied when weighing.

    products, tiers, teams, regions, reasons (of dissatisfaction): closed sets of label values; others become `other`.
    heartbeat_minutes: expected minutes between two heartbeats of a product's devices;
    `default_heartbeat_minutes` for products not named. A device is late after `late_after`
    intervals without a sign of life, silent after `silent_after`.
    retired_grace_minutes: a sign of life within so long of a device's end does not bring it back.
    current_versions: the current release of a product's software, by product. top_versions: versions of a product
    with numbers of their own; the others are `other`. signal_days: so long before a reactive case about a device a
    fault of that device counts as a signal that was missed. storm_minutes: how long a raised fault counts as a
    device that its cause has hit.
    top_bugs, top_known_topics: product issues and topics with numbers of their own; 0: nothing is counted by name.
    partners: who may deliver support, a closed set like the others.
    stuck_minutes: a case whose next step has been due for so long is stuck.
    untouched_days: an open case of which nothing was heard for so long is untouched.
    levels: what is promised to cases, and the hours of the regions.
    health_*: how the score of a customer is made, see `domain.health`; health_points: of every kind of evidence;
    health_long_days: after these a case has been open for long. worst_accounts: how many are shown by name.
    """

    products: tuple[str, ...] = ("controller", "gateway", "sensor", "storage")
    tiers: tuple[str, ...] = ("basic", "standard", "premium", "enterprise")
    teams: tuple[str, ...] = ("front_line", "network", "platform", "storage")
    regions: tuple[str, ...] = ("amer", "apac", "emea")
    reasons: tuple[str, ...] = (
        "slow_response", "slow_solution", "not_solved", "had_to_repeat", "knowledge", "attitude", "product", "policy",
    )  # fmt: skip
    partners: tuple[str, ...] = ("in_house", "outsourcer", "reseller")
    heartbeat_minutes: dict[str, int] = field(default_factory=dict)
    default_heartbeat_minutes: int = 15
    late_after: int = 2
    silent_after: int = 4
    stuck_minutes: int = 24 * 60
    retired_grace_minutes: int = 60
    current_versions: dict[str, str] = field(default_factory=dict)
    top_versions: int = 20
    top_bugs: int = 10
    top_known_topics: int = 10
    signal_days: int = 7
    storm_minutes: int = 60
    untouched_days: int = 180
    levels: ServiceLevels = field(default_factory=ServiceLevels)
    health_points: dict[str, int] = field(default_factory=lambda: dict(POINTS))
    health_most_points: int = 40
    health_fade_days: int = 30
    health_long_days: int = 14
    health_stale_days: int = 90
    health_red_below: int = 50
    health_yellow_below: int = 75
    health_reason_share: int = 20
    worst_accounts: int = 20
