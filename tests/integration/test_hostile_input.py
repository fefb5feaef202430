"""What nobody should send ends in a clear sentence, on both databases, with nothing half done."""

import json
import os
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from duetml.live import log
from duetml.llm.client import ChatRequest, Chunk, Usage
from duetml.workspace.models import AgentCall, Category, Image, Message, Pool
from duetml.workspace.services import images, workspaces
from duetml.workspace.services.refusal import Refused
from duetml.workspace.work import advise
from evaluation.models import Comment, Rater
from evaluation.services import invitations
from tests.integration.test_workspace_images import browser, send
from tests.integration.test_workspace_socket import browsing, made
from tests.people import (
    BASELINE,
    DUETML,
    NOW,
    a_category,
    a_picture,
    a_workspace,
    do,
    images_of,
    kinds,
)
from tests.raters import NOW as RATED
from tests.raters import make_world, page_of

pytestmark = pytest.mark.django_db(transaction=True)

FAR_AWAY = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")


# --- names


@pytest.mark.parametrize(
    "name",
    ["", " \t\n", "\u200b\u200b", "\u200d", "\ufe0f", "\u3164", "\u2800\u2800", "\u202e", "\0"],
)
def test_a_name_that_nobody_could_see_is_no_name(name: str) -> None:
    workspace = a_workspace()
    with pytest.raises(Refused, match="empty_name"):
        do(workspace, "category.create", {"name": name})
    assert kinds(workspace) == ["workspace.opened"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Animals", "aNIMALS"),
        ("Animals", "Ａｎｉｍａｌｓ"),
        ("café", "cafe\u0301"),
        ("Straße", "STRASSE"),
        ("ガラス", "ｶﾞﾗｽ"),
        ("I", "İ"),
        ("ab", "a\u200db"),
        ("❤", "❤\ufe0f"),
        ("two words", "two  words "),
    ],
)
def test_names_a_person_reads_as_the_same_are_the_same(one: str, other: str) -> None:
    workspace = a_workspace()
    a_category(workspace, one)
    with pytest.raises(Refused, match="duplicate_name"):
        do(workspace, "category.create", {"name": other})
    assert Category.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["<b>x</b>", "x" * 80, "👨‍👩‍👧", "100 % {name} %(name)s", "\\u0000", "؟"]
)
def test_an_unusual_name_is_kept_as_it_was_typed(name: str) -> None:
    workspace = a_workspace()
    a_category(workspace, name)
    assert Category.objects.get().name == name


# --- socket


@pytest.mark.parametrize(
    "payload",
    [
        '{"name": 1e400}',
        '{"name": -1e400}',
        '{"name": NaN}',
        '{"name": 99999999999999999999}',
        '{"name": ' + "[" * 200 + "]" * 200 + "}",
        '{"name": ' + "9" * 5000 + "}",
        '["name"]',
        "null",
    ],
)
@pytest.mark.parametrize("late", [False, True])
async def test_a_payload_that_cannot_be_kept_is_refused_by_its_id(payload: str, late: bool) -> None:
    workspace, client = await made(), str(uuid4())
    if late:
        await database_sync_to_async(workspaces.close)(workspace.id, "clock", timezone.now())
    frame = f'{{"type": "do", "id": "{client}", "action": "category.create", "payload": {payload}}}'
    async with browsing(workspace) as tab:
        await tab.hear()
        await tab.say(frame)
        refused = await tab.hear()
    assert (refused["type"], refused["code"]) == ("refused", "bad_frame")
    assert refused["id"] == (None if "9" * 5000 in payload else client)  # no JSON to Python


async def test_halves_of_characters_and_nul_are_left_out_of_what_is_kept() -> None:
    workspace = await made(DUETML)
    async with browsing(workspace) as tab:
        await tab.hear()
        for action, payload in (
            ("category.create", {"name": "a\0b\ud83d"}),
            ("chat.post", {"text": "\udc00what\0?"}),
        ):
            await tab.do(action, payload)
        told = [(await tab.hear())["type"] for _ in range(4)]
    assert sorted(told) == ["ack", "ack", "event", "event"]
    assert await database_sync_to_async(Category.objects.get)(name="ab")
    assert await database_sync_to_async(Message.objects.get)(text="what?")


