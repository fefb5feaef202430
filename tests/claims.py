"""What the texts of the offline advisor claim, held against what is stored.

Written from the texts in prompts/offline, reading rows: it knows nothing of the rules that choose
them. `Screen` is what the page shows at one moment; `falsehoods` tells what of a text is not so.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from duetml.prompts import load
from duetml.workspace.models import Feature, Message, TestRun, TrainingRun, Workspace
from duetml.workspace.queries import backbone_info

VERSION = 3
MOST_WORDS = 80
QUOTES = {"en": ("“", "”"), "ja": ("「", "」")}
NAMES = ("name", "large", "small", "first", "second", "actual", "said", "goal")
BLANKS = {
    "en": {"picture": r"picture \d+|a picture", "list": r".+?", "advice": r".+"},
    "ja": {"picture": r"画像 \d+|ある画像", "list": r".+?", "advice": r".+"},
}
SHARE, NUMBER = r"\d+ %", r"\d+"
PARTS = ("picture", "a_picture", "count_of")
# Nobody is told that others exist, or that this is an experiment.
SECRET = re.compile(
    r"\b(study|studies|experiment|condition|participant|control group)\b|実験|参加者|条件"
)

Values = dict[str, str]
Claim = Callable[["Screen", Values], Iterator[bool]]


@dataclass(frozen=True)
class Screen:
    """A workspace as its page shows it. `said` is what the person typed, oldest first."""

    categories: dict[str, str]  # id → name, in order
    images: dict[str, list[str]]  # category id → image ids
    offered: list[str]  # in the page's order: the first is picture 1
    run: TrainingRun | None  # the newest that is done
    test: TestRun | None  # the newest, once it is done
    said: list[str]
    task: str
    vectors: dict[str, NDArray[np.float32]]

    @classmethod
    def of(cls, workspace: Workspace) -> "Screen":
        row = Workspace.objects.get(pk=workspace.pk)
        live = list(row.categories.filter(deleted_at=None).order_by("position"))
        placed = {
            str(one.id): [str(p.image_id) for p in one.placements.order_by("position")]
            for one in live
        }
        offered = [str(one.image_id) for one in row.offered.order_by("position", "pk")]
        newest = row.test_runs.order_by("-queued_at").values("pk")[:1]  # the page shows no other
        typed = Message.objects.filter(workspace=row, author="participant")
        features = Feature.objects.filter(backbone=backbone_info().digest)
        features = features.filter(image__in=[UUID(image) for image in offered])
        return cls(
            categories={str(one.id): one.name for one in live},
            images=placed,
            offered=offered,
            run=row.training_runs.filter(state="done").order_by("-number").first(),
            test=row.test_runs.filter(state="done", pk__in=newest).first(),
            said=[one.text for one in typed.filter(call__trigger="message").order_by("at", "pk")],
            task=row.task,
            vectors={str(one.image_id): np.frombuffer(one.vector, "<f4") for one in features},
        )

    def names(self) -> list[str]:
        return list(self.categories.values())

    def members(self, name: str) -> list[str]:
        return next((self.images[key] for key, one in self.categories.items() if one == name), [])

    def count(self, name: str) -> int:
        return len(self.members(name)) if name in self.names() else -1

    def total(self) -> int:
        return sum(map(len, self.images.values()))

    def unused(self) -> int:
        return len(set(self.offered) - {one for images in self.images.values() for one in images})

    def homes(self, image: str) -> list[str]:
        return [name for key, name in self.categories.items() if image in self.images[key]]

    def learnt(self) -> set[tuple[str, str]]:
        """(category id, image id) of the newest run."""
        data = self.run.data if self.run else []
        return {(one["category"], image) for one in data for image in one["images"]}

    def is_stale(self) -> bool:
        now = {(key, image) for key, images in self.images.items() for image in images}
        return self.learnt() != now

    def results(self) -> dict[str, list[tuple[str, str, float]]]:
        """Image id → (category id, its name as it is called now, share), the likeliest first."""
        if self.test is None:
            return {}
        return {
            result["image"]: [
                (one["category"], self.categories.get(one["category"], one["name"]), one["p"])
                for one in sorted(result["scores"], key=lambda one: -one["p"])
            ]
            for result in self.test.results
        }

    def is_current(self) -> bool:
        """Whether the results on the page are of the newest run."""
        return bool(self.test and self.run and self.test.training_run_id == self.run.id)

    def can_train(self) -> bool:
        return len(self.categories) > 1 and all(self.images.values())

    def result_of(self, picture: str) -> list[tuple[str, str, float]]:
        number = int(re.sub(r"\D", "", picture) or 0)
        image = self.offered[number - 1] if 0 < number <= len(self.offered) else ""
        return self.results().get(image, [])

    def home_of(self, picture: str) -> list[str]:
        number = int(re.sub(r"\D", "", picture) or 0)
        return self.homes(self.offered[number - 1]) if 0 < number <= len(self.offered) else []


def shown(share: float) -> str:
    """The page's Math.round(p * 100), written out in decimal."""
    whole, rest = divmod(round(share * 10_000), 100)
    return f"{whole + (rest >= 50)} %"


