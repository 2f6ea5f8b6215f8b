"""Finds the value of each setting: defaults < settings file < environment < command line.

Every fault is collected and named at once: which setting, where its value came from, why it is wrong
and how to set it. Values of secrets are never shown, nor is any value whose place is in doubt.
"""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, cast, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource

from stream_app.settings.groups import Settings

PREFIX: Final = "STREAM_APP_"
CONFIG_VARIABLE: Final = "STREAM_APP_CONFIG"
BOOTSTRAP_VARIABLE: Final = "KAFKA_BOOTSTRAP_SERVERS"
"""Used when the variable of our own name is not set: what other Kafka programs read too."""
DEFAULT_FILE: Final = Path("stream-app.toml")
DEFAULT: Final = "default"
_SECRETS: Final = {"kafka.password"}
_SHOWN: Final = 60

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One setting that is wrong. `value` is None when it is a secret, missing, or better not shown."""

    setting: str
    value: str | None
    source: str
    why: str
    how: str

    def __str__(self) -> str:
        """One line for a person."""
        value = "" if self.value is None else f" = {self.value}"
        return f"{self.setting}{value} (from {self.source}): {self.why}; {self.how}"

    def as_dict(self) -> dict[str, str | None]:
        """The fault for programs."""
        return asdict(self)


class SettingsFaultsError(Exception):
    """The settings cannot be used. `faults` names all that is wrong."""

    exit_code = 2

    def __init__(self, faults: list[Fault]) -> None:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n  ".join([f"the settings have {count}:", *map(str, faults)]))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, the file they were read from if any, and where the value of each came from."""

    settings: Settings
    file: Path | None
    origins: Mapping[str, str]


def load(config: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings of `load_with_origins`."""
    return load_with_origins(config, overrides).settings


def load_with_origins(config: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Find every value, and where it came from.

    config: the settings file; else the one STREAM_APP_CONFIG names; else ./stream-app.toml if it is there.
    overrides: dotted name -> value from the command line, as `{"web.port": 6067}`; None values are passed over.
    Raises SettingsFaultsError naming all faults.
    """
    faults: list[Fault] = []
    layers: list[tuple[str, Tree]] = []
    file = _file(config)
    if file is not None:
        layers.append((str(file), _read(file, faults)))
    environment, variables = _environment(faults)
    layers += [("the environment", environment), ("the command line", _nested(overrides or {}))]
    origins = {name: source for source, tree in layers for name in _leaves(tree)}
    origins |= {name: variable for name, variable in variables.items() if origins.get(name) == "the environment"}
    merged: Tree = {}
    for _, tree in layers:
        merged = _merged(merged, tree)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        faults += [_fault(item, origins) for item in error.errors()]
    if faults:
        raise SettingsFaultsError(sorted(faults, key=lambda fault: fault.setting))
    return Loaded(settings, file, {name: _origin(name, origins) for name in names()})


def fields() -> Iterator[tuple[str, str, FieldInfo]]:
    """Every setting: its group, its name in the group, and its field."""
    for group, holder in Settings.model_fields.items():
        model = cast("type[BaseModel]", holder.annotation)
        for name, field in model.model_fields.items():
            yield group, name, field


def names() -> list[str]:
    """The dotted name of every setting."""
    return [f"{group}.{name}" for group, name, _ in fields()]


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper().replace(".", "__")


def is_secret(name: str) -> bool:
    """Whether the value of a setting must not be shown."""
    return name in _SECRETS


def _file(config: Path | None) -> Path | None:
    if config is not None:
        return config
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named)
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _read(file: Path, faults: list[Fault]) -> Tree:
    """The values of the settings file; what is wrong with it goes to `faults`."""
    how = f"correct the file, or name another by --config or {CONFIG_VARIABLE}"
    try:
        tree = tomllib.loads(file.read_text())
    except OSError as error:
        faults.append(Fault("(file)", None, str(file), f"cannot be read: {error.strerror}", how))
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(Fault("(file)", None, str(file), f"is not TOML: {error}", how))
        return {}
    for name in _SECRETS:
        group, key = name.split(".")
        if isinstance(tree.get(group), dict) and tree[group].pop(key, None) is not None:
            why = "a secret does not belong in a settings file"
            how = f"set {variable(name)}, or {name}_file to a file that holds it"
            faults.append(Fault(name, None, str(file), why, how))
    return tree


