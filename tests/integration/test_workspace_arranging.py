"""Undo and redo, merging, ordering, copying, restoring: what a person can do to who is where."""

import json
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command

from duetml.features import PRESETS, Features
from duetml.live.log import ClientStamp, last_seq, newest
from duetml.vision.intake import read_picture
from duetml.workspace import queries
from duetml.workspace.consumers import LARGEST_FRAME
from duetml.workspace.models import Image, Workspace, WorkspaceImage
from duetml.workspace.services.images import MOST_IMAGES, upload
from duetml.workspace.services.refusal import Refused
from tests.people import NOW, a_category, a_picture, a_workspace, do, images_of, kinds

pytestmark = pytest.mark.django_db

STUDIO = PRESETS["studio"]


def arranged(workspace: Workspace) -> list[tuple[str, list[str]]]:
    return [(one["name"], one["images"]) for one in queries.training_data(workspace.id)]


def refusal(workspace: Workspace, action: str, payload: dict[str, Any]) -> str:
    before = last_seq(workspace.stream)
    with pytest.raises(Refused) as refused:
        do(workspace, action, payload)
    assert last_seq(workspace.stream) == before
    return refused.value.code


def test_a_deleted_category_comes_back_as_it_was() -> None:
    workspace = a_workspace()
    first, second, third = images_of(workspace)[:3]
    land = a_category(workspace, "Land", [second, first])
    a_category(workspace, "Water", [third])
    before = queries.state(workspace)["categories"]
    do(workspace, "category.delete", {"category": land})
    do(workspace, "history.undo")
    assert queries.state(workspace)["categories"] == before
    assert before[0] == {
        "id": land,
        "name": "Land",
        "position": 0,
        "mark": 0,
        "images": [second, first],
    }


def test_undone_steps_are_done_again_until_something_new_is_done() -> None:
    workspace = a_workspace()
    land = a_category(workspace, "Land", images_of(workspace)[:2])
    do(workspace, "category.rename", {"category": land, "name": "Earth"})
    for _ in range(3):
        do(workspace, "history.undo")
    assert arranged(workspace) == []
    assert refusal(workspace, "history.undo", {}) == "nothing_to_undo"
    do(workspace, "history.redo")
    assert queries.state(workspace)["history"] == {"undo": 1, "redo": 2}
    a_category(workspace, "Air")
    assert refusal(workspace, "history.redo", {}) == "nothing_to_redo"
    assert arranged(workspace) == [("Land", []), ("Air", [])]


def test_training_and_talking_are_no_steps_to_take_back() -> None:
    workspace = a_workspace(PRESETS["duetml"])
    a_category(workspace, "Land", images_of(workspace)[:1])
    a_category(workspace, "Sea", images_of(workspace)[1:2])
    do(workspace, "training.start")
    do(workspace, "chat.post", {"text": "hello"})
    do(workspace, "history.undo")
    assert arranged(workspace)[1] == ("Sea", [])


def test_two_names_that_changed_places_change_back() -> None:
    workspace = a_workspace(STUDIO)
    one, two = a_category(workspace, "One"), a_category(workspace, "Two")
    for category, name in ((one, "x"), (two, "One"), (one, "Two")):
        do(workspace, "category.rename", {"category": category, "name": name})
    for _ in range(3):
        do(workspace, "history.undo")
    assert [name for name, _ in arranged(workspace)] == ["One", "Two"]
    for _ in range(3):
        do(workspace, "history.redo")
    assert [name for name, _ in arranged(workspace)] == ["Two", "One"]


def test_a_category_is_merged_into_another_and_out_again() -> None:
    workspace = a_workspace(STUDIO)
    first, second, third = images_of(workspace)[:3]
    land = a_category(workspace, "Land", [first, second])
    sea = a_category(workspace, "Sea", [third])
    do(workspace, "images.copy", {"category": sea, "images": [first]})
    done = do(workspace, "category.merge", {"category": land, "into": sea})
    assert done.result["images"] == [second]
    assert arranged(workspace) == [("Sea", [third, first, second])]
    do(workspace, "history.undo")
    assert arranged(workspace) == [("Land", [first, second]), ("Sea", [third, first])]
    assert refusal(workspace, "category.merge", {"category": sea, "into": sea}) == "same_category"


def test_categories_keep_their_mark_in_another_order() -> None:
    workspace = a_workspace(STUDIO)
    ids = [a_category(workspace, name) for name in ("a", "b", "c")]
    do(workspace, "category.move", {"category": ids[2], "to": 0})
    do(workspace, "category.move", {"category": ids[0], "to": 99})
    categories = queries.state(workspace)["categories"]
    assert [(one["name"], one["position"], one["mark"]) for one in categories] == [
        ("c", 0, 2),
        ("b", 1, 1),
        ("a", 2, 0),
    ]


def test_a_copy_leaves_only_the_category_it_is_dragged_from() -> None:
    workspace = a_workspace(STUDIO)
    image = images_of(workspace)[0]
    a, b, c = (a_category(workspace, name) for name in "abc")
    do(workspace, "images.add", {"category": a, "images": [image]})
    do(workspace, "images.copy", {"category": b, "images": [image]})
    do(workspace, "images.add", {"category": c, "images": [image], "source": a})
    assert arranged(workspace) == [("a", []), ("b", [image]), ("c", [image])]
    do(workspace, "images.add", {"category": c, "images": [image]})
    assert arranged(workspace) == [("a", []), ("b", []), ("c", [image])]
    assert kinds(workspace)[-2:] == ["images.removed", "images.added"]


