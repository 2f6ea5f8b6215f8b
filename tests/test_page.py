"""The page of a worker: what it owns, whether its numbers are the whole, and the numbers."""

import re
from dataclasses import replace
from random import Random

from stream_app.catalogue import SUBJECTS
from stream_app.domain.board import Board
from stream_app.domain.rules import Rules
from stream_app.domain.words import MINUTE_MS
from stream_app.pipeline import AREAS, spans
from stream_app.shell.page import Standing, page
from stream_app.shell.stats import Stats
from stream_app.shell.web import standing
from tests.boards import NOW_MS, filled
from tests.workers import idle_keeper


def test_a_worker_that_owns_everything_says_that_its_numbers_are_the_whole() -> None:
    keeper = idle_keeper(Stats(AREAS), 2, owned=True)
    text = page(standing(keeper), keeper.boards(), Rules())
    assert "ready: this worker owns every partition" in text
    assert "2 of 2" in text


def test_a_worker_without_its_rows_shows_no_numbers_and_says_so() -> None:
    keeper = idle_keeper(Stats(AREAS), 2, owned=False)
    text = page(standing(keeper), [], Rules())
    assert "recovering: numbers are not shown" in text
    assert "<h2>support_cases_open</h2>" not in text


def test_a_worker_that_shares_says_that_its_numbers_are_a_part() -> None:
    keeper = idle_keeper(Stats(AREAS), 2, owned=True)
    gone = {tp for tp in keeper.held.assigned if tp.partition == 1}
    keeper.held.delivery.revoked([(tp.topic, tp.partition) for tp in gone])
    keeper.held.assigned -= gone
    assert "a part of the whole" in page(standing(keeper), keeper.boards(), Rules())


def test_the_first_page_shows_what_people_ask_first() -> None:
    keeper = idle_keeper(Stats(AREAS), 1, owned=True)
    board = filled(Random(1), Rules())
    now = standing(keeper)
    text = page(now, [board], Rules())
    assert f"<dt>open cases<dd>{sum(board.levels['cases_open'].values()):,}</div>" in text
    assert "href='/?show=cases'" in text
    assert "<h2>support_cases_open</h2>" not in text
    assert page(now, [board], Rules(), "nothing of the kind") == text


def test_numbers_that_are_not_zero_are_on_the_page_of_their_subject_with_their_labels() -> None:
    keeper = idle_keeper(Stats(AREAS), 1, owned=True)
    board = filled(Random(1), Rules())
    then = replace(standing(keeper), now_ms=NOW_MS)
    pages = {subject: page(then, [board], Rules(), subject) for subject in SUBJECTS}
    for subject, metrics in SUBJECTS.items():
        for metric in metrics:
            assert [name for name, text in pages.items() if f"<h2>{metric.name}</h2>" in text] == [subject]
    assert "<td>waiting_customer" in pages["cases"]
    assert re.search(r"mean [\d,]+ of [\d,]+", pages["cases"])


def test_windows_are_columns_from_the_shortest_to_the_longest() -> None:
    keeper = idle_keeper(Stats(AREAS), 1, owned=True)
    board = Board(spans(Rules()))
    now_ms = standing(keeper).now_ms
    for minutes_ago in (1, 30, 600, 20_000):
        board.add([("cases_reopened", (), now_ms // MINUTE_MS - minutes_ago, 1)])
    text = page(standing(keeper), [board], Rules(), "cases")
    assert "<th>15m<th>1h<th>24h<th>7d<th>30d" in text
    assert "<tr><td class=n>1<td class=n>2<td class=n>3<td class=n>3<td class=n>4" in text


def test_what_comes_from_settings_is_escaped() -> None:
    unkind = Standing("<script>alert(1)</script>", ready=False, now_ms=0, clock="wall", topics={"<b>": (0, 1, 0)})
    text = page(unkind, [], Rules())
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;" in text
