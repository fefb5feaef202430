"""Every file of the corpus is either stored as it should be or refused with its reason, in the
person's language, and nothing is ever half done.
"""

import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import translation
from PIL import Image as Pillow
from pytest_django import Settings

from duetml.live.models import Event
from duetml.vision.intake import Reason
from duetml.workspace.models import Image, Placement, Workspace, WorkspaceImage
from duetml.workspace.services import pools
from duetml.workspace.work.importing import ImportingError, found_in, import_files
from tests.corpus import corpus
from tests.corpus.archives import Archive, archives
from tests.corpus.case import SECRET, Case, Stored
from tests.corpus.form import CONTENT_TYPE, form
from tests.people import BASELINE, NOW, a_category, a_picture, a_workspace

pytestmark = pytest.mark.django_db

CASES = list(corpus())
TAKEN = [case for case in CASES if isinstance(case.outcome, Stored)]
REFUSED = [case for case in CASES if isinstance(case.outcome, Reason)]
# What a reason says, in a word of both languages.
WORDS = {
    Reason.EMPTY: ("is empty", "空"),
    Reason.TOO_MANY_BYTES: ("larger than 10 MB", "10 MB"),
    Reason.TOO_MANY_PIXELS: (r"more than (40|16) MP", r"(40|16) MP"),
    Reason.TOO_NARROW: ("more than 20 times", "20倍"),
    Reason.NOT_AN_IMAGE: ("is not an image", "画像ではありません"),
    Reason.UNSUPPORTED_FORMAT: ("JPEG, PNG, WebP, GIF can", "JPEG, PNG, WebP, GIF"),
    Reason.TRUNCATED: ("its end is missing", "壊れて"),
    Reason.WRONG_EXTENSION: ("holds a PNG image", "PNG"),
}


def browser(workspace: Workspace) -> Client:
    client = Client()
    session = client.session
    session["workspaces"] = [str(workspace.id)]
    session.save()
    return client


def send(workspace: Workspace, case: Case, **fields: str) -> tuple[int, dict[str, object]]:
    response = browser(workspace).post(
        f"/workspace/{workspace.id}/upload/",
        form(case.name, case.make(), {"id": str(uuid4())} | fields),
        content_type=CONTENT_TYPE,
    )
    return response.status_code, response.json()


def counted() -> Counter[str]:
    """Everything an upload may leave behind."""
    models = (Image, WorkspaceImage, Placement, Event)
    rows = {model.__name__: model._default_manager.count() for model in models}
    return Counter(rows | {"files": sum(path.is_file() for path in media().rglob("*"))})


def media() -> Path:
    return Path(default_storage.location)  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _own_storage(settings: Settings, tmp_path: Path) -> None:
    """Files know no rollback: every test gets a folder of its own."""
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = settings.STORAGES | {"default": own | {"OPTIONS": {"location": tmp_path}}}


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(CASES) >= 80
    assert len({str(case) for case in CASES}) == len(CASES)
    assert {case.outcome for case in REFUSED} == set(Reason) == set(WORDS)


@pytest.mark.parametrize("case", TAKEN, ids=str)
def test_a_picture_is_stored_upright_in_srgb_and_alone(case: Case) -> None:
    workspace = a_workspace(pictures=0)
    category = a_category(workspace, "land")
    before = counted()
    status, answer = send(workspace, case, category=category)
    assert (status, answer.get("refused")) == (200, None)
    expected = {"Image": 1, "WorkspaceImage": 1, "Placement": 1, "Event": 1, "files": 2}
    assert counted() - before == expected
    row = Image.objects.get(pk=answer["image"]["id"])  # type: ignore[index]
    assert isinstance(case.outcome, Stored)
    full, thumb = (media() / path for path in (row.full_path, row.thumb_path))
    assert (row.width, row.height) == case.outcome.size
    check_picture(full.read_bytes(), case.outcome)
    check_alone(full.read_bytes())
    check_alone(thumb.read_bytes())


