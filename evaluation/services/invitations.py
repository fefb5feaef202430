"""How a person becomes a rater."""

import secrets
from datetime import datetime

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from duetml.live import log
from duetml.workspace.services.refusal import Refused
from evaluation.models import Invitation, Rater
from evaluation.services.queue import first_order, make_showings, refresh
from study.models import Study
from study.rules import codes


@transaction.atomic
def invite(study: Study, note: str, now: datetime) -> str:
    """Create a single-use invitation and return its token, this once: only the digest is kept."""
    token = codes.personal_token()
    Invitation.objects.create(
        study=study, token_digest=codes.digest(token), note=note[:200], created_at=now
    )
    log.record(log.study_stream(study.slug), "rater.invited", {"study": study.slug}, at=now)
    return token


def find(token: str) -> Invitation | None:
    """The invitation of a token while it is unused and not withdrawn."""
    return _usable().filter(token_digest=codes.digest(token)).select_related("study").first()


@transaction.atomic
def withdraw(study: Study, invitation_id: int, by: str, now: datetime) -> None:
    """Make an unused link useless. Raises Refused for one that is used or withdrawn already."""
    if not _usable().filter(pk=invitation_id, study=study).update(withdrawn_at=now):
        raise Refused("used", _("This invitation has been used or withdrawn already."))
    withdrawn = {"study": study.slug, "by": by}
    log.record(log.study_stream(study.slug), "rater.invitation_withdrawn", withdrawn, at=now)


@transaction.atomic
def accept(
    token: str, *, user: User | None = None, name: str = "", password: str = "", now: datetime
) -> Rater:
    """Use up an invitation: `user` becomes a rater of its study, or a new user of that name does.

    Raises Refused for a used or unknown token, a taken name or a weak password, and leaves nothing
    behind then.
    """
    invitation = find(token)
    if invitation is None:
        raise _used()
    person = user or _new_user(name, password)
    rater = make_rater(invitation.study, person, now)
    if (
        not _usable().filter(pk=invitation.pk).update(used_by=rater)
    ):  # somebody else was quicker with the same link
        raise _used()
    return rater


@transaction.atomic
def make_rater(study: Study, user: User, now: datetime, *, seed: int | None = None) -> Rater:
    """Make a user a rater of a study, with an order drawn from `seed` (fresh when None; stored).

    Raises Refused for somebody who is one already.
    """
    Study.objects.select_for_update(of=("self",)).get(
        pk=study.pk
    )  # rater codes are given one at a time
    if Rater.objects.filter(user=user, study=study).exists():
        raise Refused(
            "already", _("You are a rater of this study already. Please continue with your queue.")
        )
    seed = secrets.randbits(48) if seed is None else seed
    rater = Rater.objects.create(
        user=user,
        study=study,
        code=f"R{study.raters.count() + 1:02d}",
        seed=seed,
        order=first_order(study, seed),
        joined_at=now,
    )
    joined = {"study": study.slug, "seed": seed, "order": rater.order}
    log.record(rater.stream, "rater.joined", joined, at=now)
    make_showings(rater)
    return refresh(rater, now)


def _usable() -> QuerySet[Invitation]:
    return Invitation.objects.filter(used_by__isnull=True, withdrawn_at__isnull=True)


def _new_user(name: str, password: str) -> User:
    # As the login form reads it: a name in another width or composition could never log in.
    user = User(username=User.normalize_username(name.strip()))
    try:
        user.clean_fields(exclude=["password"])
        validate_password(password, user)
    except ValidationError as problem:
        raise Refused("invalid", " ".join(problem.messages)) from None
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise Refused(
            "taken",
            _("That name is taken. If it is yours, log in first and open the invitation again."),
        ) from None
    return user


def _used() -> Refused:
    return Refused(
        "used",
        _("This invitation has been used or withdrawn. Please ask the researcher for a new one."),
    )
