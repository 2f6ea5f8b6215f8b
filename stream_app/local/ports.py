"""Free TCP ports of the loopback interface."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below Linux's ephemeral range: an outgoing connection cannot take the port between choosing and listening.
LOWEST, HIGHEST = 10_000, 32_000


def free_port(preferred: int | None = None) -> int:
    """Return a port nothing listens on: the preferred one, else the next free one above it, else any.

    Without a preference it is a random one, so that test runs side by side rarely choose alike. It is free now and
    not reserved: ask for all ports of a service before starting it, with distinct preferences.
    """
    start = random.randrange(LOWEST, HIGHEST) if preferred is None else preferred  # noqa: S311  no secret
    for port in range(start, min(start + 100, 65_536)):
        if _is_free(port):
            return port
    return free_port()


def answers(port: int) -> bool:
    """Say whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the services themselves do: a port with connections still in TIME_WAIT may be listened on again.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
