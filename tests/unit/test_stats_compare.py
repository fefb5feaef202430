"""manage.py compare, as a person types it."""

import json
import subprocess
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    """Six against six, completely separated; criterion EQ2 all the same."""
    rows = [
        f"{condition}{person},{condition},{rater},{criterion},{score}"
        for condition, base in (("duetml", 4), ("baseline", 1))
        for person in range(6)
        for rater in ("R1", "R2")
        for criterion, score in (("EQ1", base + person % 2), ("EQ2", 3))
    ]
    path = tmp_path / "ratings.csv"
    path.write_text("participant,condition,rater,criterion,score\n" + "\n".join(rows) + "\n")
    return path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "compare", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_json_of_complete_separation_holds_the_smallest_exact_p(ratings: Path) -> None:
    done = run(str(ratings), "--json")

    assert (done.returncode, done.stderr) == (0, "")
    first, second = json.loads(done.stdout)
    assert (first["criterion"], first["u"], first["u_of"]) == ("EQ1", 36, "duetml")
    assert first["n"] == {"baseline": 6, "duetml": 6}
    assert first["p_exact"] == pytest.approx(2 / 924)
    assert first["p_holm"] == first["p_exact"]  # EQ2 is no test
    assert (second["p_exact"], second["p_holm"], second["a"]) == (None, None, 0.5)


def test_without_json_it_is_a_table_for_people(ratings: Path) -> None:
    shown = StringIO()

    call_command("compare", ratings, stdout=shown)

    assert "0.00216" in shown.getvalue()
    assert "Notes:" in shown.getvalue()


def test_a_terminal_that_cannot_show_a_name_is_no_reason_to_fail(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("participant,condition,rater,score\np,あり,R,5\nq,なし,R,1\n")
    raw = BytesIO()
    terminal = TextIOWrapper(raw, encoding="ascii")

    call_command("compare", path, stdout=terminal)

    terminal.flush()
    assert raw.getvalue().startswith(b"?? compared with ??")


def test_what_cannot_be_compared_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("participant,condition,rater,score\np,a,R,five\nq,b,R,1\n")

    done = run(str(path), "--json")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "CommandError: Line 2: the score “five” is no number.\n"


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError, match="cannot be read: "):
        call_command("compare", tmp_path / name)
