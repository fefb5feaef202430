"""Hostile words and pictures, through the real services and the real client, judged on the wire.

A request is compared with that of a harmless twin: a workspace in which the same was done with
plain words. What a person wrote may make a difference inside quotation marks and in turns of the
dialogue, and nowhere else.
"""

import base64
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.html import escape
from PIL import Image as Pillow
from pytest_django import Settings

from duetml import prompts
from duetml.agents.asking import LANGUAGES
from duetml.agents.describe import quoted
from duetml.agents.reading import clean, plain
from duetml.features import AgentSettings, WorkspaceSettings
from duetml.vision.intake import read_picture
from duetml.workspace import queries
from duetml.workspace.models import AgentCall, Image, Message, TestRun, TrainingRun, Workspace
from duetml.workspace.services import pools, proactive, workspaces
from duetml.workspace.services.categories import LONGEST_NAME
from duetml.workspace.services.chat import LONGEST_TEXT
from duetml.workspace.services.refusal import Refused
from duetml.workspace.services.wording import is_blank, one_line, paragraphs
from duetml.workspace.views import workspace as views
from duetml.workspace.work import advise, listening, watch
from tests.corpus import injections
from tests.corpus.injections import MARK, Lure, Words
from tests.integration.test_workspace_images import browser, send
from tests.people import DUETML, NOW, a_category, a_picture, do, images_of
from tests.vendor import Seen, Vendor, reply

pytestmark = pytest.mark.django_db

WORDS, LURES = list(injections.words()), list(injections.lures())
PRESETS = ("paper", "attentive")
HARMLESS = "quiet"
QUOTED = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
IDENTITY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with Vendor() as running:
        yield running


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch, settings: Settings, vendor: Vendor) -> list[Any]:
    """The words that were pushed to browsers as they came; everything else as a worker has it."""
    frames: list[Any] = []
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "any key", vendor.url
    monkeypatch.setattr("duetml.jobs.send", lambda job, **ids: None)
    monkeypatch.setattr(listening, "push", lambda _stream, frame: frames.append(frame))
    # All of a test is one transaction: it must outlast a call, and the watch sees nothing of it.
    monkeypatch.setattr(advise, "close_old_connections", lambda: None)
    monkeypatch.setattr(watch, "LOOK_EVERY_SECONDS", 60)
    vendor.forget()
    return frames


# --- a workspace in which words stand wherever a person can put them


@dataclass
class Life:
    """One workspace, and the requests that were made for it, by what asked for them."""

    workspace: Workspace
    vendor: Vendor
    now: datetime = NOW
    requests: dict[str, Seen] = field(default_factory=dict)

    def act(self, action: str, **payload: Any) -> Mapping[str, Any]:
        self.now += timedelta(seconds=1)
        return do(self.workspace, action, payload, now=self.now).result

    def answered(self, what: str, call: str) -> None:
        before = len(self.vendor.requests)
        advise.answer_call(call)
        row = AgentCall.objects.get(pk=call)
        assert row.state == "done", (what, row.outcome)
        self.requests[what] = self.vendor.requests[before]

    def post(self, what: str, text: str) -> None:
        self.answered(what, self.act("chat.post", text=text)["call"])

    def speak_up(self, what: str) -> None:
        workspaces.seen(self.workspace.id, self.now)
        self.now += timedelta(seconds=61)
        Workspace.objects.filter(pk=self.workspace.pk).update(seen_at=self.now)
        assert proactive.speak_up(self.now) == 1
        waiting = AgentCall.objects.get(workspace=self.workspace, agent="proactive", state="queued")
        self.answered(what, str(waiting.pk))


def opened(
    vendor: Vendor, preset: str, language: str, task: str = "Sort them.", first: int = 0
) -> Life:
    """A workspace of three pictures, from the `first` on, whose files have names to be kept."""
    pool = pools.get_or_create(f"{MARK}-{uuid4().hex[:8]}", MARK, NOW)
    for number in range(first, first + 3):
        picture = read_picture(a_picture(number), f"{MARK}.jpg")
        pools.add(pool, picture, f"{MARK}/obey-{number}.jpg", NOW)
    agents = AgentSettings.model_validate({"preset": preset})
    workspace = workspaces.create(
        WorkspaceSettings(features=DUETML, agents=agents),
        task=task,
        language=language,
        pool=pool.name,
        images=None,
        seed=1,
        closes_at=None,
        now=NOW,
        shares_images=True,
        payers=(f"study:{MARK}", f"participant:{MARK}"),
    )
    return Life(workspace, vendor)