@pytest.mark.parametrize("features", [Features(), PRESETS["duetml"]])
def test_without_copies_no_source_leaves_an_image_in_two_categories(features: Features) -> None:
    workspace = a_workspace(features)
    image = images_of(workspace)[0]
    a, b, c = (a_category(workspace, name) for name in "abc")
    do(workspace, "images.add", {"category": b, "images": [image]})  # by another tab
    do(workspace, "images.add", {"category": c, "images": [image], "source": a})
    assert arranged(workspace) == [("a", []), ("b", []), ("c", [image])]


@pytest.mark.parametrize("features", [Features(), STUDIO])
def test_all_pictures_a_workspace_can_have_fit_into_one_action(features: Features) -> None:
    workspace = a_workspace(features, pictures=0)
    rows = [
        Image(sha256=f"{number:064}", width=8, height=8, created_at=NOW)
        for number in range(MOST_IMAGES)
    ]
    Image.objects.bulk_create(rows)
    WorkspaceImage.objects.bulk_create(
        WorkspaceImage(workspace=workspace, image=row, origin="upload", position=position)
        for position, row in enumerate(rows)
    )
    all_of_them = [str(row.id) for row in rows]
    a, b = a_category(workspace, "a", all_of_them), a_category(workspace, "b")
    payload = {"category": b, "images": all_of_them}
    frame: dict[str, Any] = {"type": "do", "id": str(uuid4()), "at": "2026-01-05T09:00:00.000Z"}
    frame |= {"action": "images.add", "payload": payload}
    assert len(json.dumps(frame, separators=(",", ":"))) < LARGEST_FRAME

    do(workspace, "images.add", payload)
    do(workspace, "images.remove", {"category": b, "images": all_of_them[:-1]})
    do(workspace, "history.undo")
    do(workspace, "history.undo")

    assert arranged(workspace) == [("a", all_of_them), ("b", [])]
    assert queries.moment(workspace).arrangement[a].images == tuple(all_of_them)


def test_pictures_of_several_categories_are_taken_out_in_one_step() -> None:
    workspace = a_workspace()
    first, second, third = images_of(workspace)[:3]
    a_category(workspace, "Land", [first, second])
    a_category(workspace, "Sea", [third])
    do(workspace, "images.remove", {"images": [first, third]})
    assert arranged(workspace) == [("Land", [second]), ("Sea", [])]
    assert kinds(workspace)[-2:] == ["images.removed", "images.removed"]
    do(workspace, "history.undo")
    assert arranged(workspace) == [("Land", [first, second]), ("Sea", [third])]
    empty = a_workspace()
    taken = {"images": images_of(empty)[:1]}
    assert refusal(empty, "images.remove", taken) == "unknown_category"


def test_pictures_of_one_folder_are_one_step() -> None:
    workspace = a_workspace(STUDIO)
    land, batch = a_category(workspace, "Land"), uuid4()
    for number in (20, 21, 22):
        picture = read_picture(a_picture(number), "p.jpg")
        upload(workspace.id, picture, UUID(land), ClientStamp(uuid4()), NOW, batch=batch)
    assert queries.state(workspace)["history"] == {"undo": 2, "redo": 0, "batch": str(batch)}
    do(workspace, "history.undo")
    assert arranged(workspace) == [("Land", [])]
    do(workspace, "history.redo")
    assert len(arranged(workspace)[0][1]) == 3


def test_the_data_of_an_earlier_run_are_restored_names_included() -> None:
    workspace = a_workspace(STUDIO)
    first, second, third = images_of(workspace)[:3]
    land, sea = a_category(workspace, "Land", [first]), a_category(workspace, "Sea", [second])
    run = str(do(workspace, "training.start").result["run"])
    do(workspace, "category.rename", {"category": land, "name": "Earth"})
    do(workspace, "category.delete", {"category": sea})
    a_category(workspace, "Sea", [third])
    do(workspace, "data.restore", {"run": run})
    assert arranged(workspace) == [("Land", [first]), ("Sea", [second])]
    assert not queries.state(workspace)["training"]["stale"]
    do(workspace, "history.undo")
    assert arranged(workspace) == [("Earth", [first]), ("Sea", [third])]
    other = a_workspace(STUDIO)
    assert refusal(other, "data.restore", {"run": run}) == "unknown_run"


@pytest.mark.parametrize("features", [Features(), PRESETS["duetml"]])
@pytest.mark.parametrize(
    "action", ["category.move", "category.merge", "images.copy", "data.restore"]
)
def test_the_plain_tool_has_none_of_the_extras(features: Features, action: str) -> None:
    workspace = a_workspace(features)
    one, two = a_category(workspace, "One"), a_category(workspace, "Two")
    payloads: dict[str, dict[str, Any]] = {
        "category.move": {"category": one, "to": 1},
        "category.merge": {"category": one, "into": two},
        "images.copy": {"category": one, "images": images_of(workspace)[:1]},
        "data.restore": {"run": str(uuid4())},
    }
    assert refusal(workspace, action, payloads[action]) == "not_available"
    assert refusal(workspace, "no.such.thing", {}) == "not_available"


def test_the_command_tells_a_workspace_as_it_was() -> None:
    workspace = a_workspace(PRESETS["duetml"])
    a_category(workspace, "Land", images_of(workspace)[:1])
    middle = last_seq(workspace.stream)
    a_category(workspace, "Sea")
    out = StringIO()
    call_command("workspace_at", str(workspace.id), "--event", str(middle), stdout=out)
    told = json.loads(out.getvalue())
    assert [one["name"] for one in told["categories"]] == ["Land"]
    assert [one["image"] for one in told["offered"]] == images_of(workspace)
    assert newest(workspace.stream, 1)[0].payload["name"] == "Sea"
    with pytest.raises(CommandError, match="no workspace"):
        call_command("workspace_at", str(uuid4()))
