import json

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.errors import SourceError
from ranker.records import read_table
from ranker.records.ledger import Ledger
from ranker.records.readers import LONGEST_LINE

ROWS = [
    {"id": "a", "skills": ["Python", "SQL"], "years": 3, "city": "Zürich"},
    {"id": "b", "skills": [], "years": None, "city": 'two\nlines, "quoted"'},
    {"id": "c", "skills": ["李"], "years": 0, "city": ""},
]


def quoted(value) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return '"' + text.replace('"', '""') + '"'


def write(path, rows=ROWS):
    """Write the same rows in the format that the file name ends in."""
    names = list(rows[0])
    if path.suffix == ".csv":
        lines = [",".join(names), *(",".join(quoted(row[name]) for name in names) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    elif path.suffix == ".parquet":
        pa.parquet.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path, **options):
    ledger = Ledger()
    return read_table(path, table="candidate", ledger=ledger, **options), ledger


def raw(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(path, **options) -> str:
    with pytest.raises(SourceError) as caught:
        read(path, **options)
    return str(caught.value)


def set_aside(ledger):
    assert {fate.action for fate in ledger.fates} <= {"set_aside"}
    return [(fate.row, fate.reason) for fate in ledger.fates]


@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "x.json", "x.jsonl", "x.ndjson", "X.CSV"])
def test_every_format_gives_the_same_rows(tmp_path, name):
    table, ledger = read(
        write(tmp_path / name) if name != "X.CSV" else write(tmp_path / "x.csv").rename(tmp_path / name)
    )
    assert list(table.columns) == ["id", "skills", "years", "city"]
    assert list(table.index) == [1, 2, 3]
    assert set(map(str, table.dtypes)) == {"object"}
    assert ledger.read == {"candidate": 3}
    assert not ledger.fates
    assert table["id"].tolist() == ["a", "b", "c"]
    assert table["city"].tolist() == ["Zürich", 'two\nlines, "quoted"', ""]
    if name.lower().endswith("csv"):  # whose values are texts
        assert table["skills"].tolist() == ['["Python", "SQL"]', "[]", '["李"]']
        assert table["years"].tolist() == ["3", "", "0"]
    else:
        assert table["skills"].tolist() == [["Python", "SQL"], [], ["李"]]
        assert table["years"].tolist() == [3, None, 0]


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_objects_need_not_have_the_same_keys(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    rows = ['{"a": 1}', '{"b": NaN, "a": 2}', "{}"]
    raw(path, "[" + ",".join(rows) + "]" if suffix == ".json" else "\n".join(rows))
    table, _ = read(path)
    assert table["a"].tolist() == [1, 2, None]
    assert table["b"].tolist() == [None, None, None]


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path, suffix):
    path = write(tmp_path / f"x{suffix}")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(path)[0].columns[0] == "id"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_line_endings_and_a_missing_last_one_make_no_difference(tmp_path, ending, last):
    lines = ["a,b", "1,2", '3,"x', 'y"']
    path = raw(tmp_path / "x.csv", ending.join(lines) + ending * last)
    assert read(path)[0].to_numpy().tolist() == [["1", "2"], ["3", f"x{ending}y"]]


@pytest.mark.parametrize("name", ["x.csv", "x.json"])
def test_a_text_that_is_not_utf_8_is_refused_with_what_to_do(tmp_path, name):
    content = "id,city\na,Zürich\n" if name == "x.csv" else '[{"city": "Zürich"}]'
    assert "not UTF-8" in (message := refused(raw(tmp_path / name, content.encode("latin-1"))))
    assert "save it as UTF-8" in message


def test_the_line_that_is_not_utf_8_is_named(tmp_path):
    assert "line 3 is not UTF-8" in refused(raw(tmp_path / "x.csv", b"id\na\n\xff\n"))
    assert "line 1 is not UTF-8" in refused(raw(tmp_path / "y.csv", "id\na\n".encode("utf-16")))


def test_a_missing_file_is_named_with_the_one_that_was_meant(tmp_path):
    write(tmp_path / "candidates.csv")
    message = refused(tmp_path / "candidate.csv")
    assert f"the candidate file {tmp_path / 'candidate.csv'} does not exist" in message
    assert "did you mean 'candidates.csv'?" in message


def test_a_missing_folder_is_named(tmp_path):
    assert f"there is no folder {tmp_path / 'data'} either" in refused(tmp_path / "data" / "x.csv")


