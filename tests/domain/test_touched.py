"""Which numbers a fact of a case can move is stated, and neither too little nor too much of it."""

from collections import defaultdict
from random import Random
from typing import Final

import pytest

from stream_app.domain import cases, surveyed
from stream_app.domain.cases import touched
from stream_app.domain.cases.weights import weigh
from stream_app.domain.fold import Fact, Outcome, Row, new_row, step
from stream_app.domain.health.evidence import of_case
from stream_app.domain.touched import ALL, EVIDENCE, PART, TOGETHER
from tests.generators import LONG, RULES, WIDE, stream
from tests.laws import decoded

GROUPS: Final = {
    "always": touched.ALWAYS, "opened": touched.OPENED, "spoken": touched.SPOKEN, "first": touched.FIRST,
    "told": touched.TOLD, "served": touched.SERVED, "done": touched.DONE, "backlog": touched.BACKLOG,
    "part": PART, "evidence": EVIDENCE, "together": TOGETHER,
}  # fmt: skip
STREAMS: Final = 60
ANSWERS: Final = (surveyed.Answer("a case", "csat", "satisfied", 1),)


def group(row: Row, bit: int) -> object:
    if bit == TOGETHER:
        return surveyed.together(row, ANSWERS, RULES)
    if bit == PART:
        return cases.part(row)
    return of_case(row, RULES) if bit == EVIDENCE else weigh(row, RULES, bit)


def moved() -> dict[type[Fact], set[str]]:
    """What facts that do not come late were seen to move, of rows that had been heard of."""
    found: dict[type[Fact], set[str]] = defaultdict(set)
    for seed in range(STREAMS):
        rows: dict[tuple[str, str], Row] = {}
        for key, fact in decoded(stream(Random(seed), LONG if seed % 2 else WIDE)).get("cases", []):
            row = rows.setdefault(key, new_row(cases.FOLDING))
            new, late = not row.count, (fact.at, fact.sequence) < (row.at, row.sequence)
            before = {name: group(row, bit) for name, bit in GROUPS.items()}
            applied = step(cases.FOLDING, key, row, fact) is Outcome.APPLIED
            if applied and not new and not late:
                found[type(fact)] |= {name for name, bit in GROUPS.items() if group(row, bit) != before[name]}
    return found


@pytest.mark.slow
def test_a_fact_moves_what_is_stated_and_nothing_else() -> None:
    seen = moved()
    stated = {
        kind: {name for name, bit in GROUPS.items() if bit & cases.TOUCHED.get(kind, ALL)}
        for kind in cases.FOLDING.moves
    }
    beyond = {kind.__name__: more for kind in stated if (more := seen[kind] - stated[kind])}
    assert beyond == {}
    never = {kind.__name__: less for kind in cases.TOUCHED if (less := stated[kind] - seen[kind] - {"always"})}
    assert never == {}


def test_the_groups_of_a_case_are_all_that_it_weighs() -> None:
    bits = [bit for bit in GROUPS.values() if bit not in {PART, EVIDENCE, TOGETHER}]
    rows: dict[tuple[str, str], Row] = {}
    for key, fact in decoded(stream(Random(1), LONG)).get("cases", []):
        row = rows.setdefault(key, new_row(cases.FOLDING))
        step(cases.FOLDING, key, row, fact)
        assert sorted(weigh(row, RULES), key=repr) == sorted((w for b in bits for w in weigh(row, RULES, b)), key=repr)
    assert rows
