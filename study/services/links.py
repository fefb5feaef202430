"""Ways into a study: made, listed, revoked, used. A token is told once, its digest is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from duetml.live.log import record, study_stream
from duetml.workspace.services.refusal import Refused
from study.models import Link, Study
from study.rules import codes

MOST_AT_ONCE = 2000
LONGEST_LABEL = 100


@dataclass(frozen=True)
class Made:
    """A link that was just made, with its token: it cannot be told again."""

    label: str
    token: str


@transaction.atomic
def make(
    slug: str,
    kind: Link.Kind,
    labels: Sequence[str],
    *,
    by: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> list[Made]:
    """One link for each label (a label may be empty, but not of a list, and is then there once).

    Raises Refused for too many, a label that is too long, empty or there already, and an expiry
    that is over.
    """
    study = Study.objects.select_for_update(no_key=True).get(slug=slug)
    _check_labels(study, kind, labels)
    if expires_at is not None and expires_at <= now:
        raise Refused("expiry", _("The day on which the links expire is over already."))
    made = [Made(label, codes.personal_token()) for label in labels]
    Link.objects.bulk_create(
        Link(
            study=study,
            kind=kind,
            token_digest=codes.digest(one.token),
            label=one.label,
            created_at=now,
            created_by=by,
            expires_at=expires_at,
        )
        for one in made
    )
    told = {"kind": str(kind), "number": len(made), "by": by}
    record(study_stream(slug), "link.made", told, at=now)
    return made


@transaction.atomic
def revoke(slug: str, link_id: int, by: str, now: datetime) -> bool:
    """Let nobody in by this link any more; whoever came by it goes on. False where it was revoked
    before, or is none of this study's."""
    rows = Link.objects.filter(study__slug=slug, pk=link_id, revoked_at=None)
    revoked = bool(rows.update(revoked_at=now))
    if revoked:
        record(study_stream(slug), "link.revoked", {"link": link_id, "by": by}, at=now)
    return revoked


@transaction.atomic
def switch_public_page(slug: str, on: bool, by: str, now: datetime) -> None:
    """Whether people may begin at the study's general address, /study/s/<slug>/.

    It is a general link like any other, with its address in the token's place: on until it is
    revoked.
    """
    study = Study.objects.select_for_update(no_key=True).get(slug=slug)
    if is_public_page_on(study) == on:
        return
    Link.objects.update_or_create(
        token_digest=_public_digest(slug),
        defaults={"revoked_at": None if on else now},
        create_defaults={
            "study": study,
            "kind": Link.Kind.GENERAL,
            "created_at": now,
            "created_by": by,
            "revoked_at": None if on else now,
        },
    )
    record(study_stream(slug), "public_page.switched", {"on": on, "by": by}, at=now)


def is_public_page_on(study: Study) -> bool:
    digest = _public_digest(study.slug)
    return not Link.objects.filter(token_digest=digest, revoked_at__isnull=False).exists()


def listed(study: Study) -> QuerySet[Link]:
    """The links of a study that staff made, the newest first, each with how many came by it."""
    rows = study.links.exclude(token_digest=_public_digest(study.slug))
    return rows.order_by("-created_at", "-pk")


def find(token: str) -> Link | None:
    """The link of this token, whatever its state."""
    rows = Link.objects.select_related("study", "study__protocol")
    return rows.filter(token_digest=codes.digest(token)).first()


def why_unusable(link: Link, now: datetime) -> Refused | None:
    """Why nobody new may come in by this link; None where somebody may."""
    if link.revoked_at is not None:
        return Refused("revoked", _("This link was taken back."))
    if link.expires_at is not None and link.expires_at <= now:
        return Refused("expired", _("This link has expired."))
    if link.kind != Link.Kind.GENERAL and link.used_at is not None:
        return Refused("used", _("This link has been used."))
    return None


def use(link: Link, now: datetime) -> None:
    """Take a link for one person, in the caller's transaction. The row count decides who won.

    Raises Refused where somebody else was first, or the link can no longer be used.
    """
    row = Link.objects.select_for_update().get(pk=link.pk)
    reason = why_unusable(row, now)
    if reason is not None:
        raise reason
    row.used_at = row.used_at or now
    row.save(update_fields=["used_at"])


def _check_labels(study: Study, kind: Link.Kind, labels: Sequence[str]) -> None:
    if not labels or len(labels) > MOST_AT_ONCE:
        text = _("Give from 1 to %(most)d lines.")
        raise Refused("labels", text % {"most": MOST_AT_ONCE})
    if any(len(label) > LONGEST_LABEL for label in labels):
        raise Refused("labels", _("A label has more than 100 characters."))
    if kind != Link.Kind.LISTED:
        return
    if not all(labels) or len(set(labels)) != len(labels):
        raise Refused("labels", _("Every line of a list is a label of its own."))
    known = study.links.filter(kind=kind, label__in=labels, revoked_at=None)
    if there := known.values_list("label", flat=True).first():
        text = _("There is a link for “%(label)s” already: take it back first.")
        raise Refused("labels", text % {"label": there})


def _public_digest(slug: str) -> str:
    return codes.digest(f"public page of {slug}")
