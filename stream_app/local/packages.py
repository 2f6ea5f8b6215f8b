"""Programs of Debian packages: found on the PATH, else installed with apt-get where that is allowed."""

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stream_app.local.errors import LocalError
from stream_app.local.report import Say, say_on_stderr

_INSTALL_SECONDS: Final = 600


def find_program(*names: str) -> str | None:
    """Return the path of the first of these programs that the PATH has."""
    return next((path for path in map(shutil.which, names) if path), None)


def compiler() -> str:
    """Where the C++ compiler is, installing it and Python's headers if need be. Raises LocalError."""
    found = find_program(os.environ.get("CXX", "c++"))
    wanted = [] if found else ["g++"]
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        wanted.append("python3-dev")
    if wanted:
        install(wanted, say_on_stderr)
    return found or find_program("c++") or ""


def apt_prefix() -> list[str] | None:
    """Return what to put before `apt-get`: nothing for root, `sudo -n` for who may, None where it is not allowed."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def install(packages: Sequence[str], say: Say) -> None:
    """Install Debian packages without their recommendations. Raises LocalError naming the command to run by hand.

    Where systemd runs, a package may start its service; the caller says so when it then finds the default port taken.
    """
    by_hand = f"install by hand: apt-get install {' '.join(packages)}"
    prefix = apt_prefix()
    if prefix is None:
        raise LocalError(f"apt-get is not here or not allowed; {by_hand}")
    say(f"installing {' '.join(packages)} with apt-get")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = [*prefix, "apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=120"]
    command = [*apt, "install", "--no-install-recommends", *packages]
    try:
        first = subprocess.run(command, check=False, capture_output=True, text=True, env=env, timeout=_INSTALL_SECONDS)
        if first.returncode == 0:
            return
        say("refreshing the package lists")  # absent on a fresh machine, or naming versions that are gone
        subprocess.run([*apt, "update"], check=False, capture_output=True, env=env, timeout=_INSTALL_SECONDS)
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=env, timeout=_INSTALL_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise LocalError(
            f"apt-get took more than {_INSTALL_SECONDS} s to install {' '.join(packages)}; {by_hand}"
        ) from error
    if done.returncode != 0:
        reasons = [line for line in done.stderr.splitlines() if line.startswith("E:")] or ["no reason given"]
        raise LocalError(f"apt-get could not install {' '.join(packages)}: {reasons[0]}; {by_hand}")
