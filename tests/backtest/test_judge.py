"""What fired is held against what went wrong: for nothing, caught, missed, and how soon."""

from stream_app.operate.backtest.engine import Moment
from stream_app.operate.backtest.expected import EXPECTED
from stream_app.operate.backtest.judge import episodes, judged
from stream_app.operate.backtest.period import BEGIN_MS, Period, spread
from stream_app.operate.backtest.report import Report, figures, markdown
from stream_app.operate.rules import WATCHDOG, alerts, read
from stream_app.sources.simulate.incidents import KINDS, Span
from stream_app.sources.simulate.things import DAY, HOUR, MINUTE

PERIOD = Period(days=7, warm_up_days=1)
START = BEGIN_MS - PERIOD.warm_up_ms
SEVERITIES = {"SupportDevicesSilent": "critical", "SupportPipelineLag": "warning"}


def at(hour: float, alert: str, **labels: str) -> Moment:
    return Moment(round(hour * 12), alert, tuple(sorted(labels.items())))


def firing(begin: float, end: float, alert: str, **labels: str) -> list[Moment]:
    return [at(step / 12, alert, **labels) for step in range(round(begin * 12), round(end * 12))]


def report(moments: list[Moment], *spans: Span) -> Report:
    return judged(PERIOD, SEVERITIES, moments, spans, START, 0)


SILENT = Span(BEGIN_MS + 10 * HOUR, BEGIN_MS + 14 * HOUR, "silent-fleet", "gateway")


def test_an_episode_lasts_as_long_as_anything_of_its_alert_fires() -> None:
    moments = [
        *firing(30, 31, "SupportDevicesSilent", product="gateway"),
        *firing(30.5, 32, "SupportDevicesSilent", product="sensor"),
        *firing(40, 41, "SupportDevicesSilent", product="gateway"),
    ]
    assert [(spell.first / 12, spell.steps) for spell in episodes(moments)] == [(30, 24), (40, 12)]


def test_an_incident_is_caught_by_the_first_alert_that_it_should_set_off() -> None:
    found = report(firing(24 + 11, 24 + 15, "SupportDevicesSilent", product="gateway"), SILENT)
    assert (found.incidents[0].alert, found.incidents[0].severity) == ("SupportDevicesSilent", "critical")
    assert found.incidents[0].after_seconds == 3_600
    assert not found.missed
    assert found.false_a_week("critical") == 0


def test_the_same_alert_about_something_else_is_for_nothing() -> None:
    found = report(firing(24 + 11, 24 + 12, "SupportDevicesSilent", product="sensor"), SILENT)
    assert found.missed
    assert found.false_a_week("critical") == 1
    assert found.alerts[0].false_at == (BEGIN_MS + 11 * HOUR,)


def test_an_alert_at_another_time_is_for_nothing() -> None:
    early = firing(24 + 8, 24 + 9, "SupportDevicesSilent", product="gateway")
    late = firing(24 + 14 + 2.5, 24 + 18, "SupportDevicesSilent", product="gateway")
    found = report([*early, *late], SILENT)
    assert found.alerts[0].false == 2
    assert found.missed


def test_an_alert_that_fired_before_an_incident_did_not_tell_of_it() -> None:
    assert report(firing(24 + 9, 24 + 13, "SupportDevicesSilent", product="gateway"), SILENT).missed


def test_what_fires_in_the_warm_up_counts_nowhere() -> None:
    found = report(firing(3, 5, "SupportDevicesSilent", product="gateway"))
    assert [alert.fired for alert in found.alerts] == [0, 0]


def test_tickets_are_no_pages() -> None:
    found = report(firing(48, 49, "SupportPipelineLag", topic="cases"))
    assert (found.false_a_week("critical"), found.false_a_week("warning")) == (0, 1)


def test_every_kind_of_incident_says_which_alerts_it_should_set_off() -> None:
    known = {alert.name for alert in alerts(read())} - {WATCHDOG}
    assert set(EXPECTED) == set(KINDS)
    for expected in EXPECTED.values():
        assert {*expected.caught_by, *expected.also} <= known


def test_incidents_are_spread_one_after_the_other() -> None:
    incidents = spread(30)
    assert {incident.kind for incident in incidents} == set(KINDS)
    assert incidents[-1].offset_ms < 30 * DAY
    ends = [incident.offset_ms + (incident.length_ms or 0) for incident in incidents]
    assert all(end + 10 * MINUTE < later.offset_ms for end, later in zip(ends, incidents[1:], strict=False))


def test_the_report_says_the_same_in_json_and_on_a_page() -> None:
    found = report(firing(24 + 11, 24 + 15, "SupportDevicesSilent", product="gateway"), SILENT)
    assert figures(found)["incidents"][0]["after_seconds"] == 3_600
    page = markdown(found)
    assert (
        "| silent-fleet (gateway) | day 1, Mon 10:00 | 4 h 00 min | SupportDevicesSilent (critical) | 1 h 00 min |"
        in page
    )
    assert "0.00 pages and 0.00 tickets a week for nothing; 1 of 1 incidents told." in page
