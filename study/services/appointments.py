"""Times for a talk: offered by staff; each has one participant at most, who has one at most."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from duetml.live.log import record, study_stream
from duetml.workspace.services.refusal import Refused
from study.models import Appointment, Participant, Study
from study.services import assignment

MOST_AT_ONCE = 200
MINUTES = (5, 480)


@transaction.atomic
def offer(slug: str, times: Sequence[datetime], minutes: int, by: str, now: datetime) -> int:
    """Offer these times; those offered before are passed over. Returns how many are new. Raises
    Refused for none or too many, a time that is over, and minutes out of range."""
    study = Study.objects.select_for_update(no_key=True).get(slug=slug)
    if not times or len(times) > MOST_AT_ONCE:
        raise Refused("times", _("Give from 1 to %(most)d times.") % {"most": MOST_AT_ONCE})
    if any(at <= now for at in times):
        raise Refused("times", _("One of these times is over already."))
    if not MINUTES[0] <= minutes <= MINUTES[1]:
        raise Refused("minutes", _("A talk takes from 5 minutes to 8 hours."))
    there = set(study.appointments.filter(at__in=times).values_list("at", flat=True))
    new = sorted(set(times) - there)
    Appointment.objects.bulk_create(Appointment(study=study, at=at, minutes=minutes) for at in new)
    told = {"number": len(new), "by": by}
    record(study_stream(slug), "appointments.offered", told, at=now)
    return len(new)


@transaction.atomic
def take_back(slug: str, appointment_id: int, by: str, now: datetime) -> bool:
    """Offer a time no more; False where somebody has it, or it is not there."""
    rows = Appointment.objects.filter(study__slug=slug, pk=appointment_id, participant=None)
    at = rows.values_list("at", flat=True).first()
    if at is None or not rows.delete()[0]:
        return False
    told = {"at": at.isoformat(), "by": by}
    record(study_stream(slug), "appointment.taken_back", told, at=now)
    return True


@transaction.atomic
def book(participant_id: UUID, appointment_id: int, now: datetime) -> Appointment:
    """Take a time, giving back the one they had. The row count decides who of two gets it. Raises
    Refused where it is taken, over, or none of this study's."""
    participant = assignment.locked(participant_id)
    if participant.state != Participant.State.ACTIVE:
        raise Refused("gone", _("You have left the study."))
    had = Appointment.objects.filter(participant=participant).first()
    if had is not None and had.pk == appointment_id:
        return had
    if had is not None:
        Appointment.objects.filter(pk=had.pk).update(participant=None, booked_at=None)
        given_back = {"at": had.at.isoformat()}
        record(participant.stream, "appointment.given_back", given_back, at=now)
    free = open_times(participant.study, now).filter(pk=appointment_id)
    if not free.update(participant=participant, booked_at=now):
        raise Refused("taken", _("Somebody else has just taken this time: choose another one."))
    booked = Appointment.objects.get(pk=appointment_id)
    record(participant.stream, "appointment.booked", {"at": booked.at.isoformat()}, at=now)
    return booked


def open_times(study: Study, now: datetime) -> QuerySet[Appointment]:
    return Appointment.objects.filter(study=study, participant=None, at__gt=now).order_by("at")


def of(participant: Participant) -> Appointment | None:
    return Appointment.objects.filter(participant=participant).first()
