"""How people come in: enrolled by a POST, recognised by their personal link."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live.log import record, together
from duetml.workspace.services import spending
from duetml.workspace.services.refusal import Refused
from study.models import Link, Participant, Protocol, Slot, StepRun, Study
from study.rules import codes, recruiter
from study.rules.protocol import ProtocolFile
from study.services import assignment, links, steps

MAX_AGENT = 200


def enrol(
    slug: str,
    *,
    token: str,
    language: str,
    now: datetime,
    is_robot: bool = False,
    link: Link | None = None,
    external: Mapping[str, str] | None = None,
    agent: str = "",
) -> tuple[Participant, StepRun | None]:
    """A new participant, recognised by `token`, and their first step; the same one (and no step)
    for the same token, for the same link of a list, and for the same person of a recruiter
    (`external`: their ids). `agent`: what the browser they came in by calls itself.

    Raises Refused where nobody new may come in (see `why_shut`), or by this link.
    """
    digest = codes.digest(token)
    participant, run = _enrol(slug, digest, language, now, is_robot, link, external or {}, agent)
    if run is None and participant.token_digest == digest:
        _come_back(participant, agent, now)
    return participant, run


@transaction.atomic
def _enrol(
    slug: str,
    digest: str,
    language: str,
    now: datetime,
    is_robot: bool,
    link: Link | None,
    external: Mapping[str, str],
    agent: str,
) -> tuple[Participant, StepRun | None]:
    study = Study.objects.select_for_update().get(slug=slug)
    # Not joined: of a study whose protocol changes meanwhile, nothing would be found.
    study.protocol = Protocol.objects.defer("source").get(pk=study.protocol_id)
    found = known(study, digest, link, external)
    if found is not None:
        return found, None
    reason = why_shut(study, now, link)
    if reason is not None:
        raise reason
    if link is not None:
        links.use(link, now)
    protocol = study.protocol.read()
    kind = _kind(study, is_robot)
    participant = _create(study, protocol, kind, digest, language, now, link, external)
    with together(participant.stream, is_new=True):
        _tell(participant, study, now)
        run = steps.open_step(participant, protocol, 0, now)
        _come_in(participant, agent, now)
    return participant, run


@transaction.atomic
def preview(
    study_id: int, condition: int, *, token: str, language: str, now: datetime
) -> Participant:
    """Somebody of the staff who walks through a condition (by its place in the protocol), counted
    nowhere. Raises Study.DoesNotExist or IndexError for what is not there.
    """
    study = Study.objects.select_related("protocol").get(pk=study_id)
    protocol = study.protocol.read()
    key = protocol.conditions[condition].key
    participant = _create(
        study, protocol, Participant.Kind.PREVIEW, codes.digest(token), language, now
    )
    with together(participant.stream, is_new=True):
        _tell(participant, study, now)
        assignment.settle(participant, key, protocol.settings_of(key), now)
        steps.open_step(participant, protocol, 0, now)
    return participant


def enter(token: str, agent: str, now: datetime) -> Participant | None:
    """Who a personal link belongs to, if anybody; they come in by it."""
    participant = Participant.objects.filter(token_digest=codes.digest(token)).first()
    if participant is not None:
        _come_back(participant, agent, now)
    return participant


def why_shut(study: Study, now: datetime, link: Link | None = None) -> Refused | None:
    """Why nobody new may come in, as "closed", "paused", "full", "budget", "links" (the general
    page is switched off) or what is the matter with the link; None where somebody may."""
    if study.state not in (Study.State.OPEN, Study.State.PILOT):
        return Refused("closed", _("This study is not open."))
    stopping = study.protocol.read().stopping
    if stopping is not None and stopping.until is not None and _day(now) > stopping.until:
        return Refused("closed", _("Nobody new is taken after the last day of this study."))
    if study.paused_at is not None:
        return Refused("paused", _("This study is paused."))
    if link is None and not links.is_public_page_on(study):
        return Refused("links", _("This study is open to people who were sent a link."))
    unusable = links.why_unusable(link, now) if link is not None else None
    if unusable is not None:
        return unusable
    is_pilot = study.state == Study.State.PILOT
    sequence = Slot.Sequence.PILOT if is_pilot else Slot.Sequence.LIVE
    if not study.slots.filter(taken_at=None, sequence=sequence).exists():
        return Refused("full", _("This study has all the participants it needs."))
    if is_budget_used_up(study, now):
        return Refused("budget", _("No new participants are taken at the moment."))
    return None


def is_budget_used_up(study: Study, now: datetime) -> bool:
    """Whether a cap of the whole study or of this day is reached."""
    budget = study.protocol.read().agents.budget
    return any(share >= 1 for share in spending.shares([study.payer], budget, now))


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


def known(
    study: Study, digest: str, link: Link | None, external: Mapping[str, str]
) -> Participant | None:
    """Who comes back by this token's digest, this link of a list, or as this recruiter's person."""
    people = Participant.objects.filter(study=study)
    found = people.filter(token_digest=digest).first()
    if found is None and link is not None and link.kind == Link.Kind.LISTED:
        found = people.filter(link=link).first()
    if found is None and (person := external.get(recruiter.PERSON)):
        found = people.filter(**{f"external__{recruiter.PERSON}": person}).first()
    return found


def _kind(study: Study, is_robot: bool) -> Participant.Kind:
    """Everybody who comes while a study is piloted is a pilot, robots too."""
    if study.state == Study.State.PILOT:
        return Participant.Kind.PILOT
    return Participant.Kind.ROBOT if is_robot and study.simulated else Participant.Kind.LIVE


def _create(
    study: Study,
    protocol: ProtocolFile,
    kind: Participant.Kind,
    digest: str,
    language: str,
    now: datetime,
    link: Link | None = None,
    external: Mapping[str, str] | None = None,
) -> Participant:
    return Participant.objects.create(
        study=study,
        protocol_id=study.protocol_id,
        code=_free_code(study),
        token_digest=digest,
        kind=kind,
        language=language if language in protocol.languages else protocol.languages[0],
        link=link,
        label=link.label if link is not None else "",
        external=dict(external or {}),
        enrolled_at=now,
        seen_at=now,
    )


@transaction.atomic
def _come_back(participant: Participant, agent: str, now: datetime) -> None:
    _come_in(participant, agent, now)


def _come_in(participant: Participant, agent: str, now: datetime) -> None:
    told = {"agent": agent.replace("\x00", "")[:MAX_AGENT]}
    record(participant.stream, "participant.entered", told, at=now)


def _tell(participant: Participant, study: Study, now: datetime) -> None:
    enrolled = {
        "study": study.slug,
        "kind": participant.kind,
        "protocol": study.protocol.digest,
        "language": participant.language,
    }
    record(participant.stream, "participant.enrolled", enrolled, at=now)


def _free_code(study: Study) -> str:
    while study.participants.filter(code=(code := codes.participant_code())).exists():
        pass
    return code
