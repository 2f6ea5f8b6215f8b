"""A Docker engine, where one answers: images fetched once, containers run in the foreground as child processes."""

import functools
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from stream_app.local.errors import LocalError
from stream_app.local.report import Say

_ASK_SECONDS: Final = 10
_PULL_SECONDS: Final = 900


@functools.cache
def engine_answers() -> bool:
    """Say whether a Docker engine answers; a client on the PATH proves nothing."""
    try:
        asked = subprocess.run(["docker", "info"], check=False, capture_output=True, timeout=_ASK_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def fetch_image(image: str, say: Say) -> None:
    """Make sure the image is on this machine. Raises LocalError if it cannot be fetched."""
    found = subprocess.run(["docker", "image", "inspect", image], check=False, capture_output=True)
    if found.returncode == 0:
        return
    say(f"fetching the Docker image {image} (once)")
    try:
        pulled = subprocess.run(
            ["docker", "pull", "--quiet", image], check=False, capture_output=True, text=True, timeout=_PULL_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise LocalError(
            f"the Docker image {image} did not arrive within {_PULL_SECONDS} s; check the network"
        ) from error
    if pulled.returncode != 0:
        reason = (pulled.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise LocalError(
            f"the Docker image {image} could not be fetched: {reason}; check the network or `docker login`"
        )


def run_argv(
    image: str,
    name: str,
    *,
    network: Sequence[str],
    env: Mapping[str, str] | None = None,
    data: tuple[Path, str] | None = None,
    args: Sequence[str] = (),
) -> list[str]:
    """Return the command line that runs an image in the foreground, removed when it ends.

    `data` is a directory of this machine and where the container sees it; files are written as the calling user, in
    group 0 as images expect of an arbitrary user.
    """
    argv = ["docker", "run", "--rm", f"--name={name}", *network]
    if data is not None:
        argv += [f"--user={os.getuid()}:0", f"--volume={data[0].resolve()}:{data[1]}"]
    argv += [f"--env={key}={value}" for key, value in (env or {}).items()]
    return [*argv, image, *args]
