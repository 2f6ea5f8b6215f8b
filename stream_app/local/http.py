"""The little HTTP these services are asked by: loopback, JSON, no proxy."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from stream_app.local.errors import LocalError
from stream_app.local.ports import LOOPBACK

_TIMEOUT_SECONDS: Final = 10


def url(port: int, path: str = "/", query: Mapping[str, str] | None = None) -> str:
    """Return the address of a path on a loopback port."""
    return f"http://{LOOPBACK}:{port}{path}" + (f"?{urlencode(query)}" if query else "")


def is_ok(address: str) -> bool:
    """Say whether a GET is answered with success."""
    try:
        _get(address)
    except OSError:
        return False
    return True


def get_json(address: str) -> Any:
    """Return the JSON a GET is answered with. Raises LocalError with the service's own words if it refuses."""
    text = get_text(address)
    try:
        return json.loads(text)
    except ValueError as error:
        raise LocalError(f"{address} gave no JSON: {error}") from error


def get_text(address: str) -> str:
    """Return the text a GET is answered with. Raises LocalError with the service's own words if it refuses."""
    try:
        return _get(address).decode()
    except urllib.error.HTTPError as error:
        raise LocalError(
            f"{address} answered {error.code}: {error.read(500).decode(errors='replace').strip()}"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise LocalError(f"{address} gave no answer: {error}") from error


def _get(address: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=_TIMEOUT_SECONDS) as answer:
        body: bytes = answer.read()
        return body
