"""Huge pages of memory: where the system grants them, Python's objects come to lie in them, and are let go of again."""

import subprocess
import sys
from typing import Final

from stream_app import native

FILLED: Final = """
from pathlib import Path
from stream_app import native

def huge():
    return next(int(line.split()[1]) for line in Path("/proc/self/smaps_rollup").open() if "AnonHuge" in line)

before = huge()
print(native.use_huge_pages())
for _ in range(2):
    things = [str(number) + "x" * 50 for number in range(1_500_000)]
    found = huge() - before
    assert sum(map(len, things)) > 75_000_000
    del things
print(found)
print(huge() - before)
"""


def test_objects_lie_in_huge_pages_where_the_system_grants_them() -> None:
    done = subprocess.run([sys.executable, "-c", FILLED], capture_output=True, text=True, timeout=60, check=True)
    used, full, left = done.stdout.split()
    assert used == str(native.huge_pages_granted())
    if native.huge_pages_granted():
        assert int(full) > 120_000, "kB of 180,000 in huge pages"
        assert int(left) < int(full) / 2, "what is no longer used goes back"
    else:
        assert int(full) == 0