async def test_a_late_action_with_unstorable_words_is_recorded_all_the_same() -> None:
    workspace = await made()
    await database_sync_to_async(workspaces.close)(workspace.id, "clock", timezone.now())
    async with browsing(workspace) as tab:
        await tab.hear()
        await tab.do("category.create", {"name": "a\0\ud83d", "more": {"\0": [1.5, None]}})
        told = [await tab.hear(), await tab.hear()]
    assert [one["late"] for one in told if one["type"] == "ack"] == [True]
    assert await database_sync_to_async(log.verify)(workspace.stream)


@pytest.mark.parametrize("at", FAR_AWAY)
async def test_a_clock_of_another_age_stops_no_action(at: str) -> None:
    workspace = await made()
    frame = {"type": "do", "id": str(uuid4()), "action": "category.create", "at": at}
    async with browsing(workspace) as tab:
        await tab.hear()
        await tab.say(frame | {"payload": {"name": "land"}})
        told = {(await tab.hear())["type"] for _ in range(2)}
    assert told == {"ack", "event"}


# --- the baseline does not know the agents


AGENTS: dict[str, dict[str, Any]] = {
    "chat.post": {"text": "hello"},
    "chat.ask_data": {},
    "chat.ask_test": {},
    "chat.retry": {"call": str(uuid4())},
    "proactive.set": {"on": False},
}


@pytest.mark.parametrize("state", ["open", "closed"])
async def test_the_socket_of_the_baseline_tells_agents_from_nothing_by_no_sign(state: str) -> None:
    workspace, used = await made(BASELINE), str(uuid4())
    async with browsing(workspace) as tab:
        hello = await tab.hear()
        await tab.do("category.create", {"name": "land"}, used)
        await tab.hear()
        await tab.hear()
        if state == "closed":
            await database_sync_to_async(workspaces.close)(workspace.id, "clock", timezone.now())
            await tab.hear()
        for client in (used, str(uuid4())):
            answers = []
            for action, payload in [("no.such", {}), *AGENTS.items(), ("no.such.2", {"a": 1})]:
                for sent in (payload, {"wrong": 1}):
                    await tab.do(action, sent, client)
                    answers.append(await tab.hear())
            assert all(answer == answers[0] for answer in answers)
            assert answers[0]["code"] == "not_available"
        assert await tab.hears_nothing()
    words = json.dumps([hello, *await database_sync_to_async(kinds)(workspace)])
    assert not [
        word for word in ("chat", "agent", "ask", "proactive") if word in words.replace("task", "")
    ]


# --- uploads


@pytest.mark.parametrize(
    "name",
    [
        "a" * 300 + ".jpg",
        "a\x01\x7f.jpg",
        "\u202egpj.exe.jpg",
        "..\\..\\x.jpg",
        "猫.JPG",
        "%00.jpg",
    ],
)
def test_a_file_may_have_any_name(name: str) -> None:
    workspace = a_workspace()
    assert send(browser(workspace), workspace, a_picture(50), name)[0] == 200


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "x.svg"),
        (b"\xef\xbb\xbf <svg/>", "x.jpg"),
        (b"GIF89a/*<script>*/=1;", "x.gif"),
        (b"%PDF-1.4 " + a_picture(), "x.jpg"),
        (a_picture(), "x.svg"),
        (a_picture(), ".jpg"),
        (a_picture(), "jpg"),
    ],
)
def test_what_only_pretends_is_refused_and_leaves_nothing(data: bytes, name: str) -> None:
    workspace = a_workspace()
    status, told = send(browser(workspace), workspace, data, name)
    assert status == 422
    assert told["refused"]["message"].endswith((".", "can."))
    assert kinds(workspace) == ["workspace.opened"]


