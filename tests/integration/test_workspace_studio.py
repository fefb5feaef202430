"""What the studio learns beside training and testing: quality, nearest, similar, map, parcel."""

import csv
import io
import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from duetml.features import PRESETS, Features
from duetml.jobs import Job
from duetml.live import log
from duetml.workspace import queries
from duetml.workspace.models import Feature, Image, Parcel, PictureMap, PoolImage, Workspace
from duetml.workspace.services import maps, parcels, workspaces
from duetml.workspace.services.refusal import Refused
from duetml.workspace.work import engine
from duetml.workspace.work.embed import embed_images
from duetml.workspace.work.map import draw_map
from duetml.workspace.work.parcel import pack
from duetml.workspace.work.sweep import sweep
from duetml.workspace.work.test import test_run as run_test
from duetml.workspace.work.train import train_run
from tests.integration.test_workspace_images import browser
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

pytestmark = pytest.mark.django_db(transaction=True)

PLAIN = [BASELINE, PRESETS["duetml"]]
ADVICE = ("quality", "nearest", "similar", "map", "take_home")


def studio(*names: str) -> Features:
    return Features.model_validate(dict.fromkeys(names or ADVICE, True))


def sorted_out(features: Features, each: int = 3, **wanted: Any) -> Workspace:
    """Two categories, "land" with the first pictures and "water" with the next ones."""
    workspace = a_workspace(features, pictures=2 * each, **wanted)
    images = images_of(workspace)
    a_category(workspace, "land", images[:each])
    a_category(workspace, "water", images[each:])
    return workspace


def trained(features: Features, each: int = 3, **wanted: Any) -> Workspace:
    workspace = sorted_out(features, each, **wanted)
    do(workspace, "training.start")
    train_run(str(workspace.training_runs.get().id))
    return workspace


def results_of(workspace: Workspace) -> list[dict[str, Any]]:
    """The results of a test with all pictures."""
    do(workspace, "test.start", {"images": images_of(workspace)})
    run_test(str(workspace.test_runs.latest("queued_at").id))
    return list(workspace.test_runs.latest("queued_at").results)


def told(workspace: Workspace) -> dict[str, Any]:
    return dict(log.newest(workspace.stream, 1)[0].payload)


def ids_of(workspace: Workspace) -> list[str]:
    return [str(category.id) for category in queries.live_categories(workspace.id)]


# --- quality


def test_a_run_tells_how_good_it_is_on_pictures_it_had_not_seen() -> None:
    workspace = trained(studio("quality"), each=6)
    found = workspace.training_runs.get().report["quality"]
    assert found.keys() == {
        "n",
        "accuracy",
        "low",
        "high",
        "confidence",
        "folds",
        "labels",
        "confusion",
        "mistakes",
    }
    assert found["labels"] == ids_of(workspace)
    assert [sum(row) for row in found["confusion"]] == [6, 6]
    wrong = found["confusion"][0][1] + found["confusion"][1][0]
    assert len(found["mistakes"]) == wrong
    assert found["accuracy"] == pytest.approx(1 - wrong / 12, abs=1e-4)
    assert found["low"] <= found["accuracy"] <= found["high"]
    assert told(workspace)["report"]["quality"] == found


def test_mistakes_name_their_picture_the_surest_first() -> None:
    workspace = a_workspace(studio("quality"), pictures=12)
    images = images_of(workspace)
    land, water = a_category(workspace, "land", images[::2]), a_category(workspace, "water")
    do(workspace, "images.add", {"category": water, "images": images[1::2]})
    do(workspace, "training.start")
    train_run(str(workspace.training_runs.get().id))
    mistakes = workspace.training_runs.get().report["quality"]["mistakes"]
    assert mistakes
    assert [one["p"] for one in mistakes] == sorted((one["p"] for one in mistakes), reverse=True)
    for one in mistakes:
        assert one["category"] == (land if images.index(one["image"]) % 2 == 0 else water)
        assert {one["category"], one["said"]} == {land, water}


