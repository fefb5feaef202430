"""Whether this machine is one to run a study with real participants on."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from duetml import safekeeping
from study.services import preflight_registry
from study.services.preflight_state import Check, judged

MOST_CLOCK_SECONDS = 2.0


def checks(now: datetime) -> Iterator[Check]:
    """`now`: the clock of this process, for comparing it with the others'."""
    for tell in preflight_registry.machine:
        for part, told in tell(now.timestamp()).items():
            yield Check(part, judged(told.ok), told.text)
    yield _kind_of_database()
    yield _clock(now)
    yield from _safekeeping()
    yield _address()


def _kind_of_database() -> Check:
    if connection.vendor == "postgresql":
        return Check("database_kind", judged(True), _("The database is PostgreSQL."))
    text = _(
        "The database is SQLite, which is meant for trying things out and for a single machine: set"
        " DATABASE_URL to a PostgreSQL database."
    )
    return Check("database_kind", judged(False), text)


def _clock(now: datetime) -> Check:
    """Between web process and database; what the time really is nobody here knows."""
    with connection.cursor() as cursor:
        statement = (
            "SELECT extract(epoch FROM clock_timestamp())"
            if connection.vendor == "postgresql"
            else "SELECT (julianday('now') - 2440587.5) * 86400"
        )
        cursor.execute(statement)
        theirs = float(cursor.fetchone()[0])
    apart = abs(theirs - now.astimezone(UTC).timestamp())
    if apart <= MOST_CLOCK_SECONDS:
        return Check("clock", judged(True), _("The clocks of web and database agree."))
    text = _(
        "The clocks of web and database are %(seconds).0f s apart: let both machines ask a time"
        " server (NTP)."
    )
    return Check("clock", judged(False), text % {"seconds": apart})


def _safekeeping() -> Iterator[Check]:
    told = safekeeping.read()
    text = _("The data are backed up.")
    if told.backed_up_at is None:
        text = _(
            "No backup was ever made here: run manage.py backup, and every night from then on."
        )
    yield Check("backup", judged(told.backed_up_at is not None), text)
    text = _("A backup has been restored.")
    if told.restored_at is None:
        text = _("No backup was ever restored here: try it once with manage.py restore.")
    yield Check("restore", judged(told.restored_at is not None), text)


def _address() -> Check:
    if settings.PUBLIC_URL.startswith("https://"):
        return Check("tls", judged(True), _("Participants come by https."))
    text = _(
        "The public address %(url)s is not https, so what people write can be read on its way: see"
        " the runbook, and set DUETML_PUBLIC_URL."
    )
    return Check("tls", judged(False), text % {"url": settings.PUBLIC_URL})
