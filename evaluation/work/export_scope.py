"""Whom and what an export covers, decided once for all its tables."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from evaluation.exports.moments import said
from evaluation.exports.options import Options
from evaluation.exports.pseudonyms import pseudonyms
from evaluation.exports.scrubbing import Scrubbing
from evaluation.services.lock import is_unlocked
from study import queries
from study.models import Participant, Protocol, Study
from study.rules.protocol import ProtocolFile

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Person:
    """A participant or a rater: the id of the export, what the platform calls them, and when their
    clock begins."""

    name: str
    code: str
    origin: datetime


@dataclass(frozen=True)
class Scope:
    """`people` by participant, in the order of their names, without whoever had their data deleted;
    `raters` by primary key, likewise. `analysed`: the codes of those whom the results page
    counts, known once it may be seen. `protocols`: all that participants lived through."""

    study: Study
    options: Options
    unlocked: bool
    people: Mapping[UUID, Person]
    raters: Mapping[int, Person]
    analysed: frozenset[str]
    deleted: int
    protocols: tuple[ProtocolFile, ...]
    scrubbing: Scrubbing

    def moment(self, at: datetime | None, origin: datetime) -> str | float | None:
        return said(at, origin, absolute=self.options.absolute_times)

    def chunks(self, size: int) -> Iterator[dict[UUID, Person]]:
        listed = list(self.people.items())
        for start in range(0, len(listed), size):
            yield dict(listed[start : start + size])


def scope_of(study: Study, options: Options) -> Scope:
    everybody = queries.participants(study)
    kept = list(present(study).values_list("pk", "code", "enrolled_at"))
    raters = study.raters.values_list("pk", "code", "joined_at")
    unlocked = is_unlocked(study)
    protocols = _protocols(study)
    return Scope(
        study=study,
        options=options,
        unlocked=unlocked,
        people=_named(study, "p", kept),
        raters=_named(study, "r", raters),
        analysed=_analysed(study) if unlocked else frozenset(),
        deleted=everybody.count() - len(kept),
        protocols=protocols,
        scrubbing=Scrubbing(
            free_text=options.free_text,
            unlocked=unlocked,
            text_items=_text_items(protocols),
            hidden_steps=frozenset() if unlocked else _of_one_group(protocols),
            submissions=_submissions(study),
        ),
    )


def present(study: Study) -> QuerySet[Participant]:
    """Everybody whose data are there to be used."""
    rows = queries.participants(study).select_related(None).order_by("pk")
    return rows.exclude(withdrawal="delete").filter(erased_at=None)


def _named(study: Study, prefix: str, rows: Iterable[tuple[K, str, datetime]]) -> dict[K, Person]:
    listed = list(rows)
    key = salted_hmac("evaluation.export", study.slug, algorithm="sha256").digest()
    names = pseudonyms(key, prefix, [str(pk) for pk, _code, _at in listed])
    people = {pk: Person(names[str(pk)], code, at) for pk, code, at in listed}
    return dict(sorted(people.items(), key=lambda one: one[1].name))


def _analysed(study: Study) -> frozenset[str]:
    """The codes of those whom report.facts.people calls analysed, without a row of each here."""
    rows = present(study).exclude(kind=Participant.Kind.PILOT).exclude(condition="")
    return frozenset(rows.filter(excluded_at=None).values_list("code", flat=True))


def _protocols(study: Study) -> tuple[ProtocolFile, ...]:
    ids = {study.protocol_id, *present(study).values_list("protocol_id", flat=True).distinct()}
    return tuple(one.read() for one in Protocol.objects.filter(pk__in=ids).order_by("digest"))


def _text_items(protocols: tuple[ProtocolFile, ...]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (step.key, item.key)
        for protocol in protocols
        for step in protocol.steps
        for item in step.items
        if item.kind == "text"
    )


def _submissions(study: Study) -> frozenset[str]:
    rows = study.submissions.filter(participant__in=present(study).order_by().values("pk"))
    return frozenset(str(pk) for pk in rows.values_list("pk", flat=True))


def _of_one_group(protocols: tuple[ProtocolFile, ...]) -> frozenset[str]:
    return frozenset(step.key for one in protocols for step in one.steps if step.only)