@dataclass(frozen=True)
class Reading:
    """A text of the advisor and what stands in its blanks, names without their marks."""

    key: str
    values: Values


def readings(text: str, language: str) -> list[list[Reading]]:
    """Every way to read it as one of the texts, or as one that leads on to another."""
    found: list[list[Reading]] = []
    for key, pattern in _patterns(language).items():
        match = pattern.fullmatch(text)
        if match is None:
            continue
        values = match.groupdict()
        rest = values.pop("advice", None)
        led_to = readings(rest, language) if rest else [[]]
        found.extend([Reading(key, values), *further] for further in led_to)
    return found


@lru_cache
def _patterns(language: str) -> dict[str, re.Pattern[str]]:
    texts = load("offline", VERSION, language).phrases()
    return {
        key: re.compile(_blanks_filled(text.template, language), re.DOTALL)
        for key, text in texts.items()
        if key not in PARTS
    }


def _blanks_filled(template: str, language: str) -> str:
    opening, closing = QUOTES[language]
    seen: set[str] = set()
    whole = ""
    for number, piece in enumerate(re.split(r"\$([a-z]+)", template)):
        if number % 2 == 0:
            whole += re.escape(piece)
            continue
        if piece in NAMES:
            inner = f"(?P={piece})" if piece in seen else f"(?P<{piece}>.+?)"
            whole += f"{opening}{inner}{closing}"
        else:
            shape = BLANKS[language].get(piece, SHARE if piece in ("score", "other") else NUMBER)
            whole += f"(?P={piece})" if piece in seen else f"(?P<{piece}>{shape})"
        seen.add(piece)
    return whole


def falsehoods(
    text: str, screen: Screen, language: str, expected: dict[str, set[str]]
) -> list[str]:
    """What of the text is not so; empty where all is true. `expected`: typed message → the keys of
    texts that do justice to it."""
    wrong = list(_manners(text, language))
    ways = readings(text, language)
    if not ways:
        return [*wrong, "it is none of the texts"]
    found = [
        [
            f"{one.key}: {problem}"
            for one in way
            for problem in _untrue(one, screen, language, expected)
        ]
        for way in ways
    ]
    return wrong + min(found, key=len)


def _manners(text: str, language: str) -> Iterator[str]:
    bare = re.sub("「.*?」|“.*?”", "「」", text)
    words = len(bare.split()) if language == "en" else len(bare) / 2
    if words > MOST_WORDS:
        yield f"it has {words} words"
    if len(re.findall(r"\?|？|か。", bare)) > 1:
        yield "it asks more than one thing"
    if SECRET.search(bare):
        yield "it speaks of a study"
    if (len(re.findall(r"[ぁ-んァ-ヶ一-龠]", bare)) > len(bare) / 2) != (language == "ja"):
        yield "it is in another language"


def _untrue(
    one: Reading, screen: Screen, language: str, expected: dict[str, set[str]]
) -> Iterator[str]:
    quoted = {name: one.values[name] for name in NAMES if name in one.values and name != "goal"}
    unknown = set(quoted.values()) - set(screen.names())
    if unknown and one.key != "gone":
        yield f"there is no category {unknown}"
    if one.key in REPLIES or one.key.startswith("answer_"):
        last = screen.said[-1] if screen.said else ""
        if one.key not in expected.get(last, {one.key}):
            yield f"it is no answer to {last!r}"
    for holds in CLAIMS.get(one.key, _nothing_claimed)(screen, one.values | {"language": language}):
        if not holds:
            yield f"not so with {one.values}"


def _nothing_claimed(screen: Screen, values: Values) -> Iterator[bool]:
    yield from ()


