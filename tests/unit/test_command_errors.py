"""What a command says of a file or number it cannot use: one sentence, with what to do."""

from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command

PROTOCOLS = Path(__file__).parents[2] / "study" / "protocols"
COMMANDS = (
    ("study_create", "{}", "--slug", "new"),
    ("study_amend", "walk", "{}"),
    ("check_llm", "--protocol", "{}"),
    ("protocol", "check", "{}"),
    ("protocol", "diff", str(PROTOCOLS / "duetml.yaml"), "{}"),
)
FILES = {
    "absent.yaml": "There is no file {}: check its name.",
    "folder": "{} is no file: name one.",
    "latin.yaml": "{} is not a text in UTF-8: save it as UTF-8.",
    "empty.yaml": "{} is empty: name the file that holds the text.",
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin.yaml").write_bytes("title: Müller".encode("latin-1"))
    (tmp_path / "empty.yaml").write_text(" \n")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_used_is_told_in_a_sentence(
    command: tuple[str, ...], name: str, files: Path
) -> None:
    given = [part.format(files / name) for part in command]

    with pytest.raises(CommandError) as told:
        call_command(*given)

    assert str(told.value) == FILES[name].format(files / name)


def test_an_export_that_cannot_be_verified_is_told_in_a_sentence(files: Path) -> None:
    (files / "broken").mkdir()
    (files / "broken" / "allocation.csv").write_text("sequence\nlive\n")
    (files / "list").mkdir()
    (files / "list" / "allocation.csv").write_text("")
    (files / "list" / "allocation.json").write_text("[]")
    with ZipFile(files / "latin.zip", "w") as archive:
        archive.writestr("allocation.csv", "Müller".encode("latin-1"))
    expected = {
        "absent": "There is no {}: name the export's folder or zip file.",
        "empty.yaml": "{} is neither a folder nor a whole zip file.",
        "folder": "{}: there is no allocation.csv: it is exported once the results are unlocked.",
        "latin.zip": "{}: allocation.csv is not a text in UTF-8: save it as UTF-8.",
        "broken": "{}: allocation.csv has no column taken_at_seq.",
        "list": "{}: allocation.json is no JSON object: export the study again.",
    }
    for name, sentence in expected.items():
        with pytest.raises(CommandError) as told:
            call_command("allocation", "verify", str(files / name))
        assert str(told.value) == sentence.format(files / name)


@pytest.mark.parametrize("count", ["0", "-2", "many"])
def test_a_number_of_robots_that_is_none_is_told_of_its_option(count: str) -> None:
    with pytest.raises(CommandError, match=f"--participants: must be a whole number.*{count}"):
        call_command("simulate", "walk", f"--participants={count}", "--out", "unused")
