"""The file of service levels: what it may say, and that every fault is named at once."""

from pathlib import Path

import pytest

from stream_app.domain.service_levels import Policy, Target
from stream_app.service_levels import ServiceLevelsError, compiled, read
from stream_app.settings import SettingsFaultsError, load

SHIPPED = Path(__file__).parents[2] / "deploy" / "service-levels.toml"
TIERS, REGIONS = ("basic", "standard", "premium", "enterprise"), ("amer", "apac", "emea")
HOUR = 3_600_000


def written(folder: Path, text: str) -> Path:
    file = folder / "levels.toml"
    file.write_text(text)
    return file


def test_the_shipped_file_is_right_and_has_targets_of_every_kind() -> None:
    levels = compiled(read(SHIPPED, TIERS, REGIONS))
    assert set(levels.calendars) == set(REGIONS)
    premium = levels.policy("premium", "p1", 1_800_000_000_000)
    assert premium[1:] == (
        Target(HOUR // 2, business=False),
        Target(2 * HOUR, business=True),
        Target(24 * HOUR, business=False),
        Target(20 * HOUR, business=False),
    )
    assert levels.policy("premium", "p1", 0) == Policy(0), "before it was in force"
    assert levels.policy("basic", "p1", 1_800_000_000_000) == Policy(0)


def test_versions_of_a_policy_are_put_in_order(tmp_path: Path) -> None:
    text = "".join(
        f'[[policy]]\ntier = "basic"\npriority = "p1"\neffective_from = {when}\nresolution = "{length}"\n'
        for when, length in (("2026-01-01T00:00:00+01:00", "2h"), ("2025-01-01T00:00:00Z", "90s"))
    )
    levels = compiled(read(written(tmp_path, "counted_from = 1970-01-01T00:00:01Z\n" + text), TIERS, REGIONS))
    assert [policy.resolution for policy in levels.policies["basic", "p1"]] == [
        Target(90_000, True),
        Target(2 * HOUR, True),
    ]
    assert levels.counted_from == 1_000


def faults(file: Path) -> tuple[str, ...]:
    with pytest.raises(ServiceLevelsError) as caught:
        read(file, TIERS, REGIONS)
    assert all(fault in str(caught.value) for fault in caught.value.faults)
    return caught.value.faults


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    found = faults(written(tmp_path, """
counted_from = 2026-01-01
colour = "red"
[[policy]]
tier = "basic"
priority = "p1"
first_response = "15 minutes"
respond = "1h"
[[policy]]
tier = "gold"
priority = "p9"
effective_from = 2026-01-01T00:00:00
[[policy]]
tier = "basic"
priority = "p2"
effective_from = 2026-01-01T00:00:00Z
first_response = "4h"
resolution = "2h"
[[policy]]
tier = "basic"
priority = "p2"
effective_from = 2026-01-01T01:00:00+01:00
[[calendar]]
region = "moon"
zone = "Moon/Mare"
hours = { mon = ["9-17", "17:00-09:00", "10:00-25:00"], someday = [] }
holidays = { country = "XX" }
[[calendar]]
region = "emea"
zone = "Europe/Berlin"
hours = {}
holidays = { country = "DE", subdivision = "ZZ" }
[[calendar]]
region = "emea"
zone = "Europe/Berlin"
hours = { mon-fri = ["09:00-17:00"] }
"""))  # fmt: skip
    expected = [
        "there is no colour", "policy 1: there is no respond", "policy 1: effective_from is missing",
        "policy 1: first_response = 15 minutes: no duration", "counted_from is no instant", "gold is none of the tiers",
        "p9 is none of p1", "policy 2 (gold, p9): effective_from has no offset",
        "policy 3 (basic, p2): first_response takes longer than resolution",
        "policy 4 (basic, p2): another policy of this tier and priority", "moon is none of the regions",
        "there is no zone Moon/Mare", "hours of mon: 9-17 is no span",
        "hours of mon: 17:00-09:00 ends before it begins",
        "hours of mon: 10:00-25:00 is no span", "hours of someday: no days of the week", "the country XX",
        "calendar 2 (emea): no hours", "DE has no subdivision ZZ", "calendar 3 (emea): the region has two calendars",
    ]  # fmt: skip
    assert [say for say in expected if not any(say in fault for fault in found)] == []
    assert len(found) == len(expected)


def test_a_file_that_cannot_be_read_or_is_no_toml(tmp_path: Path) -> None:
    assert "cannot be read" in faults(tmp_path / "none.toml")[0]
    assert "no TOML" in faults(written(tmp_path, "[[policy"))[0]
    assert faults(written(tmp_path, "policy = 3")) == ("policy is no list of tables; write [[policy]]",)


def test_the_settings_name_the_file_and_its_faults(tmp_path: Path) -> None:
    rules = load(overrides={"rules.service_levels_file": str(SHIPPED)}).rules.build()
    assert rules.levels.policies[("premium", "p1")]
    with pytest.raises(SettingsFaultsError) as caught:
        load(overrides={"rules.service_levels_file": str(written(tmp_path, 'x = 1\n[[calendar]]\nregion = "emea"\n'))})
    assert "there is no x" in str(caught.value)
    assert "zone is missing" in str(caught.value)


def test_the_verb_shows_policies_and_hours(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import json  # noqa: PLC0415

    from stream_app.__main__ import main  # noqa: PLC0415

    monkeypatch.setenv("STREAM_APP_RULES__SERVICE_LEVELS_FILE", str(SHIPPED))
    for arguments in (["--json"], []):
        with pytest.raises(SystemExit) as ended:
            main(["service-levels", "show", "--at", "2026-12-25T12:00:00Z", *arguments])
        assert not ended.value.code
        out = capsys.readouterr().out
        if arguments:
            said = json.loads(out)
            emea = next(row for row in said["regions"] if row["region"] == "emea")
            assert emea == {"region": "emea", "zone": "Europe/Berlin", "open": False, "until": "2026-12-28 08:00+01:00"}
            assert all(row["in_force"] for row in said["policies"])
        else:
            assert "Europe/Berlin" in out
    monkeypatch.delenv("STREAM_APP_RULES__SERVICE_LEVELS_FILE")
    with pytest.raises(SystemExit) as ended:
        main(["service-levels", "show"])
    assert ended.value.code == 2
