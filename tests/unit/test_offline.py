"""The offline advisor: every rule on a workspace made for it, in both languages."""

import re
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from typing import get_args

import pytest

from duetml.agents.context import (
    CategoryView,
    Confusion,
    Findings,
    Occasion,
    Said,
    TestView,
    WorkspaceContext,
)
from duetml.agents.hearing import Kind
from duetml.agents.offline import OfflineAdvisor, stream
from duetml.agents.replies import BY_STATE, PLAIN
from duetml.agents.rules import Advice, percent
from duetml.agents.rules import findings as grouped
from duetml.prompts import load

ADVISOR = OfflineAdvisor()
LANGUAGES = ["en", "ja"]
HINT = (
    "ここに入れる"  # the card's button holds a number in between; the hint beside the pool does not
)
PARTS = {"picture", "a_picture", "count_of"}  # of texts, and none by themselves
OCCASIONS: list[Occasion] = ["message", "ask_data", "ask_test", "proactive"]
GOOD = WorkspaceContext(
    language="en",
    task="",
    goal="tell tools from toys",
    categories=tuple(CategoryView(name, 12) for name in ("Tools", "Toys", "Other things")),
    tests=(TestView(None, (("Tools", 0.7), ("Toys", 0.2), ("Other things", 0.1)), number=3),),
    trained_images=36,
    unused_images=10,
)


def sized(*sizes: tuple[str, int]) -> WorkspaceContext:
    """The good workspace with other categories, trained on just these."""
    categories = tuple(CategoryView(name, count) for name, count in sizes)
    return replace(GOOD, categories=categories, trained_images=sum(count for _, count in sizes))


def with_results(*tests: TestView, stale: bool = True) -> WorkspaceContext:
    """`stale`: what was tested is not what was learnt from."""
    return replace(GOOD, tests=tests, stale=stale)


def result(*scores: tuple[str, float], actual: str | None = None) -> TestView:
    return TestView(None, scores, actual, number=12)


def alike(first: str, second: str) -> WorkspaceContext:
    return replace(GOOD, findings=Findings(near_duplicates=((first, second),)))


MANY = [(f"Tools {letter}", 12) for letter in "abcdef"] + [("Other", 12)]
SURE = [
    result(("Tools", 0.95), ("Toys", 0.05)),
    result(("Tools", 0.85), ("Toys", 0.15)),
    result(("Toys", 0.9), ("Tools", 0.1)),
]
UNSURE = result(("Tools", 0.7), ("Toys", 0.3))
LOPSIDED = sized(("Tools", 9), ("Toys", 3), ("Other", 3))
KNOWN = result(("Tools", 0.9), ("Toys", 0.1), actual="Tools")
OVERLAP = Findings(overlaps=(("Tools", "Toys", 0.9),))
DATA: list[tuple[str, WorkspaceContext]] = [
    ("no_pictures", replace(GOOD, categories=(), unused_images=0)),
    ("no_categories", replace(GOOD, categories=(), trained_images=None, tests=())),
    ("one_category", sized(("Tools", 12))),
    ("empty_category", sized(("Tools", 12), ("Toys", 0), ("Other", 12))),
    ("one_image", sized(("Tools", 7), ("Toys", 1), ("Other", 4))),
    ("few_images", sized(("Tools", 7), ("Toys", 4), ("Other", 8))),
    ("imbalance", sized(("Tools", 30), ("Toys", 8), ("Other", 10))),
    ("overlap", replace(GOOD, findings=OVERLAP)),
    ("alike_between", alike("Tools", "Toys")),
    ("alike_within", alike("Tools", "Tools")),
    ("goal_unmentioned", replace(GOOD, goal="find musical instruments")),
    ("goal_unmentioned", replace(GOOD, goal="楽器を見分けたい")),
    ("no_goal", replace(GOOD, goal=None, task="")),
    ("no_goal", replace(GOOD, goal="hello", task="")),
    ("reflect_task", replace(GOOD, task="Classify the things by how they are used.")),
    ("no_other", sized(("Tools", 12), ("Toys", 12))),
    ("no_other", sized(("Tools", 12), ("Toys", 12), ("Food", 12))),
    ("many_categories", sized(*MANY)),
    ("unused", replace(GOOD, unused_images=700)),
    ("untrained", replace(GOOD, trained_images=None, tests=())),
    ("stale", replace(GOOD, stale=True, trained_images=30)),
    ("stale_moved", replace(GOOD, stale=True)),
]
TESTS: list[tuple[str, WorkspaceContext]] = [
    ("not_tested", replace(GOOD, tests=())),
    ("tested_before", replace(GOOD, tests_are_stale=True)),
    ("tested_known", with_results(KNOWN, stale=False)),
    ("gone", with_results(result(("Food", 0.7), ("Toys", 0.3)))),
    ("wrong", with_results(result(("Tools", 0.7), ("Toys", 0.3), actual="Toys"))),
    ("undecided", with_results(result(("Tools", 0.45), ("Toys", 0.4), ("Other things", 0.15)))),
    ("unsure", with_results(result(("Tools", 0.45), ("Toys", 0.29), ("Other things", 0.26)))),
    ("unsure", with_results(result(("Tools", 0.35), ("Toys", 0.33), ("Other things", 0.32)))),
    ("all_sure", with_results(*SURE)),
    ("all_one", with_results(*[result(("Tools", 0.9), ("Toys", 0.1)), *[UNSURE] * 2])),
    ("all_one_large", replace(LOPSIDED, tests=(UNSURE, UNSURE, UNSURE))),
    ("least_sure", with_results(UNSURE, result(("Toys", 0.9), ("Tools", 0.1)))),
    ("said_so", GOOD),
    ("confused", replace(GOOD, accuracy=0.9, confused=(Confusion("Tools", "Toys", 3),))),
    (
        "unsure_right",
        with_results(
            result(("Tools", 0.45), ("Toys", 0.29), ("Other things", 0.26), actual="Tools")
        ),
    ),
]
CASES = [("ask_data", *case) for case in DATA] + [("ask_test", *case) for case in TESTS]


