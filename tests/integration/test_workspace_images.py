"""Pictures over HTTP: who may see them, which files are taken in, what is said of the others."""

import json
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import StopUpload
from django.test import Client

from duetml.vision.intake import read_picture
from duetml.workspace import forms
from duetml.workspace.models import Image, Workspace
from duetml.workspace.services import files, workspaces
from tests.people import (
    BASELINE,
    NOW,
    a_category,
    a_picture,
    a_workspace,
    an_image,
    do,
    images_of,
    kinds,
)

pytestmark = pytest.mark.django_db


def browser(*granted: Workspace, csrf: bool = False) -> Client:
    client = Client(enforce_csrf_checks=csrf)
    session = client.session
    session["workspaces"] = [str(workspace.id) for workspace in granted]
    session.save()
    return client


def send(
    client: Client, workspace: Workspace, data: bytes, name: str = "cat.jpg", **fields: str
) -> tuple[int, dict[str, Any]]:
    file = SimpleUploadedFile(name, data)
    values = {"id": str(uuid4()), "at": "2026-01-05T09:00:00Z"} | fields
    response = client.post(f"/workspace/{workspace.id}/upload/", values | {"file": file})
    return response.status_code, response.json()


def test_a_picture_is_shown_in_both_sizes_and_may_be_kept() -> None:
    workspace = a_workspace()
    image = images_of(workspace)[0]
    for size in ("thumb", "full"):
        response = browser(workspace).get(f"/workspace/{workspace.id}/image/{image}/{size}.jpg")
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.content.startswith(b"\xff\xd8\xff")
        assert "private" in response.headers["Cache-Control"]


def test_pictures_of_others_are_not_there() -> None:
    mine, theirs = a_workspace(pictures=1), a_workspace(pictures=3)
    client = browser(mine)
    foreign = images_of(theirs)[-1] if images_of(theirs)[-1] not in images_of(mine) else None
    foreign = foreign or next(i for i in images_of(theirs) if i not in images_of(mine))
    addresses = [
        f"/workspace/{theirs.id}/image/{foreign}/thumb.jpg",
        f"/workspace/{mine.id}/image/{foreign}/thumb.jpg",
        f"/workspace/{mine.id}/image/{images_of(mine)[0]}/other.jpg",
    ]
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]


def test_an_upload_becomes_an_image_in_its_category() -> None:
    workspace = a_workspace()
    category = a_category(workspace, "land")
    status, answer = send(browser(workspace), workspace, a_picture(50), category=category)
    assert status == 200
    assert answer["image"] == {
        "id": images_of(workspace)[-1],
        "origin": "upload",
        "category": category,
    }
    assert kinds(workspace)[-1] == "image.uploaded"


def test_the_same_picture_again_is_the_same_image() -> None:
    workspace = a_workspace()
    client = browser(workspace)
    first = send(client, workspace, a_picture(50))[1]
    second = send(client, workspace, a_picture(50), name="copy.jpeg")[1]
    assert first["image"] == second["image"]
    assert second["seq"] == first["seq"] + 1
    assert len(images_of(workspace)) == 7


def test_a_picture_of_the_pool_uploaded_again_stays_a_picture_of_the_pool() -> None:
    workspace = a_workspace()
    answer = send(browser(workspace), workspace, a_picture(0))[1]
    assert answer["image"]["origin"] == "pool"
    assert len(images_of(workspace)) == 6


def test_the_same_id_again_gets_the_same_answer() -> None:
    workspace = a_workspace()
    client, identity = browser(workspace), str(uuid4())
    once = send(client, workspace, a_picture(50), id=identity)
    again = send(client, workspace, a_picture(51), id=identity)
    assert once == again
    assert len(images_of(workspace)) == 7


def test_the_id_of_another_action_is_no_upload() -> None:
    workspace = a_workspace()
    identity = uuid4()
    do(workspace, "category.create", {"name": "land"}, client=identity)
    status, answer = send(browser(workspace), workspace, a_picture(50), id=str(identity))
    assert (status, answer["refused"]["code"]) == (422, "bad_payload")


def test_a_late_upload_is_recorded_and_nothing_is_kept() -> None:
    workspace = a_workspace()
    workspaces.close(workspace.id, "clock", NOW)
    status, answer = send(browser(workspace), workspace, a_picture(50))
    assert (status, answer["image"], answer["late"]) == (200, None, True)
    assert kinds(workspace)[-1] == "action.late"
    assert len(images_of(workspace)) == 6