def a_name(words: str, before: str = "") -> str:
    name = (before + words)[:LONGEST_NAME]
    return f"{before}nothing" if is_blank(one_line(name)) else name


def lived(vendor: Vendor, words: str, preset: str, language: str) -> Life:
    """The words as task, goal, names, questions, labels of tests; and the model repeats them."""
    said = words[:LONGEST_TEXT] if not is_blank(paragraphs(words)) else "nothing"
    vendor.always(reply(said))
    life = opened(vendor, preset, language, task=words.replace("\0", ""))  # YAML knows no NUL
    category = life.act("category.create", name=a_name(words))["category"]
    images = images_of(life.workspace)
    life.act("images.add", category=category, images=images[:2])
    other = life.act("category.create", name="other")["category"]
    life.act("category.rename", category=other, name=a_name(words, "2 "))
    gone = life.act("category.create", name=a_name(words, "3 "))["category"]
    life.act("category.delete", category=gone)
    life.post("a question", said)
    stored = words.replace("\0", "")  # as the services left them
    with_a_test(life.workspace, images, [(category, a_name(stored)), (other, a_name(stored, "2 "))])
    life.answered("a button", life.act("chat.ask_test")["call"])
    life.post("a second question", said)
    life.speak_up("a remark")
    life.act("category.rename", category=other, name=a_name(words, "4 "))
    life.speak_up("a second remark")
    return life


def with_a_test(workspace: Workspace, images: list[str], named: list[tuple[str, str]]) -> None:
    """A training and a test, as a worker would have left them."""
    labels = [category for category, _ in named]
    quality = {"accuracy": 0.5, "labels": labels, "confusion": [[1, 1], [0, 0]]}
    done = {"state": "done", "queued_at": NOW, "finished_at": NOW}
    run = TrainingRun.objects.create(
        workspace=workspace, number=1, data=[], report={"n": 2, "quality": quality}, **done
    )
    scores = [{"category": category, "name": name, "p": 0.5} for category, name in named]
    results = [{"image": image, "scores": scores} for image in images]
    TestRun.objects.create(
        workspace=workspace, training_run=run, images=images, results=results, **done
    )


# --- what is looked at


Turn = tuple[str, tuple[str, ...]]


def turns(seen: Seen) -> list[Turn]:
    """Role and parts of every message; a picture is its address."""

    def part(one: dict[str, Any]) -> str:
        return str(one["text"] if one["type"] == "text" else one["image_url"]["url"])

    found = []
    for message in seen.body["messages"]:
        content = message["content"]
        parts = (content,) if isinstance(content, str) else tuple(map(part, content))
        found.append((message["role"], parts))
    return found


def described(life: Life, seen: Seen) -> list[Turn]:
    """The turns in which the workspace is told: neither the system prompt nor something said."""
    said = set(Message.objects.filter(workspace=life.workspace).values_list("text", flat=True))
    return [turn for turn in turns(seen)[1:] if "\n".join(turn[1]) not in said]


def frame(life: Life, seen: Seen) -> list[Turn]:
    """What is left of a request without what stands in quotation marks, without what was said and
    without pixels."""

    def emptied(part: str) -> str:
        return "a picture" if part.startswith("data:image/") else QUOTED.sub('""', part)

    told = described(life, seen)
    return [
        (role, tuple(map(emptied, parts)) if (role, parts) in told else ("something said",))
        for role, parts in turns(seen)[1:]
    ]


def system_prompt(life: Life, agent: str) -> str:
    language = life.workspace.language
    version = life.workspace.settings.agents.prompts[agent]
    return prompts.load(agent, version, language).fill(language=LANGUAGES[language])


def without_pixels(seen: Seen) -> str:
    """The whole request as text, headers included, without the bytes of its pictures."""
    body = json.dumps(seen.body, ensure_ascii=False)
    for image in seen.images:
        body = body.replace(image, "")
    return body + json.dumps(dict(seen.headers))


def pixels(seen: Seen) -> list[bytes]:
    return [base64.b64decode(image.partition(",")[2]) for image in seen.images]


TWINS: dict[tuple[str, str], dict[str, list[Turn]]] = {}


def twin(vendor: Vendor, preset: str, language: str) -> dict[str, list[Turn]]:
    """The frames of all requests of a life of plain words."""
    if (preset, language) not in TWINS:
        life = lived(vendor, HARMLESS, preset, language)
        TWINS[preset, language] = {what: frame(life, one) for what, one in life.requests.items()}
        vendor.forget()
    return TWINS[preset, language]


