"""What a study must not keep for ever: due when its months after closing are over, then purged."""

import hashlib
import json
from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from duetml.live.log import record, study_stream
from study.models import Participant, Study
from study.services import assignment, withdrawal


def ends_at(study: Study) -> datetime | None:
    """When a closed study's data are to go; None where its protocol names no time."""
    rules = study.protocol.read().retention
    if rules is None or study.closed_at is None:
        return None
    return _later(study.closed_at, rules.months)


def due(now: datetime) -> list[Study]:
    """The closed studies whose time is over and which have not been purged."""
    closed = Study.objects.filter(state=Study.State.CLOSED, purged_at=None)
    found = []
    for study in closed.select_related("protocol").order_by("closed_at"):
        ends = ends_at(study)
        if ends is not None and ends <= now:
            found.append(study)
    return found


def would_go(study: Study) -> int:
    """How many participants' data a purge would delete."""
    return _people(study).count()


def purge(study: Study, now: datetime) -> dict[str, object]:
    """Delete what every participant left, and return the receipt. Participants go one by one, each
    in a transaction of its own: a purge that was cut short is begun again and goes on.

    Raises ValueError unless the study is closed.
    """
    if study.state != Study.State.CLOSED:
        raise ValueError("only a closed study can be purged")
    for pk in list(_people(study).values_list("pk", flat=True)):
        with transaction.atomic():
            participant = assignment.locked(pk)
            if participant.erased_at is None:
                withdrawal.erase(participant, now)
    return _note(study, now)


def _note(study: Study, now: datetime) -> dict[str, object]:
    receipts = [
        receipt
        for participant in study.participants.exclude(erased_at=None).order_by("code")
        if (receipt := withdrawal.receipt_of(participant)) is not None
    ]
    deleted: Counter[str] = Counter()
    for one in receipts:
        deleted.update(one.deleted)
    told: dict[str, object] = {
        "at": now.isoformat(),
        "participants": len(receipts),
        "deleted": dict(sorted(deleted.items())),
        "receipts": hashlib.sha256("".join(one.digest for one in receipts).encode()).hexdigest(),
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    whole: dict[str, object] = {**told, "digest": hashlib.sha256(text.encode()).hexdigest()}
    with transaction.atomic():
        Study.objects.filter(pk=study.pk).update(purged_at=now)
        record(study_stream(study.slug), "study.purged", {"receipt": whole}, at=now)
    return whole


def _people(study: Study) -> QuerySet[Participant]:
    return Participant.objects.filter(study=study, erased_at=None).order_by("pk")


def _later(moment: datetime, months: int) -> datetime:
    """The same day so many months later; the last of a month that is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError("no such month")
