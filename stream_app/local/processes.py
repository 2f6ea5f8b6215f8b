"""Child processes: started with a log and a ready check, stopped by their own id, never outliving their parent."""

import contextlib
import ctypes
import functools
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from stream_app.local.errors import LocalError
from stream_app.local.ports import free_port

__all__ = ["Child", "Command", "LocalError", "free_port", "start"]

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.05
# The last line that fits the first pattern found decides: ours say so themselves, Java names the root cause last.
_DECISIVE = (r"\[crit\] ", r"^Caused by: ", r"\b[\w.]+(Exception|Error): ", r"(?i)\b(error|fatal|panic|refused|err=)")


@dataclass(frozen=True, slots=True)
class Command:
    """What to run: a name for messages, the arguments, what to add to the environment, and the way out if it fails."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    way_out: str = ""
    #: Name of the Docker container this command runs in the foreground; signals go to the container then.
    container: str | None = None


@dataclass(slots=True)
class Child:
    """A running child process, leader of its own session and process group. As a context manager it stops on exit."""

    command: Command
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The process id (of the Docker client, when the command runs in a container)."""
        return self.process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended; a frozen process is alive."""
        return self.process.poll() is None

    def stop(self, grace_seconds: float = 20) -> int:
        """Ask it to end, and kill what is left of its process group after the grace. Returns its exit code."""
        if self.is_alive:
            family = _family(self.pid)
            self._signal(signal.SIGTERM)
            self._signal(signal.SIGCONT)  # a frozen process hears nothing
            try:
                self.process.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                return self.kill()
            for orphan in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    orphan.kill()
        return self.process.wait()

    def kill(self) -> int:
        """End it and its process group at once, with no chance to tidy up. Returns its exit code."""
        if self.is_alive:
            self._signal(signal.SIGKILL)
            if self.command.container is None:
                os.killpg(self.pid, signal.SIGKILL)  # not yet waited for, so the id is still its own
        return self.process.wait()

    def freeze(self) -> None:
        """Halt it where it stands, as a long pause of the machine would; it keeps its connections and ports.

        When this returns, none of its threads runs (of a process that has not ended, and not in a container).
        """
        self._signal(signal.SIGSTOP)
        if self.is_alive and self.command.container is None:
            os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        self._signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _signal(self, number: signal.Signals) -> None:
        if self.command.container is None:
            self.process.send_signal(number)
        else:
            argv = ["docker", "kill", f"--signal={number.name}", self.command.container]
            subprocess.run(argv, check=False, capture_output=True, timeout=30)


def start(command: Command, ready: Callable[[], bool], *, timeout_seconds: float = 60) -> Child:
    """Run a command and return once `ready()` holds; output and errors are appended to its log.

    Raises LocalError if the command cannot be run, ends early, or is not ready in time; nothing is left running then.
    """
    command.log.parent.mkdir(parents=True, exist_ok=True)
    with command.log.open("ab") as log:
        seen = log.tell()
        try:
            process = _spawn(command, log.fileno())
        except OSError as error:
            raise LocalError(_line(command, f"could not be run: {error}")) from error
    child = Child(command, process)
    try:
        _wait_until_ready(child, ready, timeout_seconds, seen)
    except BaseException:
        child.kill()
        raise
    return child


def _wait_until_ready(child: Child, ready: Callable[[], bool], timeout_seconds: float, seen: int) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not ready():
        code = child.process.poll()
        if code is not None:
            raise LocalError(_line(child.command, f"ended with code {code} before it was ready", seen))
        if time.monotonic() > deadline:
            raise LocalError(_line(child.command, f"was not ready after {timeout_seconds:g} s", seen))
        time.sleep(_POLL_SECONDS)
    if not child.is_alive:  # something else answered on its port
        raise LocalError(_line(child.command, "ended, and something else answers in its place", seen))


def _line(command: Command, what: str, seen: int | None = None) -> str:
    parts = [f"{command.name} {what}"]
    decisive = "" if seen is None else decisive_line(command.log, seen)
    if decisive:
        parts[0] += f": {decisive}"
    if seen is not None:
        parts.append(f"log: {command.log}")
    return "; ".join([*parts, command.way_out] if command.way_out else parts)


def decisive_line(log: Path, seen: int = 0) -> str:
    """Return the line of a log, from byte `seen` on, that best says why a program ended; empty for an empty log."""
    with log.open("rb") as file:
        file.seek(seen)
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    for pattern in _DECISIVE:
        for line in reversed(lines):
            if re.search(pattern, line):
                return _shown(line)
    return _shown(lines[-1]) if lines else ""


def _shown(line: str) -> str:
    """Shorten a line; of a logfmt line, as Prometheus writes them, keep the message and the error."""
    if fields := re.findall(r' (?:msg|err)="((?:[^"\\]|\\.)*)"', line):
        line = ": ".join(fields)
    return line[:400]


def _spawn(command: Command, log: int) -> subprocess.Popen[bytes]:
    # Linux sends the death signal when the *thread* that forked ends: fork in one that lives as long as the process.
    if threading.current_thread() is threading.main_thread():
        return _popen(command, log)
    return _spawner().submit(_popen, command, log).result()


@functools.cache
def _spawner() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "spawner")


def _popen(command: Command, log: int) -> subprocess.Popen[bytes]:
    # A container outlives a killed client, but not one that may still pass the signal on.
    death = signal.SIGKILL if command.container is None else signal.SIGTERM
    return subprocess.Popen(
        command.argv,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env={**os.environ, **command.env},
        start_new_session=True,
        preexec_fn=_die_with_parent(death),  # noqa: PLW1509  calls nothing but prctl and getppid
    )


def _die_with_parent(death: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(death), 0, 0, 0)
        if os.getppid() != parent:  # it died before the arrangement held
            os._exit(1)

    return arrange


def _family(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
