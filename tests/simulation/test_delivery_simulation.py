"""The delivery protocol under thousands of seeded fault schedules, and under planted bugs."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from .__main__ import command, run_many, seeds_to_catch
from .bugs import BUGS
from .world import MESSAGE_FAULTS, TIMED_FAULTS, World

FAST = 1_000
FULL = 5_000
SOAK = 200_000
SEEDS_TO_CATCH = 2_000

HAPPENED = (
    "batch absorbed in part",
    "batch of an earlier ownership",
    "batches dropped after a rebalance",
    "commit answer came late",
    "commit answer lost",
    "commit refused",
    "deleted",
    "die",
    "flush failed",
    "kill at append",
    "kill at assigned",
    "kill at commit",
    "kill at flush",
    "kill at recovered",
    "kill at revoking",
    "piece of a revoked partition left out",
    "revocation timed out",
    "revoked during a flush or commit",
    "rows kept",
    "seek back",
    "stray behind a higher row",
    "tombstone of another taken over",
    "write of a former owner",
)
"""What faults lead to; each must occur, or a rule of the protocol is not under test."""


def assert_all_right(seeds: range) -> Counter[str]:
    counts: Counter[str] = Counter()
    wrong = run_many(seeds, counts)
    assert not wrong, "\n".join(wrong)
    return counts


def test_a_thousand_schedules_of_faults_lose_and_double_nothing_and_every_fault_occurs() -> None:
    counts = assert_all_right(range(FAST))
    rare = {kind: counts[kind] for kind in (*MESSAGE_FAULTS, *TIMED_FAULTS, *HAPPENED) if counts[kind] < 10}
    assert not rare, rare


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_five_thousand_schedules_of_faults_lose_and_double_nothing() -> None:
    assert_all_right(range(FAST, FULL))


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_two_hundred_thousand_schedules_of_faults_lose_and_double_nothing() -> None:
    assert_all_right(range(FULL, FULL + SOAK))


QUICK = 300
"""Bugs that need more seeds than this are caught in the full run."""

RARE = {
    "commit in any generation",
    "deletes by what is absorbed",
    "kept rows of any age",
    "rows kept with strays unread",
    "strays ahead buried",
}


def assert_caught(name: str, within: int) -> None:
    assert seeds_to_catch(BUGS[name], range(within)) is not None, f"{name!r} survived {within} seeds"


@pytest.mark.slow  # they test the simulation, which `make check` runs
@pytest.mark.parametrize("name", sorted(set(BUGS) - RARE))
def test_a_planted_bug_makes_the_simulation_fail(name: str) -> None:
    assert_caught(name, QUICK)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", sorted(RARE))
def test_a_planted_bug_that_shows_rarely_makes_the_simulation_fail(name: str) -> None:
    assert_caught(name, SEEDS_TO_CATCH)


def test_a_seed_repeats_its_run_exactly() -> None:
    assert [World(seed).run().digest for seed in range(5)] == [World(seed).run().digest for seed in range(5)]


def test_different_seeds_run_differently() -> None:
    assert len({World(seed).run().digest for seed in range(20)}) == 20


def test_a_seed_repeats_its_run_under_another_hash_seed() -> None:
    root = Path(__file__).parents[2]
    lines = {
        subprocess.run(
            [sys.executable, "-m", "tests.simulation", "--seed", "17"],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(lines) == 1
    assert "seed 17 is right, trace" in lines.pop()


def test_a_failing_schedule_names_the_command_that_repeats_it() -> None:
    name = "commit before flush"
    caught = seeds_to_catch(BUGS[name], range(10))
    assert caught is not None
    words = command(caught[0] - 1, name)
    assert words.startswith(".venv/bin/python -m tests.simulation ")
    arguments = ["--seed", str(caught[0] - 1), "--trace", "--bug", name]
    run = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert caught[1].removeprefix("ViolationError: ") in run.stdout