def findings(context: WorkspaceContext, occasion: Occasion) -> list[Advice]:
    return list(chain(*grouped(context, occasion)))


def is_text(said: str, key: str, language: str = "en", version: int = 3) -> bool:
    """Whether what was said is the text of that key, with something in its blanks."""
    template = load("offline", version, language).phrases()[key].template
    literal = map(re.escape, re.split(r"\$[a-z]+", template))
    return re.fullmatch(".+?".join(literal), said) is not None


def answer_to(context: WorkspaceContext, *messages: str) -> str:
    """What the last of these messages gets, when those before it were answered in the same way."""
    said = ""
    for message in messages:
        dialogue = (*context.dialogue, Said("participant", message))
        context = replace(context, dialogue=dialogue, goal=context.goal or message)
        said = ADVISOR.advise(context, "message", 0)
        context = replace(context, dialogue=(*dialogue, Said("assistant", said)))
    return said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("occasion", "key", "workspace"), CASES)
def test_a_rule_is_the_most_pressing_thing_on_a_workspace_made_for_it(
    occasion: Occasion, key: str, workspace: WorkspaceContext, language: str
) -> None:
    said = ADVISOR.advise(replace(workspace, language=language), occasion, 0)

    assert is_text(said, key, language), said


def test_a_good_workspace_gets_something_to_think_about_and_no_complaint() -> None:
    keys = [found.key for found in findings(GOOD, "ask_data")]

    assert len(keys) >= 5
    assert all(key.startswith("reflect_") for key in keys)


def test_every_finding_is_reached_by_some_case() -> None:
    reached = {one.key for _, _, context in CASES for one in findings(context, "proactive")}
    replies = {"goal_heard", "heard", "cannot_answer", *get_args(Kind)}

    texts = {key for key in load("offline", 3, "en").phrases() if not key.startswith("answer_")}

    assert texts - reached - replies - PARTS == set()


def test_every_text_for_a_topic_is_there() -> None:
    texts = load("offline", 3, "en").phrases()
    contexts = [context for _, _, context in CASES]

    told = {one.key for reply in BY_STATE.values() for each in contexts for one in reply(each)}

    assert (told | {f"answer_{topic}" for topic in PLAIN}) - texts.keys() == set()
    answers = {key for key in texts if key.startswith("answer_")}
    assert answers - told - {f"answer_{topic}" for topic in PLAIN} == {"answer_again"}


@pytest.mark.parametrize("occasion", OCCASIONS)
@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_of_the_texts_has_something_to_say(version: int, occasion: Occasion) -> None:
    for _, _, context in CASES:
        for turn in range(7):
            assert OfflineAdvisor(version).advise(context, occasion, turn)


