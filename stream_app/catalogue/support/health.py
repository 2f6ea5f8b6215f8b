"""The numbers of the health of customers."""

from typing import Final

from stream_app.catalogue import health
from stream_app.catalogue.metric import Metric
from stream_app.catalogue.sets import BAND, HEARD, PRIORITY, account, evidence, tier

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "support_customers_by_health",
        "Customers by the band of their health score and by tier.",
        "customers",
        {"band": BAND, "tier": tier},
        "Score at the last full hour: 100 less the points of open, long open and escalated cases, cases reopened, "
        "survey answers, silent devices and active faults; see docs/health.md. Red below 50, yellow below 75, else "
        "green, unless the settings say otherwise.",
        health.bands,
    ),
    Metric(
        "support_cases_open_by_value",
        "Open cases by their tier, the health of their account and their priority: which deserve attention first.",
        "cases",
        {"tier": tier, "health": BAND, "priority": PRIORITY},
        "Open cases as in support_cases_open, beside the band of the account's score as in "
        "support_customers_by_health, at the last full hour. An open case is evidence, so its account has a score.",
        health.open_cases,
    ),
    Metric(
        "support_customers_without_health",
        "Customers without a health score: nothing is known that speaks of it.",
        "customers",
        {},
        "Accounts with rows, but without a case, an answered survey and a device in service.",
        health.unknown,
        zeros=True,
    ),
    Metric(
        "support_customers_at_risk",
        "Customers at risk by tier and reason.",
        "customers",
        {"tier": tier, "reason": evidence},
        "Customers in the red band, each under every reason that takes at least a share (a setting, 20 %) of all "
        "points taken, and under the one that takes most: one customer may count under several.",
        health.at_risk,
    ),
    Metric(
        "support_customers_health_stale",
        "Customers with a score to which an input has nothing new to say.",
        "customers",
        {"input": HEARD},
        "Customers whose latest survey answer, or whose last device to fall silent, is older than a setting "
        "(90 days); customers without such an input are not among them.",
        health.stale,
        zeros=True,
    ),
    Metric(
        "support_customer_health_score",
        "Health score of the customers with the lowest ones, by account.",
        "points",
        {"account": account},
        "The score of support_customers_by_health, 0 to 100, rounded down; as many accounts as a setting says, without "
        "those at 100. Each worker shows the lowest of its own.",
        health.worst,
        aggregation="min",
        cut=health.lowest,
    ),
    Metric(
        "support_customer_health_age_seconds",
        "How long ago the full hour was that health scores are of.",
        "seconds",
        {},
        "now - the last full hour, in whole minutes of the clock; absent while no customer is known.",
        health.age,
        aggregation="max",
    ),
)
