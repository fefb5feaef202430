"""What the offline advisor says is true of what is on the screen, in whatever life of a workspace.

Lives are drawn: categories made, renamed, merged and deleted, pictures put in and taken out,
trainings, tests, messages, buttons and remarks that come unasked, in English and Japanese. After
every piece of advice its claims (tests/claims.py) are held against the rows.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image as Pillow
from pytest_django import Settings

from duetml.features import PRESETS, AgentSettings, Features, ModelSettings, WorkspaceSettings
from duetml.prompts import load
from duetml.vision.intake import Picture, read_picture
from duetml.workspace.models import AgentCall, Message, Pool, Workspace
from duetml.workspace.services import pools, proactive, workspaces
from duetml.workspace.services.refusal import Refused
from duetml.workspace.work import advise, engine
from duetml.workspace.work import test as testing
from duetml.workspace.work import train as training
from duetml.workspace.work.embed import embed_images
from tests import claims
from tests.claims import CLAIMLESS, CLAIMS, PARTS, REPLIES, VERSION, Screen, falsehoods
from tests.conftest import WEIGHTS, data_folder
from tests.people import DUETML, NOW, a_picture, do

pytestmark = pytest.mark.django_db(transaction=True)

LIVES, MANY_LIVES, STEPS = 24, 200, 45
BEGINNINGS = [(0, 0), (3, 8), (0, 0), (8, 5), (2, 7)]  # categories, pictures in each
KINDS = ("leopard", "cougar", "dalmatian", "starfish", "crab", "llama")
OF_EACH = 7
NAMES = (
    "cats", "Spotted", "big cat", "Sea", "land & sea", "not food", "Other", "wild", "pets", "tame",
    "猫", "海のもの", "陸のもの", "その他", "食べられないもの", "斑点", "大きい動物", "「かぎ」",
    "“quoted”", "$name", "I see. ok", "👨\u200d👩 family", "x" * 80, "100 %", "picture 3", "a",
)  # fmt: skip
ADVICE = {"answer_next", "answer_add", "answer_train_ready", "answer_test", "answer_again"}
# What a person types, and the texts that do it justice; those that only lead on need no more.
CHAT: dict[str, set[str]] = {
    "I want to tell big cats from other animals": {"goal_heard", "heard"},
    "sort animals by where they live": {"goal_heard", "heard"},
    "危険な動物を見分けたいです": {"goal_heard", "heard"},
    "I moved the leopard to another place": {"goal_heard", "heard"},
    "hello": {"greeting"},
    "こんにちは": {"greeting"},
    "Thank you!": {"thanks"},
    "ありがとうございます": {"thanks"},
    "ok": {"agreed"},
    "いいえ": {"agreed"},
    "I don't know": {"unsettled"},
    "わかりません": {"unsettled"},
    "this is so boring": {"upset"},
    "つまらない": {"upset"},
    "???": {"unclear"},
    "How many pictures do I need?": {"answer_many", "answer_many_small", "answer_again"},
    "何枚ありますか？": {"answer_counts", *ADVICE},
    "How many pictures do I have so far?": {"answer_counts", *ADVICE},
    "カテゴリーはいくつ？": {"answer_categories", "answer_categories_two", "answer_categories_now",
                    "answer_again"},
    "Which categories should I make?": {"answer_kinds", *ADVICE},
    "How do I train it?": {"answer_train", "answer_train_empty", "answer_train_ready",
                           "answer_train_again", "answer_train_done", "answer_again"},
    "学習できないのですが": {"answer_train", "answer_train_empty", "answer_train_ready",
                    "answer_train_again", "answer_train_done", "answer_again"},
    "How can I test this?": {"answer_test", "answer_test_first", "answer_again"},
    "なぜ間違えるのですか": {"answer_wrong", "answer_again", "wrong"},
    "Why did it say that?": {"answer_why", "answer_wrong", "answer_again"},
    "What do the bars mean?": {"answer_sure", "answer_again"},
    "いい名前を教えて": {"answer_name", "answer_name_of", "answer_again"},
    "How do I add a category?": {"answer_add", "answer_again"},
    "自分の写真は使えますか": {"answer_upload", "answer_add", "answer_again"},
    "How do I delete one?": {"answer_change", "answer_again"},
    "Where do I put a whale?": {"answer_where", *ADVICE},
    "代わりに分けてください": {"answer_do"},
    "Is my data good?": {"answer_right"},
    "どうすればいいですか？": ADVICE,
    "help": ADVICE,
    "Who are you?": {"answer_who"},
    "Be quiet!": {"answer_quiet", "answer_again"},
    "Is a snake a reptile?": {"cannot_answer"},
    "天気はどうですか？": {"cannot_answer"},
}  # fmt: skip


def test_every_text_is_known_to_the_checker() -> None:
    texts = load("offline", VERSION, "en").phrases().keys() - set(PARTS)

    assert texts == CLAIMS.keys() | REPLIES | CLAIMLESS


@pytest.fixture(autouse=True)
def _nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test does the workers' work itself, when it wants it done."""
    monkeypatch.setattr("duetml.jobs.send", lambda job, **ids: None)


