"""What a look at the workspace finds, without a model: plain rules over the same context.

A rule yields Advice: the key of a text in prompts/offline and what to fill in. Names are given
bare; quoting is the wording's business. A rule claims nothing that the context does not hold for
sure: what it cannot know, its text asks.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from math import floor

from duetml.agents.context import CategoryView, Occasion, TestView, WorkspaceContext
from duetml.agents.hearing import aim_of

FEW_IMAGES = 5
MANY_CATEGORIES = 7
MANY_TIMES = 3  # one category this many times as large as another is unbalanced …
MANY_MORE = 4  # … if it is also this much larger: 3 against 1 is a beginning, not an imbalance
CLOSE_SHARE = 0.15
LOW_SHARE = 0.5
HIGH_SHARE = 0.8
SURE_OF_SEVERAL = 3  # pictures tested; sure of one or two is no pattern
CONFUSED_OFTEN = 2
UNUSED_WORTH_A_WORD = 20
OTHER = re.compile(
    r"\b(others?|misc\w*|rest|else|none|neither|not|non|unknown|unsure|mixed|various|everything"
    r"|anything|remain\w*|leftovers?|stuff|no)\b|その他|それ以外|以外|他の|ほか|残り|雑多|いろいろ|不明|ない|なし",
    re.IGNORECASE,
)
OPPOSITES = ("un", "in", "im", "ir", "non", "non-", "dis", "非", "不", "無", "未")
# Words of a goal that say nothing of what is to be told apart.
COMMON_WORDS = re.compile(
    r"(want|ma[dk]e|like|would|could|that|this|them|they|their|with|into|from|what|which|where|when"
    r"|sort(s|ing)?|tells?|apart|knows?|recogni[sz]e|classify|images?|pictures?|photos?|things?"
    r"|different|kinds?|have|us(ed|ing)|about|画像|写真|分類|種類|区別|自分|カテゴリー?)"
)


@dataclass(frozen=True)
class Advice:
    """`names` are somebody's words and get quoted, `numbers` are shown as they are.

    `picture` is the number of the picture meant (0: it has none). `listed`: categories to be told
    one after the other, with their counts where they are given; `more`: these are not all.
    """

    key: str
    names: tuple[tuple[str, str], ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()
    picture: int = 0
    listed: tuple[tuple[str, int | None], ...] = ()
    more: bool = False


# Of these, another category is another piece of advice; the others are one thought, of whatever
# category.
NAMES_ARE_THE_POINT = {
    "empty_category", "one_image", "few_images", "imbalance", "overlap", "alike_between",
    "alike_within", "confused",
}  # fmt: skip

Rule = Callable[[WorkspaceContext], Iterator[Advice]]


def advice(
    key: str, numbers: dict[str, object] | None = None, picture: int = 0, **names: str
) -> Advice:
    shown = {name: str(number) for name, number in (numbers or {}).items()}
    return Advice(key, tuple(names.items()), tuple(shown.items()), picture)


def findings(
    context: WorkspaceContext, occasion: Occasion, turn: int = 0
) -> tuple[list[Advice], list[Advice]]:
    """(what the occasion is about, what else there is to say), each most pressing first; the
    second is never empty. `turn` varies which category the thoughts at the end are about."""
    about, else_ = ORDERS.get(occasion, ((), BY_ITSELF))
    further = chain(*(rule(context) for rule in else_), thoughts(context, turn))
    return list(chain(*(rule(context) for rule in about))), list(further)


def filled(context: WorkspaceContext) -> list[CategoryView]:
    """Categories that hold pictures, the largest first."""
    there = (category for category in context.categories if category.count)
    return sorted(there, key=lambda category: -category.count)


def can_train(context: WorkspaceContext) -> bool:
    return len(context.categories) >= 2 and all(one.count for one in context.categories)


def percent(share: float) -> str:
    """As the page shows it: halves go up."""
    return f"{floor(share * 100 + 0.5)} %"


def too_few_categories(context: WorkspaceContext) -> Iterator[Advice]:
    if not context.unused_images and not context.images_in_categories():
        yield advice("no_pictures")
    elif not context.categories:
        yield advice("no_categories")
    if len(context.categories) == 1:
        yield advice("one_category", name=context.categories[0].name)


def too_few_images(context: WorkspaceContext) -> Iterator[Advice]:
    for category in context.categories:
        if not category.count:
            yield advice("empty_category", name=category.name)
    for category in reversed(filled(context)):
        if category.count == 1:
            yield advice("one_image", name=category.name)
        elif category.count < FEW_IMAGES:
            yield advice("few_images", {"count": category.count}, name=category.name)


def imbalance(context: WorkspaceContext) -> Iterator[Advice]:
    by_size = filled(context)
    if len(by_size) < 2:
        return
    large, small = by_size[0], by_size[-1]
    if large.count >= MANY_TIMES * small.count and large.count - small.count >= MANY_MORE:
        numbers: dict[str, object] = {"many": large.count, "few": small.count}
        yield advice("imbalance", numbers, large=large.name, small=small.name)


def alike(context: WorkspaceContext) -> Iterator[Advice]:
    """Of few pictures some are nearest to each other by accident: such pairs are passed over."""
    enough = {one.name for one in context.categories if one.count >= FEW_IMAGES}
    for first, second, _ in sorted(context.findings.overlaps, key=lambda pair: -pair[2]):
        if {first, second} <= enough:
            yield advice("overlap", first=first, second=second)
    for first, second in context.findings.near_duplicates:
        if first != second:
            yield advice("alike_between", first=first, second=second)
    for first, second in context.findings.near_duplicates:
        if first == second:
            yield advice("alike_within", first=first)


def confused(context: WorkspaceContext) -> Iterator[Advice]:
    """Of pictures that the run had not seen, and only while the data are still what it learnt
    from. Without an accuracy the confusions come from tests, which are told picture by picture."""
    if context.stale or context.accuracy is None:
        return
    names = {one.name for one in context.categories}
    often = [one for one in context.confused if one.count >= CONFUSED_OFTEN]
    for one in sorted(often, key=lambda one: -one.count):
        if {one.actual, one.said} <= names:
            numbers: dict[str, object] = {"count": one.count}
            yield advice("confused", numbers, actual=one.actual, said=one.said)


def aim(context: WorkspaceContext) -> Iterator[Advice]:
    by_size = filled(context)
    goal = aim_of(context)
    if context.task and len(by_size) >= 2:
        yield advice("reflect_task", first=by_size[0].name, second=by_size[1].name)
    if goal is None:
        if len(by_size) >= 2:
            yield advice("no_goal", first=by_size[0].name, second=by_size[1].name)
    elif by_size and not _is_echoed(goal, [one.name for one in context.categories]):
        yield advice("goal_unmentioned", goal=goal, name=by_size[0].name)


def _is_echoed(goal: str, names: list[str]) -> bool:
    """Whether goal and names share a word, so that asking how they belong together is idle."""
    said, called = goal.lower(), " ".join(names).lower()
    words = _telling_words(said)
    return (
        not words
        or any(word in called for word in words)
        or any(name.lower() in said for name in names)
    )


def _telling_words(goal: str) -> list[str]:
    """What a category name might share with a goal: stems, in Japanese kanji and katakana."""
    words = re.findall(r"[a-z]{4,}|[\u4e00-\u9fff]{2,}|[\u30a1-\u30fa\u30fc]{2,}", goal)
    return [word[:5] for word in words if not COMMON_WORDS.fullmatch(word)]


def shape(context: WorkspaceContext) -> Iterator[Advice]:
    names = [category.name for category in context.categories]
    by_size = [category.name for category in filled(context)]
    if len(by_size) >= MANY_CATEGORIES:
        numbers: dict[str, object] = {"count": len(names)}
        yield advice("many_categories", numbers, first=by_size[-1], second=by_size[-2])
    if len(by_size) >= 2 and not takes_the_rest(names):
        yield advice("no_other", {"count": len(names)})
    most = max(UNUSED_WORTH_A_WORD, context.images_in_categories())
    if len(by_size) >= 2 and context.unused_images > most:
        numbers = {"count": context.unused_images}
        yield advice("unused", numbers, first=by_size[0], second=by_size[1])


def takes_the_rest(names: list[str]) -> bool:
    """Whether one category seems to be for whatever fits no other: “other”, “not edible”."""
    lower = {name.lower() for name in names}
    return any(OTHER.search(name) for name in names) or any(
        prefix + name in lower for prefix in OPPOSITES for name in lower
    )


def training(context: WorkspaceContext) -> Iterator[Advice]:
    """Nothing while the page would not let train anyway: what is missing is said elsewhere."""
    if not can_train(context):
        return
    now = context.images_in_categories()
    if context.trained_images is None:
        yield advice("untrained")
    elif context.stale and context.trained_images == now:
        yield advice("stale_moved", {"now": now})
    elif context.stale:
        yield advice("stale", {"trained": context.trained_images, "now": now})


def testing(context: WorkspaceContext) -> Iterator[Advice]:
    """Results of an earlier run are no longer what the AI says: of them only that is said."""
    if context.trained_images is None:
        return
    if not context.tests:
        if filled(context) and not context.stale:
            yield advice("not_tested", name=filled(context)[0].name)
    elif context.tests_are_stale:
        yield advice("tested_before")
    else:
        yield from _results(context)


def _results(context: WorkspaceContext) -> Iterator[Advice]:
    """Of the newest run, the newest picture first."""
    names = {one.name for one in context.categories}
    newest_first = [test for test in reversed(context.tests) if test.scores]
    for test in newest_first:
        yield from _gone(test, names)
    for test in newest_first:
        yield from _wrong(test, names)
    for test in newest_first:
        yield from _doubt(test, names)
    said = {test.best()[0] for test in newest_first}
    if len(newest_first) >= SURE_OF_SEVERAL and len(said) == 1 and said <= names:
        yield _always(context, len(newest_first), said.pop())
    if newest_first and not any(_is_wrong(test) for test in newest_first):
        yield from _too_easy(context, newest_first, names)


def _always(context: WorkspaceContext, count: int, name: str) -> Advice:
    """The same answer to everything; it may be because there is most of it."""
    sizes = {one.name: one.count for one in context.categories}
    is_largest = sizes[name] == max(sizes.values()) and sizes[name] >= 2 * min(sizes.values())
    if is_largest and not context.stale:
        now = context.images_in_categories()
        return advice("all_one_large", {"count": count, "many": sizes[name], "now": now}, name=name)
    return advice("all_one", {"count": count}, name=name)


def _gone(test: TestView, names: set[str]) -> Iterator[Advice]:
    said, share = test.best()
    if said not in names:
        yield advice("gone", {"score": percent(share)}, test.number, said=said)


def _is_wrong(test: TestView) -> bool:
    return test.actual is not None and test.best()[0] != test.actual


def _wrong(test: TestView, names: set[str]) -> Iterator[Advice]:
    said, share = test.best()
    if test.actual is not None and _is_wrong(test) and said in names:
        numbers: dict[str, object] = {"score": percent(share)}
        yield advice("wrong", numbers, test.number, said=said, actual=test.actual)


def _doubt(test: TestView, names: set[str]) -> Iterator[Advice]:
    """Where the AI hesitated; its mistakes are told as such."""
    ranked = sorted(test.scores, key=lambda score: -score[1])
    if len(ranked) < 2 or _is_wrong(test) or ranked[0][0] not in names:
        return
    (first, share), (second, other), *further = ranked
    is_between_two = not further or share - further[0][1] > CLOSE_SHARE
    numbers: dict[str, object] = {"score": percent(share)}
    if share - other <= CLOSE_SHARE and is_between_two:
        if second in names:
            numbers["other"] = percent(other)
            yield advice("undecided", numbers, test.number, first=first, second=second)
    elif share < LOW_SHARE:
        key = "unsure" if test.actual is None else "unsure_right"
        yield advice(key, numbers, test.number, first=first)


def _too_easy(
    context: WorkspaceContext, tests: list[TestView], names: set[str]
) -> Iterator[Advice]:
    if not context.stale and all(test.actual is not None for test in tests):
        if context.unused_images:
            yield advice("tested_known")
        return
    least = min(tests, key=lambda test: test.best()[1])
    ranked = sorted(least.scores, key=lambda score: -score[1])
    first, second = (ranked[0][0], ranked[1][0]) if len(ranked) > 1 else ("", "")
    if len(tests) >= SURE_OF_SEVERAL and ranked[0][1] >= HIGH_SHARE and {first, second} <= names:
        numbers: dict[str, object] = {"count": len(tests), "score": percent(ranked[0][1])}
        yield advice("all_sure", numbers, first=first, second=second)


def looking_closer(context: WorkspaceContext) -> Iterator[Advice]:
    """At single answers of the newest run that are neither mistakes nor doubts."""
    if context.trained_images is None or context.tests_are_stale:
        return
    names = {one.name for one in context.categories}
    shown = [one for one in context.tests if one.scores and one.best()[0] in names]
    by_share = sorted(shown, key=lambda test: test.best()[1])
    if len(by_share) >= 2 and len(by_share) == len(context.tests):
        yield _answered("least_sure", by_share[0])
    for test in reversed(by_share):
        if not _is_wrong(test):
            yield _answered("said_so", test)


def _answered(key: str, test: TestView) -> Advice:
    first, share = test.best()
    return advice(key, {"score": percent(share)}, test.number, first=first)


def thoughts(context: WorkspaceContext, turn: int = 0) -> Iterator[Advice]:
    """Always several, so that there is something new to say when nothing presses."""
    by_size = filled(context)
    if not context.categories:
        yield advice("begin_purpose")
        if context.unused_images >= 3:
            yield advice("begin_pictures")
        yield advice("begin_view")
        return
    there = by_size or list(context.categories)
    pairs = [(one.name, two.name) for one, two in pairwise(by_size)]

    def one_of(categories: list[CategoryView], place: int) -> str:
        return categories[(place + turn) % len(categories)].name

    yield advice("reflect_level", name=one_of(there, 0))
    if pairs:
        first, second = pairs[turn % len(pairs)]
        yield advice("reflect_pair", first=first, second=second)
    if by_size:
        yield advice("reflect_viewpoint", name=one_of(by_size, 1))
    yield advice("reflect_stranger", name=one_of(there, 2))
    several = [one for one in by_size if one.count >= FEW_IMAGES]
    if several:
        yield advice("reflect_edge", name=one_of(several, 3))
        yield advice("reflect_finer", name=one_of(several, 4))
    if len(by_size) > 2 and not takes_the_rest([one.name for one in context.categories]):
        yield advice("reflect_opposite", name=one_of(by_size, 5))


PRESSING: tuple[Rule, ...] = (too_few_categories, too_few_images, imbalance)
DATA: tuple[Rule, ...] = (*PRESSING, alike, aim, shape)
BY_ITSELF: tuple[Rule, ...] = (
    *PRESSING, testing, confused, training, alike, aim, shape, looking_closer,
)  # fmt: skip
# Beside the training data and beside the results: what is asked about there, and what else is.
ORDERS: dict[Occasion, tuple[tuple[Rule, ...], tuple[Rule, ...]]] = {
    "ask_data": (DATA, (training,)),
    "ask_test": ((testing, confused, looking_closer), (training, *DATA)),
}
