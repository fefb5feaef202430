"""A wrong protocol: every problem names its line and what to do."""

import json
from pathlib import Path

import pytest

from study.rules.problems import Problem
from study.rules.protocol import ProtocolError, read_protocol
from study.rules.published import schema

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
    ("per_condition: 6", "per_condition: six", "per_condition", "write int"),
    ("per_condition: 6", "per_condition: 0", "per_condition", "the limit is 1"),
    ("per_condition: 6", "per_conditions: 6", "per_conditions", "did you mean `per_condition`?"),
    ("block_sizes: [2, 4]", "block_sizes: [3]", "block_sizes", "multiples of the number"),
    ("  temperature: 0.7", "  temperature: warm", "temperature", "write"),
    ("  treatment: duetml", "  treatment: other", "rating compares", "name two of"),
    ("languages: [en, ja]", "languages: [en, Klingon]", "languages", "see schema"),
    ("languages: [en, ja]", "languages: [en, ja, fr]", "no words in fr", "in every language"),
    ("    minutes: {minimum: 15, maximum: 15}", "    minutes: {minimum: 20, maximum: 15}",
     "the minimum is longer", ""),
    ("    pool: practice", "    poool: practice", "poool", "did you mean `pool`?"),
    ("    rated: true", "    rated: maybe", "rated", "write bool"),
    ("    kind: end", "    kind: ending", "kind", "use one of"),
    ("    kind: end", "    kind: text", "the last step", "`kind: end`"),
    ("    only: [duetml]", "    only: [nobody]", "unknown condition nobody", "name one of"),
    ("      - key: uq2", "      - key: uq1", "two items have the same key", "a key of its own"),
    ("  - key: free", "  - key: practice", "two steps have the same key", "a key of its own"),
    ("      - key: informed", "      - key: In formed", "key", "small letters"),
    ("        grants: images", "        grants: money", "grants", "use one of"),
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
