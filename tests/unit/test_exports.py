"""Rows into files."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from evaluation.exports import schema
from evaluation.exports.codebook import readme
from evaluation.exports.comparison import lines, result_rows
from evaluation.exports.files import (
    FolderNotEmptyError,
    appearing,
    cell,
    csv_text,
    write_folder,
)
from evaluation.exports.schema import Column, Table
from evaluation.stats.units import ScoreRow, as_in_the_paper, compare

NOTES = Table("notes.csv", "Notes.", (Column("who", "code"), Column("text", "note", typed=True)))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_typed_words_that_look_like_a_formula_get_an_apostrophe(start: str) -> None:
    text = csv_text(NOTES, [["P1", f"{start}cmd()"]])

    assert next(csv.reader(io.StringIO(text, newline="")), None) == ["who", "text"]
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ["P1", f"'{start}cmd()"]


def test_numbers_and_untyped_columns_are_left_alone() -> None:
    assert cell(-3, typed=True) == "-3"
    assert cell("-x") == "-x"
    assert cell("a = b", typed=True) == "a = b"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (0, "0"),
        (0.1, "0.1"),
        (datetime(2030, 1, 2, 3, 4, 5, 6000, tzinfo=UTC), "2030-01-02T03:04:05.006000Z"),
        ({"b": [1], "a": "良い"}, '{"a": "良い", "b": [1]}'),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    ],
)
def test_values_are_written_so_that_they_can_be_read_back(value: object, text: str) -> None:
    assert cell(value) == text


def test_text_survives_the_way_through_a_file() -> None:
    words = 'two\nlines, a comma, "quotes", 良い, \u2028, 🙂'

    text = csv_text(NOTES, [["P1", words]])

    assert list(csv.reader(io.StringIO(text, newline="")))[1][1] == words


def test_a_row_of_another_width_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        csv_text(NOTES, [["P1"]])


def test_a_folder_appears_complete(tmp_path: Path) -> None:
    target = tmp_path / "new" / "export"

    with appearing(target) as draft:
        write_folder(draft, [(NOTES, [["P1", "x"], ["P2", "y"]])], {"a.txt": "hm"})
        assert not target.exists()

    assert sorted(path.name for path in target.iterdir()) == ["a.txt", "notes.csv"]
    assert [path.name for path in target.parent.iterdir()] == ["export"]


def test_an_error_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def rows() -> Iterator[list[object]]:
        yield ["P1", "x"]
        raise OSError("disk full")

    def write() -> None:
        with appearing(tmp_path / "export") as draft:
            write_folder(draft, [(NOTES, rows())], {})

    with pytest.raises(OSError, match="disk full"):
        write()

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(FolderNotEmptyError), appearing(tmp_path):
        pass

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_folder_may_be_the_target(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()

    with appearing(tmp_path / "export") as draft:
        (draft / "a.txt").write_text("a")

    assert (tmp_path / "export" / "a.txt").read_text() == "a"


def test_the_code_book_explains_every_column_and_says_what_is_left_out() -> None:
    text = readme("duetml", "2030-01-02", schema.TABLES, ["Conditions: the study is open."])

    squeezed = " ".join(text.split())
    named = [f"{one.name}: {one.words}" for table in schema.TABLES for one in table.columns]
    assert [words for words in named if words not in squeezed] == []
    assert "Conditions: the study is open." in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_columns_have_names_of_their_own() -> None:
    for table in schema.TABLES:
        names = [column.name for column in table.columns]
        assert len(names) == len(set(names))


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