def _with_counts(screen: Screen, told: str, language: str) -> bool:
    """A list such as “cat” 12, “dog” 3."""
    opening, closing = QUOTES[language]
    unit, comma = ("枚", "、") if language == "ja" else ("", ", ")
    space = "" if language == "ja" else " "
    by_size = sorted(screen.names(), key=lambda name: -screen.count(name))
    full = [f"{opening}{one}{closing}{space}{screen.count(one)}{unit}" for one in by_size]
    expected = [*full[:6], "…"] if len(full) > 6 else full
    return told == comma.join(expected)


def _with_names(screen: Screen, told: str, language: str) -> bool:
    opening, closing = QUOTES[language]
    full = [f"{opening}{one}{closing}" for one in screen.names()]
    expected = [*full[:6], "…"] if len(full) > 6 else full
    return told == ("、" if language == "ja" else ", ").join(expected)


def _cosines(screen: Screen, first: str, second: str) -> NDArray[np.float32]:
    one = [screen.vectors[image] for image in screen.members(first) if image in screen.vectors]
    two = [screen.vectors[image] for image in screen.members(second) if image in screen.vectors]
    return np.stack(one) @ np.stack(two).T if one and two else np.zeros((1, 1), np.float32)


def _strays(screen: Screen, first: str, second: str) -> float:
    """The share of both categories' pictures whose nearest lies in the other of the two."""
    placed = [(name, i) for name in screen.names() for i in screen.members(name)]
    known = [(name, screen.vectors[image]) for name, image in placed if image in screen.vectors]
    count = strays = 0
    for place, (name, vector) in enumerate(known):
        if name not in (first, second):
            continue
        count += 1
        others = [(float(vector @ v), n) for at, (n, v) in enumerate(known) if at != place]
        strays += max(others)[1] == ({first, second} - {name}).pop()
    return strays / count if count else 0.0


# One function for each text that claims something: it yields whether each claim holds.


def no_pictures(screen: Screen, _v: Values) -> Iterator[bool]:
    yield not screen.offered


def no_categories(screen: Screen, _v: Values) -> Iterator[bool]:
    yield not screen.categories