def test_what_is_hidden_behind_a_picture_is_not_kept() -> None:
    workspace = a_workspace()
    hidden = a_picture(50) + b"<script>alert(1)</script>"
    assert send(browser(workspace), workspace, hidden)[0] == 200
    kept = Image.objects.get(pk=images_of(workspace)[-1])
    assert b"script" not in default_storage.open(kept.full_path).read()


def test_two_files_in_one_request_are_refused_rather_than_one_lost() -> None:
    workspace = a_workspace()
    files = [SimpleUploadedFile(f"{n}.jpg", a_picture(50 + n)) for n in range(2)]
    address, fields = f"/workspace/{workspace.id}/upload/", {"id": str(uuid4())}
    for sent in ({"file": files}, {"file": files[0], "other": files[1]}):
        for file in files:
            file.seek(0)
        response = browser(workspace).post(address, fields | sent)
        assert response.json()["refused"]["code"] == "bad_payload"
    assert len(images_of(workspace)) == 6


@pytest.mark.parametrize(
    ("body", "kind", "statuses"),
    [
        (b"{}", "application/json", {422}),
        (b"", "multipart/form-data", {422}),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x", {400, 422}),
        (b"id=1&id=2", "application/x-www-form-urlencoded", {422}),
        (b"id=" + b"x" * 1_100_000, "application/x-www-form-urlencoded", {400}),
    ],
)
def test_a_body_that_is_no_upload_is_refused(body: bytes, kind: str, statuses: set[int]) -> None:
    workspace = a_workspace()
    address = f"/workspace/{workspace.id}/upload/"
    response = browser(workspace).generic("POST", address, body, content_type=kind)
    assert response.status_code in statuses
    assert kinds(workspace) == ["workspace.opened"]


@pytest.mark.parametrize("at", FAR_AWAY)
def test_an_upload_from_another_age_is_taken_in(at: str) -> None:
    workspace = a_workspace()
    assert send(browser(workspace), workspace, a_picture(50), at=at)[0] == 200


def test_a_full_workspace_writes_no_file_of_what_it_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_file(*_: object) -> None:
        raise AssertionError("written")

    workspace = a_workspace()
    monkeypatch.setattr(images, "MOST_IMAGES", 6)
    monkeypatch.setattr(images, "store", no_file)
    status, told = send(browser(workspace), workspace, a_picture(50))
    assert (status, told["refused"]["code"]) == (422, "too_many_images")


# --- raters


def rater_of(world: Any) -> Client:
    client = Client()
    client.force_login(world.raters[0].user)
    return client


@pytest.mark.parametrize("text", ["a\0b", "a\ud83db", "a\u202eb", "a\x1bb"])
def test_a_comment_keeps_its_words_without_what_cannot_be_kept(text: str) -> None:
    world = make_world(2, 1)
    address = page_of(world.raters[0], world.submissions[0]) + "comment/"
    body = json.dumps({"id": str(uuid4()), "at": FAR_AWAY[0], "text": text, "version": 0})
    response = rater_of(world).post(address, body, content_type="application/json")
    assert response.status_code == 200
    assert Comment.objects.get().text == "ab"


def test_endless_nesting_is_refused_and_not_an_error() -> None:
    world = make_world(2, 1)
    address = page_of(world.raters[0], world.submissions[0]) + "score/"
    response = rater_of(world).post(address, "[" * 100_000, content_type="application/json")
    assert response.status_code == 400


@pytest.mark.parametrize("name", ["ｓａｔｏ", "jose\u0301"])
def test_a_rater_can_log_in_again_by_the_name_they_chose(name: str) -> None:
    token = invitations.invite(make_world(0, 0).study, "", RATED)
    form = {"name": name, "password": "correct horse battery"}
    assert Client().post(f"/rating/join/{token}/", form).status_code == 302
    again = {"username": name, "password": form["password"]}
    assert Client().post("/login/", again).status_code == 302


