"""The closed sets that label values come from."""

from typing import Final

from stream_app.catalogue.metric import Scope, Values
from stream_app.codec import REASONS
from stream_app.domain.fold import Outcome
from stream_app.domain.health.words import BANDS, INPUTS, POINTS
from stream_app.domain.service_levels import TARGETS
from stream_app.domain.words import (
    ACCESS_POINTS,
    ASPECTS,
    ATTEMPTS,
    AUTOMATED,
    AUTOMATION,
    CASE_STATES,
    CAUSES,
    CHANNELS,
    COLLABORATORS,
    DEVICE_CLASSES,
    DUE,
    ESCALATED_TO,
    ISSUE_TYPES,
    KNOWLEDGE,
    ORIGINS,
    OTHER,
    PATHS,
    PRIORITIES,
    SEVERITIES,
    UNKNOWN,
    WINDOWS,
)
from stream_app.pipeline import AREAS


def exactly(*values: str) -> Values:
    """These values and no other."""
    return lambda _scope: values


def words(*values: str) -> Values:
    """What a publisher says: these values, `unknown` when it says nothing, `other` when it says something else."""
    return exactly(*values, UNKNOWN, OTHER)


WINDOW: Final = exactly(*WINDOWS)
PRIORITY: Final = words(*PRIORITIES)
STATE: Final = exactly(*CASE_STATES)
CHANNEL: Final = words(*CHANNELS)
ORIGIN: Final = words(*ORIGINS)
ISSUE: Final = words(*ISSUE_TYPES)
ACCESS: Final = words(*ACCESS_POINTS)
DEVICE_CLASS: Final = words(*DEVICE_CLASSES)
COMPLETE: Final = exactly("yes", "no", UNKNOWN)
DIRECTION: Final = exactly("inbound", "outbound")
ESCALATED: Final = words(*ESCALATED_TO)
SEVERITY: Final = words(*SEVERITIES)
ASPECT: Final = words(*ASPECTS)
SURVEY: Final = exactly("csat", "nps", "effort")
SURVEY_OF_CASE: Final = exactly("csat", "effort")
ABOUT: Final = exactly("case", "account")
ANSWER: Final = exactly("satisfied", "neutral", "dissatisfied", "promoter", "passive", "detractor")
OPINION: Final = exactly("satisfied", "neutral", "dissatisfied")
FLEET: Final = exactly("fresh", "late", "silent", "retired")
CHANGE: Final = exactly("raised", "cleared")
ENDED: Final = exactly("case", "self_healed", "cleared", UNKNOWN)
CAUSE: Final = exactly(*CAUSES)
RELEASE: Final = exactly("behind", "current", "ahead", UNKNOWN)
EVIDENCE: Final = exactly("critical_fault", "major_fault", "silent")
SIGNAL: Final = exactly("missed", "none")
KIND: Final = exactly("first", "full", "closed")
CONTACT: Final = exactly("first", "later", UNKNOWN)
TOUCHES: Final = exactly("none", "one", "two", "multi")
ATTEMPT: Final = words(*ATTEMPTS)
AUTOMATIC_STEP: Final = words(*AUTOMATION)
AUTOMATIC_OUTCOME: Final = words(*AUTOMATED)
ARTICLE: Final = exactly(*KNOWLEDGE)
YES_NO: Final = exactly("yes", "no")
TIMES: Final = exactly("one", "two", "multi")
PATH: Final = exactly(*PATHS)
COLLABORATOR: Final = words(*COLLABORATORS)
AUTHORISED: Final = exactly("yes", "no", UNKNOWN)
BAND: Final = exactly(*BANDS)
HEARD: Final = exactly(*sorted(set(INPUTS.values())))
CLOCK: Final = exactly("elapsed", "net", "business")
TARGET: Final = exactly(*TARGETS)
PROMISE: Final = exactly("met", "breached")
PROMISED: Final = exactly("running", "paused", "breached")
WITHIN: Final = exactly(*DUE)
AREA: Final = exactly(*AREAS)
OUTCOME: Final = exactly(*(outcome.value for outcome in Outcome))
REASON: Final = exactly(*REASONS)
RESULT: Final = exactly("ok", "refused")


def tier(scope: Scope) -> tuple[str, ...]:
    """The tiers of the settings."""
    return (*scope.rules.tiers, UNKNOWN, OTHER)


def team(scope: Scope) -> tuple[str, ...]:
    """The teams of the settings."""
    return (*scope.rules.teams, UNKNOWN, OTHER)


def region(scope: Scope) -> tuple[str, ...]:
    """The regions of the settings."""
    return (*scope.rules.regions, UNKNOWN, OTHER)


def dissatisfaction(scope: Scope) -> tuple[str, ...]:
    """The reasons of dissatisfaction of the settings."""
    return (*scope.rules.reasons, UNKNOWN, OTHER)


def partner(scope: Scope) -> tuple[str, ...]:
    """The partners of the settings."""
    return (*scope.rules.partners, UNKNOWN, OTHER)


def evidence(scope: Scope) -> tuple[str, ...]:
    """The kinds of evidence that take points by the settings."""
    return tuple(kind for kind in POINTS if scope.rules.health_points[kind] > 0)


def account(scope: Scope) -> tuple[str, ...]:
    """As many accounts as the settings show by name; which ones, their scores say."""
    return tuple(f"account_{n}" for n in range(1, scope.rules.worst_accounts + 1))


def product(scope: Scope) -> tuple[str, ...]:
    """The products of the settings."""
    return (*scope.rules.products, UNKNOWN, OTHER)


def version(scope: Scope) -> tuple[str, ...]:
    """As many versions as the settings give numbers of their own; which ones, devices say."""
    return (*(f"version_{n}" for n in range(1, scope.rules.top_versions + 1)), UNKNOWN, OTHER)


def bug(scope: Scope) -> tuple[str, ...]:
    """As many product issues as the settings show by name; which ones, cases say."""
    return _names("bug", scope.rules.top_bugs)


def known_topic(scope: Scope) -> tuple[str, ...]:
    """As many topics of solved cases as the settings show by name; which ones, cases say."""
    return _names("topic", scope.rules.top_known_topics)


def _names(word: str, count: int) -> tuple[str, ...]:
    return (*(f"{word}_{n}" for n in range(1, count + 1)), UNKNOWN, OTHER) if count else ()


def topic(scope: Scope) -> tuple[str, ...]:
    """The source topics as they are named at the broker."""
    return scope.topics


def partition(scope: Scope) -> tuple[str, ...]:
    """The numbers of the partitions."""
    return tuple(map(str, range(scope.partitions)))