def test_buttons_that_are_named_are_on_the_page() -> None:
    app = Path(__file__).parents[2] / "duetml" / "workspace"
    english = "".join(page.read_text() for page in app.glob("templates/workspace/**/*.html"))
    japanese = (app / "locale" / "ja" / "LC_MESSAGES" / "django.po").read_text()
    named = {
        language: set(re.findall("“(.+?)”|「(.+?)」", load("offline", 3, language).text))
        for language in LANGUAGES
    }

    assert len(named["en"]) >= 5
    assert [one for one, _ in named["en"] if one not in english] == []
    assert len(named["ja"]) >= 7
    assert [one for _, one in named["ja"] if f'"{one}"' not in japanese and one != HINT] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_one_thought_of_80_words_with_one_question(language: str) -> None:
    for key, text in load("offline", 3, language).phrases().items():
        listed = text.template.replace("$advice", "").replace("$list", "$name, " * 6)
        longest = re.sub(r"\$[a-z]+", "名前", listed)
        words = len(longest.split()) if language == "en" else len(longest) / 2
        questions = len(re.findall(r"\?|か。", text.template))
        assert words <= 60, key
        assert questions <= 1, key
        assert questions + ("$advice" in text.template) <= 1, key


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "“Tools” holds 30 pictures, “Toys” holds 8."),
        ("ja", "「Tools」には30枚、「Toys」には8枚"),
    ],
)
def test_names_and_numbers_are_in_the_advice(language: str, words: str) -> None:
    context = sized(("Tools", 30), ("Toys", 8), ("Other", 10))

    assert words in ADVISOR.advise(replace(context, language=language), "ask_data", 0)


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.125, "13 %"), (0.005, "1 %"), (1.0, "100 %"), (0.0, "0 %"), (0.6749, "67 %")],
)
def test_a_share_is_rounded_as_the_page_rounds_it(share: float, shown: str) -> None:
    assert percent(share) == shown


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "picture 12 for “Tools” (70 %)"), ("ja", "画像 12を「Tools」（70 %）")],
)
def test_a_tested_picture_is_called_as_the_page_calls_it(language: str, words: str) -> None:
    context = replace(dict(TESTS)["wrong"], language=language)

    assert words in ADVISOR.advise(context, "ask_test", 0)


def test_a_picture_without_a_number_is_a_picture() -> None:
    nameless = replace(result(("Tools", 0.7), ("Toys", 0.3), actual="Toys"), number=0)

    assert " took a picture for “Tools”" in ADVISOR.advise(with_results(nameless), "ask_test", 0)


def test_asked_about_the_tests_it_speaks_of_the_tests_first() -> None:
    context = replace(dict(TESTS)["wrong"], findings=OVERLAP)

    about_data = ADVISOR.advise(context, "ask_data", 0)
    about_tests = ADVISOR.advise(context, "ask_test", 0)

    assert is_text(about_data, "overlap")
    assert is_text(about_tests, "wrong")