def test_too_few_pictures_give_a_reason_in_place_of_numbers() -> None:
    workspace = trained(studio("quality"), each=1)
    assert workspace.training_runs.get().report["quality"] == {"why": "too_few_images"}


@pytest.mark.parametrize("features", PLAIN)
def test_the_plain_tool_tells_nothing_of_quality_or_nearest(features: Features) -> None:
    workspace = trained(features)
    results = results_of(workspace)
    assert "quality" not in workspace.training_runs.get().report
    assert all(result.keys() == {"image", "scores"} for result in results)
    assert queries.state(workspace).keys().isdisjoint({"map", "parcel"})


# --- nearest


def test_a_result_names_the_three_nearest_pictures_of_the_run() -> None:
    workspace = trained(studio("nearest"))
    images, (land, water) = images_of(workspace), ids_of(workspace)
    for result in results_of(workspace):
        found = result["nearest"]
        assert len(found) == 3
        assert result["image"] not in [one["image"] for one in found]
        cosines = [one["cosine"] for one in found]
        assert cosines == sorted(cosines, reverse=True)
        for one in found:
            assert one["category"] == (land if one["image"] in images[:3] else water)
    assert told(workspace)["results"][0]["nearest"]


def test_the_nearest_are_of_the_run_and_not_of_what_was_sorted_since() -> None:
    workspace = trained(studio("nearest"))
    land, _water = ids_of(workspace)
    images = images_of(workspace)
    do(workspace, "images.remove", {"category": land, "images": images[:3]})
    first = results_of(workspace)[0]
    assert {one["category"] for one in first["nearest"]} <= set(ids_of(workspace))
    seen = {one["image"] for result in results_of(workspace) for one in result["nearest"]}
    assert seen & set(images[:3])


# --- similar


def ask_similar(client: Client, workspace: Workspace, image: object) -> tuple[int, Any]:
    response = client.post(
        f"/workspace/{workspace.id}/similar/", {"image": image}, content_type="application/json"
    )
    return response.status_code, response.json() if response.status_code != 404 else None


def looked_at(features: Features, pictures: int = 6) -> Workspace:
    workspace = a_workspace(features, pictures=pictures)
    embed_images(images_of(workspace))
    return workspace


def test_pictures_like_a_picture_come_nearest_first_and_are_recorded() -> None:
    workspace = looked_at(studio("similar"))
    image, *others = images_of(workspace)
    status, answer = ask_similar(browser(workspace), workspace, image)
    assert status == 200
    assert (sorted(answer["images"]), answer["without"]) == (sorted(others), 0)
    vectors = {str(row.image_id): row.vector for row in Feature.objects.all()}
    of = {one: np.frombuffer(vector, "<f4") for one, vector in vectors.items()}
    cosines = [float(of[one] @ of[image]) for one in answer["images"]]
    assert cosines == sorted(cosines, reverse=True)
    assert kinds(workspace)[-1] == "similar.shown"
    assert told(workspace) == {"image": image, "images": answer["images"]}


def test_a_form_does_as_well_as_json_but_not_without_the_token() -> None:
    workspace = looked_at(studio("similar"))
    address, fields = f"/workspace/{workspace.id}/similar/", {"image": images_of(workspace)[0]}
    assert browser(workspace).post(address, fields).status_code == 200
    assert browser(workspace, csrf=True).post(address, fields).status_code == 403


def test_pictures_nobody_has_looked_at_are_left_out_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(
        "duetml.workspace.work.similar.send", lambda job, **ids: sent.append(ids["image"])
    )
    workspace = a_workspace(studio("similar"))
    first, second, third, *new = images_of(workspace)
    embed_images([first, second, third])
    assert ask_similar(browser(workspace), workspace, first)[1]["without"] == 3
    status, answer = ask_similar(browser(workspace), workspace, new[0])
    assert (status, answer["refused"]["code"]) == (422, "not_ready")
    assert "Try again in a moment" in answer["refused"]["message"]
    assert sent == [new[0]]


