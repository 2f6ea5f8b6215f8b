"""What a worker spends its time on: py-spy over a real one at the main load.

py-spy is no dependency of the project: without it on the PATH (or in PY_SPY) there is no profile.
"""

import asyncio
import os
import shutil
import signal
from collections import Counter
from pathlib import Path
from typing import Any, Final

from stream_app.local.processes import Command, start
from tests.bench.cluster import Cluster
from tests.bench.throughput import Plan

RATE: Final = 250
TOP: Final = 20


def py_spy() -> str | None:
    """Where py-spy is, if anywhere."""
    return os.environ.get("PY_SPY") or shutil.which("py-spy")


async def profile(cluster: Cluster, plan: Plan) -> dict[str, Any]:
    """Functions by their own time and with what they call, as shares of the samples."""
    program = py_spy()
    if program is None:
        cluster.say("no profile: py-spy is not on the PATH (pip install py-spy)")
        return {}
    settings = await cluster.group("profile.")
    await cluster.publish(settings.source_topic("cases"), plan.cases)
    worker = await cluster.worker(settings)
    stacks = cluster.directory / "profile.txt"
    argv = [program, "record", "--pid", str(worker.child.pid), "--rate", str(RATE), "--format", "raw", "--gil",
            "--output", str(stacks)]  # fmt: skip
    with start(Command("py-spy", argv, cluster.directory / "py-spy.log"), lambda: True) as spy:
        await cluster.drained(settings, "cases")
        spy.process.send_signal(signal.SIGINT)
        await asyncio.to_thread(spy.process.wait, 30)
    await worker.stop()
    return shares(stacks.read_text())


def shares(text: str) -> dict[str, Any]:
    """Collapsed stacks (frames joined by `;`, then a count) to percent of samples by function."""
    own: Counter[str] = Counter()
    within: Counter[str] = Counter()
    total = 0
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        names = [_named(frame) for frame in stack.split(";")]
        own[names[-1]] += int(count)
        for name in set(names):
            within[name] += int(count)
        total += int(count)
    percent = {name: round(100 * n / total, 1) for name, n in own.most_common(TOP)}
    inclusive = {name: round(100 * n / total, 1) for name, n in within.most_common(3 * TOP)}
    return {"samples": total, "own": percent, "within": inclusive}


def _named(frame: str) -> str:
    """`step (stream_app/domain/fold.py:110)` without the line number, and without the path of the machine."""
    name, _, place = frame.rpartition(" (")
    path = place.rstrip(")").rpartition(":")[0] or place.rstrip(")")
    for root in ("site-packages/", "stream_app/"):
        if root in path:
            path = (root if root == "stream_app/" else "") + path.rpartition(root)[2]
            break
    else:
        path = Path(path).name
    return f"{name} ({path})"
