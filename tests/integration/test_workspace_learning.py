"""Training and testing, by the functions a worker runs."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from duetml.jobs import Job
from duetml.live import log
from duetml.vision.intake import read_picture
from duetml.workspace import queries
from duetml.workspace.models import Feature, Image, Pool, TestRun, TrainingRun, Workspace
from duetml.workspace.services import pools, training
from duetml.workspace.work import embed, engine
from duetml.workspace.work.sweep import sweep
from duetml.workspace.work.test import test_run as run_test
from duetml.workspace.work.train import train_run
from tests.people import NOW, a_category, a_workspace, do, images_of, kinds

pytestmark = pytest.mark.django_db(transaction=True)


def trained() -> Workspace:
    workspace = trainable()
    do(workspace, "training.start")
    train_run(str(workspace.training_runs.get().id))
    return workspace


def trainable() -> Workspace:
    workspace = a_workspace()
    images = images_of(workspace)
    a_category(workspace, "land", images[:3])
    a_category(workspace, "water", images[3:])
    return workspace


def payload(workspace: Workspace) -> dict[str, Any]:
    return dict(log.newest(workspace.stream, 1)[0].payload)


def test_a_training_run_leaves_a_classifier_and_a_full_report() -> None:
    workspace = trained()
    run = workspace.training_runs.get()
    assert (run.state, kinds(workspace)[-1]) == ("done", "training.done")
    assert payload(workspace)["report"] == run.report
    assert run.report["digest"] == queries.backbone_info().digest
    assert run.report["n"] == 6
    assert set(run.report["per_category"].values()) == {3}
    assert {"numpy", "scipy", "onnxruntime"} <= run.report["versions"].keys()
    assert Feature.objects.count() == 6


def test_features_are_computed_once_per_image() -> None:
    workspace = trained()
    before = dict(Feature.objects.values_list("image_id", "pk"))
    do(workspace, "training.start")
    train_run(str(workspace.training_runs.latest("number").id))
    assert dict(Feature.objects.values_list("image_id", "pk")) == before


def test_a_message_that_comes_twice_trains_once() -> None:
    workspace = trained()
    train_run(str(workspace.training_runs.get().id))
    assert kinds(workspace).count("training.done") == 1


def test_weights_other_than_the_protocol_asks_for_are_told() -> None:
    workspace = a_workspace(weights="7ebf99e0")
    first, second, *_ = images_of(workspace)
    a_category(workspace, "land", [first])
    a_category(workspace, "water", [second])
    do(workspace, "training.start")
    train_run(str(workspace.training_runs.get().id))
    report = workspace.training_runs.get().report
    assert (report["weights_expected"], report["weights_match"]) == ("7ebf99e0", False)
    assert report["weights_used"].startswith("untrained")
    assert not report["calibrated"]


def test_a_picture_that_is_gone_fails_the_run_with_a_reason() -> None:
    workspace = trainable()
    do(workspace, "training.start")
    for image in Image.objects.all():
        default_storage.delete(image.full_path)
    train_run(str(workspace.training_runs.get().id))
    assert (kinds(workspace)[-1], payload(workspace)["reason"]) == ("training.failed", "crashed")


@pytest.mark.parametrize("times", [1, 3])
def test_a_run_that_the_database_left_alone_is_tried_again_and_fails_at_the_last_attempt(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = trainable()
    do(workspace, "training.start")
    run, away = str(workspace.training_runs.get().id), [OperationalError("it closed")] * times
    finish = training.finish

    def unlucky(*told: Any, **named: Any) -> Any:
        if away:
            raise away.pop()
        return finish(*told, **named)

    monkeypatch.setattr(training, "finish", unlucky)
    for _ in range(times):
        assert workspace.training_runs.get().state == "queued"
        train_run(run)
    train_run(run)

    last = kinds(workspace)[-1]
    assert last == ("training.done" if times == 1 else "training.failed")
    assert kinds(workspace).count("training.failed") == (times == 3)


def test_a_worker_that_lost_its_lease_saves_nothing() -> None:
    workspace = trainable()
    do(workspace, "training.start")
    slow = TrainingRun.claim(workspace.training_runs.get().id, NOW)
    assert slow is not None
    TrainingRun.requeue_expired(timezone.now())
    quick = TrainingRun.claim(slow.id, timezone.now())
    assert quick is not None
    assert training.finish(quick, b"right", {}, NOW)
    assert not training.finish(slow, b"wrong", {}, NOW)
    assert bytes(workspace.training_runs.get().classifier or b"") == b"right"


def test_a_classifier_names_the_pictures_it_was_trained_on() -> None:
    workspace = trained()
    images = images_of(workspace)
    do(workspace, "test.start", {"images": images})
    run_test(str(workspace.test_runs.get().id))
    test = workspace.test_runs.get()
    assert (test.state, kinds(workspace)[-1]) == ("done", "test.done")
    assert [result["image"] for result in test.results] == images
    best = [result["scores"][0]["name"] for result in test.results]
    assert best == ["land"] * 3 + ["water"] * 3
    for result in test.results:
        assert sum(score["p"] for score in result["scores"]) == pytest.approx(1, abs=0.001)


def test_a_renamed_category_is_tested_under_its_new_name_without_training() -> None:
    workspace = trained()
    land = queries.live_categories(workspace.id)[0]
    do(workspace, "category.rename", {"category": str(land.id), "name": "on land"})
    state = queries.state(workspace)
    assert not state["training"]["stale"]
    do(workspace, "test.start", {"images": images_of(workspace)[:1]})
    run_test(str(workspace.test_runs.get().id))
    names = {score["name"] for score in workspace.test_runs.get().results[0]["scores"]}
    assert names == {"on land", "water"}


def test_moving_an_image_makes_the_training_stale() -> None:
    workspace = trained()
    land = queries.live_categories(workspace.id)[0]
    moving = images_of(workspace)[-1]
    do(workspace, "images.add", {"category": str(land.id), "images": [moving]})
    assert queries.state(workspace)["training"]["stale"]


def test_the_sweep_sends_again_what_a_lost_message_and_a_dead_worker_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[Job, dict[str, str]]] = []
    monkeypatch.setattr(
        "duetml.workspace.work.sweep.send", lambda job, **ids: sent.append((job, ids))
    )
    lost, dead = trainable(), trainable()
    for workspace in (lost, dead):
        do(workspace, "training.start")
    TrainingRun.claim(dead.training_runs.get().id, NOW)
    sweep()
    assert {(job, ids["run"]) for job, ids in sent} == {
        (Job.TRAIN, str(lost.training_runs.get().id)),
        (Job.TRAIN, str(dead.training_runs.get().id)),
    }


def test_a_run_whose_worker_died_three_times_is_failed_and_told() -> None:
    workspace = trainable()
    do(workspace, "training.start")
    run = workspace.training_runs.get()
    for _ in range(3):
        assert TrainingRun.claim(run.id, NOW)
        sweep()
    assert (kinds(workspace)[-1], payload(workspace)["reason"]) == ("training.failed", "gave_up")
    assert kinds(workspace).count("training.failed") == 1


def test_two_workers_embed_the_same_pool_without_harm() -> None:
    workspace = a_workspace()
    pool = str(workspace.pool_id)
    threads = [threading.Thread(target=_embed, args=(pool,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Feature.objects.count() == 6


def _embed(pool: str) -> None:
    from django.db import connection

    try:
        embed.embed_pool(pool)
    finally:
        connection.close()


def test_real_photographs_are_told_apart_with_real_weights(data: Path, settings: Settings) -> None:
    settings.BACKBONE_PATH = data / "weights" / "mobilenet_v2_1.0_224_tf2.pth"
    engine._loaded.cache_clear()
    try:
        workspace = a_workspace(pictures=0)
        known, unknown = _photographs(workspace, data, ["leopard", "dolphin"])
        for kind, images in known.items():
            a_category(workspace, kind, images)
        do(workspace, "training.start")
        train_run(str(workspace.training_runs.get().id))
        do(workspace, "test.start", {"images": [i for images in unknown.values() for i in images]})
        run_test(str(workspace.test_runs.get().id))
    finally:
        engine._loaded.cache_clear()
    best = [result["scores"][0]["name"] for result in TestRun.objects.get().results]
    right = [kind for kind, images in unknown.items() for _ in images]
    assert sum(a == b for a, b in zip(best, right, strict=True)) >= 9
    assert workspace.training_runs.get().report["trained"]


def _photographs(
    workspace: Workspace, data: Path, kinds: list[str]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Five images per kind to train on and five to test on, offered by the workspace."""
    known, unknown = {}, {}
    pool: Pool = pools.get_or_create("photographs", "", NOW)
    for kind in kinds:
        files = sorted((data / "images" / "animals" / kind).glob("*.jpg"))[:10]
        for file in files:
            pools.add(pool, read_picture(file.read_bytes(), file.name), f"{kind}/{file.name}", NOW)
        entries = pool.entries.filter(source__startswith=kind)
        ids = [str(image) for image in entries.values_list("image_id", flat=True)]
        known[kind], unknown[kind] = ids[:5], ids[5:]
    for position, entry in enumerate(pool.entries.all()):
        workspace.offered.create(image=entry.image, origin="pool", position=position)
    return known, unknown
