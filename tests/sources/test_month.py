"""A simulated month with incidents: every number moves in it, and every word a label can have occurs."""

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from stream_app.catalogue import METRICS, Metric, Scope, read
from stream_app.codec import Event
from stream_app.domain.rules import Rules
from stream_app.operate.backtest.period import BEGIN_MS, ORDINARY, spread
from stream_app.pipeline import AREAS, Partition
from stream_app.settings.groups import RulesSettings
from stream_app.sources.simulate.plan import plan
from stream_app.sources.simulate.profile import Life
from stream_app.sources.simulate.things import DAY, HOUR

pytestmark = pytest.mark.slow

DAYS: Final = 30
EVERY: Final = 4 * HOUR + 7 * 60_000
RULES: Final = RulesSettings(
    service_levels_file=Path(__file__).parents[2] / "deploy" / "service-levels.toml",
    current_versions=dict.fromkeys(Rules().products, "4.1.1"),
    untouched_days=3,
    health_stale_days=7,
).build()
"""As an operator would set them; the long waits shorter than a month."""

ANY_WORD: Final = frozenset({"window", "account", "version", "bug", "known_topic"})
"""Labels whose words are no closed set of their own, or follow from each other: what is in 15m was in 30d before."""

_NOT_SAID: Final = "the simulated publishers always say it, and in words of the settings"
_SPOKEN: Final = "the simulated customers ask to speak to somebody by phone and chat only"
_CODES: Final = "no fault code of the simulated devices falls under this cause"
_PROMISED: Final = "the shipped policies promise nothing to it"

NEVER: Final[dict[tuple[str, str, str], str]] = {
    ("*", "aspect", "unknown"): _NOT_SAID,
    ("*", "issue_type", "unknown"): _NOT_SAID,
    **{("*", "origin", word): _NOT_SAID for word in ("unknown", "other")},
    ("*", "product", "unknown"): _NOT_SAID,
    **{("*", "region", word): _NOT_SAID for word in ("unknown", "other")},
    ("*", "step", "unknown"): _NOT_SAID,
    ("*", "step", "other"): _NOT_SAID,
    ("*", "team", "other"): _NOT_SAID,
    ("*", "tier", "other"): _NOT_SAID,
    ("*", "who", "other"): _NOT_SAID,
    **{("support_contact_attempts", "outcome", word): _NOT_SAID for word in ("unknown", "other")},
    ("support_device_faults_ended", "outcome", "unknown"): "every simulated fault is raised before it ends",
    **{
        (f"support_contact_{what}", "channel", word): _SPOKEN
        for what in ("attempts", "wait_seconds")
        for word in ("web", "email", "community", "in_product", "social", "api", "other")
    },
    **{("*", "cause", word): _CODES for word in "013489abdf"},
    **{(f"support_sla_{what}", "tier", word): _PROMISED for what in ("cases", "due") for word in ("basic", "unknown")},
    **{
        (f"support_sla_{what}", "priority", word): _PROMISED
        for what in ("cases", "due", "due_unassigned", "breached_open")
        for word in ("unknown", "other")
    },
    **{
        ("stream_app_rows_incomplete", "topic", word): "simulated things are never first heard of in the middle"
        for word in ("surveys", "callhome")
    },
}  # fmt: skip
"""(metric, label, word) that does not occur -> why. An asterisk stands for any metric."""

AT_RISK_BY: Final = (
    "fault_critical", "fault_major", "fault_minor", "fault_other", "open_long", "open_other", "open_p4",
    "silent_device",
)  # fmt: skip
DISSATISFIED: Final = ("contacted", "awaiting_contact", "awaiting_contact_age_seconds")

RARE: Final = frozenset(
    {
        ("*", "reason", "policy"),
        ("*", "reason", "attitude"),
        ("*", "reason", "other"),
        ("*", "priority", "other"),
        ("*", "times", "two"),
        ("*", "times", "multi"),
        ("support_cases_open_engineering", "priority", "unknown"),
        ("support_cases_open_engineering_age_seconds", "priority", "unknown"),
        ("support_contact_wait_seconds", "channel", "unknown"),
        *(("support_devices_in_outage", "product", word) for word in (*Rules().products, "other")),
        ("support_sla_due_unassigned", "target", "engineering"),
        ("support_customers_at_risk", "tier", "unknown"),
        *(("support_customers_at_risk", "reason", word) for word in AT_RISK_BY),
        *(("support_dissatisfied_" + what, "tier", "unknown") for what in DISSATISFIED),
    }
)
"""(metric, label, word) so few things of a month come to that it occurs or not with the seed; the laws reach it."""

Seen = dict[str, dict[tuple[str, tuple[str, ...]], set[float]]]


@cache
def month() -> Seen:
    """Metric -> sample -> the values it had."""
    planned = plan(
        1,
        BEGIN_MS,
        DAYS * DAY,
        life=Life(devices=160),
        faults=ORDINARY,
        incidents=spread(DAYS),
        rules=RULES,
        keep=False,
    )
    partition, codecs = Partition(RULES), {topic: area.codec() for topic, area in AREAS.items()}
    seen: Seen = defaultdict(lambda: defaultdict(set))
    offset = 0
    for now in range(BEGIN_MS + EVERY, BEGIN_MS + DAYS * DAY, EVERY):
        events = defaultdict(list)
        for topic, _key, value, _published in planned.due(now):
            offset += 1
            found = codecs[topic].decode(value, offset, now + HOUR)
            if isinstance(found, Event):
                events[topic].append(found)
        for topic, batch in events.items():
            partition.absorb(AREAS[topic], batch)
        for metric in METRICS:
            for place, number in read(metric, [partition.board], now, RULES).items():
                seen[metric.name][place].add(number)
    return seen


def occurring(metric: Metric, label: str) -> set[str]:
    """The words of a label with which something was counted."""
    at = metric.label_names.index(label)
    return {labels[at] for (_, labels), numbers in month()[metric.name].items() if numbers - {0}}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_number_moves(metric: Metric) -> None:
    moves = any(len(numbers) > 1 for numbers in month()[metric.name].values())
    assert moves


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_word_of_a_label_occurs_or_is_listed_with_the_reason(metric: Metric) -> None:
    missing = {
        (metric.name, label, word)
        for label, words in metric.labels.items()
        if label not in ANY_WORD
        for word in set(words(Scope(RULES))) - occurring(metric, label)
    }
    known = {place for place in missing if {place, ("*", *place[1:])} & (NEVER.keys() | RARE)}
    assert missing - known == set()


def test_what_is_listed_as_missing_is_missing() -> None:
    occurs = [
        (name, label, word)
        for name, label, word in NEVER
        if all(
            word in occurring(metric, label)
            for metric in METRICS
            if name in {metric.name, "*"} and label in metric.labels
        )
    ]
    assert occurs == []
