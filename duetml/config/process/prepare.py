"""What has to be in order before anything starts: the database's tables and the static files."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command

from duetml.config import bundle, database_version, scanner, static
from duetml.config.database_version import WrongVersionError


def prepare() -> None:
    """Migrate, and collect static files where one changed (hashing them all takes seconds).

    Raises CommandError where the database is away or of a newer version.
    """
    Path(settings.VAR).mkdir(parents=True, exist_ok=True, mode=0o700)
    if problem := database_version.unreachable():
        raise CommandError(
            f"The database does not answer ({problem}), and nothing was started: start it, or see"
            " DATABASE_URL."
        )
    try:
        database_version.require_not_newer()
    except WrongVersionError as wrong:
        raise CommandError(f"{wrong} Nothing was started.") from None
    call_command("migrate", verbosity=0, interactive=False)
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    state = static_state()
    if stamp.is_file() and stamp.read_text() == state:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(state)


def static_state() -> str:
    """sha256 over name, size and time of change of every static file, and what collects them."""
    total = hashlib.sha256()
    for source in (bundle, scanner, static):
        total.update(Path(str(source.__file__)).read_bytes())
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            total.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return total.hexdigest()
