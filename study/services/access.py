"""Who of the staff is what in which study. A superuser operates the server: an owner everywhere."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from duetml.workspace.services.refusal import Refused
from study.models import Membership, Study
from study.rules import access
from study.rules.access import OWNER, Act
from study.services import audit

Person = User | AnonymousUser


def role_of(user: Person, study: Study) -> str:
    """The role, "" for none."""
    if not user.is_active or not user.is_staff:
        return ""
    if user.is_superuser:
        return OWNER
    found = Membership.objects.filter(study=study, user__username=user.get_username())
    return found.values_list("role", flat=True).first() or ""


def may(user: Person, study: Study, act: Act) -> bool:
    return access.may(role_of(user, study), act, is_unlocked=study.unlocked_at is not None)


def studies_of(user: Person) -> QuerySet[Study]:
    if user.is_superuser:
        return Study.objects.all()
    mine = Membership.objects.filter(user__username=user.get_username())
    return Study.objects.filter(pk__in=mine.values("study"))


def own(study: Study, user: User) -> None:
    """Whoever makes a study owns it."""
    Membership.objects.get_or_create(study=study, user=user, defaults={"role": OWNER})


@transaction.atomic
def let_in(study: Study, name: str, role: str, by: User, now: datetime) -> None:
    """Give a member of the staff a role, or another one.

    Raises Refused for a name or a role that is not there, and for taking the last owner away.
    """
    if role not in Membership.Role.values:
        raise Refused("role", _("There is no such role."))
    user = User.objects.filter(username=name, is_staff=True, is_active=True).first()
    if user is None:
        raise Refused("name", _("No member of the staff has this name."))
    _locked(study)
    if role != OWNER:
        _keep_an_owner(study, user)
    Membership.objects.update_or_create(study=study, user=user, defaults={"role": role})
    audit.note(study, by, "members.changed", name, now, role=role)


@transaction.atomic
def take_out(study: Study, name: str, by: User, now: datetime) -> None:
    """Raises Refused where it would leave the study without an owner."""
    _locked(study)
    member = Membership.objects.filter(study=study, user__username=name).first()
    if member is None:
        return
    _keep_an_owner(study, member.user)
    member.delete()
    audit.note(study, by, "members.removed", name, now, role=member.role)


def _locked(study: Study) -> None:
    Study.objects.select_for_update(of=("self",)).get(pk=study.pk)


def _keep_an_owner(study: Study, leaving: User) -> None:
    owners = Membership.objects.filter(study=study, role=OWNER)
    if owners.filter(user=leaving).exists() and owners.count() == 1:
        raise Refused("last", _("A study keeps at least one owner: name another one first."))
