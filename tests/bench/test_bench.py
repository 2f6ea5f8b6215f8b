"""What the benchmark computes from what it saw; the measuring itself is `make bench`."""

import re
from pathlib import Path

import orjson
import pytest

from stream_app.codec import Event
from stream_app.domain.words import CHANNELS
from stream_app.exposition import plain
from stream_app.pipeline import AREAS
from stream_app.settings import RulesSettings
from tests.bench import pictures, report, sizing
from tests.bench.__main__ import MEASUREMENTS, arguments
from tests.bench.figures import quantile, spread
from tests.bench.latency import Seen, delays
from tests.bench.load import Load, events
from tests.bench.profile import shares
from tests.bench.scrapes import filled, series_of, width_for

NOW_MS = 1_800_000_000_000


def test_a_figure_is_a_median_with_the_lowest_and_the_highest() -> None:
    assert spread([3.0, 1.0, 20.0]) == (3.0, 1.0, 20.0)


def test_99_of_100_lie_at_or_below_the_99th_percentile() -> None:
    assert quantile([float(n) for n in range(1, 101)], 0.99) == 100
    assert quantile([1.0], 0.99) == 1


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("facts", [2, 5, 20])
def test_every_event_of_a_load_is_one_that_a_worker_accepts(area: str, facts: int) -> None:
    codec = AREAS[area].codec()
    found = [
        codec.decode(value, offset, NOW_MS) for offset, (_, value) in enumerate(events(Load(area, 30, facts), NOW_MS))
    ]
    assert len(found) == 30 * facts
    assert all(isinstance(event, Event) for event in found)


def test_an_event_of_a_case_is_about_350_bytes() -> None:
    sizes = [len(value) for _, value in events(Load("cases", 200), NOW_MS)]
    assert 330 < sum(sizes) / len(sizes) < 400


def test_the_delay_of_a_case_ends_with_the_first_scrape_that_counts_it() -> None:
    created = [[1_000, 2_000, 3_000], *([] for _ in CHANNELS[1:])]
    channel = CHANNELS[0]
    seen = [Seen(500, 0, {channel: 7}), Seen(2_500, 0, {channel: 9}), Seen(4_000, 0, {channel: 9})]
    assert delays(created, seen) == [0.5, 1.5, float("inf")]


def test_a_profile_counts_the_last_frame_as_own_time_and_every_frame_once() -> None:
    found = shares(
        "a (x/stream_app/m.py:1);b (y/site-packages/z.py:2);b (y/site-packages/z.py:9) 3\na (x/stream_app/m.py:4) 1\n"
    )
    assert found["own"] == {"b (z.py)": 75.0, "a (stream_app/m.py)": 25.0}
    assert found["within"] == {"a (stream_app/m.py)": 100.0, "b (z.py)": 75.0}