@pytest.mark.parametrize("name", ["x.xlsx", "x.txt", "x", "x.csv.gz"])
def test_an_unknown_kind_of_file_is_refused_with_the_known_ones(tmp_path, name):
    message = refused(raw(tmp_path / name, "a,b\n1,2\n"))
    assert "use one of .csv, .parquet, .json, .jsonl" in message


@pytest.mark.parametrize("content", ["", "\n", "\n\n", "   \n"])
def test_an_empty_csv_file_is_refused(tmp_path, content):
    assert "must hold the column names" in refused(raw(tmp_path / "x.csv", content))


@pytest.mark.parametrize(("name", "content"), [("x.json", "[]"), ("x.jsonl", ""), ("x.jsonl", "\n\n")])
def test_an_empty_file_of_objects_is_refused(tmp_path, name, content):
    assert "is empty: none of its 0 rows has a column" in refused(raw(tmp_path / name, content))


@pytest.mark.parametrize("content", ["id,city\n", "id,city"])
def test_a_file_with_a_header_only_is_a_table_without_rows(tmp_path, content):
    table, ledger = read(raw(tmp_path / "x.csv", content))
    assert list(table.columns) == ["id", "city"]
    assert len(table) == 0
    assert ledger.read == {"candidate": 0}


def test_a_file_of_bad_lines_only_is_refused_with_the_first_of_them(tmp_path):
    message = refused(raw(tmp_path / "x.jsonl", "foo\n[1]\n"))
    assert "none of its 2 rows has a column; line 1: a line that is not JSON" in message


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_two_columns_of_one_name_are_refused(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    if suffix == ".csv":
        raw(path, "id,age,age\na,1,2\n")
    else:
        pa.parquet.write_table(pa.Table.from_arrays([pa.array([1])] * 2, names=["age", "age"]), path)
    assert "more than one column named 'age': rename one" in refused(path)


def test_a_row_of_another_length_is_set_aside_with_its_line_and_not_with_what_it_says(tmp_path):
    path = raw(tmp_path / "x.csv", "id,city\na,Rome\nb,Rome,Italy\nc,Oslo\nd\ne,Bern\n")
    table, ledger = read(path)
    assert table["id"].tolist() == ["a", "c", "e"]
    assert list(table.index) == [1, 3, 5]
    assert ledger.read == {"candidate": 5}
    assert set_aside(ledger) == [
        ("line 3", "3 values where 2 were expected"),
        ("line 5", "1 values where 2 were expected"),
    ]
    # The line may hold what is protected.
    assert [fate.before for fate in ledger.fates] == ["", ""]


def test_the_line_of_a_bad_row_counts_line_breaks_inside_of_values_and_blank_lines(tmp_path):
    lines = ["id,city", 'a,"Ro', 'me"', "", "bad,1,2", "c,Oslo", "bad,1,2", 'x,"1', '2",3', "bad,1,2"]
    _, ledger = read(raw(tmp_path / "x.csv", "\r\n".join(lines) + "\r\n"))
    assert [row for row, _ in set_aside(ledger)] == ["line 5", "line 7", "line 8", "line 10"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('id,city\na,Rome\nb,"Oslo\nc,Bern\nd,Bonn\n', 3),
        ('id,city\na,Rome\nb,"Oslo\nc,Bern\nd,Bonn', 3),
        ('id,city,age\na,"Rome,1\nb,Oslo,2\nc,Bern,3\n', 2),
    ],
)
def test_a_quote_that_is_never_closed_is_refused_instead_of_hiding_the_rows_behind_it(
    tmp_path, content, line
):
    message = refused(raw(tmp_path / "x.csv", content))
    assert f"line {line}: a quote is opened there and never closed" in message


@pytest.mark.parametrize(
    "last",
    [
        'b,"two\nlines"',
        'b,"two\n""quoted""\nlines"',
        '"two\nlines",b',
        'b,"line break at the end\n"',
        'b,"two\nlines"\n\n',
    ],
)
def test_a_closed_quote_at_the_end_of_a_file_is_a_value_like_any_other(tmp_path, last):
    table, ledger = read(raw(tmp_path / "x.csv", f"id,city\na,Rome\n{last}\n"))
    assert len(table) == 2
    assert not ledger.fates


