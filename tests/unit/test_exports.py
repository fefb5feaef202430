"""Rows into files."""

import csv
import io
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyarrow import parquet

from evaluation.exports import schema
from evaluation.exports.codebook import ItemWords, codebook_csv, codebook_html
from evaluation.exports.columns import Column, Kind, Table
from evaluation.exports.comparison import lines, result_rows
from evaluation.exports.files import csv_text, write_table, written
from evaluation.exports.guard import guarded, unguarded
from evaluation.exports.moments import said
from evaluation.exports.parquet import write_parquet
from evaluation.exports.pseudonyms import pseudonyms
from evaluation.exports.reading import read_rows
from evaluation.exports.sheets import letters
from evaluation.exports.workbook import write_workbook
from evaluation.stats.units import ScoreRow, as_in_the_paper, compare

ZIP64_VERSION = 45
NOTES = Table("notes.csv", "Notes.", (Column("who", "code"), Column("text", "note", typed=True)))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_typed_words_that_look_like_a_formula_get_an_apostrophe(start: str) -> None:
    text = csv_text(NOTES, [["P1", f"{start}cmd()"]])

    assert next(csv.reader(io.StringIO(text, newline="")), None) == ["who", "text"]
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ["P1", f"'{start}cmd()"]


def test_numbers_and_untyped_columns_are_left_alone() -> None:
    table = Table("t", "", (Column("a", "", "any"), Column("b", ""), Column("c", "", typed=True)))

    text = csv_text(table, [[-3, "-x", "a = b"]])

    assert list(csv.reader(io.StringIO(text)))[1] == ["-3", "-x", "a = b"]


@given(st.text("'=+-@\t\rab"))
def test_a_guarded_cell_never_begins_like_a_formula_and_gives_its_words_back(words: str) -> None:
    cell = guarded(words)

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(cell) == words


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("string", None, ""),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("integer", 0, "0"),
        ("number", 0.1, "0.1"),
        ("moment", 12.5, "12.5"),
        ("object", '{"a": 1}', '{"a": 1}'),
        ("object", {"b": [1], "a": "良い"}, '{"a":"良い","b":[1]}'),
        ("array", [], "[]"),
        ("string", UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    ],
)
def test_values_are_written_so_that_they_can_be_read_back(
    kind: Kind, value: object, text: str
) -> None:
    written = csv_text(Table("t", "", (Column("a", "", kind), Column("b", ""))), [[value, "x"]])

    assert list(csv.reader(io.StringIO(written)))[1] == [text, "x"]


def test_moments_are_seconds_since_an_origin_or_points_in_time() -> None:
    at = datetime(2030, 1, 2, 3, 4, 5, 6000, UTC)
    origin = datetime(2030, 1, 2, 12, 0, 0, 0, timezone(timedelta(hours=9)))

    assert said(at, origin, absolute=False) == 245.006
    assert said(at, origin, absolute=True) == "2030-01-02T03:04:05.006000Z"
    assert said(None, origin, absolute=True) is None


def test_free_text_is_left_out_where_it_was_not_asked_for() -> None:
    table = Table("t", "", (Column("who", ""), Column("text", "", free=True)))
    file = io.StringIO(newline="")

    number = write_table(file, table, [["P1", "words"]], free_text=False)

    assert (number, file.getvalue()) == (1, "who,text\r\nP1,\r\n")


def test_text_survives_the_way_through_a_file() -> None:
    words = 'two\nlines, a comma, "quotes", 良い, \u2028, 🙂'

    text = csv_text(NOTES, [["P1", words]])

    assert list(csv.reader(io.StringIO(text, newline="")))[1][1] == words


def test_a_row_of_another_width_is_an_error() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells, not 2"):
        csv_text(NOTES, [["P1"]])


def test_a_file_appears_complete_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "data" / "a.csv"

    def write_half() -> None:
        with written(target) as part:
            part.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_half()
    assert not target.exists()
    with written(target) as part:
        part.write_text("whole")

    assert target.read_text() == "whole"


