"""Settings come from defaults, file and environment in that order, and every fault is named at once."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from stream_app.__main__ import main
from stream_app.domain.rules import Rules
from stream_app.settings import Settings, SettingsFaultsError, load, load_with_origins
from stream_app.settings.load import fields, names
from stream_app.settings.shown import example, shown

EXAMPLE = Path(__file__).parents[1] / "deploy" / "stream-app.toml"


@pytest.fixture(autouse=True)
def _a_clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [*os.environ]:
        if name.startswith("STREAM_APP_") or name == "KAFKA_BOOTSTRAP_SERVERS":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def faults(config: Path | None = None) -> Mapping[str, str]:
    with pytest.raises(SettingsFaultsError) as caught:
        load(config)
    return {fault.setting: str(fault) for fault in caught.value.faults}


def written(text: str, name: str = "given.toml") -> Path:
    file = Path(name)
    file.write_text(text)
    return file


def test_without_file_and_environment_every_value_is_a_default() -> None:
    loaded = load_with_origins()
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    file = written('[web]\nport = 7000\nhost = "::1"\n')
    monkeypatch.setenv("STREAM_APP_WEB__PORT", "8000")
    loaded = load_with_origins(file)
    assert (loaded.settings.web.host, loaded.settings.web.port) == ("::1", 8000)
    assert loaded.origins["web.host"] == "given.toml"
    assert loaded.origins["web.port"] == "STREAM_APP_WEB__PORT"
    assert loaded.origins["log.level"] == "default"


def test_the_command_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_WEB__PORT", "8000")
    assert load(overrides={"web.port": 9000, "web.host": None}).web.port == 9000


def test_the_file_in_the_working_directory_is_read_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    written("[web]\nport = 7000\n", "stream-app.toml")
    assert load().web.port == 7000
    monkeypatch.setenv("STREAM_APP_CONFIG", str(written("[web]\nport = 7001\n")))
    assert load().web.port == 7001


def test_the_variable_other_kafka_programs_read_is_used_when_ours_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "theirs:9092")
    assert load().kafka.bootstrap_servers == "theirs:9092"
    monkeypatch.setenv("STREAM_APP_KAFKA__BOOTSTRAP_SERVERS", "ours:9092")
    assert load().kafka.bootstrap_servers == "ours:9092"


@pytest.mark.parametrize("text", ["a, b", '["a", "b"]'])
def test_a_list_in_the_environment_may_be_plain_or_json(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_RULES__PRODUCTS", text)
    assert load().rules.products == ("a", "b")


@pytest.mark.parametrize("text", ["sensor=5, gateway=60", '{"sensor": 5, "gateway": 60}'])
def test_a_table_in_the_environment_may_be_plain_or_json(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_RULES__HEARTBEAT_MINUTES", text)
    assert load().rules.heartbeat_minutes == {"sensor": 5, "gateway": 60}


def test_all_faults_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    file = written('[kafka]\nreplication_factor = 0\n[log]\nlevel = "loud"\n[nonsense]\nx = 1\n')
    monkeypatch.setenv("STREAM_APP_WEB__PORT", "high")
    monkeypatch.setenv("STREAM_APP_APP__CLOK", "wall")
    assert set(faults(file)) == {"kafka.replication_factor", "log.level", "nonsense", "web.port", "app.clok"}


def test_a_fault_says_the_value_its_source_why_and_how_to_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_WEB__PORT", "70000")
    assert faults()["web.port"] == (
        "web.port = '70000' (from STREAM_APP_WEB__PORT): input should be less than or equal to 65535; "
        "set port in [web] of the settings file, or STREAM_APP_WEB__PORT"
    )


def test_a_misspelt_setting_is_a_fault_that_names_the_near_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_KAFKA__BOOTSTRAP_SERVER", "x:1")
    assert "is kafka.bootstrap_servers meant" in faults()["kafka.bootstrap_server"]


def test_one_underscore_where_two_belong_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_KAFKA_USER", "x")
    assert "two underscores" in faults()["kafka.user"]


def test_variables_that_are_no_settings_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_DATA_DIR", "/somewhere")
    assert load() == Settings()


def test_a_file_that_is_missing_or_no_toml_is_a_fault() -> None:
    assert "cannot be read" in faults(Path("nowhere.toml"))["(file)"]
    assert "is not TOML" in faults(written("web = ["))["(file)"]


@pytest.mark.parametrize(
    ("text", "setting", "says"),
    [
        ("[kafka]\nreplication_factor = 1\n", "kafka", "no record could ever be written"),
        (
            '[kafka]\nsecurity_protocol = "SASL_SSL"\n',
            "kafka",
            "needs `user`; security_protocol SASL_SSL needs `password`",
        ),
        ('[kafka]\nca_file = "nowhere.pem"\n', "kafka", "ca_file: nowhere.pem cannot be read"),
        ("[delivery]\nheartbeat_seconds = 10\n", "delivery", "at most a third"),
        ("[rules]\nlate_after = 4\n", "rules", "silent_after (4) must be above late_after (4)"),
        ("[rules]\nhealth_points = { mood = 5 }\n", "rules", "mood is none of"),
        ("[rules]\nhealth_points = { reopened = 500 }\n", "rules", "reopened must be -100 to 100"),
        ("[rules]\nhealth_red_below = 80\n", "rules", "health_yellow_below (75) must not be under"),
        ("[rules]\nheartbeat_minutes = { toaster = 5 }\n", "rules", "toaster is none of products"),
    ],
)
def test_values_that_contradict_one_another_are_faults(text: str, setting: str, says: str) -> None:
    assert says in faults(written(text))[setting]


def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("STREAM_APP_KAFKA__PASSWORD", "hush-hush")
    monkeypatch.setenv("STREAM_APP_KAFKA__PASWORD", "hush-hush-too")
    monkeypatch.setenv("STREAM_APP_KAFKA__SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("STREAM_APP_WEB__PORT", "0")
    assert "hush" not in str(faults())
    monkeypatch.delenv("STREAM_APP_KAFKA__PASWORD")
    monkeypatch.delenv("STREAM_APP_WEB__PORT")
    assert "hush" not in str(faults())
    monkeypatch.delenv("STREAM_APP_KAFKA__SECURITY_PROTOCOL")
    loaded = load_with_origins()
    assert loaded.settings.kafka.secret() == "hush-hush"
    for arguments in (["config"], ["config", "--json"]):
        main_ends(0, arguments)
        out = capsys.readouterr().out
        assert "hush" not in out
        assert "********" in out
    assert "hush" not in repr(loaded)


def test_a_password_that_is_none_is_a_fault_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsFaultsError) as caught:
        load(overrides={"kafka.password": 12345})
    assert "12345" not in str(caught.value)
    monkeypatch.setenv("STREAM_APP_KAFKA__PASSWORD__X", "hush-hush")
    assert "hush" not in str(faults())


def test_a_password_in_the_settings_file_is_refused() -> None:
    said = faults(written('[kafka]\npassword = "hush-hush"\n'))["kafka.password"]
    assert "does not belong in a settings file" in said
    assert "hush" not in said


def test_a_password_may_lie_in_a_file_of_its_own() -> None:
    Path("secret").write_text("hush-hush\n")
    settings = load(written('[kafka]\npassword_file = "secret"\n'))
    assert settings.kafka.secret() == "hush-hush"


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_KAFKA__PASSWORD", "")
    assert load().kafka.password is None


def test_the_rules_are_those_of_the_domain() -> None:
    assert load().rules.build() == Rules()
    settings = load(written("[rules]\nheartbeat_minutes = { sensor = 5 }\nsilent_after = 6\n"))
    assert settings.rules.build() == Rules(heartbeat_minutes={"sensor": 5}, silent_after=6)


def test_points_that_are_not_named_keep_what_is_usual() -> None:
    rules = load(written("[rules]\nhealth_points = { open_p1 = 30, satisfied = 0 }\n")).rules.build()
    assert rules.health_points == {**Rules().health_points, "open_p1": 30, "satisfied": 0}


def test_every_setting_says_what_it_is() -> None:
    assert [name for group, name, field in fields() if not field.description] == []


def test_the_example_file_is_made_from_the_settings() -> None:
    assert EXAMPLE.read_text() == example(), "write it anew: stream-app config --example > deploy/stream-app.toml"


def test_the_example_with_its_lines_uncommented_states_the_defaults() -> None:
    text = re.sub(r"^#(\w+ = )", r"\1", example(), flags=re.MULTILINE)
    text = re.sub(r'^\w+ = "\.\.\."\n', "", text, flags=re.MULTILINE)
    tree = tomllib.loads(text)
    assert Settings.model_validate(tree) == Settings()
    unset = {
        "kafka.user",
        "kafka.password",
        "kafka.password_file",
        "kafka.ca_file",
        "topics.folder",
        "rules.service_levels_file",
    }
    assert {f"{group}.{name}" for group, values in tree.items() for name in values} == set(names()) - unset


def test_config_prints_each_value_and_where_it_came_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAM_APP_WEB__PORT", "8000")
    main_ends(0, ["config", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["web.port"] == {"value": 8000, "from": "STREAM_APP_WEB__PORT"}
    assert set(said) == set(names()) == {line.setting for line in shown(load_with_origins())}


def test_config_prints_all_faults_as_json_and_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAM_APP_WEB__PORT", "0")
    monkeypatch.setenv("STREAM_APP_LOG__LEVEL", "loud")
    main_ends(2, ["config", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert [fault["setting"] for fault in said["faults"]] == ["log.level", "web.port"]


def test_another_verb_says_all_faults_too_and_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAM_APP_WEB__PORT", "0")
    monkeypatch.setenv("STREAM_APP_LOG__LEVEL", "loud")
    main_ends(2, ["topics", "check"])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("stream-app: the settings have 2 faults:")


def main_ends(code: int, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code in ({0, None} if code == 0 else {code})
