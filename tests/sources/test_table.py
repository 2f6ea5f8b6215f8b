import csv
import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.sources.schema import FileFormat
from stream_app.sources.table import LogError, LogFile
from tests.sources.making import written


def rows(file: Path, **layout: object) -> list[tuple[int, list[str] | str]]:
    with LogFile(file, FileFormat.model_validate(layout)) as log:
        return list(log.rows())


def zipped(**members: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return data.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"a,b\n1,2\n", gzip.compress(b"a,b\n1,2\n"), zipped(log="a,b\n1,2\n")],
    ids=["plain", "gzipped", "zipped"],
)
def test_plain_gzipped_and_zipped_files_read_alike_whatever_their_name(tmp_path: Path, data: bytes) -> None:
    assert rows(written(tmp_path, data, "log.data")) == [(2, ["1", "2"])]


def test_an_archive_of_several_files_needs_to_be_told_which(tmp_path: Path) -> None:
    file = written(tmp_path, zipped(one="a\n1\n", two="a\n2\n"))
    with pytest.raises(LogError, match=r"2 files are in it: say which by `file\.member`"):
        rows(file)
    assert rows(file, member="tw*") == [(2, ["2"])]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    with LogFile(written(tmp_path, "\ufeffid,b\n1,2\n"), FileFormat()) as log:
        assert log.header == ["id", "b"]


def test_other_encodings_delimiters_and_quotes_are_read(tmp_path: Path) -> None:
    file = written(tmp_path, "a;b\n'Zürich; Süd';x\n".encode("latin-1"))
    assert rows(file, encoding="latin-1", delimiter=";", quote="'") == [(2, ["Zürich; Süd", "x"])]
    wide = written(tmp_path, "a\tb\n1\t2\n".encode("utf-16"))
    assert rows(wide, encoding="utf-16", delimiter="\t") == [(2, ["1", "2"])]


def test_a_file_without_a_header_takes_its_columns_from_the_mapping(tmp_path: Path) -> None:
    with LogFile(written(tmp_path, "# made by hand\n1,2\n"), FileFormat(columns=["a", "b"], skip_lines=1)) as log:
        assert (log.header, list(log.rows())) == (["a", "b"], [(2, ["1", "2"])])


def test_lines_inside_quotes_are_one_row_counted_by_its_first_line(tmp_path: Path) -> None:
    assert rows(written(tmp_path, 'a,b\n1,"x\n\ny"\n2,z\n')) == [(2, ["1", "x\n\ny"]), (5, ["2", "z"])]


def test_empty_lines_and_empty_values_beyond_the_last_column_are_harmless(tmp_path: Path) -> None:
    assert rows(written(tmp_path, "a,b\n\n1,2,,\r\n\n3,4")) == [(3, ["1", "2"]), (5, ["3", "4"])]


def test_a_row_with_more_or_fewer_values_costs_only_itself(tmp_path: Path) -> None:
    found = rows(written(tmp_path, "a,b\n1\n2,x\n3,y,z\n4,w\n"))
    assert found == [(2, "ragged"), (3, ["2", "x"]), (4, "ragged"), (5, ["4", "w"])]


@pytest.mark.parametrize("bad", ['1,"open,x', '1,x,"open', '"1,x,y', '1,a "quoted" "word,x,"'])
@pytest.mark.parametrize("rest", [["2,b,c", "3,d,e"], ["2,b,c", '3,"d",e'], ['2,"b",c', '"3",d,"e"']])
def test_a_quote_never_closed_costs_only_its_row(tmp_path: Path, bad: str, rest: list[str]) -> None:
    found = rows(written(tmp_path, "\n".join(["x,y,z", "0,a,b", bad, *rest])))
    good = [row for _, row in found if isinstance(row, list)]
    assert good[-2:] == [["2", "b", "c"], ["3", "d", "e"]]
    assert [line for line, row in found if isinstance(row, str)] in ([3], [])


def test_text_after_a_closing_quote_is_kept_as_most_programs_read_it(tmp_path: Path) -> None:
    assert rows(written(tmp_path, 'a,b\n"x"y,1\n')) == [(2, ["xy", "1"])]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.text("ab\"',\n ", max_size=6), st.text('cd",\n\r', max_size=6)), max_size=8))
def test_whatever_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[str, str]]
) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *values])
    found = rows(written(tmp_path_factory.mktemp("csv"), text.getvalue()))
    assert [row for _, row in found] == [list(value) for value in values]


def test_a_column_name_that_occurs_twice_needs_its_number(tmp_path: Path) -> None:
    with LogFile(written(tmp_path, "a,b,a\n1,2,3\n"), FileFormat()) as log:
        assert log.indexes(["a#1", "b", "a#2"]) == {"a#1": 0, "b": 1, "a#2": 2}
        with pytest.raises(LogError, match=r"'a' occurs 2 times: say 'a#1' or 'a#2'.*no column 'c'"):
            log.indexes(["a", "c"])


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n", gzip.compress(b"a,b\n1,2\n")[:-12], b"PK\x03\x04no zip"],
    ids=["empty", "blank", "cut", "no zip"],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(LogError, match=r"log\.csv"):
        rows(written(tmp_path, data))


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="cannot be read: No such file"):
        rows(tmp_path / "none.csv")