def test_the_code_book_explains_every_column_and_item() -> None:
    item = ItemWords("usability", "sus1", "likert", "I would use <it> often", "from 1 to 5")

    table = codebook_csv(schema.TABLES, [item], absolute_times=False)
    page = codebook_html("A study", schema.TABLES, [item], absolute_times=False)

    told = {(row["table"], row["column"]): row for row in csv.DictReader(io.StringIO(table))}
    for one in schema.TABLES:
        for column in one.columns:
            assert told[one.name, column.name]["description"] == column.words
            assert f"<code>{column.name}</code>" in page
    assert told["responses", "usability.sus1"]["description"] == item.text
    assert "I would use &lt;it&gt; often" in page
    assert told["participants", "ended_at"]["unit"] == "seconds"


def test_columns_have_names_of_their_own() -> None:
    for table in schema.TABLES:
        names = [column.name for column in table.columns]
        assert len(names) == len(set(names))
        assert set(table.key) <= set(names)


TYPES = Table(
    "types",
    "One of each kind.",
    (
        Column("text", "", typed=True),
        Column("whole", "", "integer"),
        Column("real", "", "number"),
        Column("flag", "", "boolean"),
        Column("at", "", "moment"),
        Column("more", "", "object"),
    ),
)
ROWS: list[list[object]] = [
    ['=1+1, "x"\r\n', 7, 0.5, True, 1.25, {"a": [1]}],
    ["良い🙂\u2028", None, None, None, None, None],
    ["#N/A", -1, 1e-9, False, 0.0, {}],
]


def types_csv(folder: Path, rows: list[list[object]]) -> Path:
    path = folder / "types.csv"
    path.write_text(csv_text(TYPES, [list(row) for row in rows]), encoding="utf-8", newline="")
    return path


def test_a_parquet_file_has_types_and_the_words_as_they_were_typed(tmp_path: Path) -> None:
    target = tmp_path / "types.parquet"

    write_parquet(types_csv(tmp_path, ROWS), target, TYPES, absolute_times=False)

    found = parquet.read_table(target)
    assert [str(field.type) for field in found.schema] == [
        "string", "int64", "double", "bool", "double", "string",
    ]  # fmt: skip
    assert found.column("text").to_pylist() == [row[0] for row in ROWS]
    assert found.column("whole").to_pylist() == [7, None, -1]
    assert found.column("flag").to_pylist() == [True, None, False]


def test_a_table_without_rows_is_a_parquet_file_with_columns(tmp_path: Path) -> None:
    write_parquet(types_csv(tmp_path, []), tmp_path / "t.parquet", TYPES, absolute_times=True)

    found = parquet.read_table(tmp_path / "t.parquet")
    assert (found.num_rows, str(found.schema.field("at").type)) == (0, "timestamp[us, tz=UTC]")


