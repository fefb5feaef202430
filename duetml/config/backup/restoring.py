"""manage.py restore: all of a backup is checked before anything is changed, and the rows come in
one transaction that ends only if they read as they were."""

import hashlib
import zipfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction

from duetml import media, safekeeping
from duetml.config import database_version
from duetml.config.backup import files, rows
from duetml.config.backup.manifest import BackupError, Manifest
from duetml.config.backup.reading import check, opened


def restore(source: Path, now: datetime, *, replace: bool = False) -> Manifest:
    """Put a backup in the place of an empty platform, or, if told to `replace`, of a full one.

    Nobody else may use the database meanwhile. Raises BackupError and
    WrongVersionError; nothing has changed then.
    """
    told = check(source)
    database_version.require_not_newer()
    _must_fit(source, told)
    media.must_answer()
    if not replace and (rows.holds_something() or any(media.every())):
        raise BackupError(
            "This platform is not empty, and nothing was changed: restore into an empty one, or say"
            " --replace to lose everything that is here."
        )
    call_command("migrate", verbosity=0, interactive=False)
    with opened(source) as (archive, _told):
        added: list[str] = []
        try:
            _put_media(archive, told, added)
            _put_rows(archive, told)
        except BaseException:
            for path in added:
                with suppress(OSError):
                    default_storage.delete(path)
            raise
        _put_models(archive, told)
    _remove_others(told)
    safekeeping.note_restore(now)
    return told


def _must_fit(source: Path, told: Manifest) -> None:
    here = rows.migrations_of_code()
    if told.migrations == here:
        return
    apps = sorted(
        app for app in {*here, *told.migrations} if told.migrations.get(app) != here.get(app)
    )
    newest = ", ".join("/".join([app, *told.migrations.get(app, ["(none)"])]) for app in apps)
    raise BackupError(
        f"{source} was made by another version of DuetML (its tables: {newest}), and nothing was"
        " changed: check out that version, restore, and upgrade from there."
    )


def _put_rows(archive: zipfile.ZipFile, told: Manifest) -> None:
    wanted = rows.tables()
    with transaction.atomic():
        rows.clear(wanted)
        for model in wanted:
            with archive.open(f"rows/{model._meta.label}.jsonl") as source:
                rows.insert(model, source)
        rows.go_on_counting(wanted)
        for model in wanted:
            member = told.members[f"rows/{model._meta.label}.jsonl"]
            total, count = hashlib.sha256(), 0
            for line in rows.lines(model):
                total.update(line)
                count += 1
            # Two databases may write one number of a JSON document in two ways.
            is_same = connection.vendor != told.database or total.hexdigest() == member.sha256
            if count != member.rows or not is_same:
                raise BackupError(
                    f"The table {model._meta.label} does not read as it was backed up, and nothing"
                    " was changed: report this, and keep the backup."
                )


def _put_media(archive: zipfile.ZipFile, told: Manifest, added: list[str]) -> None:
    """Files that are there with the same size are pictures named after their bytes: left alone
    unless they differ."""
    for name, member in told.members.items():
        if not name.startswith(files.MEDIA):
            continue
        path = name.removeprefix(files.MEDIA)
        with suppress(FileNotFoundError), default_storage.open(path) as there:
            if hashlib.sha256(there.read()).hexdigest() == member.sha256:
                continue
            default_storage.delete(path)
        with archive.open(name) as source:
            added.append(default_storage.save(path, File(source)))
        if added[-1] != path:
            raise BackupError(f"{path} could not be written under its name; nothing was changed.")


def _put_models(archive: zipfile.ZipFile, told: Manifest) -> None:
    folder = Path(settings.VAR) / "models"
    for name in told.members:
        if name.startswith(files.MODELS):
            place = folder / name.removeprefix(files.MODELS)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(archive.read(name))


def _remove_others(told: Manifest) -> None:
    """What the replaced platform had beyond the backup."""
    try:
        for path in list(media.every()):
            if files.MEDIA + path not in told.members:
                default_storage.delete(path)
    except OSError as problem:
        raise BackupError(
            f"The backup is restored, but files of what was here before are left ({problem});"
            " restore it once more with --replace to delete them."
        ) from None