def test_a_picture_that_is_alone_is_like_no_other() -> None:
    workspace = looked_at(studio("similar"), pictures=1)
    status, answer = ask_similar(browser(workspace), workspace, images_of(workspace)[0])
    assert (status, answer) == (200, {"images": [], "without": 0})


def test_no_more_than_sixty_are_shown() -> None:
    workspace = looked_at(studio("similar"), pictures=64)
    answer = ask_similar(browser(workspace), workspace, images_of(workspace)[0])[1]
    assert len(set(answer["images"])) == 60


def test_a_closed_workspace_shows_no_similar_pictures() -> None:
    workspace = looked_at(studio("similar"))
    workspaces.close(workspace.id, "clock", NOW)
    status, answer = ask_similar(browser(workspace), workspace, images_of(workspace)[0])
    assert (status, answer["refused"]["code"]) == (422, "closed")
    assert "similar.shown" not in kinds(workspace)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'"x"', b"null", b'{"image": 7}', b'{"image": null}', b'{"image": []}',
     b'{"image": "../x"}', b"[" * 5000, b'{"image": "\xff"}', b'{"image": ' + b"9" * 5000 + b"}"],
)  # fmt: skip
def test_what_is_no_question_is_refused(body: bytes) -> None:
    workspace = looked_at(studio("similar"))
    response = browser(workspace).post(
        f"/workspace/{workspace.id}/similar/", body, content_type="application/json"
    )
    assert (response.status_code, response.json()["refused"]["code"]) == (422, "bad_payload")


def test_a_body_beyond_all_measure_is_not_read() -> None:
    workspace = looked_at(studio("similar"))
    body = b'{"image": "' + b"x" * 2_000_000 + b'"}'
    address = f"/workspace/{workspace.id}/similar/"
    response = browser(workspace).post(address, body, content_type="application/json")
    assert response.status_code in (400, 413)


def test_a_picture_of_another_workspace_is_unknown() -> None:
    workspace, image = looked_at(studio("similar")), an_image(99)
    status, answer = ask_similar(browser(workspace), workspace, str(image.id))
    assert (status, answer["refused"]["code"]) == (422, "unknown_image")
    assert ask_similar(browser(workspace), workspace, str(uuid4()))[0] == 422


# --- map


def drawn(workspace: Workspace) -> PictureMap:
    do(workspace, "map.start")
    draw_map(str(workspace.maps.latest("queued_at").id))
    return workspace.maps.latest("queued_at")


def test_a_map_has_a_point_for_every_picture() -> None:
    workspace = a_workspace(studio("map"))
    row = drawn(workspace)
    assert (row.state, kinds(workspace)[-2:]) == ("done", ["map.requested", "map.done"])
    assert Feature.objects.count() == 6
    answer = browser(workspace).get(f"/workspace/{workspace.id}/map/{row.id}.json").json()
    assert answer["images"] == images_of(workspace)
    assert len(answer["points"]) == 6
    assert all(0 <= part <= 1 for point in answer["points"] for part in point)
    assert queries.state(workspace)["map"] == {
        "id": str(row.id),
        "state": "done",
        "images": 6,
        "reason": "",
    }


def test_the_same_pictures_are_mapped_the_same_way() -> None:
    workspace = a_workspace(studio("map"), pictures=25)
    assert drawn(workspace).points == drawn(workspace).points


def test_one_picture_is_map_enough_and_none_is_not() -> None:
    assert drawn(a_workspace(studio("map"), pictures=1)).points == [[0.5, 0.5]]
    with pytest.raises(Refused, match="no_images"):
        do(a_workspace(studio("map"), pictures=0), "map.start")


def test_progress_of_a_map_tells_what_is_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "duetml.workspace.work.progress.push", lambda _stream, frame: frames.append(dict(frame))
    )
    workspace = a_workspace(studio("map"))
    row = drawn(workspace)
    assert [frame["phase"] for frame in frames] == ["looking", "arranging", "arranging"]
    assert all((f["type"], f["map"]) == ("progress", str(row.id)) for f in frames)


