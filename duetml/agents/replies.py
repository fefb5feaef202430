"""What can be answered to a question in the chat, by its topic and by what the workspace holds.

Every reply is a text in prompts/offline; some of them end with the piece of advice that is most
pressing. What a version of the texts lacks is passed over, so that each list ends with something
that every version has.
"""

from collections.abc import Callable, Iterator

from duetml.agents.context import CategoryView, WorkspaceContext
from duetml.agents.rules import Advice, advice, can_train, filled, testing

FAIR_START = 10  # pictures in a category: see the accuracies by number of pictures in BENCHMARKS.md
LISTED = 6  # categories told with their counts

Reply = Callable[[WorkspaceContext], Iterator[Advice]]


def replies(topic: str | None, context: WorkspaceContext) -> Iterator[Advice]:
    """The best first."""
    if topic in BY_STATE:
        yield from BY_STATE[topic](context)
    elif topic in PLAIN:
        yield advice(f"answer_{topic}")
    yield advice("cannot_answer")


def before_advice(kind: str) -> Iterator[Advice]:
    """A few words for a message that asked nothing."""
    yield advice(kind)
    yield advice("heard")


def _categories(context: WorkspaceContext) -> Iterator[Advice]:
    names = [one.name for one in context.categories]
    if len(names) > 2:
        yield advice("answer_categories_now", {"count": len(names)})
    elif len(names) == 2:
        yield advice("answer_categories_two", first=names[0], second=names[1])
    else:
        yield advice("answer_categories")


def _kinds(context: WorkspaceContext) -> Iterator[Advice]:
    if context.categories:
        names = tuple((one.name, None) for one in context.categories[:LISTED])
        yield Advice("answer_kinds", listed=names, more=len(context.categories) > LISTED)
    yield advice("answer_next")


def _counts(context: WorkspaceContext) -> Iterator[Advice]:
    if context.categories:
        by_size = sorted(context.categories, key=lambda one: -one.count)
        numbers = (
            ("now", str(context.images_in_categories())),
            ("unused", str(context.unused_images)),
        )
        counts = tuple((one.name, one.count) for one in by_size[:LISTED])
        yield Advice("answer_counts", numbers=numbers, listed=counts, more=len(by_size) > LISTED)
    yield from _next(context)


def _many(context: WorkspaceContext) -> Iterator[Advice]:
    smallest = min(context.categories, key=lambda one: one.count, default=None)
    if smallest is not None and smallest.count < FAIR_START:
        yield advice("answer_many_small", {"count": smallest.count}, name=smallest.name)
    yield advice("answer_many")


def _train(context: WorkspaceContext) -> Iterator[Advice]:
    empty = next((one for one in context.categories if not one.count), None)
    if len(context.categories) >= 2 and empty is not None:
        yield advice("answer_train_empty", name=empty.name)
    elif can_train(context):
        yield _ready(context)
    yield advice("answer_train")


def _ready(context: WorkspaceContext) -> Advice:
    if context.trained_images is None:
        return advice("answer_train_ready", {"count": len(context.categories)})
    return advice("answer_train_again" if context.stale else "answer_train_done")


def _test(context: WorkspaceContext) -> Iterator[Advice]:
    is_untrained = context.trained_images is None
    yield advice("answer_test_first" if is_untrained else "answer_test")


def _wrong(context: WorkspaceContext) -> Iterator[Advice]:
    """A mistake that is on the screen, where there is one."""
    yield from (found for found in testing(context) if found.key == "wrong")
    yield advice("answer_wrong")


def _why(context: WorkspaceContext) -> Iterator[Advice]:
    if context.tests:
        yield advice("answer_why")
    yield advice("answer_wrong")


def _name(context: WorkspaceContext) -> Iterator[Advice]:
    if context.categories:
        yield advice("answer_name_of", name=_first(context).name)
    yield advice("answer_name")


def _where(context: WorkspaceContext) -> Iterator[Advice]:
    if context.categories:
        yield advice("answer_where", name=_first(context).name)
    yield from _next(context)


def _upload(context: WorkspaceContext) -> Iterator[Advice]:
    yield advice("answer_upload")
    yield advice("answer_add")


def _next(context: WorkspaceContext) -> Iterator[Advice]:
    """How to take the step that comes next, where one does; then what to think about."""
    if not context.categories:
        yield advice("answer_add")
    elif can_train(context) and context.trained_images is None:
        yield _ready(context)
    elif context.trained_images is not None and not context.tests:
        yield advice("answer_test")
    yield advice("answer_next")


def _first(context: WorkspaceContext) -> CategoryView:
    return next(iter(filled(context)), context.categories[0])


PLAIN = frozenset(("add", "change", "do", "quiet", "right", "sure", "who"))
BY_STATE: dict[str, Reply] = {
    "categories": _categories,
    "counts": _counts,
    "kinds": _kinds,
    "many": _many,
    "name": _name,
    "next": _next,
    "test": _test,
    "train": _train,
    "upload": _upload,
    "where": _where,
    "why": _why,
    "wrong": _wrong,
}
