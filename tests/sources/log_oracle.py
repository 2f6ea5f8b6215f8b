"""The figures of a log by plain SQL over its rows, written from the definitions; imports nothing of stream_app."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

_RECORDS = """
create table records as
with numbered as (
    select row_number() over () as line, *
    from read_csv('{file}', all_varchar = true, header = true, delim = ',', quote = '"', parallel = false)
), timed as (
    select line, "{case}" as thing, "{word}" as word, strptime("{time}", '{format}') as moment, {tie} as tie,
           {channel} as channel, "{word}" in ({terminal}) as terminal
    from numbered where "{word}" not in ({broken})
)
select *, row_number() over course as place,
       coalesce(lag(terminal) over course, false) as was_terminal,
       lag(terminal) over course is null as first
from timed window course as (partition by thing order by moment, tie, line)
"""

_FIGURES = """
with solves as (
    select thing, epoch(min(moment) filter (terminal and (word = '{solve}' or first))) - epoch(min(moment)) as took
    from records group by thing
)
select
    (select count(distinct thing) from records) as cases,
    (select count(*) from solves where took is not null) as solved,
    (select count(distinct thing) from records where word = '{close}') as closed,
    (select count(*) from records where was_terminal and not terminal) as reopenings,
    (select count(distinct thing) from records where was_terminal and not terminal) as reopened_cases,
    (select count(*) from (select arg_max(terminal, place) as done from records group by thing) where not done) as open,
    (select avg(took) from solves), (select quantile_cont(took, 0.5) from solves),
    (select quantile_cont(took, 0.9) from solves), (select quantile_cont(took, 0.95) from solves),
    (select max(took) from solves)
"""

_PEAK = """
with instants as (
    select moment, sum(case when not terminal and (first or was_terminal) then 1
                        when terminal and not was_terminal and not first then -1 else 0 end) as change
    from records group by moment
), levels as (select moment, sum(change) over (order by moment) as level from instants)
select cast(max(level) as int), cast(epoch_ms(min(moment) filter (level = (select max(level) from levels))) as bigint)
from levels
"""

_BACKLOGS = """
with instants as (select unnest($instants::bigint[]) as instant),
done as (
    select instant, arg_max(terminal, place) as done from instants, records where epoch_ms(moment) <= instant
    group by instant, thing
)
select count(*) filter (not done) from instants left join done using (instant) group by instant order by instant
"""

_OPENED = """
select count(*) from records
where first and epoch_ms(moment) <= {at} and epoch_ms(moment) // 60000 > {at} // 60000 - 7 * 24 * 60
"""


@dataclass(frozen=True)
class Layout:
    """What must be known of a log to read it by SQL."""

    case: str
    word: str
    time: str
    format: str
    solve: str
    close: str
    broken: str = ""
    tie: str = "0"
    channel: str = "''"


HELPDESK = Layout("Case ID", "Activity", "Complete Timestamp", "%Y/%m/%d %H:%M:%S.%g", "Resolve ticket", "Closed")
SERVICENOW = Layout(
    "number", "ident_state", "sys_updated_at", "%d/%m/%Y %H:%M", "Resolved", "Closed",
    broken="-100", tie="sys_mod_count::int", channel="contact_type",
)  # fmt: skip


class LogOracle:
    """A log in DuckDB."""

    def __init__(self, file: Path, layout: Layout) -> None:
        self._layout = layout
        self._db = duckdb.connect(config={"threads": 1})
        self._db.execute("set timezone = 'UTC'")
        terminal = f"'{layout.solve}', '{layout.close}'"
        self._db.execute(
            _RECORDS.format(
                file=file, case=layout.case, word=layout.word, time=layout.time, format=layout.format, tie=layout.tie,
                channel=layout.channel, terminal=terminal, broken=f"'{layout.broken}'",
            )
        )  # fmt: skip

    def _one(self, sql: str) -> tuple[Any, ...]:
        found = self._db.execute(sql).fetchone()
        assert found is not None
        return found

    def figures(self) -> tuple[Any, ...]:
        """Cases, solved, closed, reopenings, reopened cases, open; mean, median, p90, p95, max of the first solve."""
        return self._one(_FIGURES.format(solve=self._layout.solve, close=self._layout.close))

    def peak(self) -> tuple[int, int]:
        """The highest backlog at the end of an instant, and the first such instant in ms."""
        level, at = self._one(_PEAK)
        return level, at

    def backlogs(self, instants: list[int]) -> list[int]:
        """Cases open at instants (ms), earliest first."""
        return [many for (many,) in self._db.execute(_BACKLOGS, {"instants": instants}).fetchall()]

    def backlog(self, at_ms: int) -> int:
        """Cases open at an instant."""
        return self.backlogs([at_ms])[0]

    def opened(self, at_ms: int) -> int:
        """Cases created in the seven days of minutes that end at an instant."""
        return int(self._one(_OPENED.format(at=at_ms))[0])

    def channels(self) -> dict[str, int]:
        """Cases by the channel of their first record."""
        rows = self._db.execute("select channel, count(*) from records where first group by channel").fetchall()
        return dict(rows)

    def instants(self, count: int) -> list[int]:
        """Some instants spread over the log, in ms."""
        first, last = self._one("select epoch_ms(min(moment)), epoch_ms(max(moment)) from records")
        return [first + (last - first) * step // count for step in range(count + 1)]