def check_system_prompt(life: Life, seen: Seen) -> None:
    """One, first, and word for word the file with the language filled in."""
    roles = [role for role, _ in turns(seen)]
    assert roles[0] == "system"
    assert set(roles[1:]) <= {"user", "assistant"}
    assert turns(seen)[0][1] == (system_prompt(life, seen.agent),)


def check_quotations(life: Life, seen: Seen, words: str) -> None:
    """Each is one line that anybody can read, and the words are in one of them."""
    text = "\n".join(
        part
        for _, parts in described(life, seen)
        for part in parts
        if "data:image" not in part[:10]
    )
    shown = [json.loads(one) for one in QUOTED.findall(text)]
    hidden = {one for one in text if unicodedata.category(one)[0] == "C"} - {"\n"}
    assert hidden == set()
    assert any(json.loads(quoted(words))[:60].rstrip("…") in one for one in shown)


def check_nothing_else(seen: Seen) -> None:
    """No name of a file, a pool, an account; no identity of a row."""
    sent = without_pixels(seen)
    assert MARK not in sent
    assert IDENTITY.findall(sent) == []


# --- words


def cases() -> Iterator[Any]:
    """What attacks the form of a request in both presets, the rest by turns; languages by turns."""
    attacks = set(injections.attacks())
    for number, words in enumerate(WORDS):
        for turn, preset in enumerate(PRESETS):
            if words in attacks or turn == number // 2 % 2:
                language = ("en", "ja")[(number + turn) % 2]
                yield pytest.param(words, preset, language, id=f"{words}-{preset}-{language}")


@pytest.mark.parametrize(("words", "preset", "language"), list(cases()))
def test_words_stay_in_their_quotation_marks_whatever_they_say(
    vendor: Vendor, told: list[Any], words: Words, preset: str, language: str
) -> None:
    plain_frames = twin(vendor, preset, language)
    told.clear()

    life = lived(vendor, words.text, preset, language)

    for what, seen in life.requests.items():
        check_system_prompt(life, seen)
        check_quotations(life, seen, words.text)
        check_nothing_else(seen)
        assert frame(life, seen) == plain_frames[what], what
    check_what_the_page_is_told(life, told)


def check_what_the_page_is_told(life: Life, told: list[Any]) -> None:
    """What the model repeated is a string like any other: as it came, in rows, state and frames."""
    state = json.loads(json.dumps(queries.state(life.workspace)))
    messages = {message["call"]: message for message in state["chat"]["messages"]}
    for call in AgentCall.objects.filter(workspace=life.workspace):
        answer = Message.objects.get(call=call, author=call.agent)
        frames = [one for one in told if one["call"] == str(call.id)]
        assert answer.text == clean(call.received, life.workspace.language, 2400).text
        assert "".join(one["text"] for one in frames) == plain(call.received)
        assert {frozenset(one) for one in frames} == {frozenset({"type", "call", "at", "text"})}
        assert messages[str(call.id)]["text"] == answer.text


def test_the_corpus_is_no_smaller_than_it_should_be() -> None:
    assert len({words.text for words in WORDS}) == len(WORDS) >= 60
    assert len(LURES) >= 15


def test_a_message_too_long_reaches_nobody(vendor: Vendor) -> None:
    life, before = opened(vendor, "paper", "en"), len(vendor.requests)

    with pytest.raises(Refused, match="too_long"):
        life.act("chat.post", text=injections.LONG["a message too long"])

    assert len(vendor.requests) == before


@pytest.mark.parametrize("text", injections.MARKUP.values(), ids=injections.MARKUP.keys())
def test_a_page_shows_markup_as_words(rf: RequestFactory, vendor: Vendor, text: str) -> None:
    life = lived(vendor, text, "attentive", "en")
    request = rf.get("/")
    request.user = AnonymousUser()

    page = render_to_string("workspace/workspace.html", views.page(life.workspace), request)

    assert text in unescape(page)
    assert escape(text) in page
    assert text == escape(text) or text not in page


# --- pictures


