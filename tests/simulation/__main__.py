"""Run schedules of the delivery simulation by hand: one with its trace, many, or with a planted bug."""

import argparse
import sys
import time
from collections import Counter

from .broker import ViolationError
from .bugs import BUGS, Bug
from .world import World


def command(seed: int, bug: str | None = None) -> str:
    """The one command that repeats a schedule."""
    planted = f" --bug {bug!r}" if bug else ""
    return f".venv/bin/python -m tests.simulation --seed {seed} --trace{planted}"


def seeds_to_catch(bug: Bug, seeds: range) -> tuple[int, str] | None:
    """How many seeds until the bug shows, and how; None when it survives them all."""
    for number, seed in enumerate(seeds, 1):
        try:
            World(seed, bug.host, bug.rows()).run()
        except Exception as failure:  # noqa: BLE001 (a planted bug may break anything)
            return number, f"{type(failure).__name__}: {failure}"
    return None


def run_many(seeds: range, counts: Counter[str], *, progress: bool = False) -> list[str]:
    """Run the right protocol; returns a line for each schedule that went wrong."""
    wrong = []
    began = time.monotonic()
    shown = began
    for number, seed in enumerate(seeds, 1):
        world = World(seed)
        try:
            world.run()
        except Exception as failure:  # noqa: BLE001 (any failure of a schedule is a finding)
            wrong.append(f"seed {seed}: {type(failure).__name__}: {failure}\n  repeat: {command(seed)}")
        counts.update(world.counts)
        if progress and time.monotonic() - shown > 5:
            shown = time.monotonic()
            rate = number / (shown - began) * 60
            left = (len(seeds) - number) / rate
            done = f"{number:,} of {len(seeds):,} schedules, {len(wrong)} wrong"
            print(f"{done}, {rate:,.0f} a minute, {left:.1f} minutes left", file=sys.stderr)
    return wrong


def main() -> int:
    """Exit code 0: every schedule was right (or every planted bug was caught)."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description=__doc__,
        epilog="example: .venv/bin/python -m tests.simulation --seed 17 --trace",
    )
    parser.add_argument("--seed", type=int, default=0, help="the schedule, or the first of many (default 0)")
    parser.add_argument("--count", type=int, default=1, help="how many schedules from --seed on (default 1)")
    parser.add_argument("--trace", action="store_true", help="print what happens, a line an event")
    parser.add_argument("--bug", choices=sorted(BUGS), help="plant this bug")
    parser.add_argument("--bugs", action="store_true", help="seeds to catch each planted bug, at most --count (2000)")
    chosen = parser.parse_args()
    if chosen.bugs:
        most = chosen.count if chosen.count > 1 else 2_000
        survived = False
        for name, bug in BUGS.items():
            caught = seeds_to_catch(bug, range(chosen.seed, chosen.seed + most))
            survived |= caught is None
            number, how = caught or ("survived", "")
            print(f"{name:<48} {number:>8}  {how[:90]}", flush=True)
        return int(survived)
    if chosen.count > 1:
        counts: Counter[str] = Counter()
        began = time.monotonic()
        wrong = run_many(range(chosen.seed, chosen.seed + chosen.count), counts, progress=True)
        for line in wrong:
            print(line)
        for kind, count in counts.most_common():
            print(f"{count:>10,}  {kind}")
        took = time.monotonic() - began
        print(f"{chosen.count:,} schedules in {took:.1f} s, {len(wrong)} wrong")
        return int(bool(wrong))
    bug = BUGS[chosen.bug] if chosen.bug else Bug()
    world = World(chosen.seed, bug.host, bug.rows(), trace=print if chosen.trace else None)
    try:
        world.run()
    except ViolationError as failure:
        print(f"seed {chosen.seed} is wrong after {world.now} ms: {failure}")
        return 1
    print(f"seed {chosen.seed} is right, trace {world.digest:08x}, faults {dict(world.counts)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
