"""Bugs of the reading of numbers from boards."""

from stream_app.catalogue import reads, values
from stream_app.domain import minutes
from tests.bugs.bug import ORACLE, PARTS, Bug

BUGS = (
    Bug("the oldest case is the newest", ORACLE, minutes.Minutes.first, "self._minutes[0]", "self._minutes[-1]"),
    Bug("the oldest cases of two workers are added up", PARTS, values.read, "TOGETHER[metric.aggregation]", "add"),
    Bug("silent devices with a case are candidates", ORACLE, reads.candidates, "-tally.read(now)[0]", "0"),
    Bug("the minute of the clock is no time in outage", ORACLE, reads._lasted_until, "* minute", "* (minute - 1)"),
    Bug("a device ahead of the clock is missing", ORACLE, reads.fleet, "fresh + ahead", "fresh"),
    Bug("buckets do not hold the smaller ones", ORACLE, reads._histogram, "running += count", "running = count"),
)
