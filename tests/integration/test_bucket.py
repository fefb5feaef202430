"""Pictures and what is made of them in a bucket, over HTTP, on a server with S3's interface."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import boto3
import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from duetml import media
from duetml.config import health
from duetml.config.environment import Environment
from duetml.features import Features
from duetml.live import log
from duetml.vision.intake import read_picture
from duetml.workspace.models import Feature, Image, Parcel, Pool, PoolImport, State, Workspace
from duetml.workspace.services import erasing, images, imports, parcels, pools
from duetml.workspace.work import importing, sweep
from duetml.workspace.work.embed import embed_images
from evaluation.models import Report
from evaluation.services import exporting, reports
from evaluation.work import export_job
from tests import services
from tests.exports import CSV_ONLY, finished_world
from tests.integration.test_backup import exported, state
from tests.integration.test_export_job import pieces
from tests.integration.test_pools import a_zip
from tests.integration.test_workspace_images import browser
from tests.integration.test_workspace_studio import body_of, download, packed, trained
from tests.people import NOW, a_picture, a_workspace, images_of
from tests.raters import make_work, make_world
from tests.stack import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = {"AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "planted-bucket-key"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with services.s3() as url:
        yield url


@pytest.fixture(autouse=True)
def _own_place(
    server: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket and a folder of this test's own, and nothing sent to a worker."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("duetml.jobs.send", lambda job, **ids: None)
    settings.VAR = tmp_path
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "incoming")
    (tmp_path / "incoming").mkdir()
    use(settings, server, a_bucket(server))


def use(settings: Settings, server: str, bucket: str) -> None:
    named = Environment.model_validate(
        {"duetml_media": f"s3://{bucket}/of/the-lab", "aws_endpoint_url_s3": server}
    )
    settings.STORAGES = settings.STORAGES | {"default": named.media_storage}


def use_disk(settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {"default": Environment().media_storage}


def both(settings: Settings) -> list[dict[str, Any]]:
    """The bucket, and a disk."""
    return [settings.STORAGES["default"], Environment().media_storage]


def a_bucket(server: str) -> str:
    name = f"lab-{uuid4().hex}"
    client(server).create_bucket(Bucket=name)
    return name


def client(server: str) -> Any:
    return boto3.client("s3", endpoint_url=server, region_name="us-east-1")


def stored() -> dict[str, bytes]:
    return {path: default_storage.open(path).read() for path in media.every()}


@contextmanager
def denied(server: str) -> Iterator[None]:
    """No key is good any more."""
    for_all_keys(server, "0")
    try:
        yield
    finally:
        for_all_keys(server, "inf")


def for_all_keys(server: str, requests: str) -> None:
    address, kind = f"{server}/moto-api/reset-auth", {"Content-Type": "text/plain"}
    asked = urllib.request.Request(address, requests.encode(), kind)
    urllib.request.urlopen(asked).close()


def away(settings: Settings) -> None:
    use(settings, f"http://127.0.0.1:{services.free_port()}", "lab")


def upload(workspace: Workspace, number: int = 500) -> Image:
    values = {"id": str(uuid4()), "batch": str(uuid4())}
    file = SimpleUploadedFile("cat.jpg", a_picture(number))
    answer = browser(workspace).post(f"/workspace/{workspace.id}/upload/", values | {"file": file})
    assert answer.status_code == 200
    return Image.objects.get(sha256=read_picture(a_picture(number), "cat.jpg").sha256)


def test_a_picture_goes_into_the_bucket_and_is_sent_as_from_a_disk(
    settings: Settings, server: str
) -> None:
    workspace = a_workspace(Features(folders=True), pictures=0)
    image = upload(workspace)
    address = f"/workspace/{workspace.id}/image/{image.id}/{{}}.jpg"
    sent = {size: browser(workspace).get(address.format(size)) for size in ("thumb", "full")}
    bucket = settings.STORAGES["default"]["OPTIONS"]["bucket_name"]
    keys = [one["Key"] for one in client(server).list_objects(Bucket=bucket)["Contents"]]

    use_disk(settings)
    images.write_files(image, read_picture(a_picture(500), "cat.jpg"))

    assert sorted(keys) == [f"of/the-lab/{path}" for path in (image.full_path, image.thumb_path)]
    for size, answer in sent.items():
        here = browser(workspace).get(address.format(size))
        assert (answer.content, answer.status_code) == (here.content, 200)
        assert dict(answer.headers) == dict(here.headers)
        assert server not in str(answer.headers)


def test_the_same_picture_again_is_written_once_and_a_missing_one_is_not_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workspace = a_workspace(Features(folders=True), pictures=0)
    image = upload(workspace)
    written: list[str] = []
    monkeypatch.setattr(
        default_storage.__class__,
        "_save",
        lambda _bucket, name, _file: written.append(name),
    )

    upload(workspace)
    default_storage.delete(image.full_path)

    address = f"/workspace/{workspace.id}/image/{image.id}/full.jpg"
    assert written == []
    assert browser(workspace).get(address).status_code == 404


def test_a_worker_looks_at_pictures_of_the_bucket() -> None:
    workspace = a_workspace(pictures=3)

    assert embed_images(images_of(workspace)) == 3
    assert set(Feature.objects.values_list("image_id", flat=True)) == {
        UUID(image) for image in images_of(workspace)
    }


def test_a_parcel_is_packed_downloaded_and_cleared_away() -> None:
    workspace = trained(Features(take_home=True))
    rows = [packed(workspace, minutes) for minutes in range(3)]

    name = "pictures.zip"
    answer = download(browser(workspace), workspace, rows[-1], name)
    size = next(file["bytes"] for file in rows[-1].files if file["name"] == name)
    assert len(body_of(answer)) == size == int(answer.headers["Content-Length"])
    assert media.inside(f"parcels/{rows[0].pk}") == ([], [])
    default_storage.save(f"parcels/{rows[1].pk}/0/half.onnx", ContentFile(b"half"))
    parcels.clear_away(workspace.pk)
    assert media.inside(f"parcels/{rows[1].pk}")[0] == ["1"]
    assert Parcel.objects.filter(state=State.DONE).count() == 3


def test_a_zip_file_is_read_from_the_bucket_and_goes_when_it_is_read(tmp_path: Path) -> None:
    pool: Pool = pools.create("birds", "", "ann", timezone.now())
    data = a_zip({"one.jpg": a_picture(1), "two.jpg": a_picture(2), "bad.txt": b"no"})
    row = imports.begin(
        pool, SimpleUploadedFile("a.zip", data), "a.zip", "ann", "en", timezone.now()
    )
    assert media.inside("imports") == ([], [Path(row.archive).name])

    importing.import_archive(str(row.pk))

    assert PoolImport.objects.get().added == 2
    assert media.inside("imports") == ([], [])
    assert list((tmp_path / "incoming").iterdir()) == []


def test_an_archive_nobody_reads_is_cleared_away_after_a_day() -> None:
    default_storage.save("imports/left.zip", ContentFile(b"PK"))

    sweep.sweep()
    assert media.inside("imports")[1] == ["left.zip"]
    imports.clear_away(timezone.now() + timedelta(days=2))
    assert media.inside("imports")[1] == []


def test_an_export_is_the_same_to_the_byte_as_on_a_disk(settings: Settings, tmp_path: Path) -> None:
    world = finished_world(4, 2)
    for submission in world.submissions:
        make_work(submission)
    staff = Client()
    staff.force_login(User.objects.create_user("ann", is_staff=True))
    found: list[tuple[bytes, dict[str, str]]] = []
    kept = stored()
    for place in both(settings):
        settings.STORAGES = settings.STORAGES | {"default": place}
        for path, data in kept.items():
            if not default_storage.exists(path):
                default_storage.save(path, ContentFile(data))
        row = exporting.ask(world.study, CSV_ONLY, "ann", NOW)
        export_job.make(str(row.pk))
        answer = staff.get(f"/rating/export/duetml/{row.pk}/")
        found.append((b"".join(async_to_sync(pieces)(answer)), dict(answer.headers)))
        assert list((tmp_path / "exports").glob("*")) == []

    assert found[0] == found[1]


def test_a_draft_that_another_machine_finished_is_cleared_away() -> None:
    world = finished_world(2, 1)
    row = exporting.ask(world.study, CSV_ONLY, "ann", timezone.now())
    exporting.folder_of(row).mkdir(parents=True)

    export_job.sweep()
    assert exporting.folder_of(row).exists()
    row.state = State.DONE
    row.save()
    export_job.sweep()

    assert not exporting.folder_of(row).exists()


def test_files_of_a_report_come_with_the_headers_of_a_disk(settings: Settings) -> None:
    world = finished_world(2, 1)
    staff = Client()
    staff.force_login(User.objects.create_user("ann", is_staff=True))
    row = Report.objects.create(
        study=world.study, digest="d", state=State.DONE, queued_at=NOW, attempt=1
    )
    found = []
    for place in both(settings):
        settings.STORAGES = settings.STORAGES | {"default": place}
        path = default_storage.save(f"{reports.folder_of(row)}/a.en.svg", ContentFile(b"<svg/>"))
        row.files = [{"name": "a.en.svg", "bytes": 6, "path": path}]
        row.save()
        answer = staff.get("/rating/results/duetml/figures/a.en.svg")
        assert answer.status_code == 200
        headers = {name: value for name, value in answer.headers.items() if name != "Expires"}
        found.append((b"".join(answer), headers))

    assert found[0] == found[1]


def test_a_backup_of_one_bucket_is_restored_into_another(
    settings: Settings, server: str, tmp_path: Path
) -> None:
    make_world(3, 2)
    backup = tmp_path / "backup.zip"
    call_command("backup", str(backup))
    before, files = state(), stored()
    out = exported(tmp_path / "before")

    call_command("restore", str(backup), "--rehearse")
    assert stored() == files
    with pytest.raises(CommandError, match="is not empty, and nothing was changed"):
        call_command("restore", str(backup))
    call_command("flush", interactive=False, verbosity=0)
    use(settings, server, a_bucket(server))
    assert stored() == {}
    call_command("restore", str(backup))

    assert (state(), stored()) == (before, files)
    assert exported(tmp_path / "after") == out
    default_storage.save("parcels/later.onnx", ContentFile(b"later"))
    call_command("restore", str(backup), "--replace")
    assert stored() == files


def test_what_a_person_s_data_need_is_deleted_from_the_bucket(settings: Settings) -> None:
    workspace = a_workspace(Features(folders=True), pictures=0)
    upload(workspace)
    there = settings.STORAGES

    away(settings)
    with pytest.raises(media.MediaError), transaction.atomic():
        erasing.erase(workspace.pk)
    assert workspace.offered.exists()
    settings.STORAGES = there
    with transaction.atomic():
        erasing.erase(workspace.pk)

    assert stored() == {}
    assert log.verify(workspace.stream)


# What is wrong is said in one sentence


def test_a_bucket_that_answers_is_told_and_a_disk_is_not_asked(settings: Settings) -> None:
    assert health.bucket().ok
    assert "answers in" in health.checks(0)["bucket"].says
    use_disk(settings)
    assert "bucket" not in health.checks(0)


def test_a_bucket_that_is_away_missing_or_closed_is_named_with_what_to_do(
    settings: Settings, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_world(1, 1)

    def says(words: str) -> None:
        told = health.bucket()
        assert not told.ok
        assert words in told.says
        with pytest.raises(CommandError) as problem:
            call_command("backup", str(tmp_path / "backup.zip"))
        assert "Nothing was written" in str(problem.value)
        assert words in str(problem.value)
        assert not (tmp_path / "backup.zip").exists()

    with denied(server):
        says("refuses our keys (")
    there = settings.STORAGES
    use(settings, server, "not-there")
    says("There is no bucket not-there: make it, or correct DUETML_MEDIA.")
    away(settings)
    says("does not answer (EndpointConnectionError): start it, or see AWS_ENDPOINT_URL_S3.")
    for name in KEYS:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings.STORAGES = there
    says("There are no keys for the bucket: set AWS_ACCESS_KEY_ID")


def test_a_restore_into_a_bucket_that_is_away_changes_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    make_world(1, 1)
    backup = tmp_path / "backup.zip"
    call_command("backup", str(backup))
    before = state()

    away(settings)
    with pytest.raises(CommandError, match=r"does not answer .*The database was not changed\.$"):
        call_command("restore", str(backup), "--replace")

    assert state() == before


def test_an_upload_that_cannot_be_kept_leaves_no_row(settings: Settings) -> None:
    workspace = a_workspace(Features(folders=True), pictures=0)
    away(settings)
    page = browser(workspace)
    page.raise_request_exception = False
    file = SimpleUploadedFile("cat.jpg", a_picture(1))

    answer = page.post(f"/workspace/{workspace.id}/upload/", {"id": str(uuid4()), "file": file})

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert not workspace.offered.exists()


def ran(*command: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_that_writes_pictures_ends_in_the_sentence(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "one.jpg").write_bytes(a_picture(1))
    own = {
        "DUETML_VAR": str(tmp_path / "var"),
        "DATABASE_URL": "",
        "DUETML_MEDIA": "s3://lab",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{services.free_port()}",
    }
    assert ran("manage.py", "migrate", **own).returncode == 0

    told = ran("manage.py", "import_images", str(tmp_path / "pictures"), "--pool", "x", **own)

    assert told.returncode == 1
    assert told.stderr.startswith("CommandError: The bucket's server does not answer (")
    assert len(told.stderr.splitlines()) == 1


def test_without_the_setting_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    asked = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'duetml.config.settings';"
        "django.setup(); import duetml.config.urls, duetml.config.health as h; h.checks(0);"
        "print([name for name in sys.modules if name.startswith(('boto', 'storages'))])"
    )

    told = ran("-c", asked, DUETML_VAR=str(tmp_path), DUETML_MEDIA="")

    assert told.stdout.strip() == "[]", told.stderr