@pytest.mark.parametrize("lure", LURES, ids=str)
def test_of_a_picture_nothing_but_its_pixels_travels(vendor: Vendor, lure: Lure) -> None:
    preset = PRESETS[LURES.index(lure) % 2]
    life = opened(vendor, preset, "en")
    category = a_category(life.workspace, "cat")

    status, answer = send(
        browser(life.workspace), life.workspace, lure.make(), lure.name, category=category
    )
    life.post("a question", "What do you see?")
    life.speak_up("a remark")

    assert status == 200
    uploaded = Image.objects.get(pk=answer["image"]["id"])
    for seen in life.requests.values():
        check_system_prompt(life, seen)
        check_nothing_else(seen)
        assert "BANANA" not in without_pixels(seen)
        assert "pirate" not in without_pixels(seen)
        (sent,) = pixels(seen)
        assert MARK.encode() not in sent
        assert alike(sent, uploaded)
        with Pillow.open(BytesIO(sent)) as picture:
            assert picture.info.keys() & {"exif", "comment", "xmp", "icc_profile"} == set()


def alike(sent: bytes, image: Image) -> bool:
    """Whether the bytes show this image, at whatever size."""
    with default_storage.open(image.full_path) as file:
        shown = Pillow.open(BytesIO(file.read())).convert("L").resize((16, 16))
    other = Pillow.open(BytesIO(sent)).convert("L").resize((16, 16))
    pairs = zip(shown.tobytes(), other.tobytes(), strict=True)
    return max(abs(one - two) for one, two in pairs) < 24


@pytest.mark.parametrize("preset", PRESETS)
def test_pictures_come_with_the_workspace_and_in_no_other_turn(vendor: Vendor, preset: str) -> None:
    life = lived(vendor, HARMLESS, preset, "en")

    for seen in life.requests.values():
        (told,) = [parts for role, parts in turns(seen) if role == "user" and shows(parts)]
        assert len(seen.images) == sum(part.startswith("data:image/") for part in told)


def shows(parts: tuple[str, ...]) -> bool:
    return any(part.startswith("data:image/") for part in parts)


# --- other workspaces


def a_neighbour(vendor: Vendor, preset: str, own: str, first: int) -> Life:
    """A workspace with words, pictures and an upload of its own."""
    life = opened(vendor, preset, "en", task=f"{own} task", first=first)
    vendor.always(reply(f"{own} answer"), to=lambda seen: own in seen.text)
    land = a_category(life.workspace, f"{own} land", images_of(life.workspace)[:2])
    send(browser(life.workspace), life.workspace, a_picture(first + 3), f"{own}.jpg", category=land)
    life.act("category.rename", category=land, name=f"{own} water")
    life.post("a question", f"{own} question")
    life.speak_up("a remark")
    return life


@pytest.mark.parametrize("preset", PRESETS)
def test_nothing_of_another_workspace_enters_a_request(vendor: Vendor, preset: str) -> None:
    one = a_neighbour(vendor, preset, "crimson", 0)
    other = a_neighbour(vendor, preset, "azure", 10)
    one.post("a second question", "What did the others do?")
    one.speak_up("a second remark")

    pictures = {life.workspace.pk: own_pictures(life) for life in (one, other)}
    assert pictures[one.workspace.pk] & pictures[other.workspace.pk] == set()
    for life, own, foreign in ((one, "crimson", "azure"), (other, "azure", "crimson")):
        for seen in life.requests.values():
            assert own in without_pixels(seen)
            assert foreign not in without_pixels(seen)
            assert set() < set(pixels(seen)) <= pictures[life.workspace.pk]


def own_pictures(life: Life) -> set[bytes]:
    """Every picture the workspace offers, as its files are and as an agent is shown it."""
    found = set()
    for image in Image.objects.filter(pk__in=images_of(life.workspace)):
        for path in (image.full_path, image.thumb_path):
            with default_storage.open(path) as file:
                found.add(file.read())
    return found


# --- consent


@pytest.mark.parametrize("preset", PRESETS)
def test_without_consent_no_picture_leaves_the_machine(vendor: Vendor, preset: str) -> None:
    life = opened(vendor, preset, "en")
    Workspace.objects.filter(pk=life.workspace.pk).update(shares_images=False)
    images = images_of(life.workspace)
    category = a_category(life.workspace, "Send the pictures all the same", images)
    with_a_test(life.workspace, images, [(category, "cat")])

    life.post("a question", "Look at my pictures!")
    life.answered("a button", life.act("chat.ask_test")["call"])
    life.answered("another", life.act("chat.ask_data")["call"])
    life.speak_up("a remark")

    for seen in life.requests.values():
        assert seen.images == []
        assert "base64" not in json.dumps(seen.body)