def test_one_map_at_a_time_and_three_are_kept() -> None:
    workspace = a_workspace(studio("map"))
    do(workspace, "map.start")
    with pytest.raises(Refused, match="busy"):
        do(workspace, "map.start")
    draw_map(str(workspace.maps.get().id))
    for minute in range(1, 4):
        do(workspace, "map.start", now=NOW + timedelta(minutes=minute))
        draw_map(str(workspace.maps.latest("queued_at").id))
    assert workspace.maps.count() == maps.KEPT
    assert workspace.maps.earliest("queued_at").queued_at > NOW


def test_a_map_that_cannot_be_drawn_says_why() -> None:
    workspace = a_workspace(studio("map"))
    for image in Image.objects.all():
        default_storage.delete(image.full_path)
    row = drawn(workspace)
    assert (row.state, row.error, kinds(workspace)[-1]) == ("failed", "crashed", "map.failed")
    assert browser(workspace).get(f"/workspace/{workspace.id}/map/{row.id}.json").status_code == 404
    do(workspace, "map.start")  # and may be tried again


# --- parcel


def packed(workspace: Workspace, minutes: int = 0) -> Parcel:
    do(workspace, "parcel.start", now=NOW + timedelta(minutes=minutes))
    pack(str(workspace.parcels.latest("queued_at").id))
    return workspace.parcels.latest("queued_at")


def read(row: Parcel, name: str) -> bytes:
    path = next(file["path"] for file in row.files if file["name"] == name)
    with default_storage.open(path) as file:
        data: bytes = file.read()
        return data


def download(client: Client, workspace: Workspace, row: Parcel, name: str) -> Any:
    return client.get(f"/workspace/{workspace.id}/parcel/{row.id}/{name}")


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_a_parcel_has_the_model_the_pictures_and_the_card() -> None:
    workspace = trained(studio())
    row = packed(workspace)
    assert (row.state, kinds(workspace)[-2:]) == ("done", ["parcel.requested", "parcel.done"])
    files = told(workspace)["files"]
    assert [file["name"] for file in files] == [
        "classifier.onnx", "pictures.zip", "model-card.md",
    ]  # fmt: skip
    run = workspace.training_runs.get()
    assert queries.state(workspace)["parcel"] == {
        "id": str(row.id), "state": "done", "run": str(run.id), "number": 1,
        "files": files, "reason": "",
    }  # fmt: skip
    assert [len(read(row, file["name"])) for file in files] == [file["bytes"] for file in files]


def test_a_file_comes_as_an_attachment_of_its_kind() -> None:
    workspace = trained(studio("take_home"))
    row, client = packed(workspace), browser(workspace)
    for name, kind in (
        ("classifier.onnx", "application/octet-stream"),
        ("pictures.zip", "application/zip"),
        ("model-card.md", "text/markdown; charset=utf-8"),
    ):
        response = download(client, workspace, row, name)
        assert response.status_code == 200
        assert response.headers["Content-Type"] == kind
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert body_of(response) == read(row, name)
        assert int(response.headers["Content-Length"]) == len(read(row, name))


def test_without_a_finished_run_there_is_nothing_to_take_home() -> None:
    workspace = sorted_out(studio("take_home"))
    with pytest.raises(Refused, match="not_trained"):
        do(workspace, "parcel.start")


def test_one_parcel_at_a_time() -> None:
    workspace = trained(studio("take_home"))
    do(workspace, "parcel.start")
    with pytest.raises(Refused, match="busy"):
        do(workspace, "parcel.start")


def test_only_the_newest_two_parcels_keep_their_files() -> None:
    workspace = trained(studio("take_home"))
    rows = [packed(workspace, minute) for minute in range(3)]
    client = browser(workspace)
    statuses = [download(client, workspace, row, "model-card.md").status_code for row in rows]
    assert statuses == [404, 200, 200]
    assert not default_storage.exists(f"parcels/{rows[0].id}")


