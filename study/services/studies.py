"""The life of a study: created from a protocol, piloted, opened, closed, its results unlocked."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live.log import record, study_stream
from duetml.workspace.services.refusal import Refused
from study.models import Protocol, Slot, Study, StudyVersion
from study.rules import codes
from study.rules.protocol import digest_of, read_protocol, words
from study.services import access, drawing, planned_exclusion
from study.services.preflight import blocking, preflight

RESERVED_SLUGS = frozenset(
    {
        "s",
        "p",
        "l",
        "step",
        "answer",
        "appointment",
        "consent",
        "withdraw",
        "notices",
        "preview",
        "new",
    }
)  # first parts of other addresses


@transaction.atomic
def create(
    slug: str,
    source: str,
    *,
    simulated: bool = False,
    now: datetime,
    seed: int | None = None,
    by: User | None = None,
) -> Study:
    """A draft of a study, owned by `by`. `seed` (0 to 2**63 - 1) draws its allocation; a fresh one
    when None.

    Raises ProtocolError for a protocol that cannot be used and Refused for a slug that cannot.
    """
    protocol = read_protocol(source)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", slug) or slug in RESERVED_SLUGS:
        raise Refused("slug", _("A study's name is made of small letters, digits and hyphens."))
    if Study.objects.filter(slug=slug).exists():
        raise Refused("slug", _("There is a study of this name already: choose another one."))
    frozen, _created = Protocol.objects.get_or_create(
        digest=digest_of(source), defaults={"source": source, "created_at": now}
    )
    seed = codes.fresh_seed() if seed is None else seed
    pilot_seed = codes.fresh_seed()
    study = Study.objects.create(
        slug=slug,
        title=words(protocol.title, protocol.languages[0]),
        protocol=frozen,
        seed=seed,
        seed_digest=codes.digest(str(seed)),
        pilot_seed=pilot_seed,
        pilot_seed_digest=codes.digest(str(pilot_seed)),
        simulated=simulated or protocol.simulated,
        created_at=now,
    )
    author = by.get_username() if by else ""
    StudyVersion.objects.create(study=study, number=1, protocol=frozen, at=now, by=author)
    if by is not None:
        access.own(study, by)
    record(study_stream(slug), "study.created", {"protocol": frozen.digest}, at=now)
    return study


@transaction.atomic
def open_study(
    slug: str,
    now: datetime,
    overrides: Sequence[str] = (),
    reason: str = "",
    warnings: Sequence[str] = (),
) -> Study:
    """Let people in. Draws the allocation and commits to the seed by its digest. `warnings`: codes
    of preflight_list that were seen and, for the `reason`, accepted; both are kept.

    Raises Refused when the study is no draft, or with every finding that `overrides` (of
    preflight.OVERRIDES) does not accept.
    """
    study = _locked(slug)
    if study.state not in (Study.State.DRAFT, Study.State.PILOT):
        raise Refused("state", _("This study has been opened before."))
    protocol = study.protocol.read()
    findings = preflight(protocol)
    problems = blocking(findings, overrides)
    if problems:
        raise Refused("preflight", "\n".join(problem.text for problem in problems))
    drawing.draw(study, protocol, Slot.Sequence.LIVE)
    study.state, study.opened_at = Study.State.OPEN, now
    study.overrides = [*(finding.code for finding in findings), *warnings]
    study.override_reason = reason.strip()
    study.save(update_fields=["state", "opened_at", "overrides", "override_reason"])
    opened = {
        "override": study.overrides,
        "reason": study.override_reason,
        "seed_digest": study.seed_digest,
    }
    record(study_stream(slug), "study.opened", opened, at=now)
    return study


@transaction.atomic
def pilot(slug: str, now: datetime, overrides: Sequence[str] = ()) -> Study:
    """Let people in who count in no analysis, from a sequence and a seed of its own. Raises Refused
    unless the study is a draft, or with what stands in the way (see `open_study`)."""
    study = _locked(slug)
    if study.state != Study.State.DRAFT:
        raise Refused("state", _("Only a draft can be piloted."))
    protocol = study.protocol.read()
    problems = blocking(preflight(protocol), overrides)
    if problems:
        raise Refused("preflight", "\n".join(problem.text for problem in problems))
    drawing.draw(study, protocol, Slot.Sequence.PILOT)
    study.state = Study.State.PILOT
    study.save(update_fields=["state"])
    piloted = {"seed_digest": study.pilot_seed_digest}
    record(study_stream(slug), "study.piloted", piloted, at=now)
    return study


@transaction.atomic
def set_table(slug: str, text: str, by: str, now: datetime) -> Study:
    """Take the groups from a statistician's table (see rules.allocation_table). Raises Refused with
    every problem and its line, and once somebody may have come in."""
    study = _locked(slug)
    if study.state != Study.State.DRAFT:
        raise Refused("state", _("The groups can be changed while the study is a draft."))
    drawing.checked_table(text, study.protocol.read())
    study.allocation_table = text
    study.save(update_fields=["allocation_table"])
    told = {"digest": codes.digest(text), "by": by}
    record(study_stream(slug), "study.table_set", told, at=now)
    return study


@transaction.atomic
def close_study(slug: str, now: datetime) -> Study:
    """Let nobody in any more and reveal the seed. Who is in a task may finish it.

    Raises Refused unless the study is open.
    """
    study = _locked(slug)
    if study.state != Study.State.OPEN:
        raise Refused("state", _("Only an open study can be closed."))
    study.state, study.closed_at = Study.State.CLOSED, now
    study.save(update_fields=["state", "closed_at"])
    record(study_stream(slug), "study.closed", {"seed": str(study.seed)}, at=now)
    return study


@transaction.atomic
def unlock(slug: str, by: str, now: datetime, reason: str = "") -> Study:
    """Show the results; once. `by` names who did it. Raises Refused unless the study is closed."""
    if Study.objects.filter(slug=slug, state=Study.State.CLOSED, unlocked_at=None).exists():
        planned_exclusion.apply_to_everybody(slug, now)
    study = _locked(slug)
    if study.state != Study.State.CLOSED:
        raise Refused("state", _("Close the study first: its results show who was in which group."))
    if study.unlocked_at is None:
        study.unlocked_at, study.unlocked_by = now, by
        study.unlock_reason = reason.strip()
        study.save(update_fields=["unlocked_at", "unlocked_by", "unlock_reason"])
        told = {"by": by, "reason": study.unlock_reason}
        record(study_stream(slug), "results.unlocked", told, at=now)
    return study


def _locked(slug: str) -> Study:
    return Study.objects.select_for_update().select_related(None).get(slug=slug)
