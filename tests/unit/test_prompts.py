"""The prompt files: found, frozen, complete in both languages."""

import re
from pathlib import Path

import pytest

from duetml import prompts
from duetml.features import PROMPT_NAMES
from duetml.prompts import PromptError, load


def written(folder: Path, path: str, text: str) -> Path:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)
    return folder


def test_released_prompts_are_as_they_were_locked() -> None:
    assert prompts.changed_files() == []
    assert prompts.new_files() == [], "run python -m duetml.prompts"


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", [*PROMPT_NAMES, "workspace"])
def test_every_prompt_is_written_in_both_languages(name: str, language: str) -> None:
    prompt = load(name, 1, language)

    assert prompt.language == language
    assert len(prompt.digest) == 64


def test_the_greeting_is_the_question_of_the_paper() -> None:
    assert load("greeting", 1, "en").text == "What kind of AI would you like to make?"
    assert load("greeting", 1, "ja").text == "どのようなAIを作りたいですか？"


@pytest.mark.parametrize("name", ["offline", "workspace"])
def test_both_languages_have_the_same_phrases_with_the_same_blanks(name: str) -> None:
    english, japanese = load(name, 1, "en").phrases(), load(name, 1, "ja").phrases()

    blanks = {key: set(re.findall(r"\$\w+", text.template, re.A)) for key, text in english.items()}

    assert blanks == {
        key: set(re.findall(r"\$\w+", text.template, re.A)) for key, text in japanese.items()
    }


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_text_of_the_offline_advisor_is_long(language: str) -> None:
    for text in load("offline", 1, language).phrases().values():
        words = len(text.template.split()) if language == "en" else len(text.template) / 2
        assert words <= 80, text.template


@pytest.mark.parametrize(("asked", "got"), [("fr", "en"), ("ja-JP", "ja"), ("../en", "en")])
def test_a_language_not_written_falls_back_to_english(asked: str, got: str) -> None:
    assert load("greeting", 1, asked).language == got


@pytest.mark.parametrize("name", ["nothing", "../prompts/greeting", "", "greeting/v1.en"])
def test_a_prompt_that_does_not_exist_is_an_error_that_lists_those_that_do(name: str) -> None:
    with pytest.raises(PromptError, match=r"greeting/v1\.ja\.md"):
        load(name, 1, "en")


def test_what_is_filled_in_is_never_read_as_a_template(tmp_path: Path) -> None:
    folder = written(tmp_path, "ask/v1.en.md", "About $name and {braces}.")

    text = load("ask", 1, "en", folder).fill(name="$name {0} ${x}")

    assert text == "About $name {0} ${x} and {braces}."


def test_only_new_files_are_locked(tmp_path: Path) -> None:
    folder = written(tmp_path, "ask/v1.en.md", "one")

    first = prompts.lock_new_files(folder)
    written(tmp_path, "ask/v2.en.md", "two")
    second = prompts.lock_new_files(folder)

    assert (first, second) == (["ask/v1.en.md"], ["ask/v2.en.md"])
    assert prompts.new_files(folder) == []


def test_a_changed_file_is_named_and_not_locked_again(tmp_path: Path) -> None:
    folder = written(tmp_path, "ask/v1.en.md", "one")
    prompts.lock_new_files(folder)
    before = prompts.locked(folder)

    written(tmp_path, "ask/v1.en.md", "one, edited")

    assert prompts.changed_files(folder) == ["ask/v1.en.md"]
    with pytest.raises(PromptError, match=r"ask/v1\.en\.md"):
        prompts.lock_new_files(folder)
    assert prompts.locked(folder) == before


def test_a_locked_file_that_is_gone_counts_as_changed(tmp_path: Path) -> None:
    folder = written(tmp_path, "ask/v1.en.md", "one")
    prompts.lock_new_files(folder)

    (folder / "ask/v1.en.md").unlink()

    assert prompts.changed_files(folder) == ["ask/v1.en.md"]