class _Environment(EnvSettingsSource):
    """Environment variables; lists may be written a,b and tables a=1,b=2 instead of as JSON."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """The value of a list or table; one that is neither form stays as it is, for validation to refuse."""
        kind = get_origin(field.annotation) if field else None
        if kind is tuple and not value.lstrip().startswith("["):
            return [word.strip() for word in value.split(",")]
        if kind is dict and not value.lstrip().startswith("{"):
            pairs = [word.partition("=") for word in value.split(",")]
            return {key.strip(): word.strip() for key, _, word in pairs}
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


def _environment(faults: list[Fault]) -> tuple[Tree, dict[str, str]]:
    """What the environment says, and the variable that says it; misspelt variables go to `faults`."""
    tree: Tree = _Environment(Settings)()
    known = {variable(name): name for name in names()}
    groups = tuple(Settings.model_fields)
    variables: dict[str, str] = {}
    for given in sorted(os.environ):
        upper = given.upper()
        if not upper.startswith(PREFIX) or not os.environ[given]:
            continue
        owner = next((name for name in known if upper == name or upper.startswith(f"{name}__")), None)
        rest = upper.removeprefix(PREFIX).lower()
        if owner is not None:
            variables[known[owner]] = given
        elif "__" in rest and not rest.startswith(tuple(f"{group}__" for group in groups)):
            faults.append(_unknown(rest.replace("__", "."), given))
        elif "__" not in rest and rest.startswith(tuple(f"{group}_" for group in groups)):
            group, _, name = rest.partition("_")
            faults.append(_unknown(f"{group}.{name}", given, "between group and name belong two underscores"))
    plain = os.environ.get(BOOTSTRAP_VARIABLE)
    if plain and isinstance(tree.setdefault("kafka", {}), dict) and "bootstrap_servers" not in tree["kafka"]:
        tree["kafka"]["bootstrap_servers"] = plain
        variables["kafka.bootstrap_servers"] = BOOTSTRAP_VARIABLE
    return tree, variables


def _unknown(name: str, source: str, why: str = "there is no such setting") -> Fault:
    near = difflib.get_close_matches(name, names(), 1, 0.6)
    how = f"is {near[0]} meant ({variable(near[0])})?" if near else "`stream-app config` lists all there are"
    return Fault(name, None, source, why, how)


def _nested(flat: Mapping[str, Any]) -> Tree:
    tree: Tree = {}
    for name, value in flat.items():
        if value is not None:
            group, _, key = name.partition(".")
            tree.setdefault(group, {})[key] = value
    return tree


def _leaves(tree: Tree) -> Iterator[str]:
    for group, values in tree.items():
        if isinstance(values, dict):
            yield from (f"{group}.{name}" for name in values)
        yield group


def _merged(below: Tree, above: Tree) -> Tree:
    both = dict(below)
    for key, value in above.items():
        old = both.get(key)
        both[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def _origin(name: str, origins: Mapping[str, str]) -> str:
    return origins.get(name, DEFAULT)


def _fault(item: ErrorDetails, origins: Mapping[str, str]) -> Fault:
    place = [str(part) for part in item["loc"]]
    name = ".".join(place[:2])
    source = origins.get(name) or origins.get(place[0] if place else "", "the settings")
    if item["type"] == "extra_forbidden":
        source = variable(name) if source == "the environment" else source
        return _unknown(name, source)
    why = item["msg"].removeprefix("Value error, ")
    why = why[:1].lower() + why[1:]
    if len(place) > 2:
        why = f"at {'.'.join(place[2:])}: {why}"
    shown = len(place) >= 2 and not is_secret(name) and not isinstance(item["input"], dict)
    value = repr(item["input"])[:_SHOWN] if shown else None
    if len(place) < 2:
        return Fault(name or "(all)", None, source, why, f"correct what [{name}] or the environment says")
    return Fault(name, value, source, why, f"set {place[1]} in [{place[0]}] of the settings file, or {variable(name)}")