@pytest.fixture
def pool(settings: Settings) -> Iterator[Pool]:
    """Photographs seen with real weights where they are there, drawn pictures otherwise."""
    data = data_folder()
    if (data / WEIGHTS).is_file():
        settings.BACKBONE_PATH = data / WEIGHTS
    engine._loaded.cache_clear()
    made = pools.get_or_create("animals", "made for tests", NOW)
    for kind, picture in pictures(data / "images" / "animals"):
        pools.add(made, picture, f"{kind}.jpg", NOW)
    embed_images([str(one) for one in made.entries.values_list("image_id", flat=True)])
    yield made
    engine._loaded.cache_clear()


def pictures(folder: Path) -> Iterator[tuple[str, Picture]]:
    """Of some kinds; one of each again, hardly changed."""
    if not folder.is_dir():
        for number in range(len(KINDS) * OF_EACH):
            yield f"drawn/{number}", read_picture(a_picture(number), "p.jpg")
        return
    for kind in KINDS:
        files = sorted((folder / kind).glob("*.jpg"))[:OF_EACH]
        for file in files:
            yield f"{kind}/{file.stem}", read_picture(file.read_bytes(), file.name)
        yield f"{kind}/again", read_picture(hardly_changed(files[0]), "again.jpg")


def hardly_changed(file: Path) -> bytes:
    out = BytesIO()
    with Pillow.open(file) as picture:
        picture.convert("RGB").crop((1, 1, picture.width - 1, picture.height - 1)).save(out, "JPEG")
    return out.getvalue()


