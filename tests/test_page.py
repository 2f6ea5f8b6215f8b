"""The page of a worker: what it owns, whether its numbers are the whole, and the numbers."""

from random import Random

from stream_app.domain.rules import Rules
from stream_app.pipeline import AREAS
from stream_app.shell.page import Standing, page
from stream_app.shell.stats import Stats
from stream_app.shell.web import standing
from tests.boards import filled
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


def test_numbers_that_are_not_zero_are_on_the_page_with_their_labels() -> None:
    keeper = idle_keeper(Stats(AREAS), 1, owned=True)
    text = page(standing(keeper), [filled(Random(1), Rules())], Rules())
    assert "<h2>support_cases_open</h2>" in text
    assert "<td>waiting_customer" in text
    assert ", of " in text


def test_what_comes_from_settings_is_escaped() -> None:
    unkind = Standing("<script>alert(1)</script>", ready=False, now_ms=0, clock="wall", topics={"<b>": (0, 1, 0)})
    text = page(unkind, [], Rules())
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;" in text
