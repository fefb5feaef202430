"""What a look at the workspace finds, without a model: plain rules over the same context.

A rule yields Advice: the key of a text in prompts/offline and what to fill in. Names are given
bare; quoting is the wording's business.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from duetml.agents.context import CategoryView, Occasion, TestView, WorkspaceContext

FEW_IMAGES = 5
MANY_CATEGORIES = 7
MANY_TIMES = 3  # one category this many times as large as another is unbalanced …
MANY_MORE = 6  # … if it is also this much larger: 3 against 1 is a beginning, not an imbalance
CLOSE_SHARE = 0.15
LOW_SHARE = 0.5
HIGH_SHARE = 0.8
OTHER = re.compile(
    r"\b(others?|misc\w*|rest|else|none|unknown|not|non)\b|その他|それ以外|以外|他の|ほか|でない|ではない",
    re.IGNORECASE,
)
# Words of a goal that say nothing of what is to be told apart.
COMMON_WORDS = re.compile(
    r"(want|ma[dk]e|like|would|could|that|this|them|they|their|with|into|from|what|which|where|when"
    r"|sort(s|ing)?|tells?|apart|knows?|recogni[sz]e|classify|images?|pictures?|photos?|things?"
    r"|different|kinds?|have|us(ed|ing)|about|画像|写真|分類|種類|区別|自分|カテゴリー?)"
)


@dataclass(frozen=True)
class Advice:
    """`names` are somebody's words and get quoted, `numbers` are shown as they are."""

    key: str
    names: tuple[tuple[str, str], ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()


Rule = Callable[[WorkspaceContext], Iterator[Advice]]


def advice(key: str, numbers: dict[str, object] | None = None, **names: str) -> Advice:
    shown = {name: str(number) for name, number in (numbers or {}).items()}
    return Advice(key, tuple(names.items()), tuple(shown.items()))


def findings(context: WorkspaceContext, occasion: Occasion) -> list[Advice]:
    """All that applies, most pressing first for what was asked; never empty."""
    first = TESTS + DATA if occasion == "ask_test" else DATA + TESTS
    return list(chain.from_iterable(rule(context) for rule in (*first, thoughts)))


def filled(context: WorkspaceContext) -> list[CategoryView]:
    return [category for category in context.categories if category.count]


def too_few_categories(context: WorkspaceContext) -> Iterator[Advice]:
    if not context.categories:
        yield advice("no_categories")
    if len(context.categories) == 1:
        yield advice("one_category", name=context.categories[0].name)


def too_few_images(context: WorkspaceContext) -> Iterator[Advice]:
    for category in context.categories:
        if not category.count:
            yield advice("empty_category", name=category.name)
    for category in sorted(filled(context), key=lambda category: category.count):
        if category.count < FEW_IMAGES:
            yield advice("few_images", {"count": category.count}, name=category.name)


def imbalance(context: WorkspaceContext) -> Iterator[Advice]:
    by_size = sorted(filled(context), key=lambda category: category.count)
    if len(by_size) < 2:
        return
    small, large = by_size[0], by_size[-1]
    if large.count >= MANY_TIMES * small.count and large.count - small.count >= MANY_MORE:
        numbers: dict[str, object] = {"many": large.count, "few": small.count}
        yield advice("imbalance", numbers, large=large.name, small=small.name)


def alike(context: WorkspaceContext) -> Iterator[Advice]:
    for first, second, _ in sorted(context.findings.overlaps, key=lambda pair: -pair[2]):
        yield advice("overlap", first=first, second=second)
    for first, second in context.findings.near_duplicates:
        if first != second:
            yield advice("alike_between", first=first, second=second)
    for first, second in context.findings.near_duplicates:
        if first == second:
            yield advice("alike_within", first=first)


def aim(context: WorkspaceContext) -> Iterator[Advice]:
    if not context.goal:
        if context.categories:
            yield advice("no_goal")
        return
    names = " ".join(category.name for category in context.categories).lower()
    words = _telling_words(context.goal)
    if context.categories and words and not any(word in names for word in words):
        yield advice("goal_unmentioned", goal=context.goal, name=context.categories[0].name)


def _telling_words(goal: str) -> list[str]:
    """What a category name might share with a goal: stems, in Japanese kanji and katakana."""
    words = re.findall(r"[a-z]{4,}|[\u4e00-\u9fff]{2,}|[\u30a1-\u30fa\u30fc]{2,}", goal.lower())
    return [word[:5] for word in words if not COMMON_WORDS.fullmatch(word)]


def shape(context: WorkspaceContext) -> Iterator[Advice]:
    names = [category.name for category in context.categories]
    if len(names) >= MANY_CATEGORIES:
        yield advice("many_categories", {"count": len(names)}, first=names[0], second=names[1])
    if len(names) >= 2 and not any(OTHER.search(name) for name in names):
        yield advice("no_other", {"count": len(names)})
    if len(names) >= 2 and context.unused_images > max(20, context.images_in_categories()):
        yield advice("unused", {"count": context.unused_images})


def training(context: WorkspaceContext) -> Iterator[Advice]:
    now = context.images_in_categories()
    if context.trained_images is None:
        if len(filled(context)) >= 2:
            yield advice("untrained")
        return
    if context.trained_images != now:
        yield advice("stale", {"trained": context.trained_images, "now": now})


def testing(context: WorkspaceContext) -> Iterator[Advice]:
    if context.trained_images is not None and not context.tests and context.categories:
        yield advice("not_tested", name=context.categories[-1].name)
    newest_first = context.tests[::-1]
    for test in newest_first:
        if test.actual is not None and test.scores and test.best()[0] != test.actual:
            yield advice("wrong", said=test.best()[0], actual=test.actual)
    for test in newest_first:
        yield from _doubt(test)
    if context.tests and all(test.best()[1] >= HIGH_SHARE for test in context.tests):
        yield advice("all_sure", {"count": len(context.tests)})


def _doubt(test: TestView) -> Iterator[Advice]:
    ranked = sorted(test.scores, key=lambda score: -score[1])
    if len(ranked) < 2:
        return
    (first, share), (second, other) = ranked[:2]
    if share - other <= CLOSE_SHARE:
        numbers: dict[str, object] = {"score": f"{share:.0%}", "other": f"{other:.0%}"}
        yield advice("undecided", numbers, first=first, second=second)
    elif share < LOW_SHARE:
        yield advice("unsure", {"score": f"{share:.0%}"}, first=first)


def thoughts(context: WorkspaceContext) -> Iterator[Advice]:
    """Always several, so that there is something new to say when nothing presses."""
    if not context.categories:
        for key in ("begin_purpose", "begin_pictures", "begin_view"):
            yield advice(key)
        return
    by_size = sorted(context.categories, key=lambda category: -category.count)
    keys = ("level", "viewpoint", "stranger", "opposite", "edge")
    for number, key in enumerate(keys):
        yield advice(f"reflect_{key}", name=by_size[number % len(by_size)].name)


DATA: tuple[Rule, ...] = (too_few_categories, too_few_images, imbalance, alike, aim, shape)
TESTS: tuple[Rule, ...] = (testing, training)
