"""What an alert is, and what many of them have in common."""

from dataclasses import dataclass
from typing import Final

from stream_app.catalogue.promql import whole
from stream_app.operate.rules.parts import Firing

BELIEVED: Final = "and on() support:belief:complete == 1\nand on() support:belief:current == 1"
"""Follows the condition of every alert about support life."""

WATCHDOG: Final = "Watchdog"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. area: the file it stands in. team: who acts on it. gated: silent while belief is not 1.

    summary: what, one sentence for every case of it. description: which and how much. firing: None for one that
    always fires.
    """

    name: str
    area: str
    team: str
    expr: str
    firing: Firing | None
    summary: str
    description: str
    gated: bool = False

    @property
    def whole_expr(self) -> str:
        """The condition with its gate."""
        return f"(\n  {self.expr.replace(chr(10), chr(10) + '  ')}\n)\n{BELIEVED}" if self.gated else self.expr


def each(*terms: tuple[str, str]) -> str:
    """Several vectors as one, told apart by the label `basis`."""
    return "\nor ".join(f'label_replace({expr}, "basis", "{basis}", "", "")' for basis, expr in terms)


def slower(metric: str, seconds: int, *conditions: str, by: tuple[str, ...] = ()) -> tuple[str, str]:
    """Of a gauge histogram over all workers: how many took longer than a bound of its buckets, and of how many."""
    count = whole(f"{metric}_gcount", *conditions, by=by)
    within = whole(f"{metric}_bucket", *conditions, f'le="{float(seconds)}"', by=by)
    return f"{count} - {within}", count
