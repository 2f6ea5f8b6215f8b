"""The health of customers: what evidence makes, and that what is kept between readings equals evaluating afresh."""

import re
from pathlib import Path
from random import Random

from stream_app.catalogue import read_all
from stream_app.domain.board import Board, combined
from stream_app.domain.health.ledger import Ledger, Standing
from stream_app.domain.health.score import Health, evaluate
from stream_app.domain.health.tiers import stamp
from stream_app.domain.health.words import HOUR_MS, KNOWN, NOTHING, POINTS, Evidence, Item
from stream_app.domain.rules import Rules
from stream_app.domain.whole import Whole
from stream_app.pipeline import spans

RULES = Rules(health_fade_days=5, health_stale_days=7, worst_accounts=4)
HOUR = 500_000
DAY = 24


def health(*items: Item, hour: int = HOUR, rules: Rules = RULES) -> Health:
    found = evaluate({item: items.count(item) for item in items}, hour, rules)
    assert found is not None
    return found


def plain(standing: Standing) -> dict[str, object]:
    """What a standing says; a count that came back to zero may stay or not."""
    scores = {account: score for score, accounts in enumerate(standing.scores) for account in accounts}
    counts = (standing.bands, standing.at_risk, standing.stale)
    return {
        "scores": scores,
        "unknown": standing.unknown,
        "counts": [{k: n for k, n in c.items() if n} for c in counts],
    }


def evidence(rng: Random, near: int) -> Evidence:
    """What a row may say: mostly states and answers around an hour, some far ahead as devices have it."""
    items = tuple(
        (rng.choice([*POINTS, KNOWN, "case"]), near + rng.choice((-400, -200, -100, -30, -5, -1, 0, 1, 2, 30, 200)))
        for _ in range(rng.choice((0, 1, 1, 2, 4)))
    )
    minute = near * HOUR_MS + rng.randint(-2, 2) * 60_000
    return items, stamp(minute, rng.choice(("basic", "premium", "", "odd")), RULES) if items else 0


def test_reading_at_any_hours_gives_what_evaluating_everything_afresh_gives() -> None:
    for seed in range(60):
        rng, kept, hour = Random(seed), Ledger(), HOUR
        rows: dict[tuple[str, int], Evidence] = {}
        for _ in range(120):
            for _ in range(rng.choice((0, 1, 3))):
                row = (f"account-{rng.randint(0, 5)}", rng.randint(0, 3))
                said, says = rows.get(row, NOTHING), evidence(rng, hour)
                kept.move(row[0], said, says)
                rows[row] = says
            hour += rng.choice((0, 0, 1, 1, 2, 23, 24, 100, -1, -30))
            afresh = Ledger()
            for (account, _), says in rows.items():
                if says != NOTHING:
                    afresh.move(account, NOTHING, says)
            assert plain(kept.read(hour, RULES)) == plain(afresh.read(hour, RULES)), seed
            assert kept.contents() == afresh.contents()


def test_a_heartbeat_that_moves_silence_further_away_asks_for_no_evaluation() -> None:
    ledger = Ledger()
    ledger.move("a", NOTHING, ((("silent_device", HOUR + 2),), 0))
    ledger.read(HOUR, RULES)
    for later in range(2, 40):
        ledger.move("a", ((("silent_device", HOUR + later),), 0), ((("silent_device", HOUR + later + 1),), 0))
        assert not ledger._changed
    assert plain(ledger.read(HOUR + 39, RULES))["scores"] == {"a": 100}
    assert plain(ledger.read(HOUR + 41, RULES))["scores"] == {"a": 95}


def test_an_event_fades_by_the_day_and_a_state_does_not() -> None:
    event = [health(("dissatisfied", HOUR), hour=HOUR + day * DAY).score for day in range(7)]
    assert event == [80, 84, 88, 92, 96, 100, 100]
    assert health(("dissatisfied", HOUR), hour=HOUR + DAY - 1).score == 80
    assert {health(("open_p1", HOUR), hour=HOUR + day * DAY).score for day in range(7)} == {85}


def test_evidence_of_later_counts_later() -> None:
    found = health(("open_p1", HOUR + 1))
    assert (found.score, found.due) == (100, HOUR + 1)


def test_no_kind_of_evidence_alone_puts_a_customer_at_risk() -> None:
    for kind, points in POINTS.items():
        found = health(*[(kind, HOUR)] * 200)
        assert found.band != "red"
        assert found.score == (60 if points > 0 else 100)


