"""The library of standard scales: its words, its scores by published rules, its place in a step."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from study.rules import scales, scoring
from study.rules.derivation import derive
from study.rules.protocol import ProtocolError, ProtocolFile, read_protocol

SOURCE = (Path(__file__).parents[2] / "study" / "protocols" / "duetml.yaml").read_text()
# A released scale never changes: a protocol that names it has no other record of its words.
RELEASED = {
    "sus": "0494624a236e3e1386f404400d4a51921cadedde71a2f05f86c6a1ddbceec57a",
    "raw_tlx": "01ef8f941acacc2e792751e657950629d685b2fda93216ff2b031eb7cbc1eaa4",
    "ueq_s": "07435055f72f4a9fcc5364b78ea7eaaad2f0f1555f3f931795f9d3af02c01dd9",
    "uq": "7c7c8071934471bccae1f49be821fcf761a1139ef698611c5b1066c698ac6116",
}
IN_DUETML = {"sus": "usability", "raw_tlx": "workload", "uq": "experience"}


def with_step(**step: object) -> str:
    """The paper's protocol with one more questionnaire before its end."""
    document: dict[str, Any] = yaml.safe_load(SOURCE)
    title = {"en": "More questions", "ja": "追加の質問"}
    document["steps"].insert(-1, {"key": "more", "kind": "questionnaire", "title": title, **step})
    return yaml.safe_dump(document, allow_unicode=True)


def step_of(protocol: ProtocolFile, key: str) -> Any:
    return next(step for step in protocol.steps if step.key == key)


@pytest.mark.parametrize("name", scales.NAMES)
def test_a_released_scale_never_changes(name: str) -> None:
    data = (scales.FOLDER / f"{name}.yaml").read_bytes()

    assert sha256(data).hexdigest() == RELEASED[name]


@pytest.mark.parametrize("name", scales.NAMES)
def test_a_named_scale_brings_its_questions_and_how_they_score(name: str) -> None:
    step = step_of(read_protocol(with_step(scale=name)), "more")

    assert [item.key for item in step.items] == [i["key"] for i in scales.library(name)["items"]]
    assert step.body is not None
    assert step.scoring == (None if name == "uq" else name)


@pytest.mark.parametrize(("name", "key"), IN_DUETML.items())
def test_the_words_are_those_of_the_papers_protocol(name: str, key: str) -> None:
    protocol = read_protocol(with_step(scale=name))

    assert step_of(protocol, "more").items == step_of(protocol, key).items
    assert step_of(protocol, "more").body == step_of(protocol, key).body


def test_a_derived_protocol_asks_the_same_of_a_scale() -> None:
    source = with_step(scale="ueq_s")

    again = read_protocol(derive(source, minutes_scale=0.5))

    assert step_of(again, "more") == step_of(read_protocol(source), "more")


@pytest.mark.parametrize(
    "own",
    [
        {"items": [{"key": "a", "kind": "text", "text": {"en": "a", "ja": "a"}}]},
        {"scoring": "raw_tlx"},
    ],
)
def test_nobody_changes_a_scale_under_its_name(own: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as refused:
        read_protocol(with_step(scale="sus", **own))

    assert any(one.place.startswith("step ") and one.fix for one in refused.value.problems)


@pytest.mark.parametrize(
    ("answers", "pragmatic", "hedonic", "overall"),
    [
        ([4] * 8, 0, 0, 0),
        ([7] * 8, 3, 3, 3),
        ([1] * 8, -3, -3, -3),
        ([7, 6, 5, 4, 3, 2, 1, 4], 1.5, -1.5, 0),
        ([6, 6, 5, 6, 5, 4, 5, 5], 1.75, 0.75, 1.25),
    ],
)
def test_the_short_ueq_is_the_means_of_its_halves_and_of_all(
    answers: list[int], pragmatic: float, hedonic: float, overall: float
) -> None:
    assert scoring.ueq_s(answers) == scoring.UeqShort(pragmatic, hedonic, overall)


@pytest.mark.parametrize("answers", [[4] * 7, [0, *[4] * 7], [8, *[4] * 7]])
def test_a_short_ueq_that_is_none_is_refused(answers: list[int]) -> None:
    with pytest.raises(ValueError, match="eight answers"):
        scoring.ueq_s(answers)


def test_a_step_with_the_short_ueq_has_its_overall_mean_as_score() -> None:
    step = step_of(read_protocol(with_step(scale="ueq_s")), "more")
    answers = dict(zip((item.key for item in step.items), [6, 6, 5, 6, 5, 4, 5, 5], strict=True))

    assert scoring.score(step, answers) == 1.25
    assert scoring.score(step, answers | {"ueq8": None}) is None


def test_a_score_has_its_parts_beside_it_and_each_its_items() -> None:
    step = step_of(read_protocol(with_step(scale="ueq_s")), "more")
    answers = dict(zip((item.key for item in step.items), [6, 6, 5, 6, 5, 4, 5, 5], strict=True))

    found = scoring.scores(step, answers)

    assert found == {"": 1.25, "pragmatic": 1.75, "hedonic": 0.75}
    assert scoring.parts_of(step) == tuple(found)
    for part, value in found.items():
        own = [answers[item.key] - 4 for item in scoring.items_of(step, part)]
        assert value == sum(own) / len(own)
    assert scoring.scores(step, answers | {"ueq8": None}) == {}
