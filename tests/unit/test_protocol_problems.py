"""A wrong protocol: every problem names its line and what to do."""

import ast
import inspect
import json
from pathlib import Path

import pytest

from study.rules import practice, protocol, terms
from study.rules.derivation import derive
from study.rules.phrase import Phrase
from study.rules.problem_phrases import phrase
from study.rules.problems import Problem
from study.rules.protocol import ProtocolError, read_protocol
from study.rules.published import schema
from study.services import wording

PROTOCOLS = Path(__file__).parents[2] / "study" / "protocols"
SOURCE = (PROTOCOLS / "duetml.yaml").read_text()


def problems(source: str) -> list[Problem]:
    with pytest.raises(ProtocolError) as refused:
        read_protocol(source)
    return refused.value.problems


def line_of(words: str, source: str = SOURCE) -> int:
    """The first line that holds the words, from 1."""
    return next(n for n, line in enumerate(source.splitlines(), start=1) if words in line)


WRONG = [
    ("per_condition: 6", "per_condition: six", "per_condition: must be a whole number", ""),
    ("per_condition: 6", "per_condition: 0", "per_condition: must be 1 or more", ""),
    ("per_condition: 6", "per_conditions: 6", "per_conditions", "did you mean `per_condition`?"),
    ("block_sizes: [2, 4]", "block_sizes: [3]", "block_sizes", "multiples of the number"),
    ("  temperature: 0.7", "  temperature: warm", "agents.temperature: must be a number", ""),
    ("  treatment: duetml", "  treatment: other", "rating compares", "name two of"),
    ("languages: [en, ja]", "languages: [en, Klingon]", "languages, entry 2", "see the schema"),
    ("languages: [en, ja]", "languages: [en, ja, fr]", "no words in fr", "in every language"),
    ("    minutes: {minimum: 15, maximum: 15}", "    minutes: {minimum: 20, maximum: 15}",
     "the minimum is longer", ""),
    ("    pool: practice", "    poool: practice", "step 5 (practice), poool",
     "did you mean `pool`?"),
    ("    rated: true", "    rated: maybe", "rated: must be true or false", ""),
    ("    kind: end", "    kind: ending", "kind: must be one of", ""),
    ("    kind: end", "    kind: text", "the last step", "`kind: end`"),
    ("    only: [duetml]", "    only: [nobody]", "unknown condition nobody", "name one of"),
    ("      - key: uq2", "      - key: uq1", "two items have the same key", "a key of its own"),
    ("  - key: free", "  - key: practice", "two steps have the same key", "a key of its own"),
    ("      - key: informed", "      - key: In formed",
     "step 1 (consent), item 1 (In formed), key", "small letters"),
    ("        grants: images", "        grants: money",
     "item 3 (vendor), grants: must be one of", ""),
    ("version: 2", "", "version", "add `version:` here"),
    ("reactive: 1, proactive: 1", "reactive: 99, proactive: 1", "there is no prompt", "prompts/"),
    ("  - key: eq2", "  - key: eq1", "two criteria have the same key", "a key of its own"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "said", "fix"), WRONG)
def test_a_wrong_place_is_named_with_its_line_and_what_to_do(
    right: str, wrong: str, said: str, fix: str
) -> None:
    right = right.replace("version: 2", f"version: {read_protocol(SOURCE).version}")
    assert right in SOURCE
    source = SOURCE.replace(right, wrong, 1)

    found = problems(source)

    assert any(said in f"{one.place}: {one.text}" and fix in one.fix for one in found), found


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("per_condition: 6", "per_condition: six"),
        ("    rated: true", "    rated: maybe"),
        ("    only: [duetml]", "    only: [nobody]"),
        ("        grants: images", "        grants: money"),
    ],
)
def test_the_line_is_that_of_what_is_wrong(right: str, wrong: str) -> None:
    source = SOURCE.replace(right, wrong, 1)

    (found,) = problems(source)

    assert found.line is not None
    wanted = line_of(wrong.strip(), source)
    # A check over the whole protocol leads to the step, a field to itself.
    assert found.line == wanted or source.splitlines()[found.line - 1].lstrip().startswith("- key")
    assert abs(found.line - wanted) <= 3


def test_what_is_no_yaml_is_named_by_its_line() -> None:
    source = SOURCE.replace("languages: [en, ja]", "languages: [en, ja", 1)

    (found,) = problems(source)

    assert found.line is not None
    assert abs(found.line - line_of("languages:", source)) <= 3
    assert "quotes, colons and indentation" in found.fix


def test_several_problems_are_told_at_once() -> None:
    source = SOURCE.replace("per_condition: 6", "per_condition: six", 1)
    source = source.replace("    rated: true", "    rated: maybe", 1)

    assert len(problems(source)) == 2


def test_the_published_schema_is_that_of_the_models() -> None:
    assert json.loads((PROTOCOLS / "schema.json").read_text()) == schema()


