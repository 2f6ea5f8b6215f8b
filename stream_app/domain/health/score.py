"""What the evidence of one account makes at a full hour: its score, the reasons, and when it can change by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stream_app.domain.health.words import EVENTS, GREEN, INPUTS, KNOWN, RED, YELLOW, Item
from stream_app.domain.rules import Rules

NEVER: Final = 2**62
_DAY: Final = 24


@dataclass(frozen=True, slots=True)
class Health:
    """How an account stands at an hour.

    score: 0 to 100. reasons: (kind of evidence, hundredths of points it takes; below 0 it gives back), heaviest
    first. weighty: the kinds that count as a reason, should it be at risk. stale: inputs of which nothing was heard
    lately. due: the next hour at which any of this changes without new evidence.
    """

    score: int
    band: str
    reasons: tuple[tuple[str, int], ...]
    weighty: tuple[str, ...]
    stale: tuple[str, ...]
    due: int


def evaluate(evidence: Mapping[Item, int], hour: int, rules: Rules) -> Health | None:
    """The health that evidence makes at a full hour since the epoch; None when nothing speaks of it.

    evidence: item -> how many there are. Points are whole parts of `health_fade_days`, so any order gives the same.
    """
    due, fade, points = NEVER, rules.health_fade_days, rules.health_points
    parts: dict[str, int] = {}
    for (kind, since), count in evidence.items():
        if since > hour:
            due = min(due, since)
        elif kind in points:
            left = fade
            if kind in EVENTS:
                days = (hour - since) // _DAY
                if days >= fade:
                    continue
                left -= days
                due = min(due, since + (days + 1) * _DAY)
            parts[kind] = parts.get(kind, 0) + count * left * points[kind]
    if not parts and all(kind == KNOWN for kind, _ in evidence):
        return None
    stale, over = _stale(evidence, hour, rules)
    return _health(parts, stale, min(due, over), rules)


def _stale(evidence: Mapping[Item, int], hour: int, rules: Rules) -> tuple[tuple[str, ...], int]:
    """The inputs that are stale, and the hour at which the next one is."""
    newest: dict[str, int] = {}
    for kind, since in evidence:
        told = INPUTS.get(kind)
        if told is not None:
            newest[told] = max(since, newest.get(told, since))
    ends = {told: since + rules.health_stale_days * _DAY for told, since in newest.items()}
    over = min((end for end in ends.values() if end > hour), default=NEVER)
    return tuple(sorted(told for told, end in ends.items() if end <= hour)), over


def _health(parts: dict[str, int], stale: tuple[str, ...], due: int, rules: Rules) -> Health:
    fade = rules.health_fade_days
    most = rules.health_most_points * fade
    for kind, part in parts.items():
        parts[kind] = max(-most, min(most, part))
    score = max(0, min(100, 100 - -(-sum(parts.values()) // fade)))
    band = RED if score < rules.health_red_below else YELLOW if score < rules.health_yellow_below else GREEN
    taken = {kind: part for kind, part in parts.items() if part > 0}
    heaviest, every = max(taken.values(), default=0), sum(taken.values())
    weighty = (
        kind for kind, part in taken.items() if part == heaviest or part * 100 >= rules.health_reason_share * every
    )
    reasons = sorted(((kind, part * 100 // fade) for kind, part in parts.items() if part), key=_by_weight)
    return Health(score, band, tuple(reasons), tuple(sorted(weighty)), stale, due)


def _by_weight(reason: tuple[str, int]) -> tuple[int, str]:
    kind, part = reason
    return -part, kind
