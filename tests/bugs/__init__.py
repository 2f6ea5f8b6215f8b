"""Deliberate bugs: edits of the product's source, each with the law that must find it."""

from tests.bugs import accounts, callhome, cases, core, health, reading, record, service_levels, surveys, work
from tests.bugs.bug import Bug

BUGS: tuple[Bug, ...] = (
    *core.BUGS, *accounts.BUGS, *cases.BUGS, *work.BUGS, *record.BUGS, *service_levels.BUGS, *surveys.BUGS,
    *callhome.BUGS, *health.BUGS, *reading.BUGS,
)  # fmt: skip

__all__ = ["BUGS", "Bug"]