def test_bad_lines_of_json_lines_are_set_aside_and_the_rest_goes_on(tmp_path):
    lines = [
        b'{"id": "a"}',
        b"not json",
        b"[1, 2]",
        b'"text"',
        b"",
        b'{"id": "\xff"}',
        b'{"id": "\\ud800"}',
        b'{"id": "b"}',
    ]
    table, ledger = read(raw(tmp_path / "x.jsonl", b"\n".join(lines)))
    assert table["id"].tolist() == ["a", "b"]
    assert list(table.index) == [1, 8]
    assert ledger.read == {"candidate": 7}
    assert sorted(set_aside(ledger)) == [
        ("line 2", "a line that is not JSON"),
        ("line 3", "not an object"),
        ("line 4", "not an object"),
        ("line 6", "not UTF-8"),
        ("line 7", "a text that holds half a character"),
    ]


def test_a_character_that_is_escaped_in_two_halves_is_whole(tmp_path):
    table, ledger = read(raw(tmp_path / "x.jsonl", '{"id": "\\ud83d\\ude00"}\n'))
    assert table["id"].tolist() == ["😀"]
    assert not ledger.fates


def test_rows_of_a_json_list_that_are_no_objects_are_set_aside(tmp_path):
    table, ledger = read(raw(tmp_path / "x.json", '[{"id": "a"}, 3, null, {"id": "\\udc00"}]'))
    assert table["id"].tolist() == ["a"]
    assert ledger.read == {"candidate": 4}
    assert set_aside(ledger) == [
        ("row 2", "not an object"),
        ("row 3", "not an object"),
        ("row 4", "a text that holds half a character"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1, column 1"),
        ('[{"a": 1},\n {"a": }]', "line 2, column 8"),
        ('{"a": 1}', "holds no list"),
        ("[" * 100_000, "nested too deeply"),
        ("[" + "9" * 5000 + "]", "thousands of digits"),
    ],
)
def test_a_json_file_that_is_no_list_of_objects_is_refused_with_the_place(tmp_path, content, said):
    assert said in refused(raw(tmp_path / "x.json", content))


def test_what_is_no_parquet_file_is_refused(tmp_path):
    for content in (b"", b"id,city\na,Rome\n", b"PAR1garbagePAR1"):
        assert "cannot be read as parquet" in refused(raw(tmp_path / "x.parquet", content))


def test_a_line_that_is_too_long_is_set_aside_or_refused(tmp_path):
    good, long = '{"id": "a"}\n', '{"id": "' + "b" * 100 + '"}\n'
    table, ledger = read(raw(tmp_path / "x.jsonl", good + long + good + long), longest_line=50)
    assert table["id"].tolist() == ["a", "a"]
    assert list(table.index) == [1, 3]
    assert set_aside(ledger) == [(f"line {n}", "a line of more than 50 bytes") for n in (2, 4)]
    assert ledger.read == {"candidate": 4}
    message = refused(raw(tmp_path / "x.csv", "id\na\n" + "b" * 51 + "\n"), longest_line=50)
    assert "line 3 has more than 50 bytes" in message
    assert len(read(raw(tmp_path / "x.csv", "id\n" + "b" * 50), longest_line=50)[0]) == 1


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_line_of_200_megabytes_is_no_reason_to_run_out_of_memory(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    first, last = (b"id\na\n", b"") if suffix == ".csv" else (b'{"id": "a"}\n', b'\n{"id": "b"}\n')
    with path.open("wb") as file:
        file.write(first)
        file.seek(200 * 2**20, 1)  # a hole, which takes no room on the disk
        file.write(b'x"' + last)
    assert path.stat().st_size > 12 * LONGEST_LINE
    if suffix == ".csv":
        assert "line 3 has more than 16,777,216 bytes" in refused(path)
    else:
        table, ledger = read(path)
        assert table["id"].tolist() == ["a", "b"]
        assert set_aside(ledger) == [("line 2", "a line of more than 16,777,216 bytes")]


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
def test_any_text_comes_back_from_a_csv_file_as_it_was_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    # Line endings inside of values are part of them, so they are written as bytes.
    lines = ["a,b", *(f"{quoted(a)},{quoted(b)}" for a, b in rows)]
    path.write_bytes("\n".join(lines).encode())
    table, ledger = read(path)
    assert [tuple(row) for row in table.to_numpy()] == rows
    assert not ledger.fates