class Life:
    """A workspace, and what happens in it. Whatever is refused leaves no trace."""

    def __init__(self, pool: Pool | None, features: Features, language: str, seed: int) -> None:
        self.draw = Random(seed)
        self.language = language
        self.now = NOW + timedelta(days=seed)
        self.advice: Counter[str] = Counter()
        agents = AgentSettings(provider="offline")
        texts = agents.prompts | {"offline": VERSION}
        self.workspace = workspaces.create(
            WorkspaceSettings(
                features=features,
                agents=agents.model_copy(update={"prompts": texts}),
                model=ModelSettings(weights="untrained"),
            ),
            task=self.draw.choice(["", "Classify the animals in any way you like."]),
            language=language,
            pool=pool.name if pool else None,
            images=None,
            seed=seed,
            closes_at=None,
            now=self.now,
        )

    def begin(self, names: Sequence[str], pictures: int) -> None:
        """These categories with so many pictures each, learnt from: most lives never get there by
        themselves."""
        offered = self.offered()
        for number, name in enumerate(names):
            self.act("category.create", name=name)
            made = self.workspace.categories.order_by("-position").values_list("id", flat=True)[0]
            some = offered[number * pictures :][:pictures]
            self.act("images.add", category=str(made), images=some)
        self.learn()

    def act(self, action: str, **payload: Any) -> str | None:
        """The id of the call that it started, if any."""
        self.now += timedelta(seconds=7)
        try:
            done = do(self.workspace, action, payload, now=self.now)
        except Refused:
            return None
        return str(done.result.get("call"))

    def offered(self) -> list[str]:
        return [str(one.image_id) for one in self.workspace.offered.order_by("position")]

    def category(self) -> str:
        known = list(self.workspace.categories.filter(deleted_at=None))
        return str(self.draw.choice(known).id) if known else str(uuid4())

    def some_pictures(self, most: int) -> list[str]:
        offered = self.offered()
        return self.draw.sample(offered, min(self.draw.randint(1, most), len(offered)))

    def used_or_not(self, most: int) -> list[str]:
        """Some pictures, all of them in categories or all of them in none."""
        placed = set(map(str, self.workspace.categories.filter(deleted_at=None).exclude(
            placements=None).values_list("placements__image_id", flat=True)))  # fmt: skip
        wants_used = self.draw.random() < 0.5
        return [one for one in self.some_pictures(4 * most) if (one in placed) == wants_used][:most]

    def step(self) -> None:
        steps = {
            self.make: 3, self.fill: 9, self.rename: 2, self.delete: 1, self.merge: 1,
            self.take_out: 2, self.undo: 1, self.train: 6, self.test: 7, self.talk: 8, self.ask: 8,
            self.be_spoken_to: 6,
        }  # fmt: skip
        self.draw.choices(list(steps), list(steps.values()))[0]()

    def make(self) -> None:
        self.act("category.create", name=self.draw.choice(NAMES))

    def fill(self) -> None:
        most = self.draw.choice([1, 3, 8, 16])
        self.act("images.add", category=self.category(), images=self.some_pictures(most))

    def rename(self) -> None:
        self.act("category.rename", category=self.category(), name=self.draw.choice(NAMES))

    def delete(self) -> None:
        self.act("category.delete", category=self.category())

    def merge(self) -> None:
        self.act("category.merge", category=self.category(), into=self.category())

    def take_out(self) -> None:
        self.act("images.remove", images=self.some_pictures(6))

    def undo(self) -> None:
        self.act(self.draw.choice(["history.undo", "history.redo"]))

    def train(self) -> None:
        self.act("training.start")
        if self.draw.random() < 0.9:  # else it stays under way for a while
            self.finish_training()

    def learn(self) -> None:
        self.act("training.start")
        self.finish_training()

    def finish_training(self) -> None:
        for run in self.workspace.training_runs.filter(state="queued"):
            training.train_run(str(run.id))

    def test(self) -> None:
        choose = self.draw.choice([self.some_pictures, self.used_or_not])
        self.act("test.start", images=choose(6))
        self.finish_tests()

    def finish_tests(self) -> None:
        for test in self.workspace.test_runs.filter(state="queued"):
            testing.test_run(str(test.id))

    def talk(self) -> None:
        self.hear(self.act("chat.post", text=self.draw.choice(list(CHAT))))

    def ask(self) -> None:
        self.hear(self.act(self.draw.choice(["chat.ask_data", "chat.ask_test"])))

    def be_spoken_to(self) -> None:
        self.now += timedelta(seconds=61)
        rows = Workspace.objects.filter(pk=self.workspace.pk)
        rows.update(proactive_at=self.now, seen_at=self.now)
        proactive.speak_up(self.now)
        call = AgentCall.objects.filter(workspace=self.workspace, state="queued").first()
        self.hear(str(call.id) if call else None)

    def hear(self, call: str | None) -> None:
        """The advice, once it is there, against what is on the screen."""
        if call is None:
            return
        advise.answer_call(call)
        said = Message.objects.get(call=UUID(call), author__in=["reactive", "proactive"]).text
        screen = Screen.of(self.workspace)
        false = falsehoods(said, screen, self.language, CHAT)
        assert not false, f"{said}\n{false}\n{screen.names()}"
        self.advice.update(one.key for one in claims.readings(said, self.language)[0])
        self.lie(said, screen)

    def lie(self, said: str, screen: Screen) -> None:
        """The same words with one thing changed are found out."""
        for lie in lies(said, self.language):
            assert falsehoods(lie, screen, self.language, CHAT), f"not found out: {lie}"


def lies(said: str, language: str) -> Iterator[str]:
    """A count, a percentage, a picture's number or a name that is another than it was."""
    reading = claims.readings(said, language)[0]
    values = {name: value for one in reading for name, value in one.values.items()}
    opening, closing = claims.QUOTES[language]
    for name, value in values.items():
        if re.fullmatch(r"\d+", value):
            yield re.sub(rf"(?<!\d){value}(?!\d| %)", str(int(value) + 1), said)
        elif re.fullmatch(r"\d+ %", value):
            yield said.replace(value, f"{int(value.split()[0]) + 1} %")
        elif name == "picture":
            yield said.replace(value, f"{value}000")  # one that nobody offered
        elif name in claims.NAMES:
            yield said.replace(f"{opening}{value}{closing}", f"{opening}{value}2{closing}")