def test_a_workbook_holds_words_and_never_formulas(tmp_path: Path) -> None:
    rows = [*ROWS, ["\x0bodd", 1, 1.0, True, 1.0, {}], ["w" * 40_000, 1, 1.0, True, 1.0, {}]]

    write_workbook(tmp_path / "t.xlsx", [(TYPES, types_csv(tmp_path, rows))])

    sheet = load_workbook(tmp_path / "t.xlsx")["types"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert cells[0].value.startswith("'=1+1")
    assert cells[2].value == "#N/A"
    assert cells[3].value == "\ufffdodd"
    assert len(cells[4].value) == 32_767
    assert cells[4].value.endswith("see the CSV file)")


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(tmp_path: Path) -> None:
    rows: list[list[object]] = [[f"row {n}", n, None, None, None, None] for n in range(5)]

    write_workbook(tmp_path / "t.xlsx", [(TYPES, types_csv(tmp_path, rows))], rows_of_a_sheet=3)

    book = load_workbook(tmp_path / "t.xlsx")
    lengths = {sheet.title: sheet.max_row for sheet in book}
    assert lengths == {"types": 3, "types 2": 3, "types 3": 2}
    assert book["types 3"]["B2"].value == 4


def test_a_sheet_that_grows_too_large_goes_on_in_the_next(tmp_path: Path) -> None:
    rows: list[list[object]] = [["w" * 900, n, None, None, None, None] for n in range(5)]
    target = tmp_path / "t.xlsx"

    write_workbook(target, [(TYPES, types_csv(tmp_path, rows))], bytes_of_a_sheet=2000)

    book = load_workbook(target)
    assert [sheet.max_row for sheet in book] == [3, 3, 2]  # with the header: what is too much ends
    assert [row[1].value for sheet in book for row in sheet.iter_rows(min_row=2)] == [*range(5)]
    with ZipFile(target) as archive:  # of the format that spreadsheets take
        assert max(entry.extract_version for entry in archive.infolist()) < ZIP64_VERSION


def test_a_workbook_has_a_tables_types_and_its_words_to_the_last_sign(tmp_path: Path) -> None:
    at = datetime(2030, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    words = ' <b> & "quoted"\r\n\ta lone \r, 良い🙂\u2028 '
    moments = said(at, at, absolute=True)
    rows: list[list[object]] = [
        [words, -7, 1e-9, False, moments, {"a": "<&>"}],
        [None] * 6,
        [None, None, float("inf"), None, None, None],
    ]

    write_workbook(tmp_path / "t.xlsx", [(TYPES, types_csv(tmp_path, rows))])

    sheet = load_workbook(tmp_path / "t.xlsx")["types"]
    header, first, empty, endless = sheet.iter_rows(values_only=True)
    assert (list(header), sheet.freeze_panes) == (TYPES.header, "A2")
    assert first[:4] == (words, -7, 1e-9, False)
    assert (first[4], first[5]) == (at.replace(tzinfo=None), '{"a":"<&>"}')
    assert (set(empty), endless[2]) == ({None}, "inf")


def test_columns_are_called_as_sheets_call_them() -> None:
    assert [letters(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_the_same_rows_give_the_same_workbook(tmp_path: Path) -> None:
    source = types_csv(tmp_path, ROWS)

    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, [(TYPES, source)])
        time.sleep(1.1)  # a workbook would note the second

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_what_is_read_back_is_what_was_written(tmp_path: Path) -> None:
    found = list(read_rows(types_csv(tmp_path, ROWS), TYPES))

    assert found[0] == ['=1+1, "x"\r\n', 7, 0.5, True, 1.25, '{"a":[1]}']
    assert found[1][1:] == [None] * 5


def test_ids_depend_on_the_key_and_on_nothing_else() -> None:
    people = [f"person {n}" for n in range(500)]

    first, again = (pseudonyms(b"key", "p", order) for order in (people, people[::-1]))
    other = pseudonyms(b"another", "p", people)

    assert first == again
    assert len(set(first.values())) == 500
    assert not set(first.values()) & set(other.values())


def separated() -> list[ScoreRow]:
    """Six against six, completely separated on every criterion."""
    return [
        ScoreRow(f"{condition}{person}", condition, rater, "eq1", score + person % 2)
        for condition, score in (("duetml", 4), ("baseline", 1))
        for person in range(6)
        for rater in ("R1", "R2")
    ]


def test_the_result_rows_fit_their_table_and_hold_both_units() -> None:
    arguments = (separated(), "duetml", "baseline", ["eq1"])

    text = csv_text(schema.RESULTS, result_rows(compare(*arguments), as_in_the_paper(*arguments)))

    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["unit"], row["n_treatment"]) for row in rows] == [
        ("participant", "6"),
        ("pooled", "12"),
    ]
    assert rows[0]["u"] == "36.0"
    assert float(rows[0]["p"]) == pytest.approx(2 / 924)
    assert (rows[0]["cliffs_delta"], rows[0]["undefined"]) == ("1.0", "")
    assert rows[1]["p_holm"] == ""


def test_the_terminal_shows_u_and_p_of_both_units_and_says_why_p_is_missing() -> None:
    arguments = (separated(), "duetml", "baseline", ["eq1", "eq2"])

    shown = [line.split() for line in lines(compare(*arguments), as_in_the_paper(*arguments))]

    assert shown[1] == ["participant", "eq1", "6/6", "36", "0.00216", "0.00216"]
    assert shown[2][-2] == "empty_group"
    assert shown[3][:2] == ["pooled", "eq1"]


def test_a_tiny_p_is_not_shown_as_nothing() -> None:
    rows = [
        ScoreRow(f"{condition}{person}", condition, "R1", "eq1", score)
        for condition, score in (("duetml", 5), ("baseline", 1))
        for person in range(15)
    ]

    shown = list(lines(compare(rows, "duetml", "baseline", ["eq1"])))

    assert shown[1].split()[-2:] == ["<0.00001", "<0.00001"]
