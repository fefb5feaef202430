"""What has to be in order before anything starts: the database's tables and the static files."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from duetml.config import bundle, scanner, static


def prepare() -> None:
    """Migrate, and collect static files where one changed (hashing them all takes seconds)."""
    Path(settings.VAR).mkdir(parents=True, exist_ok=True, mode=0o700)
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
