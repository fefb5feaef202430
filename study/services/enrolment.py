"""How people come in: enrolled by a POST, recognised by their personal link."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live.log import record
from duetml.workspace.services import spending
from duetml.workspace.services.refusal import Refused
from study.models import Participant, Study
from study.rules import codes
from study.rules.protocol import ProtocolFile
from study.services import assignment, steps

MAX_AGENT = 200


@transaction.atomic
def enrol(
    slug: str, *, token: str, language: str, now: datetime, is_robot: bool = False
) -> Participant:
    """A new participant at the first step, recognised by `token`; the same one for the same token.

    Raises Refused where nobody new may come in (see `why_shut`).
    """
    study = Study.objects.select_for_update().get(slug=slug)
    digest = codes.digest(token)
    known = Participant.objects.filter(study=study, token_digest=digest).first()
    if known is not None:
        return known
    reason = why_shut(study, now)
    if reason is not None:
        raise reason
    kind = Participant.Kind.ROBOT if is_robot and study.simulated else Participant.Kind.LIVE
    protocol = study.protocol.read()
    participant = _create(study, protocol, kind, digest, language, now)
    steps.open_step(participant, protocol, 0, now)
    return participant


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
    assignment.settle(participant, key, protocol.settings_of(key), now)
    steps.open_step(participant, protocol, 0, now)
    return participant


@transaction.atomic
def enter(token: str, agent: str, now: datetime) -> Participant | None:
    """Who a personal link belongs to, if anybody. `agent` is what the browser calls itself."""
    participant = Participant.objects.filter(token_digest=codes.digest(token)).first()
    if participant is not None:
        entered = {"agent": agent.replace("\x00", "")[:MAX_AGENT]}
        record(participant.stream, "participant.entered", entered, at=now)
    return participant


def why_shut(study: Study, now: datetime) -> Refused | None:
    """Why nobody new may come in, as "closed", "full" or "budget"; None where somebody may."""
    if study.state != Study.State.OPEN:
        return Refused("closed", _("This study is not open."))
    if not study.slots.filter(taken_at=None).exists():
        return Refused("full", _("This study has all the participants it needs."))
    if is_budget_used_up(study, now):
        return Refused("budget", _("No new participants are taken at the moment."))
    return None


def is_budget_used_up(study: Study, now: datetime) -> bool:
    """Whether a cap of the whole study or of this day is reached."""
    budget = study.protocol.read().agents.budget
    return any(share >= 1 for share in spending.shares([study.payer], budget, now))


def _create(
    study: Study,
    protocol: ProtocolFile,
    kind: Participant.Kind,
    digest: str,
    language: str,
    now: datetime,
) -> Participant:
    participant = Participant.objects.create(
        study=study,
        protocol_id=study.protocol_id,
        code=_free_code(study),
        token_digest=digest,
        kind=kind,
        language=language if language in protocol.languages else protocol.languages[0],
        enrolled_at=now,
        seen_at=now,
    )
    enrolled = {
        "study": study.slug,
        "kind": participant.kind,
        "protocol": study.protocol.digest,
        "language": participant.language,
    }
    record(participant.stream, "participant.enrolled", enrolled, at=now)
    return participant


def _free_code(study: Study) -> str:
    while study.participants.filter(code=(code := codes.participant_code())).exists():
        pass
    return code
