"""Who of the staff looked at, took out or changed what. Entries are added, never changed."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser, User

from study.models import AuditEntry, Study

VIEWED = "viewed"
ONCE_IN = timedelta(minutes=1)
LONGEST = 200


def note(
    study: Study | None,
    user: User | AnonymousUser,
    action: str,
    what: str,
    now: datetime,
    **details: object,
) -> AuditEntry:
    return AuditEntry.objects.create(
        study=study,
        user=user.get_username(),
        action=action,
        what=what[:LONGEST],
        details=details,
        at=now,
    )


def note_view(study: Study, user: User | AnonymousUser, page: str, now: datetime) -> None:
    """A look at a page: once a minute, however often the page asks for more."""
    seen = AuditEntry.objects.filter(
        study=study,
        user=user.get_username(),
        action=VIEWED,
        what=page[:LONGEST],
        at__gt=now - ONCE_IN,
    )
    if not seen.exists():
        note(study, user, VIEWED, page, now)
