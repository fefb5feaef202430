"""Nonsense sent to every action and address of the studio: refused in words, never a fault."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from duetml.features import PRESETS, Features
from duetml.live import log
from duetml.workspace import queries
from duetml.workspace.consumers import Do, NotUnderstoodError, _decode
from duetml.workspace.models import Feature, Image, Parcel, PictureMap, State, Workspace
from duetml.workspace.services.actions import ACTIONS, perform
from duetml.workspace.services.refusal import Refused
from duetml.workspace.work.embed import embed_images
from duetml.workspace.work.map import draw_map
from duetml.workspace.work.parcel import pack
from duetml.workspace.work.test import test_run as run_test
from duetml.workspace.work.train import train_run
from tests.integration.test_workspace_images import browser
from tests.people import BASELINE, NOW, a_category, a_picture, a_workspace, do, images_of

pytestmark = pytest.mark.django_db(transaction=True)
STUDIO = PRESETS["studio"]
DEEP: Any = "x"
for _ in range(15):
    DEEP = [DEEP]
VALUES: list[Any] = [
    None, True, -1, 0, 2**53, 1.5, "", "a\ud800", "a\0b", "x" * 5000, [], [[]], {}, {"a": {}}, DEEP,
    ["not an id"], [str(uuid4())] * 3, [None], [1, 2], str(uuid4()), "urn:uuid:" + str(uuid4()),
]  # fmt: skip
FIELDS = ("name", "category", "to", "into", "images", "source", "run", "text", "call", "on")


def payloads(workspace: Workspace, categories: list[str]) -> list[dict[str, Any]]:
    images = images_of(workspace)
    right: dict[str, Any] = {
        "name": "n", "category": categories[0], "to": 0, "into": categories[1], "images": images,
        "source": categories[1], "run": str(uuid4()), "text": "t", "call": str(uuid4()), "on": True,
    }  # fmt: skip
    wrong = [right | {field: value} for field in FIELDS for value in VALUES]
    return [{}, right, *wrong]


@pytest.mark.parametrize("features", [BASELINE, STUDIO])
@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_no_payload_is_a_fault(features: Features, action: str) -> None:
    workspace = a_workspace(features)
    other = a_workspace(features)
    categories = [a_category(workspace, name) for name in "ab"]
    told = payloads(workspace, categories)
    told.append({"category": a_category(other, "c"), "images": images_of(other)[:1]})
    kept = [{"category", "images"}, {"category", "into"}, {"category", "to"}, {"text", "on"}]
    parts = [{key: one[key] for key in one.keys() & keys} for one in told for keys in kept]
    for payload in {json.dumps(one, sort_keys=True) for one in [*told, *parts]}:
        frame = {"type": "do", "id": str(uuid4()), "action": action}
        try:
            said = _decode(json.dumps(frame | {"payload": json.loads(payload)}))
            assert isinstance(said, Do)
            perform(workspace.id, action, said.payload, log.ClientStamp(uuid4()), NOW)
        except (Refused, NotUnderstoodError):
            continue
    row = Workspace.objects.get(pk=workspace.pk)
    assert dict(queries.moment(row).arrangement) == queries.arrangement(row.id)
    assert log.verify(row.stream)


@pytest.mark.parametrize(
    "fields",
    [
        {"batch": "x"},
        {"batch": "a\0b"},
        {"batch": "1" * 9000},
        {"category": "x", "batch": str(uuid4())},
        {"category": str(uuid4()), "batch": str(uuid4())},
        {"id": "1", "batch": str(uuid4())},
        {"at": "yesterday"},
        {"at": "99999-01-01T00:00:00Z"},
    ],
)
def test_no_upload_is_a_fault(fields: dict[str, str]) -> None:
    workspace = a_workspace(STUDIO, pictures=0)
    file = SimpleUploadedFile("a.jpg", a_picture())
    values = {"id": str(uuid4())} | fields | {"file": file}
    reply = browser(workspace).post(f"/workspace/{workspace.id}/upload/", values)
    assert reply.status_code == 422
    assert not workspace.offered.exists()


def sorted_out(features: Features = STUDIO) -> Workspace:
    workspace = a_workspace(features)
    images = images_of(workspace)
    a_category(workspace, "a", images[:3])
    a_category(workspace, "b", images[3:])
    return workspace


def trained() -> Workspace:
    workspace = sorted_out()
    do(workspace, "training.start")
    train_run(str(workspace.training_runs.get().pk))
    assert workspace.training_runs.get().state == State.DONE
    return workspace


def lose_a_picture(workspace: Workspace) -> None:
    images = Image.objects.filter(pk__in=images_of(workspace))
    Feature.objects.filter(image__in=images).delete()
    default_storage.delete(images[0].full_path)


def test_a_picture_whose_file_is_gone_fails_what_needs_it_in_words() -> None:
    workspace = trained()
    lose_a_picture(workspace)
    do(workspace, "training.start")
    do(workspace, "test.start", {"images": images_of(workspace)})
    do(workspace, "map.start")
    do(workspace, "parcel.start")

    train_run(str(workspace.training_runs.latest("number").pk))
    run_test(str(workspace.test_runs.get().pk))
    draw_map(str(workspace.maps.get().pk))
    pack(str(workspace.parcels.get().pk))

    rows = [workspace.training_runs.latest("number"), workspace.test_runs.get()]
    found = [*rows, workspace.maps.get(), workspace.parcels.get()]
    assert [(row.state, row.error) for row in found] == [(State.FAILED, "crashed")] * 4
    assert not default_storage.exists(f"parcels/{workspace.parcels.get().pk}/1/classifier.onnx")
    state = queries.state(Workspace.objects.get(pk=workspace.pk))
    assert state["parcel"]["reason"] == state["map"]["reason"] == "crashed"
    with pytest.raises(FileNotFoundError):  # nobody has them in hand any more: this would wait
        embed_images(images_of(workspace))


def test_other_weights_fail_what_was_trained_with_the_old_ones() -> None:
    workspace = trained()
    do(workspace, "test.start", {"images": images_of(workspace)})
    do(workspace, "parcel.start")
    do(workspace, "map.start")
    run = workspace.training_runs.get()
    run.report = run.report | {"digest": "0" * 64}
    run.save()

    run_test(str(workspace.test_runs.get().pk))
    pack(str(workspace.parcels.get().pk))
    draw_map(str(workspace.maps.get().pk))

    assert workspace.test_runs.get().error == Parcel.objects.get().error == "backbone"
    assert PictureMap.objects.get().state == State.DONE


def test_a_classifier_whose_bytes_are_damaged_fails_in_words() -> None:
    workspace = trained()
    workspace.training_runs.update(classifier=b"PK\x03\x04nonsense")
    do(workspace, "test.start", {"images": images_of(workspace)})
    do(workspace, "parcel.start")
    run_test(str(workspace.test_runs.get().pk))
    pack(str(workspace.parcels.get().pk))
    assert workspace.test_runs.get().error == Parcel.objects.get().error == "crashed"


def test_a_full_disk_halves_no_parcel(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = trained()
    do(workspace, "parcel.start")
    save = default_storage.save

    def full(name: str, content: Any, **more: Any) -> str:
        if name.endswith("pictures.zip"):
            raise OSError(28, "No space left on device")
        return str(save(name, content, **more))

    monkeypatch.setattr(default_storage, "save", full)
    row = workspace.parcels.get()
    pack(str(row.pk))
    row.refresh_from_db()
    assert (row.state, row.error, row.files) == (State.FAILED, "crashed", [])
    assert not default_storage.exists(f"parcels/{row.pk}/1/classifier.onnx")
    monkeypatch.undo()
    do(workspace, "parcel.start")
    pack(str(workspace.parcels.get(state=State.QUEUED).pk))
    assert Parcel.objects.filter(workspace=workspace, state=State.DONE).count() == 1


def test_a_full_disk_halves_no_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = a_workspace(STUDIO, pictures=0)
    save = default_storage.save

    def full(name: str, content: Any, **more: Any) -> str:
        if name.endswith(".thumb.jpg"):
            raise OSError(28, "No space left on device")
        return str(save(name, content, **more))

    monkeypatch.setattr(default_storage, "save", full)
    client = browser(workspace)
    client.raise_request_exception = False
    values = {"id": str(uuid4()), "batch": str(uuid4())}

    def send() -> int:
        file = SimpleUploadedFile("a.jpg", a_picture(321))
        return client.post(
            f"/workspace/{workspace.id}/upload/", values | {"file": file}
        ).status_code

    assert send() >= 500
    assert not workspace.offered.exists()
    monkeypatch.undo()
    assert send() == 200
    image = workspace.offered.get().image
    assert default_storage.exists(image.full_path)
    assert default_storage.exists(image.thumb_path)
