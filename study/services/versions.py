"""The protocols a study has had: changed freely before it opens, amended with a reason after."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live.log import record, study_stream
from duetml.workspace.services.refusal import Refused
from study.models import Protocol, Study, StudyVersion
from study.rules.diff import is_another_study
from study.rules.protocol import ProtocolFile, digest_of, read_protocol, words


@transaction.atomic
def amend(slug: str, source: str, reason: str, by: str, now: datetime) -> StudyVersion:
    """Give a study another protocol. Whoever is in keeps theirs; who comes later gets this one.

    Raises ProtocolError for one that cannot be used, and Refused for none that is new, a missing
    reason once the study is open, and then for what may not change any more; of a closed study that
    is all but the words for its report.
    """
    protocol = read_protocol(source)
    # The protocol is not joined: it may be another one by the time the row is free.
    study = Study.objects.select_for_update().get(slug=slug)
    if digest_of(source) == study.protocol.digest:
        raise Refused("same", _("This is the protocol the study has already."))
    if study.state == Study.State.CLOSED and is_another_study(study.protocol.read(), protocol):
        raise Refused(
            "state", _("A closed study keeps its protocol; only `reporting` can still change.")
        )
    if study.state in (Study.State.OPEN, Study.State.CLOSED):
        _must_be_an_amendment(study.protocol.read(), protocol, reason)
    frozen, _made = Protocol.objects.get_or_create(
        digest=digest_of(source), defaults={"source": source, "created_at": now}
    )
    number = study.versions.count() + 1
    version = StudyVersion.objects.create(
        study=study, number=number, protocol=frozen, at=now, by=by, reason=reason.strip()
    )
    study.protocol, study.title = frozen, words(protocol.title, protocol.languages[0])
    study.save(update_fields=["protocol", "title"])
    told = {"number": number, "protocol": frozen.digest, "reason": reason.strip()}
    record(study_stream(slug), "study.amended", told, at=now)
    return version


def fixed(protocol: ProtocolFile) -> dict[str, object]:
    """What cannot change while a study is open: it would be another experiment, or another draw."""
    dumped = protocol.model_dump(mode="json")
    return {
        "conditions": dumped["conditions"],
        "agents": dumped["agents"],
        "model": dumped["model"],
        "allocation": dumped["allocation"],
        "languages": dumped["languages"],
        "steps": [(one.key, one.kind, one.only, one.pool, one.images) for one in protocol.steps],
        "rating": (
            protocol.rating.treatment,
            protocol.rating.control,
            [one.key for one in protocol.rating.criteria],
        ),
    }


def _must_be_an_amendment(old: ProtocolFile, new: ProtocolFile, reason: str) -> None:
    if not reason.strip():
        raise Refused("reason", _("Say why the protocol of an open or closed study changes."))
    before, after = fixed(old), fixed(new)
    touched = [part for part in before if before[part] != after[part]]
    if touched:
        text = _(
            "While a study is open these cannot change: %(parts)s. Texts, times, questions and the"
            " plan can; for anything else close it and make a new study."
        )
        raise Refused("fixed", text % {"parts": ", ".join(touched)})