def live(pool: Pool, seeds: range, steps: int) -> Counter[str]:
    """So many lives; how often each text was said."""
    told: Counter[str] = Counter()
    for seed in seeds:
        features = PRESETS["studio"] if seed % 3 == 2 else DUETML
        life = Life(pool if seed % 7 else None, features, "ja" if seed % 2 else "en", seed)
        categories, pictures_in_each = BEGINNINGS[seed % len(BEGINNINGS)]
        life.begin(life.draw.sample(NAMES, categories), pictures_in_each)
        for _ in range(steps):
            life.step()
        told += life.advice
    return told


def test_advice_is_true_in_random_lives(pool: Pool) -> None:
    told = live(pool, range(LIVES), STEPS)

    assert sum(told.values()) > 100
    assert len(told) > 40


@pytest.mark.faults
def test_advice_is_true_in_many_random_lives(pool: Pool) -> None:
    told = live(pool, range(MANY_LIVES), STEPS)

    never = (CLAIMS.keys() | REPLIES | CLAIMLESS) - told.keys()
    assert not never, f"never said: {never}"


# Texts that are not so in a workspace with nothing in it …
FALSE_WHEN_NEW = {
    "no_pictures": {},
    "one_category": {"name": "cats"},
    "untrained": {},
    "not_tested": {"name": "cats"},
    "tested_before": {},
    "tested_known": {},
    "reflect_level": {"name": "cats"},
    "answer_train_again": {},
    "answer_train_done": {},
    "answer_test": {},
    "answer_why": {},
    "goal_heard": {"goal": "sort animals by where they live", "advice": ""},
}
# … and in one with three categories, learnt from and tested, where the bars were asked about.
FALSE_WHEN_TESTED = {
    "no_pictures": {},
    "no_categories": {},
    "begin_purpose": {},
    "begin_pictures": {},
    "begin_view": {},
    "untrained": {},
    "not_tested": {"name": "cats"},
    "tested_before": {},
    "tested_known": {},
    "stale_moved": {"now": "21"},
    "no_other": {"count": "3"},
    "answer_test_first": {},
    "answer_train_again": {},
    "answer_train_ready": {"count": "3"},
    "answer_train": {},
    "thanks": {"advice": ""},
    "cannot_answer": {"advice": ""},
}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_planted_lie_is_found_out(pool: Pool, language: str) -> None:
    life = Life(pool, DUETML, language, seed=1)
    found = {key for key, values in FALSE_WHEN_NEW.items() if is_lie(key, values, life)}
    assert found == FALSE_WHEN_NEW.keys()

    life.begin(["cats", "dogs", "Other"], 7)
    life.act("test.start", images=life.offered()[-3:])
    life.finish_tests()
    life.act("chat.post", text="What do the bars mean?")
    found = {key for key, values in FALSE_WHEN_TESTED.items() if is_lie(key, values, life)}
    assert found == FALSE_WHEN_TESTED.keys()


@pytest.mark.parametrize(
    "said",
    [
        "The AI has not learned from your pictures.",  # none of the texts
        "I see. There are no categories yet. Which? " * 9,
        "あなたは実験の参加者です。",
    ],
)
def test_what_no_text_says_is_found_out(said: str) -> None:
    assert falsehoods(said, Screen.of(Life(None, DUETML, "en", seed=1).workspace), "en", CHAT)


def is_lie(key: str, values: dict[str, str], life: Life) -> bool:
    """Whether the checker objects to this text, said with these values here and now."""
    opening, closing = claims.QUOTES[life.language]
    filled = {
        name: f"{opening}{value}{closing}" if name in claims.NAMES else value
        for name, value in values.items()
    }
    if "advice" in filled:  # something true to lead on to
        filled["advice"] = (
            load("offline", VERSION, life.language).phrases()["answer_wrong"].template
        )
    said = load("offline", VERSION, life.language).phrases()[key].substitute(filled)
    return bool(falsehoods(said, Screen.of(life.workspace), life.language, CHAT))