def check_picture(data: bytes, expected: Stored) -> None:
    image = Pillow.open(BytesIO(data), formats=["JPEG"])
    assert (image.mode, image.size) == ("RGB", expected.size)
    for number, colour in enumerate(expected.quarters):
        at = (
            (1 + 2 * (number % 2)) * image.width // 4,
            (1 + 2 * (number // 2)) * image.height // 4,
        )
        found = image.getpixel(at)
        assert isinstance(found, tuple)
        far = max(abs(one - other) for one, other in zip(found, colour, strict=True))
        assert far <= expected.tolerance, (number, found, colour)


def check_alone(data: bytes) -> None:
    """Nothing but a picture: no metadata, no second picture, nothing behind the end."""
    image = Pillow.open(BytesIO(data), formats=["JPEG"])
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert re.findall(rb"\xff[\xe1-\xef\xfe]", data[: data.index(b"\xff\xda")]) == []
    assert SECRET not in data
    assert data.endswith(b"\xff\xd9")


@pytest.mark.parametrize("case", REFUSED, ids=str)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_file_is_refused_with_its_reason_and_leaves_nothing(case: Case, language: str) -> None:
    workspace = a_workspace(pictures=0, language=language)
    before = counted()
    status, answer = send(workspace, case)
    refusal = answer["refused"]
    assert isinstance(refusal, dict)
    assert (status, refusal["code"]) == (422, case.outcome)
    assert isinstance(case.outcome, Reason)
    assert re.search(WORDS[case.outcome][language == "ja"], refusal["message"])
    assert refusal["name"] in refusal["message"]
    assert case.shown in ("", refusal["name"])
    assert refusal["name"].isprintable() or "\u200d" in refusal["name"]
    assert len(refusal["name"]) <= 60
    assert counted() == before


def test_every_reason_has_a_sentence_of_its_own_in_both_languages() -> None:
    from duetml.vision import intake
    from duetml.workspace.services.files import _sentence

    def said(language: str) -> set[str]:
        with translation.override(language):
            return {_sentence(intake.Refused(reason, "1"), "a.jpg") for reason in Reason}

    assert len(said("en")) == len(said("ja")) == len(Reason)
    assert not said("en") & said("ja")


def test_the_same_photograph_with_other_metadata_is_one_image() -> None:
    workspace = a_workspace(pictures=0)
    plain, with_place = (case for case in CASES if case.what in SAME)
    first, second = send(workspace, plain)[1], send(workspace, with_place)[1]
    assert first["image"] == second["image"]
    assert (Image.objects.count(), WorkspaceImage.objects.count()) == (1, 1)


SAME = ("a JPEG", "EXIF with a camera and a place")


def test_files_of_a_folder_say_so_where_folders_may_be_added() -> None:
    workspace = a_workspace(BASELINE.model_copy(update={"folders": True}), pictures=0)
    batch = str(uuid4())
    assert send(workspace, CASES[0], batch=batch)[0] == 200
    assert Event.objects.get(kind="image.uploaded").payload["batch"] == batch


def test_the_plain_tool_tells_nothing_of_files_that_came_together() -> None:
    workspace = a_workspace(pictures=0)
    assert send(workspace, CASES[0])[0] == 200
    told = Event.objects.get(kind="image.uploaded").payload
    assert told.keys() == {"image", "category", "origin"}


def test_files_of_a_folder_are_refused_elsewhere_and_leave_no_trace() -> None:
    workspace = a_workspace(pictures=0)
    before = counted()
    status, answer = send(workspace, CASES[0], batch=str(uuid4()))
    refusal = answer["refused"]
    assert isinstance(refusal, dict)
    assert (status, refusal["code"]) == (422, "not_available")
    assert counted() == before


def test_a_category_may_be_named_by_the_action_that_made_it() -> None:
    from tests.people import do

    workspace = a_workspace(pictures=0)
    made = uuid4()
    category = do(workspace, "category.create", {"name": "land"}, client=made).result["category"]
    answer = send(workspace, CASES[0], category=str(made))[1]
    image = answer["image"]
    assert isinstance(image, dict)
    assert image["category"] == category


def test_the_same_pixels_in_another_file_are_one_image_in_every_workspace() -> None:
    one, other = a_workspace(pictures=0), a_workspace(pictures=0)
    case = Case("a picture", "a.png", lambda: a_picture(kind="PNG"), Stored())
    again = Case("the same", "b.gif", lambda: a_picture(kind="GIF"), Stored())
    first, second = send(one, case)[1]["image"], send(other, again)[1]["image"]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["id"] == second["id"]


@pytest.mark.parametrize("archive", list(archives()), ids=str)
def test_an_archive_becomes_pictures_and_reasons_and_nothing_else(
    archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "archive.zip"
    path.write_bytes(archive.make())
    pool = pools.get_or_create("mine", "", NOW)
    if archive.hopeless:
        with pytest.raises(ImportingError, match=archive.hopeless):
            found_in(path)
        assert not pool.entries.exists()
        return
    outcome = import_files(pool, found_in(path), NOW, lambda done, total: None)
    added = pool.entries.values_list("source", flat=True)
    assert sorted(added) == sorted(archive.added)
    refused = dict(outcome.refused)
    assert set(refused) == set(archive.refused)
    for name, part in archive.refused.items():
        assert part in refused[name]
    assert outcome.duplicates == []
    assert not (tmp_path.parent / "out.png").exists()