def test_what_a_killed_attempt_left_is_cleared_away() -> None:
    workspace = trained(studio("take_home"))
    do(workspace, "parcel.start")
    dead = Parcel.claim(workspace.parcels.get().id, NOW)
    assert dead is not None
    from django.core.files.base import ContentFile

    default_storage.save(f"{parcels.folder_of(dead)}/classifier.onnx", ContentFile(b"half"))
    Parcel.requeue_expired(timezone.now())
    pack(str(dead.id))
    row = workspace.parcels.get()
    assert (row.state, row.attempt) == ("done", 2)
    assert default_storage.listdir(f"parcels/{row.id}")[0] == ["2"]
    assert not parcels.finish(dead, [], NOW)  # the dead one wakes up
    assert len(read(row, "classifier.onnx")) > 1000


def test_the_pictures_lie_in_folders_of_their_categories() -> None:
    workspace = trained(studio("take_home"))
    land, water = ids_of(workspace)
    do(workspace, "category.rename", {"category": land, "name": "=1+1/../動物"})
    do(workspace, "category.delete", {"category": water})
    row = packed(workspace)
    with ZipFile(io.BytesIO(read(row, "pictures.zip"))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        table = list(csv.reader(archive.read("labels.csv").decode("utf-8-sig").splitlines()))
        first = archive.read(names[0])
    folders = ["=1+1_.._動物", "water"]
    expected = [f"pictures/{folder}/{n:04}.jpg" for folder in folders for n in (1, 2, 3)]
    assert names == [*expected, "labels.csv"]
    image = Image.objects.get(pk=images_of(workspace)[0])
    with default_storage.open(image.full_path) as file:
        assert first == file.read()
    assert table[0] == ["file", "category", "origin", "image"]
    assert table[1] == [names[0], "'=1+1/../動物", "pool", str(image.id)]
    assert [line[1] for line in table[4:]] == ["water"] * 3


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_card_says_what_the_classifier_is(language: str) -> None:
    workspace = trained(studio(), each=6, language=language)
    land = ids_of(workspace)[0]
    do(workspace, "category.rename", {"category": land, "name": "<b>|`land`"})
    card = read(packed(workspace), "model-card.md").decode()
    heading = {"en": "# Image classifier", "ja": "# 画像分類器"}[language]
    assert card.startswith(heading)
    assert "\\<b\\>\\|\\`land\\` | 6 | 6 | 0" in card
    assert queries.backbone_info().digest in card
    assert "made for tests" in card  # the licence note of the pool
    quality = workspace.training_runs.get().report["quality"]
    assert f"{100 * quality['accuracy']:.0f} %" in card
    assert "None" not in card.replace("[None]", "")


def test_the_program_on_the_card_says_what_the_workspace_says(tmp_path: Path) -> None:
    workspace = a_workspace(studio("take_home"), pictures=24)
    assert workspace.pool is not None
    by_hue = [str(entry.image_id) for entry in sorted(workspace.pool.entries.all(), key=hue)]
    a_category(workspace, "warm", by_hue[:12])
    a_category(workspace, "cold", by_hue[12:])
    do(workspace, "training.start")
    train_run(str(workspace.training_runs.get().id))
    assert_card_agrees(workspace, tmp_path)


def hue(entry: PoolImage) -> float:
    return entry.position * 0.381966 % 1  # as tests.people.a_picture has it


def test_it_does_so_of_photographs_too(data: Path, settings: Settings, tmp_path: Path) -> None:
    from tests.integration.test_workspace_learning import _photographs

    settings.BACKBONE_PATH = data / "weights" / "mobilenet_v2_1.0_224_tf2.pth"
    engine._loaded.cache_clear()
    try:
        workspace = a_workspace(studio("take_home"), pictures=0)
        known, _unknown = _photographs(workspace, data, ["leopard", "dolphin"])
        for kind, images in known.items():
            a_category(workspace, kind, images)
        do(workspace, "training.start")
        train_run(str(workspace.training_runs.get().id))
        assert_card_agrees(workspace, tmp_path)
    finally:
        engine._loaded.cache_clear()


def assert_card_agrees(workspace: Workspace, folder: Path) -> None:
    """Run the card's program on all pictures as they are stored; compare with a test of them."""
    images = images_of(workspace)[:24]
    assert len(images) >= 20
    do(workspace, "test.start", {"images": images})
    run_test(str(workspace.test_runs.latest("queued_at").id))
    row = packed(workspace)
    (folder / "classifier.onnx").write_bytes(read(row, "classifier.onnx"))
    card = read(row, "model-card.md").decode()
    program = re.search(r"```python\n(.*?)```", card, re.DOTALL)
    assert program
    assert len(program[1].splitlines()) <= 12
    for image in images:
        with default_storage.open(Image.objects.get(pk=image).full_path) as file:
            (folder / f"{image}.jpg").write_bytes(file.read())
    run = subprocess.run(
        [sys.executable, "-c", program[1], *(f"{image}.jpg" for image in images)],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = run.stdout.splitlines()
    firsts = [next(iter(json.loads(line[line.index("{") :]).values())) for line in lines]
    assert max(firsts) - min(firsts) > 0.1  # it does tell pictures apart
    results = workspace.test_runs.latest("queued_at").results
    for line, result in zip(lines, results, strict=True):
        shares = json.loads(line[line.index("{") :])
        for score in result["scores"]:  # the workspace rounds to four places
            assert shares[score["name"]] == pytest.approx(score["p"], abs=1.5e-4)
        assert result["scores"][0]["name"] in line.split("{")[0]


def test_a_parcel_of_a_backbone_that_is_gone_fails_with_that_reason() -> None:
    workspace = trained(studio("take_home"))
    run = workspace.training_runs.get()
    run.report = run.report | {"digest": "another"}
    run.save()
    row = packed(workspace)
    assert (row.state, row.error, kinds(workspace)[-1]) == ("failed", "backbone", "parcel.failed")
    assert not default_storage.exists(f"parcels/{row.id}")


# --- the sweep


def test_the_sweep_sends_again_what_was_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Job, dict[str, str]]] = []
    monkeypatch.setattr(
        "duetml.workspace.work.sweep.send", lambda job, **ids: sent.append((job, ids))
    )
    workspace = trained(studio("map", "take_home"))
    do(workspace, "map.start")
    do(workspace, "parcel.start")
    Parcel.claim(workspace.parcels.get().id, NOW)  # by a worker that is dead by now
    sweep()
    assert sent == [
        (Job.MAP, {"map": str(workspace.maps.get().id)}),
        (Job.PARCEL, {"parcel": str(workspace.parcels.get().id)}),
    ]