@pytest.mark.parametrize("file", sorted(PROTOCOLS.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_built_in_protocol_can_be_read(file: Path) -> None:
    assert read_protocol(file.read_text()).name.replace("_", "-") == file.stem


ASKING = """\
      - key: colour
        kind: single
        text: {en: Choose blue., ja: 青を選んでください。}
        choices:
          - {value: red, label: {en: Red, ja: 赤}}
          - {value: blue, label: {en: Blue, ja: 青}}
        attention: {expect: blue}
      - key: energy
        kind: slider
        text: {en: "How are you?", ja: 調子はいかがですか。}
        low: {en: Bad, ja: 悪い}
        high: {en: Good, ja: 良い}
        reverse: true
        step: 5
        minimum: 0
        maximum: 100

  - key: word_pairs
    kind: questionnaire
    title: {en: The tool, ja: ツール}
    scale: ueq_s

"""
PLACE = "  - key: practice\n"
TOUR = (PROTOCOLS / "tour.yaml").read_text().replace(PLACE, ASKING + PLACE, 1)
WRONG_QUESTIONS = [
    ("{expect: blue}", "{expect: yellow}", "not offered", "one of the answers"),
    ("        minimum: 0\n        maximum: 100\n", "", "a slider needs", "add the two"),
    ("        step: 5", "        step: 7", "no whole steps", "divide the distance"),
    ("    scale: ueq_s", "    scale: ueq", "scale: must be one of", ""),
    ("    scale: ueq_s", "    scale: ueq_s\n    scoring: sus", "brings its own", "take out"),
    ("        reverse: true", "        reverse: maybe", "reverse: must be true or false", ""),
    ("    resume: restart", "    resume: again", "resume: must be one of", ""),
    ("{completed: TOUR-DONE}", "{completed: A-CODE, withdrawn: A-CODE}", "same completion", ""),
]


@pytest.mark.parametrize(("right", "wrong", "said", "fix"), WRONG_QUESTIONS)
def test_a_question_that_cannot_be_asked_is_named_with_its_line(
    right: str, wrong: str, said: str, fix: str
) -> None:
    assert TOUR.count(right) >= 1

    found = problems(TOUR.replace(right, wrong, 1))

    (one,) = [one for one in found if said in f"{one.place}: {one.text}" and fix in one.fix]
    assert one.line is not None
    assert 0 <= line_of(right.splitlines()[0], TOUR) - one.line <= 12  # its item's or step's


@pytest.mark.parametrize("key", ["proactive_interval_seconds", "proactive_gap_seconds"])
def test_scaled_times_scale_what_a_condition_says_of_its_agents(key: str) -> None:
    source = (PROTOCOLS / "proactive-timing.yaml").read_text()
    own = source.replace(
        "proactive_trigger: boundary}", f"proactive_trigger: boundary, {key}: 40}}"
    )

    scaled = read_protocol(derive(own, minutes_scale=0.1))

    assert scaled.agents_of("boundary").model_dump()[key] == pytest.approx(4)
    assert scaled.agents_of("timer").proactive_gap_seconds == pytest.approx(6)


def complaints() -> list[str]:
    """What the checks of a protocol say, with “…” where a value stands."""
    said = []
    for module in (protocol, terms, practice):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ValueError":
                said.append(_spoken(node.args[0]))
            elif isinstance(node, ast.Yield) and node.value is not None:
                said.append(_spoken(node.value))
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "append":
                said.append(_spoken(node.args[0]))
    return [one for one in said if " " in one]


def _spoken(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_spoken(part) for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "…"


def test_whatever_a_check_says_can_be_said_in_another_language() -> None:
    named = [one.split(": ", 1)[-1] for one in complaints()]

    unknown = [one for one in named if phrase(one).template == "%(words)s"]

    assert len(named) > 30
    assert unknown == ["…"] * len(unknown)  # what pydantic says, tested with wrong protocols


@pytest.mark.parametrize(("right", "wrong", "said", "fix"), WRONG)
def test_every_problem_is_made_of_phrases(right: str, wrong: str, said: str, fix: str) -> None:
    right = right.replace("version: 2", f"version: {read_protocol(SOURCE).version}")

    for one in problems(SOURCE.replace(right, wrong, 1)):
        assert isinstance(one.text, Phrase)
        assert one.text.template != "%(words)s", one.text
        assert not one.fix or isinstance(one.fix, Phrase)


def test_a_phrase_is_translated_with_what_it_is_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {
        "step %(number)s (%(key)s)": "手順%(number)s（%(key)s）",
        "%(outer)s, %(inner)s": "%(outer)s、%(inner)s",
        "is not known here": "ここでは使えません",
    }
    monkeypatch.setattr(wording, "gettext", lambda text: words.get(text, text))

    (one,) = wording.told(problems(SOURCE.replace("    rated: true", "    rate: true", 1)))

    assert (one.place, one.text) == ("手順9（requirement）、rate", "ここでは使えません")
    assert one.fix == "did you mean `rated`?"