@pytest.mark.parametrize(
    ("context", "silent"),
    [
        (sized(("Tools", 4), ("Toys", 4), ("Other", 4)), {"overlap"}),
        (replace(GOOD, categories=(CategoryView("Tools", 0),), tests=()), {"untrained", "stale"}),
        (replace(GOOD, trained_images=None, tests=()), {"stale", "not_tested"}),
        (replace(dict(TESTS)["wrong"], tests_are_stale=True), {"wrong", "gone", "all_sure"}),
        (replace(dict(TESTS)["confused"], stale=True), {"confused"}),
        (replace(dict(TESTS)["confused"], accuracy=None), {"confused"}),
        (sized(("edible", 12), ("Inedible", 12)), {"no_other", "reflect_opposite"}),
        (sized(("食べられるもの", 12), ("食べられないもの", 12)), {"no_other"}),
        (replace(GOOD, goal="tell cats from dogs", categories=(CategoryView("Cat", 9),)), {
            "goal_unmentioned"}),
        (with_results(KNOWN, stale=True), {"tested_known"}),
        (with_results(*SURE, result(("Toys", 0.9), ("Tools", 0.1), actual="Tools")), {"all_sure"}),
    ],
)  # fmt: skip
def test_what_could_be_false_or_idle_is_not_said(
    context: WorkspaceContext, silent: set[str]
) -> None:
    context = context if context.findings.overlaps else replace(context, findings=OVERLAP)

    keys = {found.key for occasion in OCCASIONS for found in findings(context, occasion)}

    assert keys & silent == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("key", "message", "context"),
    [
        ("answer_many", "How many pictures do I need?", GOOD),
        ("answer_many_small", "画像は何枚くらい必要ですか？", sized(("Tools", 3), ("Toys", 9))),
        ("answer_categories", "How many categories should there be?", sized(("Tools", 3))),
        ("answer_categories_two", "カテゴリーはいくつ必要？", sized(("Tools", 3), ("Toys", 3))),
        ("answer_categories_now", "カテゴリはいくつがいい？", GOOD),
        ("answer_train", "How do I train it?", sized(("Tools", 3))),
        ("answer_train_empty", "どうやって学習させるの", sized(("Tools", 3), ("Toys", 0))),
        ("answer_train_ready", "How do I train it?", replace(GOOD, trained_images=None)),
        ("answer_train_again", "How do I train it?", replace(GOOD, stale=True)),
        ("answer_train_done", "How do I train it?", GOOD),
        ("answer_test", "テストはどうすればいいですか", GOOD),
        ("answer_test_first", "how can I test this", replace(GOOD, trained_images=None)),
        ("answer_wrong", "なぜ間違えるのでしょうか。", GOOD),
        ("wrong", "Why is it wrong?", dict(TESTS)["wrong"]),
        ("answer_why", "Why did it say “Tools”?", GOOD),
        ("answer_sure", "この棒は何ですか", GOOD),
        ("answer_name_of", "いい名前を教えて", GOOD),
        ("answer_name", "What would be a good name?", replace(GOOD, categories=())),
        ("answer_add", "カテゴリの作り方は？", GOOD),
        ("answer_upload", "How do I upload my own?", GOOD),
        ("answer_counts", "How many pictures do I have?", GOOD),
        ("answer_kinds", "What categories should I make?", GOOD),
        ("answer_next", "What categories should I make?", replace(GOOD, categories=())),
        ("answer_add", "What should I do?", replace(GOOD, categories=())),
        ("answer_train_ready", "What should I do?", replace(GOOD, trained_images=None)),
        ("answer_test", "次は何をすればいいですか", replace(GOOD, tests=())),
        ("answer_next", "どうすればいいですか？", GOOD),
        ("answer_right", "Is my data good?", GOOD),
        ("answer_do", "Can you sort them for me?", GOOD),
        ("answer_who", "お名前は？", GOOD),
        ("answer_quiet", "Be quiet!", GOOD),
        ("cannot_answer", "Is a snake a reptile?", GOOD),
        ("cannot_answer", "How much time do I have left?", GOOD),
        ("greeting", "こんにちは", GOOD),
        ("thanks", "Thank you very much!", GOOD),
        ("agreed", "ok", GOOD),
        ("unsettled", "わかりません", GOOD),
        ("upset", "this is so boring", GOOD),
        ("unclear", "???", GOOD),
        ("heard", "I put the whale into fish.", GOOD),
    ],
)
def test_a_message_gets_the_answer_that_fits_it(
    key: str, message: str, context: WorkspaceContext, language: str
) -> None:
    said = answer_to(replace(context, language=language), message)

    assert is_text(said, key, language), said


def test_the_goal_is_repeated_when_it_is_stated_and_only_then() -> None:
    new = replace(GOOD, goal=None)

    first = answer_to(new, "hello", "tell tools from toys")
    later = answer_to(new, "hello", "tell tools from toys", "and also food")

    assert is_text(first, "goal_heard")
    assert "“tell tools from toys”" in first
    assert is_text(later, "heard")


def test_who_asks_the_same_again_is_not_told_the_same_again() -> None:
    asked = ["What do the bars mean?"] * 3

    said = [answer_to(GOOD, *asked[:times]) for times in (1, 2, 3)]

    assert is_text(said[0], "answer_sure")
    assert is_text(said[1], "answer_again")
    assert len(set(said)) == 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("occasion", OCCASIONS)
@pytest.mark.parametrize("workspace", [GOOD, DATA[1][1], DATA[5][1]])
def test_it_never_says_the_same_twice_in_a_row(
    workspace: WorkspaceContext, occasion: Occasion, language: str
) -> None:
    context = replace(workspace, language=language)
    said: list[str] = []

    for turn in range(30):
        dialogue = (*context.dialogue, Said("participant", "Hm, how do I train it?"))
        said.append(ADVISOR.advise(replace(context, dialogue=dialogue), occasion, turn))
        context = replace(context, dialogue=(*dialogue, Said("assistant", said[-1])))

    assert all(first != second for first, second in pairwise(said))


