"""What the alerts read: the recording rules they rest on, and the series both take from workers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from stream_app.catalogue import SERIES, Record
from stream_app.operate.rules.alerts import Alert

_SELECTOR: Final = re.compile(r"\b([a-z_][a-z0-9_]*(?::[a-z0-9_:]+)?)(\{[^}]*\})?")
_MATCHER: Final = re.compile(r'(\w+)(=~|!~|!=|=)"((?:[^"\\]|\\.)*)"')

BY_PROMETHEUS: Final = ("up", "prometheus_rule_evaluation_failures_total")
"""Series that Prometheus makes itself."""


@dataclass(frozen=True, slots=True)
class Selector:
    """One use of a series: its name and the conditions on its labels, as (label, operator, value)."""

    name: str
    matchers: tuple[tuple[str, str, str], ...] = ()

    def takes(self, labels: dict[str, str]) -> bool:
        """Whether a series with these labels is meant."""
        return all(_fits(labels.get(label, ""), operator, value) for label, operator, value in self.matchers)


def _fits(found: str, operator: str, value: str) -> bool:
    same = re.fullmatch(value, found) is not None if "~" in operator else found == value
    return not same if operator.startswith("!") else same


@dataclass(frozen=True, slots=True)
class Needed:
    """Names of the recording rules, and the selectors of series by name."""

    records: frozenset[str]
    selectors: dict[str, list[Selector]] = field(default_factory=dict)

    def takes(self, name: str, labels: dict[str, str]) -> bool:
        """Whether some rule reads this series."""
        return any(selector.takes(labels) for selector in self.selectors.get(name, ()))


def needed(alerts: Iterable[Alert], records: Iterable[Record]) -> Needed:
    """What these alerts read, through recording rules too."""
    known: dict[str, list[str]] = {}
    for record in records:
        known.setdefault(record.name, []).append(record.expr)
    found: set[str] = set()
    selectors: dict[str, list[Selector]] = {}
    expressions = [alert.whole_expr for alert in alerts]
    while expressions:
        for selector in selected(expressions.pop()):
            if selector.name in known and selector.name not in found:
                found.add(selector.name)
                expressions += known[selector.name]
            elif selector.name in SERIES or selector.name in BY_PROMETHEUS:
                uses = selectors.setdefault(selector.name, [])
                if selector not in uses:
                    uses.append(selector)
    return Needed(frozenset(found), selectors)


def selected(expression: str) -> list[Selector]:
    """Every series an expression of our rules names; words of PromQL come with them and are nobody's series."""
    quoted = re.compile(r'"(?:[^"\\]|\\.)*"')
    bare = quoted.sub(lambda text: '"' + " " * (len(text[0]) - 2) + '"', expression)
    return [
        Selector(found[1], tuple(_MATCHER.findall(expression[found.start(2) : found.end(2)] if found[2] else "")))
        for found in _SELECTOR.finditer(bare)
    ]