def one_category(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.names() == [v["name"]]


def empty_category(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.count(v["name"]) == 0


def one_image(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.count(v["name"]) == 1


def few_images(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.count(v["name"]) == int(v["count"])
    yield 2 <= int(v["count"]) < 8  # "so few"


def imbalance(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.count(v["large"]) == int(v["many"])
    yield screen.count(v["small"]) == int(v["few"])
    yield int(v["many"]) >= 2 * int(v["few"])  # "far more often"


def overlap(screen: Screen, v: Values) -> Iterator[bool]:
    pictures = screen.count(v["first"]) + screen.count(v["second"])
    share = _strays(screen, v["first"], v["second"])
    yield share >= 0.2
    yield share * pictures > 2  # "several"


def alike_between(screen: Screen, v: Values) -> Iterator[bool]:
    yield v["first"] != v["second"]
    yield bool(_cosines(screen, v["first"], v["second"]).max() > 0.96)


def alike_within(screen: Screen, v: Values) -> Iterator[bool]:
    cosines = _cosines(screen, v["first"], v["first"])
    yield bool((cosines > 0.96).sum() > len(cosines))


def _said(screen: Screen, quoted: str) -> bool:
    """Whether the person typed this; what ends in … goes on."""
    flat = [" ".join(one.split()) for one in screen.said]
    clipped = quoted[:-1] if quoted.endswith("…") else None
    return any(one == quoted or (clipped is not None and one.startswith(clipped)) for one in flat)


def goal_unmentioned(screen: Screen, v: Values) -> Iterator[bool]:
    yield _said(screen, v["goal"])


def goal_heard(screen: Screen, v: Values) -> Iterator[bool]:
    yield _said(Screen(**(vars(screen) | {"said": screen.said[-1:]})), v["goal"])


def two_that_differ(screen: Screen, v: Values) -> Iterator[bool]:
    yield v["first"] != v["second"]
    yield screen.count(v["first"]) > 0 and screen.count(v["second"]) > 0


def no_other(screen: Screen, v: Values) -> Iterator[bool]:
    yield len(screen.categories) == int(v["count"]) >= 2
    yield not {"other", "その他", "not food", "食べられないもの"} & {
        n.lower() for n in screen.names()
    }


def many_categories(screen: Screen, v: Values) -> Iterator[bool]:
    yield len(screen.categories) == int(v["count"]) >= 6
    yield v["first"] != v["second"]


def unused(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.unused() == int(v["count"])
    yield v["first"] != v["second"]


def untrained(screen: Screen, _v: Values) -> Iterator[bool]:
    yield screen.run is None
    yield screen.can_train()  # else the thought leads nowhere


def stale(screen: Screen, v: Values) -> Iterator[bool]:
    yield len(screen.learnt()) == int(v["trained"])
    yield screen.total() == int(v["now"])
    yield screen.is_stale()
    yield screen.can_train()


def stale_moved(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.total() == len(screen.learnt()) == int(v["now"])
    yield screen.is_stale()
    yield screen.can_train()


def gone(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.is_current()
    best = screen.result_of(v["picture"])[:1]
    yield [(name, shown(p)) for _, name, p in best] == [(v["said"], v["score"])]
    yield v["said"] not in screen.names()
    yield best != [] and best[0][0] in {category for category, _ in screen.learnt()}


def not_tested(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.run is not None
    yield screen.test is None
    yield any(
        one["category"] in screen.categories and screen.categories[one["category"]] == v["name"]
        for one in (screen.run.data if screen.run else [])
    )


def tested_before(screen: Screen, _v: Values) -> Iterator[bool]:
    yield screen.test is not None and screen.run is not None
    yield not screen.is_current()


def tested_known(screen: Screen, _v: Values) -> Iterator[bool]:
    yield screen.is_current()
    learnt = {image for _, image in screen.learnt()}
    yield bool(screen.results())
    yield all(image in learnt and screen.homes(image) for image in screen.results())
    yield screen.unused() > 0  # there is a picture that it has never seen


def wrong(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.is_current()
    best = screen.result_of(v["picture"])[:1]
    yield [(name, shown(p)) for _, name, p in best] == [(v["said"], v["score"])]
    yield v["actual"] in screen.home_of(v["picture"])
    yield v["said"] not in screen.home_of(v["picture"])


def undecided(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.is_current()
    best = screen.result_of(v["picture"])[:2]
    told = [(v["first"], v["score"]), (v["second"], v["other"])]
    yield [(name, shown(p)) for _, name, p in best] == told
    yield len(best) == 2 and best[0][2] - best[1][2] <= 0.2


def _best_is(screen: Screen, v: Values) -> bool:
    best = screen.result_of(v["picture"])[:1]
    return [(name, shown(p)) for _, name, p in best] == [(v["first"], v["score"])]


def unsure(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.is_current()
    yield _best_is(screen, v)
    yield int(v["score"].split()[0]) <= 50
    yield not screen.home_of(v["picture"])


def unsure_right(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.is_current()
    yield _best_is(screen, v)
    yield int(v["score"].split()[0]) <= 50
    yield v["first"] in screen.home_of(v["picture"])


def all_sure(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.is_current()
    results = screen.results()
    yield len(results) == int(v["count"]) >= 2
    least = min((scores[0][2] for scores in results.values()), default=0.0)
    yield shown(least) == v["score"]
    yield least >= 0.75
    yield v["first"] != v["second"]
    yield not any(
        screen.homes(image) and scores[0][1] not in screen.homes(image)
        for image, scores in results.items()
    )


def all_one(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.is_current()
    yield len(screen.results()) == int(v["count"]) >= 2
    yield {scores[0][1] for scores in screen.results().values()} == {v["name"]}


def all_one_large(screen: Screen, v: Values) -> Iterator[bool]:
    yield from all_one(screen, v)
    yield not screen.is_stale()
    yield len(screen.learnt()) == int(v["now"])
    yield screen.count(v["name"]) == int(v["many"])
    yield all(screen.count(v["name"]) >= screen.count(other) for other in screen.names())


def least_sure(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.is_current()
    yield _best_is(screen, v)
    least = min((scores[0][2] for scores in screen.results().values()), default=0.0)
    yield shown(least) == v["score"]
    yield len(screen.results()) >= 2


def said_so(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.is_current()
    yield _best_is(screen, v)


def confused(screen: Screen, v: Values) -> Iterator[bool]:
    quality: dict[str, Any] = screen.run.report.get("quality", {}) if screen.run else {}
    ids = {name: key for key, name in screen.categories.items()}
    labels = quality.get("labels", [])
    yield not screen.is_stale()
    if {ids.get(v["actual"]), ids.get(v["said"])} <= set(labels):
        row, column = labels.index(ids[v["actual"]]), labels.index(ids[v["said"]])
        yield quality["confusion"][row][column] == int(v["count"]) >= 2
    else:
        yield False


def holds_some(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.count(v["name"]) >= 1


def holds_several(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.count(v["name"]) >= 3


def has_a_task(screen: Screen, v: Values) -> Iterator[bool]:
    yield bool(screen.task)
    yield v["first"] != v["second"]


def more_than_two(screen: Screen, _v: Values) -> Iterator[bool]:
    yield len(screen.categories) > 2


def three_pictures(screen: Screen, _v: Values) -> Iterator[bool]:
    yield not screen.categories
    yield len(screen.offered) >= 3


def answer_categories_now(screen: Screen, v: Values) -> Iterator[bool]:
    yield len(screen.categories) == int(v["count"]) >= 2


def answer_categories_two(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.names() == [v["first"], v["second"]]


def answer_categories(screen: Screen, _v: Values) -> Iterator[bool]:
    yield len(screen.categories) < 2  # it asks for the first two


def answer_kinds(screen: Screen, v: Values) -> Iterator[bool]:
    yield _with_names(screen, v["list"], v["language"])


def answer_counts(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.total() == int(v["now"])
    yield screen.unused() == int(v["unused"])
    yield _with_counts(screen, v["list"], v["language"])


def answer_many_small(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.count(v["name"]) == int(v["count"]) < 10


def answer_train_empty(screen: Screen, v: Values) -> Iterator[bool]:
    yield screen.count(v["name"]) == 0


def answer_train_ready(screen: Screen, v: Values) -> Iterator[bool]:
    yield len(screen.categories) == int(v["count"])
    yield screen.can_train()


def answer_train_again(screen: Screen, _v: Values) -> Iterator[bool]:
    yield screen.run is not None
    yield screen.is_stale()
    yield screen.can_train()


def answer_train_done(screen: Screen, _v: Values) -> Iterator[bool]:
    yield screen.run is not None
    yield not screen.is_stale()


def answer_test_first(screen: Screen, _v: Values) -> Iterator[bool]:
    yield screen.run is None


def answer_test(screen: Screen, _v: Values) -> Iterator[bool]:
    yield screen.run is not None


def answer_why(screen: Screen, _v: Values) -> Iterator[bool]:
    yield screen.test is not None


OWN = (
    no_pictures, no_categories, one_category, empty_category, one_image, few_images, imbalance,
    overlap, alike_between, alike_within, goal_unmentioned, goal_heard, no_other, many_categories,
    unused, untrained, stale, stale_moved, gone, not_tested, tested_before, tested_known, wrong,
    undecided, unsure, unsure_right, all_sure, all_one, all_one_large, least_sure, said_so,
    confused, answer_categories, answer_categories_two, answer_categories_now, answer_kinds,
    answer_counts, answer_many_small, answer_train_empty, answer_train_ready, answer_train_again,
    answer_train_done, answer_test_first, answer_test, answer_why,
)  # fmt: skip
SHARED: dict[str, Claim] = {
    "no_goal": two_that_differ,
    "reflect_pair": two_that_differ,
    "reflect_viewpoint": holds_some,
    "reflect_edge": holds_several,
    "reflect_finer": holds_several,
    "reflect_task": has_a_task,
    "reflect_opposite": more_than_two,
    "begin_purpose": no_categories,
    "begin_pictures": three_pictures,
    "begin_view": no_categories,
}
CLAIMS: dict[str, Claim] = {one.__name__: one for one in OWN} | SHARED
# Texts for messages; which of them does justice to a message is for the test to say.
REPLIES = {
    "goal_heard", "greeting", "thanks", "agreed", "unsettled", "upset", "unclear", "heard",
    "cannot_answer",
}  # fmt: skip
# Texts that claim nothing but that the categories they name are there.
CLAIMLESS = {
    "reflect_level", "reflect_stranger", "answer_many", "answer_train",
    "answer_name", "answer_name_of", "answer_add", "answer_upload", "answer_change",
    "answer_where", "answer_wrong", "answer_sure", "answer_do", "answer_right", "answer_next",
    "answer_who", "answer_quiet", "answer_again",
}  # fmt: skip
