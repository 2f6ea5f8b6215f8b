"""Settings as people see them: what is in force, secrets masked, and a settings file with everything in it."""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from stream_app.settings.load import Loaded, fields, is_secret, variable

_HEAD = """\
# Settings of stream-app. Every line below states a default: remove the # and change what you need.
# Named by --config or STREAM_APP_CONFIG; ./stream-app.toml is read when it is there.
# The environment goes before this file: STREAM_APP_<GROUP>__<NAME>. `stream-app config` shows what is in force.
"""


MASK = "********"


@dataclass(frozen=True, slots=True)
class Line:
    """One setting in force. value: as JSON has it, a secret masked. origin: what gave it."""

    setting: str
    value: object
    origin: str

    @property
    def text(self) -> str:
        """The value as a settings file would have it."""
        return "" if self.value is None else _toml(self.value)


def shown(loaded: Loaded) -> Iterator[Line]:
    """Every setting in force, secrets masked."""
    values = loaded.settings.model_dump(mode="json")
    for group, name, _ in fields():
        setting = f"{group}.{name}"
        value = values[group][name]
        if is_secret(setting) and value is not None:
            value = MASK
        yield Line(setting, value, loaded.origins[setting])


def example() -> str:
    """The text of deploy/stream-app.toml, made from the settings themselves: every line states a default."""
    lines = [_HEAD]
    group_before = None
    for group, name, field in fields():
        if group != group_before:
            lines.append(f"[{group}]")
            group_before = group
        lines += textwrap.wrap(field.description or "", 110, initial_indent="# ", subsequent_indent="# ")
        if is_secret(f"{group}.{name}"):
            lines.append(f"# {variable(f'{group}.{name}')}=...\n")
        else:
            lines.append(f"#{name} = {_toml(field.default)}\n")
    return "\n".join(lines).rstrip("\n") + "\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }" if value else "{}"
    return '"..."' if value is None else json.dumps(value)