def test_several_pieces_of_advice_in_a_row_are_all_different() -> None:
    context = DATA[5][1]
    said: list[str] = []

    for turn in range(8):
        said.append(ADVISOR.advise(context, "ask_data", turn))
        context = replace(context, dialogue=(*context.dialogue, Said("assistant", said[-1])))

    assert len(set(said)) == 8


def test_the_same_of_another_category_is_said_when_there_is_nothing_else() -> None:
    names = [f"Tools {letter}" for letter in "abcdefgh"]
    context = replace(sized(*[(name, 0) for name in names]), unused_images=9, tests=())
    said: list[str] = []

    for turn in range(8):
        said.append(ADVISOR.advise(context, "ask_data", turn))
        context = replace(context, dialogue=(*context.dialogue, Said("assistant", said[-1])))

    assert len(set(said)) == 8


def test_asked_about_the_tests_again_and_again_it_goes_on_about_the_tests() -> None:
    mistakes = [
        replace(result(("Tools", 0.7), ("Toys", 0.3), actual="Toys"), number=number)
        for number in (1, 2, 3)
    ]
    context = with_results(*mistakes)
    said: list[str] = []

    for turn in range(5):
        said.append(ADVISOR.advise(context, "ask_test", turn))
        context = replace(context, advice=(*context.advice, Said("assistant", said[-1])))

    assert len(set(said)) == 5
    assert sum(is_text(one, "wrong") for one in said) == 3
    assert all(one.startswith("In your last test") for one in said)


def test_a_picture_is_not_spoken_of_again_because_its_category_was_renamed() -> None:
    before = with_results(result(("Tools", 0.7), ("Toys", 0.3), actual="Toys"))
    said = ADVISOR.advise(before, "ask_test", 0)
    names = ("Hammers", "Toys", "Other things")
    after = replace(
        with_results(result(("Hammers", 0.7), ("Toys", 0.3), actual="Toys")),
        categories=tuple(CategoryView(name, 12) for name in names),
        dialogue=(Said("assistant", said),),
    )

    assert is_text(said, "wrong")
    assert not is_text(ADVISOR.advise(after, "ask_test", 1), "wrong")


@pytest.mark.parametrize("where", ["advice", "dialogue"])
def test_what_was_said_is_recognised_wherever_it_is_shown(where: str) -> None:
    first = ADVISOR.advise(DATA[5][1], "proactive", 0)
    shown: dict[str, WorkspaceContext] = {
        "advice": replace(DATA[5][1], advice=(Said("assistant", first),)),
        "dialogue": replace(DATA[5][1], dialogue=(Said("assistant", first),)),
    }

    second = ADVISOR.advise(shown[where], "proactive", 1)

    assert is_text(first, "few_images")
    assert not is_text(second, "few_images")


def test_the_person_s_own_words_are_no_advice_that_was_given() -> None:
    first = ADVISOR.advise(DATA[5][1], "ask_data", 0)

    quoted = replace(DATA[5][1], dialogue=(Said("participant", first),))

    assert ADVISOR.advise(quoted, "ask_data", 0) == first


def test_the_same_context_gives_the_same_words() -> None:
    assert ADVISOR.advise(GOOD, "proactive", 3) == ADVISOR.advise(GOOD, "proactive", 3)


def test_a_hostile_name_is_quoted_and_fills_no_blank() -> None:
    hostile = "$goal {0} $advice .* (" + "x" * 55

    said = ADVISOR.advise(sized((hostile, 12)), "ask_data", 0)
    again = replace(sized((hostile, 12)), dialogue=(Said("assistant", said),))

    assert said.startswith(f"“{hostile}” is the only category")
    assert ADVISOR.advise(again, "ask_data", 0) != said


def test_a_long_goal_is_clipped_and_stays_on_its_line() -> None:
    said = answer_to(replace(GOOD, goal=None), "sort tools\n\nby use " + "x" * 500)

    assert "“sort tools by use xxx" in said
    assert "…”" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "text", ["Try broader names.\n\nWhy?", "広い名前はどうでしょうか。$nameも", "", "AIは 12 枚"]
)
def test_the_stream_gives_back_the_text_in_small_pieces(text: str) -> None:
    *pieces, last = stream(text)

    assert "".join(piece.text for piece in pieces) == text
    assert all(len(piece.text) <= 12 for piece in pieces)
    assert last.usage is not None
    assert last.usage.model == "offline"