@pytest.mark.parametrize("name", ["a\0b", "<b>", "x" * 151, " ", "\u200b"])
def test_a_name_that_is_no_name_makes_no_rater(name: str) -> None:
    token = invitations.invite(make_world(0, 0).study, "", RATED)
    form = {"name": name, "password": "correct horse battery"}
    assert Client().post(f"/rating/join/{token}/", form).status_code == 400
    assert not Rater.objects.exists()
    assert invitations.find(token) is not None


@pytest.mark.parametrize("token", ["x" * 5000, "é", "%00", "%ff", "%ed%a0%80", "..%2f", "' OR 1=1"])
def test_any_token_that_is_not_one_leads_nowhere(token: str) -> None:
    addresses = (f"/study/p/{token}/", f"/rating/join/{token}/", f"/study/preview/{token}/")
    assert {Client().get(address).status_code for address in addresses} <= {403, 404}


# --- what a vendor says


class Babble:
    """A vendor that answers in these pieces and counts as it likes."""

    def __init__(self, *pieces: str, model: str = "m", tokens: int = 1) -> None:
        self.pieces = pieces
        self.usage = Usage(tokens, tokens, model, "stop")

    def stream(self, request: ChatRequest) -> Iterator[Chunk]:
        for piece in self.pieces:
            yield Chunk(text=piece)
        yield Chunk(usage=self.usage)


@pytest.mark.parametrize(
    ("llm", "text"),
    [
        (Babble("<script>alert(1)</script>"), "<script>alert(1)</script>"),
        (Babble("a\0b\x1b[31m\x9dc\r\nd"), "ab[31mc\nd"),
        (Babble("good \ud83d", "\ude00 day"), "good 😀 day"),
        (Babble("half \ud83d"), "half"),
        (Babble("hm", model="x\0" * 500), "hm"),
        (Babble("hm", tokens=-1), "hm"),
        (Babble("hm", tokens=10**15), "hm"),
    ],
)
def test_whatever_a_vendor_says_is_shown_as_words_and_accounted_for(llm: Babble, text: str) -> None:
    workspace = a_workspace(DUETML, provider="openai")
    call = str(do(workspace, "chat.ask_data").result["call"])
    advise.answer_call(call, llm)
    assert AgentCall.objects.get().state == "done"
    assert Message.objects.get(author="reactive", call__id=call).text == text
    assert log.verify(workspace.stream)


def test_an_answer_without_a_visible_word_fails_and_may_be_asked_again() -> None:
    workspace = a_workspace(DUETML, provider="openai")
    call = str(do(workspace, "chat.ask_data").result["call"])
    advise.answer_call(call, Babble("\0\x1b", "\ud83d"))
    assert AgentCall.objects.get().error == "empty"
    assert do(workspace, "chat.retry", {"call": call}, now=NOW + timedelta(seconds=5))


# --- imports


def test_a_zip_file_with_impossible_names_gives_its_good_pictures(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(
            (".", "./", "", "/", "C:x.jpg", "a/../b.jpg", "ok.jpg", "深/ok.jpg")
        ):
            archive.writestr(zipfile.ZipInfo(name), a_picture(number))
    call_command("import_images", str(path), "--pool", "mine", stdout=StringIO())
    assert sorted(Pool.objects.get().entries.values_list("source", flat=True)) == [
        "ok.jpg",
        "深/ok.jpg",
    ]


def test_a_zip_file_of_a_future_version_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ok.jpg", a_picture())
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 6] = 255  # "version needed to extract" of the directory
    path.write_bytes(data)
    with pytest.raises(CommandError, match="is not a whole zip file"):
        call_command("import_images", str(path), "--pool", "mine", stdout=StringIO())


def test_a_file_name_that_is_no_text_is_imported(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.jpg")).write_bytes(a_picture())
    except OSError:
        pytest.skip("this file system takes no such name")
    call_command("import_images", str(tmp_path), "--pool", "mine", stdout=StringIO())
    assert Pool.objects.get().entries.get().source == "??.jpg"
