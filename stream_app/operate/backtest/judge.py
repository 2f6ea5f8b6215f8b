"""What fired against what truly went wrong."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from stream_app.operate.backtest.engine import Moment
from stream_app.operate.backtest.expected import EXPECTED
from stream_app.operate.backtest.period import STEP_SECONDS, Period
from stream_app.operate.backtest.report import Caught, Episode, Quality, Report
from stream_app.sources.simulate.incidents import KINDS, Span

_STEP_MS = STEP_SECONDS * 1000


def episodes(moments: Iterable[Moment]) -> list[Episode]:
    """Spells in which an alert fires without a pause, whatever its labels: what one notification opens."""
    found: list[Episode] = []
    by_name = sorted(moments, key=lambda moment: (moment.alert, moment.step))
    for (name, step), same in groupby(by_name, key=lambda moment: (moment.alert, moment.step)):
        labels = tuple(moment.labels for moment in same)
        if found and found[-1].alert == name and found[-1].last == step - 1:
            before = found[-1]
            found[-1] = before._replace(last=step, labels=tuple(dict.fromkeys((*before.labels, *labels))))
        else:
            found.append(Episode(name, step, step, labels))
    return found


def judged(
    period: Period, severities: Mapping[str, str], moments: Iterable[Moment], incidents: Sequence[Span], start_ms: int,
    events: int,
) -> Report:  # fmt: skip
    """The report. start_ms: the time of step 0. Episodes that ended in the warm-up are left out."""
    first = period.warm_up_ms // _STEP_MS
    spells = [spell for spell in episodes(moments) if spell.last >= first]
    alerts = []
    for name, severity in severities.items():
        own = [spell for spell in spells if spell.alert == name]
        false = [spell for spell in own if not any(_due_to(spell, span, start_ms) for span in incidents)]
        minutes = sum(spell.steps for spell in own) * STEP_SECONDS // 60
        alerts.append(Quality(name, severity, len(own), minutes, len(false), tuple(_at(s, start_ms) for s in false)))
    caught = tuple(_caught(span, spells, severities, start_ms) for span in incidents)
    return Report(period, events, tuple(alerts), caught)


def _at(spell: Episode, start_ms: int) -> int:
    return start_ms + spell.first * _STEP_MS


def _due_to(spell: Episode, span: Span, start_ms: int) -> bool:
    """Whether an incident explains a spell: of an alert that it may set off, in its time, about its subject."""
    expected = EXPECTED[span.kind]
    if spell.alert not in {*expected.caught_by, *expected.also}:
        return False
    begin, end = start_ms + spell.first * _STEP_MS, start_ms + spell.last * _STEP_MS
    if end < span.begin or begin > span.end + expected.lingers_ms:
        return False
    return any(_about(dict(labels), span) for labels in spell.labels)


def _about(labels: Mapping[str, str], span: Span) -> bool:
    """Whether an alert's labels name what an incident hits, if they name any of its sort."""
    told = labels.get(KINDS[span.kind].subject, "").rpartition(".")[2]
    return told in {"", span.target}


def _caught(span: Span, spells: Iterable[Episode], severities: Mapping[str, str], start_ms: int) -> Caught:
    """By which alert an incident was first told after it began."""
    times = [
        (max(_at(spell, start_ms), span.begin), spell.alert)
        for spell in spells
        if spell.alert in EXPECTED[span.kind].caught_by and _due_to(spell, span, start_ms)
        and _at(spell, start_ms) >= span.begin
    ]  # fmt: skip
    if not times:
        return Caught(span.kind, span.target, span.begin, span.end, None, "", None)
    at, alert = min(times)
    return Caught(span.kind, span.target, span.begin, span.end, alert, severities[alert], (at - span.begin) // 1000)
