"""Two tabs, workers and staff at once: the log retells the rows, and nothing is halved."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from threading import Barrier, Semaphore
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django import Settings

from duetml.features import PRESETS, Features
from duetml.live import log
from duetml.vision.intake import read_picture
from duetml.vision.similarity import nearest
from duetml.workspace import queries
from duetml.workspace.models import (
    Image,
    Parcel,
    PictureMap,
    Pool,
    PoolImport,
    TrainingRun,
    Workspace,
)
from duetml.workspace.services import imports, pools, studio, training
from duetml.workspace.services.refusal import Refused
from duetml.workspace.work.embed import embed_images
from duetml.workspace.work.importing import import_archive
from duetml.workspace.work.similar import show_similar
from tests.integration.test_pools import a_zip
from tests.people import NOW, a_category, a_picture, a_pool, a_workspace, do, images_of, kinds

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4
STUDIO = PRESETS["studio"].model_copy(
    update={"chat": False, "ask_data": False, "ask_test": False, "proactive": False}
)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duetml.jobs.send", lambda job, **ids: None)


def together(*works: Callable[[], Any]) -> list[Any]:
    """What each work gives, all begun at the same moment, or the code of its refusal. Any other
    exception fails the test."""
    gate = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            gate.wait(10)
            return work()
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def check_told(workspace: Workspace) -> None:
    """The log retells the rows; no image is in two categories where there are no copies."""
    row = Workspace.objects.get(pk=workspace.pk)
    now = queries.arrangement(row.id)
    assert dict(queries.moment(row).arrangement) == now
    assert log.verify(row.stream)
    if not row.settings.features.copies:
        placed = [image for one in now.values() for image in one.images]
        assert len(placed) == len(set(placed))


def doing(workspace: Workspace, action: str, **payload: Any) -> Callable[[], Any]:
    return partial(do, workspace, action, payload)


def with_three(features: Features) -> tuple[Workspace, list[str], list[str]]:
    workspace = a_workspace(features)
    images = images_of(workspace)
    names = [a_category(workspace, name, images[i : i + 2]) for i, name in ((0, "a"), (2, "b"))]
    return workspace, [*names, a_category(workspace, "c")], images


@pytest.mark.parametrize("features", [Features(), STUDIO])
def test_tabs_that_undo_and_add_at_once_agree_with_the_log(features: Features) -> None:
    for _ in range(ROUNDS):
        workspace, (a, b, c), images = with_three(features)
        steps = len(queries.moment(workspace).undo)
        together(*[doing(workspace, "history.undo")] * 3)
        assert len(queries.moment(workspace).undo) == steps - 3
        together(
            doing(workspace, "history.redo"),
            doing(workspace, "history.undo"),
            doing(workspace, "images.add", category=a, images=images),
            doing(workspace, "images.add", category=b, images=images, source=a),
            doing(workspace, "images.add", category=c, images=images[:3], source=b),
            doing(workspace, "history.undo"),
        )
        check_told(workspace)


def test_a_category_merged_deleted_and_moved_at_once_ends_once() -> None:
    for _ in range(ROUNDS):
        workspace, (a, b, c), images = with_three(STUDIO)
        together(
            doing(workspace, "category.merge", category=a, into=b),
            doing(workspace, "category.delete", category=a),
            doing(workspace, "category.move", category=a, to=2),
            doing(workspace, "category.merge", category=b, into=a),
            doing(workspace, "images.copy", category=c, images=images),
            doing(workspace, "category.rename", category=a, name="c"),
        )
        check_told(workspace)
        told = kinds(workspace)
        assert told.count("category.merged") + told.count("category.deleted") <= 2


def test_restoring_training_and_adding_at_once_leave_whole_data() -> None:
    for _ in range(ROUNDS):
        workspace, (a, b, c), images = with_three(STUDIO)
        do(workspace, "category.delete", {"category": c})
        run_id = do(workspace, "training.start").result["run"]
        run = TrainingRun.claim(str(run_id), NOW)
        assert run is not None
        training.finish(run, b"model", {}, NOW)
        together(
            doing(workspace, "data.restore", run=run_id),
            doing(workspace, "images.add", category=a, images=images),
            doing(workspace, "history.undo"),
            doing(workspace, "training.start"),
            doing(workspace, "images.remove", category=b, images=images),
        )
        check_told(workspace)
        for one in workspace.training_runs.all():
            assert all(data["images"] for data in one.data)


def test_two_tabs_begin_one_map_and_one_parcel() -> None:
    workspace, _categories, _images = with_three(STUDIO)
    do(workspace, "history.undo")
    run = TrainingRun.claim(str(do(workspace, "training.start").result["run"]), NOW)
    assert run is not None
    training.finish(run, b"model", {}, NOW)

    codes = together(*[doing(workspace, "map.start")] * 3, *[doing(workspace, "parcel.start")] * 3)

    assert codes.count("busy") == 4
    assert (PictureMap.objects.count(), Parcel.objects.count()) == (1, 1)


def test_one_upload_sent_twice_at_once_is_one_event() -> None:
    workspace, (a, _b, _c), _images = with_three(STUDIO)
    client = Client(raise_request_exception=True)
    session = client.session
    session["workspaces"] = [str(workspace.id)]
    session.save()
    fields = {"id": str(uuid4()), "category": a, "batch": str(uuid4())}

    def send() -> Any:
        mine = Client()
        mine.cookies = client.cookies
        file = BytesIO(a_picture(77))
        file.name = "new.jpg"
        return mine.post(f"/workspace/{workspace.id}/upload/", fields | {"file": file}).json()

    first, *others = together(*[send] * 4)

    assert first["image"]["category"] == a
    assert others == [first] * 3
    assert kinds(workspace).count("image.uploaded") == 1
    check_told(workspace)


def test_two_imports_into_one_pool_take_in_every_picture_once() -> None:
    pool = a_pool("birds", 2)
    archives = [a_zip({f"{i}.jpg": a_picture(i) for i in some}) for some in ((1, 2, 3), (2, 3, 4))]
    files = [SimpleUploadedFile("some.zip", data) for data in archives]
    begun = together(*[partial(imports.begin, pool, f, "z", "ann", "en", NOW) for f in files])

    rows = [str(row.pk) for row in begun]
    together(*[partial(import_archive, row) for row in rows * 2])
    for row in rows:  # the one that was to wait
        import_archive(row)

    assert [row.state for row in PoolImport.objects.all()] == ["done", "done"]
    assert pool.entries.count() == len({*pool.entries.values_list("image", flat=True)}) == 5
    assert sum(row.added for row in PoolImport.objects.all()) == 3


def whole(images: Sequence[Image]) -> bool:
    paths = [path for image in images for path in (image.full_path, image.thumb_path)]
    return all(default_storage.exists(path) for path in paths)


def check_pictures() -> None:
    """Every picture there is has its files."""
    assert whole(list(Image.objects.all()))


def test_a_pool_deleted_while_a_studio_opens_is_there_or_not() -> None:
    for number in range(ROUNDS * 3):
        pool = a_pool(f"pool{number}", 6)

        deleted, opened, begun = together(
            partial(pools.delete, pool.pk, "ann", NOW),
            partial(studio.create, pool, STUDIO, "en", NOW, 1),
            partial(imports.begin, pool, SimpleUploadedFile("a.zip", b"x"), "z", "a", "en", NOW),
        )

        is_there = Pool.objects.filter(pk=pool.pk).exists()
        assert (deleted is None) == (not is_there)
        assert isinstance(opened, Workspace) == isinstance(begun, PoolImport) == is_there
        check_pictures()


def test_a_picture_removed_while_it_is_drawn_is_offered_whole_or_not_at_all() -> None:
    for number in range(ROUNDS * 2):
        pool = a_pool(f"pool{number}", 6)
        images = list(pool.entries.values_list("image_id", flat=True))

        opened, *_ = together(
            partial(studio.create, pool, STUDIO, "en", NOW, 1),
            *[partial(pools.remove, pool.pk, image, "ann", NOW) for image in images[:3]],
        )

        offered = {str(one) for one in opened.offered.values_list("image_id", flat=True)}
        assert offered == {str(one) for one in pool.entries.values_list("image_id", flat=True)}
        check_pictures()


def test_a_picture_removed_from_a_pool_while_it_is_uploaded_keeps_its_files() -> None:
    picture = read_picture(a_picture(500), "a.jpg")
    workspace = a_workspace(pictures=0)

    def upload() -> Any:
        from duetml.workspace.services import images

        try:
            return images.upload(workspace.pk, picture, None, log.ClientStamp(uuid4()), NOW)
        except Exception as problem:  # the page sends the file again
            return problem

    for number in range(ROUNDS * 2):
        pool = a_pool(f"pool{number}", 0)
        pools.add(pool, picture, "a.jpg", NOW)
        image = pool.entries.get().image_id
        together(partial(pools.remove, pool.pk, image, "ann", NOW), upload)
        check_pictures()
        upload()
        check_pictures()
        workspace.offered.all().delete()


def test_staff_are_told_that_a_pool_went_in_this_moment(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STUDIO = True
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    pool = a_pool("birds", 2)

    def gone(_pool: int) -> Pool:
        raise Refused("no_pool", "It is gone.")

    monkeypatch.setattr(pools, "locked", gone)
    file = SimpleUploadedFile("a.zip", b"x")
    replies = [
        client.post("/studio/", {"pool": pool.name}),
        client.post("/pools/birds/try/", {"preset": "studio"}),
        client.post("/pools/birds/archive/", {"archive": file}),
    ]
    assert [reply.status_code for reply in replies] == [404] * 3
    assert not PoolImport.objects.exists()


def test_of_many_who_ask_for_similar_pictures_two_are_answered_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workspace = a_workspace(STUDIO)
    images = images_of(workspace)
    embed_images(images)
    busy: list[bool] = []
    inside = Semaphore(2)

    def slowly(rows: Any, to: Any, most: int) -> Any:
        busy.append(inside.acquire(blocking=False))
        sleep(0.05)
        inside.release()
        return nearest(rows, to, most)

    monkeypatch.setattr("duetml.workspace.work.similar.nearest", slowly)

    found = together(*[partial(show_similar, workspace, UUID(images[0]), NOW)] * 8)

    assert busy == [True] * 8
    assert all(len(one.images) == 5 for one in found)
    assert kinds(workspace).count("similar.shown") == 8
