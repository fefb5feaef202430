"""Everything in one file, and back: on SQLite, and on PostgreSQL under tests/with-services."""

import json
import shutil
import zipfile
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from pytest_django import Settings

from duetml import media, safekeeping
from duetml.config import database_version
from duetml.config.backup import rows
from duetml.config.database_version import WrongVersionError
from duetml.workspace.models import Image
from evaluation.work.export import export
from study.models import Study
from tests.raters import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    """A study with ratings, in a storage of its own."""
    settings.VAR = tmp_path / "var"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "var" / "media")},
        }
    }
    (tmp_path / "var" / "models").mkdir(parents=True)
    (tmp_path / "var" / "models" / "weights.pth").write_bytes(b"weights")
    return make_world(3, 2)


def backed_up(folder: Path) -> Path:
    call_command("backup", str(folder / "backup.zip"))
    return folder / "backup.zip"


def emptied(settings: Settings) -> None:
    """What a new machine has: tables, and nothing in them."""
    call_command("flush", interactive=False, verbosity=0)
    shutil.rmtree(settings.VAR)
    settings.VAR.mkdir()


def state() -> dict[str, list[bytes]]:
    return {model._meta.label: list(rows.lines(model)) for model in rows.tables()}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def exported(folder: Path) -> dict[str, bytes]:
    for study in Study.objects.all():
        export(study, folder / study.slug, by="ann", now=timezone.now(), while_open=True)
    return contents(folder)


def changed(backup: Path, name: str, content: bytes) -> Path:
    """The same backup with another member in the place of one."""
    target = backup.with_name(f"changed-{uuid4()}.zip")
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(target, "w") as new:
        for one in old.namelist():
            new.writestr(one, content if one == name else old.read(one))
    return target


def manifest_of(backup: Path) -> dict[str, Any]:
    with zipfile.ZipFile(backup) as archive:
        told: dict[str, Any] = json.loads(archive.read("manifest.json"))
        return told


@pytest.mark.usefixtures("world")
def test_what_is_restored_is_what_was_there_and_exports_the_same_bytes(
    settings: Settings, tmp_path: Path
) -> None:
    backup = backed_up(tmp_path)
    before, media = state(), contents(settings.VAR / "media")
    export_before = exported(tmp_path / "before")

    emptied(settings)
    call_command("restore", str(backup))

    assert state() == before
    assert contents(settings.VAR / "media") == media
    assert (settings.VAR / "models" / "weights.pth").read_bytes() == b"weights"
    assert exported(tmp_path / "after") == export_before


@pytest.mark.usefixtures("world")
def test_rows_go_on_being_numbered_after_a_restore(settings: Settings, tmp_path: Path) -> None:
    backup = backed_up(tmp_path)
    last = User.objects.latest("pk").pk
    emptied(settings)
    call_command("restore", str(backup))

    assert User.objects.create_user("after").pk > last


@pytest.mark.usefixtures("world")
def test_a_backup_holds_one_moment_and_keeps_no_writer_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, written = Event(), Event()
    lines = rows.lines

    def write() -> None:
        assert begun.wait(10)
        User.objects.create_user("meanwhile")
        written.set()
        connections.close_all()

    def slowly(model: Any) -> Any:
        begun.set()
        assert written.wait(10), "the writer had to wait for the backup"
        return lines(model)

    monkeypatch.setattr(rows, "lines", slowly)
    writer = Thread(target=write)
    writer.start()
    backup = backed_up(tmp_path)
    writer.join()

    with zipfile.ZipFile(backup) as archive:
        assert b"meanwhile" not in archive.read("rows/auth.User.jsonl")
    assert User.objects.filter(username="meanwhile").exists()


@pytest.mark.usefixtures("world")
def test_a_full_platform_is_replaced_only_if_told(settings: Settings, tmp_path: Path) -> None:
    backup = backed_up(tmp_path)
    before = state()
    User.objects.create_user("later")
    default_storage.save("parcels/later.onnx", default_storage.open(next(media.every())))
    later = state()

    with pytest.raises(CommandError, match="is not empty, and nothing was changed"):
        call_command("restore", str(backup))
    assert state() == later
    call_command("restore", str(backup), "--replace")

    assert state() == before
    assert "parcels/later.onnx" not in contents(settings.VAR / "media")


