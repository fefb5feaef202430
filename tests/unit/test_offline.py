"""The offline advisor: every rule on a workspace made for it, in both languages."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from duetml.agents.context import (
    CategoryView,
    Findings,
    LogLine,
    Occasion,
    Said,
    TestView,
    WorkspaceContext,
)
from duetml.agents.offline import OfflineAdvisor, stream
from duetml.agents.rules import findings
from duetml.prompts import load

ADVISOR = OfflineAdvisor()
GOOD = WorkspaceContext(
    language="en",
    task="Classify the things by how they are used.",
    goal="tell tools from toys",
    categories=tuple(CategoryView(name, 12) for name in ("Tools", "Toys", "Other things")),
    tests=(TestView(None, (("Tools", 0.7), ("Toys", 0.2), ("Other things", 0.1)), "Tools"),),
    trained_images=36,
    unused_images=10,
)


def sized(*sizes: tuple[str, int]) -> WorkspaceContext:
    """The good workspace with other categories, trained on just these."""
    categories = tuple(CategoryView(name, count) for name, count in sizes)
    return replace(GOOD, categories=categories, trained_images=sum(count for _, count in sizes))


def with_test(*scores: tuple[str, float], actual: str | None = None) -> WorkspaceContext:
    return replace(GOOD, tests=(TestView(None, scores, actual),))


def alike(first: str, second: str) -> WorkspaceContext:
    return replace(GOOD, findings=Findings(near_duplicates=((first, second),)))


MANY = [(f"Tools {letter}", 12) for letter in "abcdef"] + [("Other", 12)]
CASES: list[tuple[str, WorkspaceContext]] = [
    ("no_categories", replace(GOOD, categories=(), trained_images=None, tests=())),
    ("one_category", sized(("Tools", 12))),
    ("empty_category", sized(("Tools", 12), ("Toys", 0), ("Other", 12))),
    ("few_images", sized(("Tools", 7), ("Toys", 4), ("Other", 8))),
    ("imbalance", sized(("Tools", 30), ("Toys", 8), ("Other", 10))),
    ("overlap", replace(GOOD, findings=Findings(overlaps=(("Tools", "Toys", 0.9),)))),
    ("alike_between", alike("Tools", "Toys")),
    ("alike_within", alike("Tools", "Tools")),
    ("goal_unmentioned", replace(GOOD, goal="find musical instruments")),
    ("goal_unmentioned", replace(GOOD, goal="楽器を見分けたい")),
    ("no_other", sized(("Tools", 12), ("Toys", 12))),
    ("many_categories", sized(*MANY)),
    ("unused", replace(GOOD, unused_images=700)),
    ("no_goal", replace(GOOD, goal=None)),
    ("untrained", replace(GOOD, trained_images=None, tests=())),
    ("stale", replace(GOOD, trained_images=30)),
    ("not_tested", replace(GOOD, tests=())),
    ("wrong", with_test(("Tools", 0.7), ("Toys", 0.3), actual="Toys")),
    ("undecided", with_test(("Tools", 0.45), ("Toys", 0.40))),
    ("unsure", with_test(("Tools", 0.45), ("Toys", 0.20), ("Other things", 0.15))),
    ("all_sure", with_test(("Tools", 0.95), ("Toys", 0.05))),
]


def is_text(said: str, key: str, language: str) -> bool:
    """Whether what was said is the text of that key, with something in its blanks."""
    template = load("offline", 1, language).phrases()[key].template
    return (
        re.fullmatch(".+?".join(map(re.escape, re.split(r"\$[a-z]+", template))), said) is not None
    )


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(("key", "workspace"), CASES)
def test_a_rule_is_the_most_pressing_thing_on_a_workspace_made_for_it(
    key: str, workspace: WorkspaceContext, language: str
) -> None:
    said = ADVISOR.advise(replace(workspace, language=language), "ask_data", 0)

    assert is_text(said, key, language), said


def test_a_good_workspace_gets_something_to_think_about_and_no_complaint() -> None:
    keys = [found.key for found in findings(GOOD, "ask_data")]

    assert len(keys) >= 3
    assert all(key.startswith("reflect_") for key in keys)


def test_every_text_is_reached_by_some_case() -> None:
    reached = {found.key for _, context in CASES for found in findings(context, "proactive")}
    answers = {"goal_heard", "heard", "cannot_answer"}

    texts = load("offline", 1, "en").phrases().keys()

    assert {key for key in texts - reached - answers if not key.startswith("answer_")} == set()


def test_names_and_numbers_are_in_the_advice() -> None:
    context = sized(("Tools", 30), ("Toys", 8), ("Other", 10))

    english = ADVISOR.advise(context, "ask_data", 0)
    japanese = ADVISOR.advise(replace(context, language="ja"), "ask_data", 0)

    assert "“Tools” has 30 pictures and “Toys” has 8" in english
    assert "「Tools」は30枚、「Toys」は8枚" in japanese


def test_asked_about_the_tests_it_speaks_of_the_tests_first() -> None:
    context = replace(
        with_test(("Tools", 0.7), ("Toys", 0.3), actual="Toys"),
        findings=Findings(overlaps=(("Tools", "Toys", 0.9),)),
    )

    about_data = ADVISOR.advise(context, "ask_data", 0)
    about_tests = ADVISOR.advise(context, "ask_test", 0)

    assert is_text(about_data, "overlap", "en")
    assert is_text(about_tests, "wrong", "en")


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("How many pictures do I need?", "answer_many"),
        ("How many categories should there be?", "answer_categories"),
        ("How do I train it?", "answer_train"),
        ("how can I test this", "answer_test"),
        ("Why is it wrong here?", "answer_wrong"),
        ("What does 60% mean?", "answer_sure"),
        ("What would be a good name?", "answer_name"),
        ("How do I upload my own?", "answer_add"),
        ("画像は何枚くらい必要ですか？", "answer_many"),
        ("カテゴリはいくつがいい？", "answer_categories"),
        ("どうやって学習させるの", "answer_train"),
        ("テストはどうすればいいですか", "answer_test"),
        ("なぜ間違えるのでしょうか。", "answer_wrong"),
        ("この棒は何ですか", "answer_sure"),
        ("いい名前を教えて", "answer_name"),
        ("カテゴリの作り方は？", "answer_add"),
    ],
)
def test_a_question_it_knows_is_answered(question: str, key: str) -> None:
    language = "en" if question.isascii() else "ja"
    dialogue = (Said("participant", "Tools."), Said("participant", question))

    said = ADVISOR.advise(replace(GOOD, language=language, dialogue=dialogue), "message", 1)

    assert is_text(said, key, language), said


def test_a_question_it_cannot_answer_is_admitted() -> None:
    dialogue = (Said("participant", "Is a snake a reptile?"),)

    said = ADVISOR.advise(replace(GOOD, dialogue=dialogue), "message", 0)

    assert is_text(said, "cannot_answer", "en")


def test_the_goal_is_repeated_when_it_is_stated() -> None:
    dialogue = (Said("assistant", "What kind of AI?"), Said("participant", "tell tools from toys"))

    said = ADVISOR.advise(replace(GOOD, dialogue=dialogue), "message", 0)

    assert "“tell tools from toys”" in said
    assert said.endswith("?")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("occasion", ["message", "ask_data", "ask_test", "proactive"])
@pytest.mark.parametrize("workspace", [GOOD, CASES[0][1], CASES[3][1]])
def test_it_never_says_the_same_twice_in_a_row(
    workspace: WorkspaceContext, occasion: Occasion, language: str
) -> None:
    context = replace(workspace, language=language)
    said: list[str] = []

    for turn in range(12):
        dialogue = (*context.dialogue, Said("participant", "Hm, how do I train it?"))
        said.append(ADVISOR.advise(replace(context, dialogue=dialogue), occasion, turn))
        context = replace(context, dialogue=(*dialogue, Said("assistant", said[-1])))

    assert all(first != second for first, second in pairwise(said))


def test_advice_given_is_not_repeated_while_there_is_other_advice() -> None:
    first = ADVISOR.advise(CASES[3][1], "ask_data", 0)
    after = replace(CASES[3][1], dialogue=(Said("assistant", first),))

    second = ADVISOR.advise(after, "ask_data", 1)

    assert is_text(first, "few_images", "en")
    assert not is_text(second, "few_images", "en")


def test_several_pieces_of_advice_in_a_row_are_all_different() -> None:
    context = CASES[3][1]
    said: list[str] = []

    for turn in range(6):
        said.append(ADVISOR.advise(context, "ask_data", turn))
        context = replace(context, dialogue=(*context.dialogue, Said("assistant", said[-1])))

    assert len(set(said)) == 6


def test_the_proactive_agent_sees_in_the_log_what_it_already_said() -> None:
    said = [ADVISOR.advise(CASES[3][1], "proactive", 0)]
    context = replace(CASES[3][1], log=(LogLine("14:02", f"assistant: {said[0]}"),))

    said.append(ADVISOR.advise(context, "proactive", 5))

    assert said[0] != said[1]


def test_the_proactive_agent_walks_on_where_nothing_shows_what_it_said() -> None:
    said = [ADVISOR.advise(GOOD, "proactive", turn) for turn in range(5)]

    assert len(set(said)) == 5


def test_the_same_context_gives_the_same_words() -> None:
    assert ADVISOR.advise(GOOD, "proactive", 3) == ADVISOR.advise(GOOD, "proactive", 3)


def test_a_hostile_name_is_clipped_and_fills_no_blank() -> None:
    hostile = "$goal {0}\n" + "x" * 500

    said = ADVISOR.advise(sized((hostile, 12)), "ask_data", 0)

    assert "“$goal {0} xxx" in said
    assert "\n" not in said
    assert len(said) < 400


@pytest.mark.parametrize(
    "text", ["Try broader names.\n\nWhy?", "広い名前はどうでしょうか。$nameも", "", "AIは 12 枚"]
)
def test_the_stream_gives_back_the_text_in_small_pieces(text: str) -> None:
    *pieces, last = stream(text)

    assert "".join(piece.text for piece in pieces) == text
    assert all(len(piece.text) <= 12 for piece in pieces)
    assert last.usage is not None
    assert last.usage.model == "offline"