def test_good_news_gives_back_what_was_taken_and_no_more() -> None:
    assert health(("open_p1", HOUR), ("satisfied", HOUR)).score == 90
    assert health(("satisfied", HOUR)).score == 100


def test_without_evidence_there_is_no_score() -> None:
    assert evaluate({}, HOUR, RULES) is None
    assert evaluate({(KNOWN, 0): 3}, HOUR, RULES) is None
    assert health(("case", 0)).score == 100


def test_reasons_come_with_their_points_and_the_light_ones_are_not_to_blame() -> None:
    found = health(*[("open_p1", HOUR)] * 2, ("escalated", HOUR), ("detractor", HOUR - DAY), ("fault_minor", HOUR))
    assert found.reasons == (("open_p1", 3_000), ("detractor", 1_200), ("escalated", 1_200), ("fault_minor", 100))
    assert found.weighty == ("detractor", "escalated", "open_p1")


def test_an_input_is_stale_when_nothing_was_heard_for_long() -> None:
    assert health(("satisfied", HOUR - 7 * DAY + 1)).stale == ()
    assert health(("satisfied", HOUR - 7 * DAY)).stale == ("surveys",)
    silent = [("silent_device", HOUR - 9 * DAY), ("silent_device", HOUR - 8 * DAY)]
    assert health(*silent).stale == ("callhome",)
    assert health(*silent, ("silent_device", HOUR + 1)).stale == ()
    assert health(("case", 0), ("open_p3", HOUR - 900 * DAY)).stale == ()


PAGE = (Path(__file__).parents[2] / "docs" / "health.md").read_text()


def test_the_example_of_the_page_is_right() -> None:
    rules = Rules()
    days = {"dissatisfied": 6, "reopened": 3, "satisfied": 12}
    rows = dict(re.findall(r"^\| `(\w+)` \|.*?(-?\d+\.\d) \|$", PAGE, re.MULTILINE))
    assert len(rows) == 8
    items = [(kind, HOUR - days.get(kind, 1) * DAY) for kind in rows]
    found = health(*items, rules=rules)
    assert {kind: f"{points / 100:.1f}" for kind, points in found.reasons} == rows
    assert (found.score, found.band, set(found.weighty)) == (40, "red", {"dissatisfied", "open_p1"})
    without = [item for item in items if item[0] not in {"open_p1", "escalated"}]
    assert (health(*without, rules=rules).score, health(*without, rules=rules).band) == (67, "yellow")


def test_the_page_states_the_points_of_every_kind() -> None:
    stated: dict[str, int] = {}
    for kinds, points in re.findall(r"^\| (`.*?`) \|.*?\| ([-\d, ]+) \|.*\|$", PAGE, re.MULTILINE):
        stated |= zip(re.findall(r"`(\w+)`", kinds), map(int, points.split(", ")), strict=True)
    assert stated == POINTS


def boards() -> list[Board]:
    """Two workers' boards, with more customers in trouble than are shown."""
    found = []
    for first in (0, 5):
        board = Board(spans(RULES))
        for number in range(first, first + 5):
            says = (tuple([("open_p2", HOUR)] * (1 + number % 4)), 0)
            board.ledgers[0].move(f"account-{number}", NOTHING, says)
        found.append(board)
    return found


def worst(parts: list[Board]) -> dict[str, float]:
    found = read_all(parts, HOUR * HOUR_MS, RULES)
    return {labels[0]: value for (name, labels), value in found.items() if name == "support_customer_health_score"}


def test_the_worst_of_the_whole_are_the_worst_of_the_worst_of_its_parts() -> None:
    parts = boards()
    expected = {"account-2": 76, "account-3": 68, "account-6": 76, "account-7": 68}
    assert worst(parts) == worst([Whole(parts)]) == worst([combined(parts, spans(RULES))]) == expected
    union = {account: score for part in parts for account, score in worst([part]).items()}
    assert dict(sorted(union.items(), key=lambda item: (item[1], item[0]))[:4]) == expected


def test_no_customer_is_named_when_the_settings_say_none() -> None:
    assert read_all(boards(), HOUR * HOUR_MS, Rules())
    nobody = read_all(boards(), HOUR * HOUR_MS, Rules(worst_accounts=0))
    assert not [labels for name, labels in nobody if name == "support_customer_health_score"]