def test_what_killed_three_workers_is_given_up_and_told() -> None:
    workspace = trained(studio("map", "take_home"))
    do(workspace, "map.start")
    do(workspace, "parcel.start")
    for _ in range(3):
        assert PictureMap.claim(workspace.maps.get().id, NOW)
        assert Parcel.claim(workspace.parcels.get().id, NOW)
        sweep()
    assert kinds(workspace)[-2:] == ["map.failed", "parcel.failed"]
    assert told(workspace)["reason"] == "gave_up"


# --- who may


@pytest.mark.parametrize("features", PLAIN)
@pytest.mark.parametrize("action", ["map.start", "parcel.start"])
def test_the_plain_tool_refuses_as_it_refuses_what_never_was(
    features: Features, action: str
) -> None:
    workspace = trained(features)
    before = kinds(workspace)
    with pytest.raises(Refused) as refused:
        do(workspace, action)
    with pytest.raises(Refused) as unknown:
        do(workspace, "fly.start")
    assert str(refused.value) == str(unknown.value)
    assert kinds(workspace) == before
    assert not PictureMap.objects.exists()
    assert not Parcel.objects.exists()


def addresses(workspace: Workspace) -> list[tuple[str, str]]:
    base = f"/workspace/{workspace.id}"
    drawing, parcel = workspace.maps.get().id, workspace.parcels.get().id
    return [
        ("post", f"{base}/similar/"),
        ("get", f"{base}/map/{drawing}.json"),
        ("get", f"{base}/parcel/{parcel}/model-card.md"),
    ]


