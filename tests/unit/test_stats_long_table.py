"""Files as people have them: read, or refused with one sentence that says where."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.stats import long_table
from evaluation.stats.long_table import Rating, TableError, read

HEADER = "participant,condition,rater,criterion,score\n"
ROWS = "p1,a,R1,EQ1,4\np2,b,R1,EQ1,2\n"
GOOD = HEADER + ROWS


def refusal(data: bytes | str) -> str:
    with pytest.raises(TableError) as refused:
        read(data.encode() if isinstance(data, str) else data)
    return str(refused.value)


def test_a_table_is_read() -> None:
    table = read(GOOD.encode())

    assert table.conditions == ("a", "b")
    assert table.criteria == ("EQ1",)
    assert table.ratings == (
        Rating("p1", "a", "R1", "EQ1", Fraction(4)),
        Rating("p2", "b", "R1", "EQ1", Fraction(2)),
    )


@pytest.mark.parametrize(
    "same",
    [
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        "\n\n" + GOOD + "\n,,,,\n\n",
        GOOD.replace(",", " , "),
        GOOD.replace("participant", "Participant").replace("score", "SCORE "),
        GOOD.replace("EQ1", '"EQ1"'),
        GOOD.rstrip("\n"),
    ],
)
def test_the_same_table_as_other_programs_write_it_is_read_alike(same: str) -> None:
    assert read(same.encode()) == read(GOOD.encode())


def test_other_columns_and_another_order_change_nothing() -> None:
    moved = "score,note,rater,criterion,condition,participant\n4,x,R1,EQ1,a,p1\n2,,R1,EQ1,b,p2\n"

    assert read(moved.encode()) == read(GOOD.encode())


def test_without_the_column_criterion_there_is_one_criterion() -> None:
    table = read(b"participant,condition,rater,score\np1,a,R1,4\np2,b,R1,2\n")

    assert table.criteria == ("score",)


@pytest.mark.parametrize("missing", ["", " ", "NA", "n/a", "NaN", "null", "None", "."])
def test_rows_with_a_missing_score_are_counted_and_left_out(missing: str) -> None:
    table = read(f"{GOOD}p3,b,R1,EQ1,{missing}\np3,b,R2,EQ2,{missing}\n".encode())

    assert len(table.ratings) == 2
    assert table.without_score == {"EQ1": 1, "EQ2": 1}


@pytest.mark.parametrize(
    ("written", "score"),
    [("4.0", 4), ("+3", 3), ("-1.5", Fraction(-3, 2)), (".5", Fraction(1, 2)), ("1e1", 10)],
)
def test_scores_are_exact_numbers(written: str, score: Fraction) -> None:
    table = read(GOOD.replace("EQ1,4", f"EQ1,{written}").encode())

    assert table.ratings[0].score == score


def test_a_name_written_in_two_unicode_forms_is_one_name() -> None:
    decomposed = GOOD + "p3,cafe\u0301,R1,EQ1,2\n"

    table = read(
        decomposed.replace(",a,", ",caf\u00e9,")
        .replace(",b,", ",caf\u00e9,")
        .replace("p2,café", "p2,b")
        .encode()
    )

    assert table.conditions == ("b", "caf\u00e9")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \n\n", "The file is empty."),
        (HEADER, "The table has a header but no rows."),
        (HEADER + "p1,a,R1,EQ1,\np2,b,R1,EQ1,NA\n", "No row has a score."),
        (GOOD.encode("utf-16"), "The file is UTF-16; save it as UTF-8 (in Excel: CSV UTF-8)."),
        (
            GOOD.replace("p2", "参加者").encode("cp932"),
            "Line 3 is not UTF-8; save the file as UTF-8 (in Excel: CSV UTF-8).",
        ),
        (GOOD.replace("p2", "\0"), "The file holds NUL characters; it is no text table."),
        (
            b"PK\x03\x04rest",
            "The file is a spreadsheet or another zip; save the table as CSV UTF-8.",
        ),
        (
            GOOD.replace(",", ";"),
            "The cells are not separated by commas; save the table as CSV.",
        ),
        (
            GOOD.replace(",", "\t"),
            "The cells are not separated by commas; save the table as CSV.",
        ),
        (
            GOOD.replace("rater", "judge"),
            "The header lacks rater; it must name participant, condition, rater, score and may"
            " name criterion. It has: “participant”, “condition”, “judge”, “criterion”, “score”.",
        ),
        (GOOD.replace("criterion", "score"), "The header has the column score twice."),
        (GOOD + "p3,a\n", "Line 4 has 2 cells where the header has 5."),
        (GOOD + "p3,a,R1,EQ1,3,\n", "Line 4 has 6 cells where the header has 5."),
        (GOOD + '"p3,a,R1,EQ1,3\n', "Line 4 is no CSV: unexpected end of data."),
        (GOOD + '"p3"x,a,R1,EQ1,3\n', "Line 4 is no CSV: ',' expected after '\"'."),
        (
            GOOD + f"{'x' * 200_000},a,R1,EQ1,3\n",
            "Line 4 has a cell of more than 100,000 characters.",
        ),
        (
            GOOD + f"{'x' * 201},a,R1,EQ1,3\n",
            "Line 4: the participant is longer than 200 characters.",
        ),
        (GOOD + ",a,R1,EQ1,3\n", "Line 4 has no participant."),
        (GOOD + "p3,a,,EQ1,3\n", "Line 4 has no rater."),
        (
            GOOD + "p\x1b[31m,a,R1,EQ1,3\n",
            "Line 4: the participant holds a control or invisible character.",
        ),
        (
            GOOD + "p3,a\u202e,R1,EQ1,3\n",
            "Line 4: the condition holds a control or invisible character.",
        ),
        (
            GOOD + '"=HYPERLINK(""x"")",a,R1,EQ1,3\n',
            'Line 4: the participant is a formula, “=HYPERLINK("x")”.',
        ),
        (GOOD + "p3,a,R1,EQ1,=1+1\n", "Line 4: the score “=1+1” is no number."),
        (GOOD + "p3,a,R1,EQ1,four\n", "Line 4: the score “four” is no number."),
        (
            GOOD + 'p3,a,R1,EQ1,"3,5"\n',
            "Line 4: the score “3,5” is no number (decimals have a point).",
        ),
        (GOOD + "p3,a,R1,EQ1,inf\n", "Line 4: the score “inf” is no number."),
        (GOOD + "p3,a,R1,EQ1,1e999999999\n", "Line 4: the score “1e999999999” is no number."),
        (GOOD + "p3,a,R1,EQ1,1_0\n", "Line 4: the score “1_0” is no number."),
        (GOOD + "p3,a,R1,EQ1,３\n", "Line 4: the score “３” is no number."),
        (GOOD + "p3,a,R1,EQ1,\x1b[2J\n", "Line 4: the score “?[2J” is no number."),
        (
            GOOD + "p1,a,R1,EQ1,4\n",
            "Line 4 scores again what line 2 scores: rater R1, participant p1, criterion EQ1.",
        ),
        (
            GOOD + "p1,b,R2,EQ1,4\n",
            "Participant p1 is in a on line 2 and in b on line 4; the groups must be separate.",
        ),
        (
            GOOD.replace(",b,", ",a,"),
            "Two conditions are compared, and the table has 1: a.",
        ),
        (
            GOOD + "p3,c,R1,EQ1,\n",
            "Two conditions are compared, and the table has 3: a, b, c.",
        ),
        (
            HEADER + "".join(f"p{i},c{i},R1,EQ1,1\n" for i in range(9)),
            "Two conditions are compared, and the table has 9: c0, c1, c2, c3, c4, c5, ….",
        ),
        (
            GOOD + "".join(f"p1,a,R1,E{i},1\n" for i in range(100)),
            "There are 101 criteria; at most 100 can be compared at once.",
        ),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_one_sentence(
    data: bytes | str, sentence: str
) -> None:
    assert refusal(data) == sentence


def test_what_is_too_large_is_refused_before_it_is_worked_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(long_table, "MOST_ROWS", 2)
    assert refusal(GOOD + "p3,a,R1,EQ1,3\n") == "The table has more than 2 rows."

    monkeypatch.setattr(long_table, "LARGEST_FILE", 10)
    assert refusal(GOOD) == "The file is larger than 0 MB."


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes) -> None:
    assert "\n" not in read_or_refusal(data)


cells = st.text(st.characters(codec="utf-8"), max_size=8)


@given(st.lists(st.lists(cells, min_size=5, max_size=5), max_size=4))
def test_any_rows_are_read_or_refused_in_one_line(rows: list[list[str]]) -> None:
    quoted = "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows
    )

    outcome = read_or_refusal((GOOD + quoted).encode())

    assert "\n" not in outcome
    assert "\x1b" not in outcome


def read_or_refusal(data: bytes) -> str:
    try:
        return ", ".join(read(data).conditions)
    except TableError as refused:
        return str(refused)