@pytest.mark.usefixtures("world")
def test_a_file_that_cannot_be_deleted_is_told_as_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backed_up(tmp_path)
    before = state()
    User.objects.create_user("later")
    default_storage.save("parcels/later.onnx", default_storage.open(next(media.every())))

    def refused(_storage: object, _path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(default_storage.__class__, "delete", refused)
    with pytest.raises(CommandError, match=r"is restored, but files .* are left"):
        call_command("restore", str(backup), "--replace")

    assert state() == before


def test_no_secret_is_in_a_backup(world: World, tmp_path: Path, settings: Settings) -> None:
    secrets = {
        "secret_key": "planted-signing-key-0123456789abcdefgh",
        "openai_api_key": "sk-planted-vendor-key",
        "aws_secret_access_key": "planted-bucket-key",
        "duetml_reactive_api_key": "sk-planted-reactive",
        "duetml_proactive_api_key": "sk-planted-proactive",
        "database_url": "postgres://ann:planted-password@db/duetml?password=planted-too",
        "redis_url": "redis://:planted-broker@redis:6379/0",
    }
    settings.ENV = settings.ENV.model_copy(update=secrets)

    with zipfile.ZipFile(backed_up(tmp_path)) as archive:
        told = archive.read("settings.json").decode()

    assert "planted" not in told
    assert json.loads(told)["DATABASE_URL"] == "postgres://ann:•••@db/duetml"
    assert json.loads(told)["OPENAI_API_KEY"] == "(set, kept out)"


@pytest.mark.usefixtures("world")
def test_a_picture_without_its_file_is_counted(tmp_path: Path) -> None:
    default_storage.delete(Image.objects.all()[0].full_path)

    assert manifest_of(backed_up(tmp_path))["without_file"] == 1


@pytest.mark.usefixtures("world")
def test_backups_that_are_damaged_foreign_or_of_another_version_change_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    backup = backed_up(tmp_path)
    told = manifest_of(backup)
    events = "rows/live.Event.jsonl"
    with zipfile.ZipFile(backup) as archive:
        one_less = b"".join(archive.read(events).splitlines(keepends=True)[:-1])
        packed = archive.getinfo(events)
    whole = backup.read_bytes()
    # Among what the rows were packed into: some bytes of a header are there twice, and read once.
    within = packed.header_offset + 30 + len(events) + packed.compress_size // 2
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "flipped.zip").write_bytes(
        whole[:within] + bytes([whole[within] ^ 255]) + whole[within + 1 :]
    )
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as archive:
        archive.writestr("holiday.txt", "hello")
    newer = told | {"migrations": told["migrations"] | {"study": ["0999_next"]}}
    emptied(settings)
    empty = state()

    for bad, words in (
        (tmp_path / "nowhere.zip", "There is no file"),
        (tmp_path / "cut.zip", "is damaged"),
        (tmp_path / "flipped.zip", "is damaged"),
        (tmp_path / "foreign.zip", "is not a backup of DuetML"),
        (changed(backup, events, one_less), "is not what was written"),
        (changed(backup, "manifest.json", b"{}"), "is not a backup of DuetML"),
        (changed(backup, "manifest.json", b"\xff"), "has a damaged manifest"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("restore", str(bad))
    for manifest, words in (
        (told | {"version": 2}, "has version 2 of the format"),
        (newer, "another version of DuetML .its tables: study/0999_next"),
    ):
        bad = changed(backup, "manifest.json", json.dumps(manifest).encode())
        with pytest.raises(CommandError, match=words):
            call_command("restore", str(bad))

    assert state() == empty
    assert contents(settings.VAR) == {}


@pytest.mark.usefixtures("world")
def test_a_row_the_database_refuses_leaves_everything_as_it_was(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backed_up(tmp_path)
    emptied(settings)
    empty = state()
    monkeypatch.setattr(rows, "go_on_counting", lambda _tables: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        call_command("restore", str(backup))

    assert state() == empty
    assert contents(settings.VAR) == {}


@pytest.mark.usefixtures("world")
def test_a_file_that_is_there_is_never_overwritten_by_a_backup(tmp_path: Path) -> None:
    (tmp_path / "backup.zip").write_text("mine")

    with pytest.raises(CommandError, match=r"is there already; name a new file; nothing"):
        backed_up(tmp_path)

    assert (tmp_path / "backup.zip").read_text() == "mine"


@pytest.mark.usefixtures("world")
def test_a_rehearsal_restores_beside_the_platform_and_is_remembered(
    settings: Settings, tmp_path: Path
) -> None:
    backup = backed_up(tmp_path)
    before = state()
    assert safekeeping.read().restored_at is None

    call_command("restore", str(backup), "--rehearse")

    assert state() == before
    assert safekeeping.read().restored_at is not None
    assert safekeeping.read().backed_up_at is not None
    assert list(settings.VAR.glob("duetml-restore-*")) == []


def test_a_database_of_another_version_is_named(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('study', '0999_next', CURRENT_TIMESTAMP)"
        )
    try:
        with pytest.raises(WrongVersionError, match=r"newer version of DuetML .study/0999_next"):
            database_version.require_same()
        with pytest.raises(CommandError, match="newer version of DuetML"):
            call_command("backup", str(tmp_path / "backup.zip"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '0999_next'")


def test_a_database_that_lacks_a_migration_is_told_to_migrate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database_version, "missing", lambda: ["study/0002_orchestration"])

    with pytest.raises(WrongVersionError, match=r"older than this program .1 migrations are"):
        database_version.require_same()
