from pathlib import Path

import pytest

from stream_app.sources import mapping
from tests.sources.making import ACTIVITY, SNAPSHOT

SHIPPED = sorted((Path(__file__).parents[2] / "topics/mappings").glob("*.toml"))


def faults(text: str) -> list[str]:
    with pytest.raises(mapping.MappingError) as caught:
        mapping.parse(text)
    return caught.value.faults


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_mapping_is_without_fault_and_named_as_its_file(file: Path) -> None:
    assert mapping.load(file).name == file.stem


def test_all_faults_are_named_at_once_each_with_its_place() -> None:
    text = (
        ACTIVITY.replace('format = "iso"', 'format = "Y-m-d"\nzone = "Europe/Nowhere"')
        .replace('"solve" = "solved"', '"solve" = "resolved"')
        .replace('on = "customer"', 'on = "weather", why = "x"')
    )
    found = faults(text + '"re:(" = "closed"\n[fields.colour]\ndefault = "red"\n[fields.by]\ndefault = "robot"\n')
    places = [fault.split(":")[0] for fault in found]
    assert places == [
        "activity.kinds.'re",
        "time.zone",
        "time.format",
        "fields.colour",
        "fields.by.default",
        "activity.kinds.'wait'.on",
        "activity.kinds.'wait'.why",
        "activity.kinds.'solve'",
    ]


def test_unknown_keys_are_faults_in_every_table() -> None:
    text = ACTIVITY.replace("[case]", "colour = 1\n[case]\nrow = 2").replace("[account]", "[account]\nid = 3")
    assert sorted(faults(text + '[file]\nseparator = ";"\n')) == [
        "account.id: no such key",
        "case.row: no such key",
        "colour: no such key",
        "file.separator: no such key",
    ]


def test_missing_keys_are_named() -> None:
    assert faults('style = "activity"\n[time]\ncolumn = "t"\n') == [
        "name: is missing",
        "case: is missing",
        "time.format: is missing",
        "account: is missing",
    ]


def test_a_value_of_the_wrong_type_is_named_by_its_place() -> None:
    text = ACTIVITY.replace('"take" = "assigned"', '"take" = 7')
    assert [fault.split(":")[0] for fault in faults(text)] == ["activity.kinds.take"]


def test_the_style_must_have_its_table() -> None:
    found = faults(ACTIVITY.replace('style = "activity"', 'style = "snapshot"'))
    assert found == ['the file: style = "snapshot" needs [state], and no [activity]']


def test_a_kind_says_which_field_it_lacks() -> None:
    found = faults(ACTIVITY.replace('{ kind = "waiting", on = "customer" }', '"waiting"'))
    assert found == ["activity.kinds.'wait': 'waiting' needs 'on': give it here, or as [fields.on]"]


def test_a_field_from_a_column_serves_a_kind_that_needs_it() -> None:
    text = ACTIVITY.replace('{ kind = "waiting", on = "customer" }', '"waiting"')
    assert mapping.parse(text + '[fields.on]\ncolumn = "whom"\n').fields["on"].column == "whom"


def test_a_state_that_is_none_of_ours_is_a_fault() -> None:
    assert faults(SNAPSHOT.replace('"Dev" = "escalated"', '"Dev" = "engineering"'))[0].startswith("state.states.Dev: ")


def test_an_account_is_made_in_exactly_one_way() -> None:
    found = faults(ACTIVITY.replace('one = "acme"', 'one = "acme"\nper_case = true'))
    assert found == ["account: needs exactly one of `column`, `one` and `per_case = true`"]


def test_a_file_that_is_no_toml_or_not_there_is_one_fault(tmp_path: Path) -> None:
    assert faults("name = ")[0].startswith("is not TOML")
    with pytest.raises(mapping.MappingError, match="cannot be read: No such file"):
        mapping.load(tmp_path / "none.toml")