def test_boards_are_filled_to_about_as_many_series_as_asked() -> None:
    boards = filled(width_for(1_000, NOW_MS), NOW_MS // 60_000)
    found = series_of(plain(boards[:1], NOW_MS, RulesSettings().build()))
    assert found == pytest.approx(1_000, rel=0.1)


def _results() -> report.Results:
    one = spread([1.0, 2.0, 4.0])
    names = (
        "cpu_us_per_event", "events_per_s", "bytes_per_row", "rss_mb", "cpu_ratio_to_raw", "speedup_over_stock_faust",
        "cpu_speedup_over_stock_faust", "raw_cpu_us_per_event", "raw_events_per_s", "stock_cpu_us_per_event",
        "stock_events_per_s", "recovery_records_per_s", "recovered_rss_mb", "recovered_bytes_per_row",
    )  # fmt: skip
    machine = {"cores": 2, "cpu": "a processor", "memory_gb": 24, "system": "Linux", "python": "3.11", "kafka": "4.1.1",
               "load_at_start": 0.5}  # fmt: skip
    scrapes = {size: {"series": int(size), "scrape_s": one, "render_s": 0.002} for size in ("1000", "10000", "100000")}
    latency = {
        "rate": one,
        "event_to_scrape_p50_s": one,
        "event_to_scrape_p99_s": one,
        "scrape_p99_s": one,
        "series": 9,
    }
    grown = {"cpu_us_per_event": 3.0, "scrape_s": 0.01, "rss_mb": 9, "bytes_per_row": 800}
    growth = [{"rows_before": 0, "history": "1 h", **grown, "cpu_us_per_event": one}] * 2
    hours = [{"hours": hour, **grown} for hour in (1, 2, 6)]
    compared = {**dict.fromkeys(names, one), "rows": 2, "facts": 5}
    other = compared | {"cpu_us_per_event": spread([60.0]), "bytes_per_row": spread([1e6])}
    workers = {name: {"events_per_s": 9, "cpu_us_per_event": 3.0} for name in ("one", "two")}
    return {
        "pair": workers,
        "rows": growth, "history": growth, "running": hours, "memory": {"20": one},
        "others": {"surveys": other, "heartbeats": other},
        "machine": machine, "at": "today", "events": 10, "repeat": 3, "seconds": 60, "scrapes": scrapes,
        "throughput": compared, "latency": {**latency, "loop_stall_below_s": "0.1"},
    }  # fmt: skip


def test_the_summary_has_every_figure_with_its_spread_beside_it() -> None:
    found = orjson.loads(report.as_json(_results()))
    keys = {
        "cpu_us_per_event", "cpu_ratio_to_raw", "speedup_over_stock_faust", "events_per_s", "bytes_per_row",
        "recovery_records_per_s", "event_to_scrape_p99_s", "scrape_seconds",
    }  # fmt: skip
    assert found.keys() == keys | {f"{key}_spread" for key in keys} | {"details"}
    assert (found["events_per_s"], found["events_per_s_spread"]) == (2.0, [1.0, 4.0])
    assert found["scrape_seconds"] == {"1000": 2.0, "10000": 2.0, "100000": 2.0}


def test_the_page_keeps_the_last_table_and_nothing_of_the_one_before(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.keep(_results(), page)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| worker: events a second | 2 | 1 to 4 |" in text


@pytest.mark.parametrize("page", [report.DOCS, sizing.PAGE], ids=lambda page: page.name)
def test_a_page_in_docs_has_a_place_for_what_is_made(page: Path) -> None:
    text = page.read_text()
    assert text.count(report.BEGIN) == text.count(report.END) == 1


def test_sizes_follow_from_the_figures(tmp_path: Path) -> None:
    page = tmp_path / "sizing.md"
    page.write_text(f"before\n{report.BEGIN}\n{report.END}\nafter\n")
    sizing.keep(_results(), page)
    text = page.read_text()
    assert "| 10,000 | 0.03 (1) | 1.00 (1) | 1.00 (1) |" in text, "60 us of 10,000 events/s keep a core 60 % busy"
    assert "| 1,000,000 | 0.0 GiB | 931.3 GiB | 931.3 GiB | 500000 s |" in text


def test_every_picture_is_drawn_and_has_a_place_in_docs(tmp_path: Path) -> None:
    pictures.keep(_results(), tmp_path)
    text = report.DOCS.read_text()
    for name in pictures.PICTURES:
        drawn = (tmp_path / f"{name}.svg").read_text()
        assert drawn.startswith("<svg")
        assert "://" not in re.sub(r'xmlns(:\w+)?="[^"]*"|<!--.*?-->', "", drawn), "nothing is fetched"
        assert "<script" not in drawn
        assert f"(pictures/{name}.svg)" in text


def test_the_help_names_every_measurement(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["--help"])
    shown = capsys.readouterr().out
    assert all(name in shown for name in MEASUREMENTS)


def test_a_part_of_the_measurements_is_not_kept_in_the_docs() -> None:
    with pytest.raises(SystemExit):
        arguments(["--only", "scrapes", "--keep"])