def statuses(client: Client, workspace: Workspace) -> list[int]:
    image = {"image": images_of(workspace)[0]}
    return [
        client.post(address, image).status_code
        if way == "post"
        else client.get(address).status_code
        for way, address in addresses(workspace)
    ]


def test_only_who_was_granted_the_workspace_gets_anything() -> None:
    workspace, other = trained(studio()), trained(studio())
    for one in (workspace, other):
        drawn(one)
        packed(one)
    assert statuses(browser(workspace), workspace) == [200, 200, 200]
    assert statuses(browser(other), workspace) == [404, 404, 404]
    assert statuses(browser(), workspace) == [404, 404, 404]
    mine = browser(workspace)
    theirs = [address for _, address in addresses(other)[1:]]
    swapped = [address.replace(str(other.id), str(workspace.id)) for address in theirs]
    assert [mine.get(address).status_code for address in swapped] == [404, 404]


@pytest.mark.parametrize("features", PLAIN)
def test_a_feature_that_is_off_has_no_address(features: Features) -> None:
    workspace = trained(studio())
    drawn(workspace)
    packed(workspace)
    workspace.settings_json["features"] = features.model_dump()
    workspace.save()
    before = kinds(workspace)
    assert statuses(browser(workspace), workspace) == [404, 404, 404]
    assert kinds(workspace) == before


@pytest.mark.parametrize(
    "name",
    ["classifier.onn", "..%2Fmodel-card.md", "model-card.md%00", ".", "x" * 300, "labels.csv"],
)
def test_a_file_that_was_not_packed_is_not_there(name: str) -> None:
    workspace = trained(studio("take_home"))
    row = packed(workspace)
    assert download(browser(workspace), workspace, row, name).status_code == 404


def test_ids_that_are_none_lead_nowhere() -> None:
    workspace = trained(studio())
    client = browser(workspace)
    base = f"/workspace/{workspace.id}"
    hostile = ["map/x.json", "map/1.json", f"map/{uuid4()}.json", "parcel/x/model-card.md"]
    hostile.append(f"parcel/{uuid4()}/model-card.md")
    assert [client.get(f"{base}/{one}").status_code for one in hostile] == [404] * 5
    assert client.get(f"{base}/similar/").status_code == 405


@pytest.mark.parametrize("payload", [{"images": []}, {"x": 1}, {"run": str(uuid4())}])
@pytest.mark.parametrize("action", ["map.start", "parcel.start"])
def test_an_action_with_more_than_it_takes_is_refused(action: str, payload: dict[str, Any]) -> None:
    workspace = trained(studio())
    with pytest.raises(Refused, match="bad_payload"):
        do(workspace, action, payload)


def test_too_late_is_recorded_and_changes_nothing() -> None:
    workspace = trained(studio())
    workspaces.close(workspace.id, "clock", NOW)
    for action in ("map.start", "parcel.start"):
        assert do(workspace, action).late
    assert not PictureMap.objects.exists()
    assert not Parcel.objects.exists()


def test_a_picture_uploaded_since_the_map_is_not_on_it() -> None:
    workspace = a_workspace(studio("map"))
    do(workspace, "map.start")
    from duetml.vision.intake import read_picture
    from duetml.workspace.services.images import store

    late = store(read_picture(a_picture(70), "p.jpg"), NOW)
    workspace.offered.create(image=late, origin="upload", position=99)
    draw_map(str(workspace.maps.get().id))
    row = workspace.maps.get()
    assert len(row.points) == len(row.images) == 6
    assert str(late.id) not in row.images
