"""The settings file with every setting in it, commented out at its default: deploy/stream-app.toml."""

import json
import textwrap

from stream_app.settings.load import fields, is_secret, variable

_HEAD = """\
# Settings of stream-app. Every line below states a default: remove the # and change what you need.
# Named by --config or STREAM_APP_CONFIG; ./stream-app.toml is read when it is there.
# The environment goes before this file: STREAM_APP_<GROUP>__<NAME>. `stream-app config` shows what is in force.
"""


def example() -> str:
    """The text of the example, made from the settings themselves."""
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
