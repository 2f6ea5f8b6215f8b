"""The truth of customers' health: what is told of each, added up at a full hour."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from stream_app.domain.rules import Rules
from stream_app.sources.simulate.numbers import Numbers
from stream_app.sources.simulate.things import DAY, HOUR, MINUTE


@dataclass(slots=True)
class _Customer:
    """What is told of one customer. lasts, happened: (kind, since). open: (tier, priority) of its open cases.

    spoken: whether anything told speaks of health.
    """

    lasts: list[tuple[str, int]] = field(default_factory=list)
    happened: list[tuple[str, int]] = field(default_factory=list)
    tiers: list[tuple[int, int, str]] = field(default_factory=list)
    open: list[tuple[str, str]] = field(default_factory=list)
    spoken: bool = False


class Customers:
    """Everything that is told of customers, by account."""

    def __init__(self, now_ms: int, rules: Rules) -> None:
        self._now, self._hour, self._rules = now_ms, now_ms // HOUR * HOUR, rules
        self._known: defaultdict[str, _Customer] = defaultdict(_Customer)

    def known(self, account: str) -> None:
        """There is a row of this account."""
        self._known[account].spoken |= False

    def case(self, account: str, created: int, tier: str) -> None:
        """The account has a case; tier: what it states."""
        customer, order = self._known[account], [*self._rules.tiers, "other"]
        customer.spoken = True
        if tier != "unknown":
            customer.tiers.append((created // 60_000, order.index(tier), tier))

    def opened(self, account: str, tier: str, priority: str) -> None:
        """The account has an open case."""
        self._known[account].open.append((tier, priority))

    def lasts(self, account: str, kind: str, since: int) -> None:
        """Evidence that lasts."""
        self._known[account].spoken = True
        self._known[account].lasts.append((kind, since))

    def happened(self, account: str, kind: str, at: int) -> None:
        """Evidence that fades."""
        self._known[account].spoken = True
        self._known[account].happened.append((kind, at))

    def count(self, numbers: Numbers) -> None:
        """Count every customer."""
        scores = {}
        for account, customer in self._known.items():
            if customer.spoken:
                score = self._customer(numbers, customer)
                if score < 100:
                    scores[account] = score
            else:
                numbers.count("support_customers_without_health")
        for score, account in sorted((score, account) for account, score in scores.items())[
            : self._rules.worst_accounts
        ]:
            numbers.state("support_customer_health_score", score, account)
        if self._known:
            numbers.state("support_customer_health_age_seconds", (self._now - self._hour) // MINUTE * 60)

    def _customer(self, numbers: Numbers, customer: _Customer) -> int:
        rules = self._rules
        tier = max(customer.tiers)[2] if customer.tiers else "unknown"
        taken = self._taken(customer)
        score = max(0, min(100, floor(100 - sum(taken.values()))))
        band = "red" if score < rules.health_red_below else "yellow" if score < rules.health_yellow_below else "green"
        numbers.count("support_customers_by_health", band, tier)
        for of_tier, priority in customer.open:
            numbers.count("support_cases_open_by_value", of_tier, band, priority)
        cost = {kind: points for kind, points in taken.items() if points > 0}
        if band == "red":
            share = Fraction(rules.health_reason_share, 100) * sum(cost.values())
            for kind, points in cost.items():
                if points >= share or points == max(cost.values()):
                    numbers.count("support_customers_at_risk", tier, kind)
        stale = self._hour - rules.health_stale_days * DAY
        answers = [_full_hour(at) for kind, at in customer.happened if kind != "reopened"]
        silences = [_full_hour(since) for kind, since in customer.lasts if kind == "silent_device"]
        for told, times in (("surveys", answers), ("callhome", silences)):
            if times and max(times) <= stale:
                numbers.count("support_customers_health_stale", told)
        return score

    def _taken(self, customer: _Customer) -> dict[str, Fraction]:
        """The points that each kind of evidence takes."""
        rules = self._rules
        taken: Counter[str] = Counter()
        for kind, since in customer.lasts:
            if since <= self._hour:
                taken[kind] += rules.health_fade_days
        for kind, at in customer.happened:
            if at <= self._hour:
                taken[kind] += max(rules.health_fade_days - (self._hour - _full_hour(at)) // DAY, 0)
        most = rules.health_most_points
        points = {kind: Fraction(n * rules.health_points[kind], rules.health_fade_days) for kind, n in taken.items()}
        return {kind: max(min(found, Fraction(most)), Fraction(-most)) for kind, found in points.items()}


def _full_hour(at: int) -> int:
    """The first full hour that is not before a time, in ms."""
    return (at + HOUR - 1) // HOUR * HOUR
