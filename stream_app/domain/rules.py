"""What an operator may set that a number depends on: the closed sets and the fleet's intervals."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings a weight depends on. Facts keep what was published; rules are applied when weighing.

    products, tiers, teams, regions, reasons (of dissatisfaction): closed sets of label values; others become `other`.
    heartbeat_minutes: expected minutes between two heartbeats of a product's devices;
    `default_heartbeat_minutes` for products not named. A device is late after `late_after`
    intervals without a sign of life, silent after `silent_after`.
    stuck_minutes: a case whose next step has been due for so long is stuck.
    """

    products: tuple[str, ...] = ("controller", "gateway", "sensor", "storage")
    tiers: tuple[str, ...] = ("basic", "standard", "premium", "enterprise")
    teams: tuple[str, ...] = ("front_line", "network", "platform", "storage")
    regions: tuple[str, ...] = ("amer", "apac", "emea")
    reasons: tuple[str, ...] = (
        "slow_response", "slow_solution", "not_solved", "had_to_repeat", "knowledge", "attitude", "product", "policy",
    )  # fmt: skip
    heartbeat_minutes: dict[str, int] = field(default_factory=dict)
    default_heartbeat_minutes: int = 15
    late_after: int = 2
    silent_after: int = 4
    stuck_minutes: int = 24 * 60

    def late_minutes(self, product: str) -> int:
        """Whole minutes without a sign of life after which a device of `product` is late."""
        return self.late_after * self.heartbeat_minutes.get(product, self.default_heartbeat_minutes)

    def silent_minutes(self, product: str) -> int:
        """Whole minutes without a sign of life after which a device of `product` is silent."""
        return self.silent_after * self.heartbeat_minutes.get(product, self.default_heartbeat_minutes)