@pytest.mark.parametrize(
    ("data", "name", "code", "message"),
    [
        (b"no picture", "notes.png", "not_an_image", "“notes.png” is not an image."),
        (b"", "none.png", "empty", "“none.png” is empty."),
        (a_picture(), "cat.png", "wrong_extension", "“cat.png” holds a JPEG image"),
        (a_picture(side=400)[:-300], "cut.jpg", "truncated", "“cut.jpg” is damaged"),
        (b"x" * 10_000_001, "big.png", "too_many_bytes", "“big.png” is larger than 10 MB."),
        (b"BM" + b"x" * 99, "old.bmp", "unsupported_format", "JPEG, PNG, WebP, GIF can"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_the_limit(
    data: bytes, name: str, code: str, message: str
) -> None:
    workspace = a_workspace()
    status, answer = send(browser(workspace), workspace, data, name)
    assert status == 422
    assert answer["refused"]["code"] == code
    assert answer["refused"]["name"] == name
    assert message in answer["refused"]["message"]
    assert kinds(workspace) == ["workspace.opened"]


def test_a_long_or_hostile_name_is_clipped_and_cleaned() -> None:
    assert files.shown("..\\..\\" + "a" * 99 + ".png") == "a" * 59 + "…"
    assert files.shown("/etc/\u202egnp.exe\x00") == "gnp.exe"


def test_a_body_without_a_length_is_not_read_beyond_the_limit() -> None:
    bound, piece = forms.Bounded(), b"x" * 1_000_000
    bound.new_file("file", "endless.png", "image/png", None)
    for number in range(10):
        bound.receive_data_chunk(piece, number * len(piece))
    with pytest.raises(StopUpload):
        bound.receive_data_chunk(b"x", 10 * len(piece))
    assert bound.refused_name == "endless.png"


@pytest.mark.parametrize("fields", [{"id": "1"}, {"id": ""}, {"category": "x"}, {"at": "today"}])
def test_fields_that_make_no_sense_are_refused(fields: dict[str, str]) -> None:
    workspace = a_workspace()
    status, answer = send(browser(workspace), workspace, a_picture(50), **fields)
    assert (status, answer["refused"]["code"]) == (422, "bad_payload")


def test_no_file_at_all_is_refused() -> None:
    workspace = a_workspace()
    address = f"/workspace/{workspace.id}/upload/"
    response = browser(workspace).post(address, {"id": str(uuid4())})
    assert response.json()["refused"]["code"] == "no_file"


def test_uploads_that_are_switched_off_are_refused() -> None:
    workspace = a_workspace(BASELINE.model_copy(update={"upload": False}))
    status, answer = send(browser(workspace), workspace, a_picture(50))
    assert (status, answer["refused"]["code"]) == (422, "not_available")
    assert not Image.objects.filter(sha256=read_picture(a_picture(50), "a.jpg").sha256).exists()


def test_an_upload_needs_the_session_and_the_token() -> None:
    workspace = a_workspace()
    file = SimpleUploadedFile("cat.jpg", a_picture())
    address = f"/workspace/{workspace.id}/upload/"
    assert browser(workspace, csrf=True).post(address, {"file": file}).status_code == 403
    assert browser().post(address, {"file": file}).status_code == 404
    assert browser(workspace).get(address).status_code == 405


def test_a_file_cut_short_by_a_killed_process_is_written_again() -> None:
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    image = an_image(77)
    default_storage.delete(image.full_path)
    default_storage.save(image.full_path, ContentFile(b"\xff\xd8"))
    an_image(77)
    assert default_storage.size(image.full_path) > 2


@pytest.mark.parametrize("module", ["duetml.config.asgi", "duetml.workspace.work.advise"])
def test_neither_the_web_nor_the_agents_worker_loads_torch_or_scikit_learn(module: str) -> None:
    program = (
        "import json, sys, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'duetml.config.settings';"
        "import django; django.setup();"
        f"import {module}; import django.urls; django.urls.get_resolver().url_patterns;"
        "import duetml.workspace.tasks;"
        "heavy = {'torch', 'sklearn', 'scipy', 'pandas', 'matplotlib'};"
        "print(json.dumps(sorted(heavy & sys.modules.keys())))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout) == []
