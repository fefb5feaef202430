"""Who took part: everybody the study counts, and whose data the analyses are of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from study import queries
from study.models import Participant, Study


@dataclass(frozen=True, slots=True)
class Person:
    """`excluded`: the reason, "" for nobody excluded. `block`: of the allocation, with its sequence
    and stratum; "" where there was none."""

    pk: UUID
    code: str
    kind: str
    state: str
    condition: str
    stratum: str
    block: str
    language: str
    excluded: str
    excluded_by: str
    excluded_at: datetime | None
    withdrawal: str
    is_erased: bool
    enrolled_at: datetime
    assigned_at: datetime | None
    ended_at: datetime | None
    handed_in: bool
    protocol: str

    @property
    def has_data(self) -> bool:
        return not self.is_erased and self.withdrawal != "delete"

    @property
    def is_analysed(self) -> bool:
        """Whether questionnaires and log measures count; ratings ask for a submission as well."""
        return bool(self.condition) and self.has_data and self.excluded_at is None


def people(study: Study) -> Sequence[Person]:
    """Everybody but previews and pilots, in the order of enrolment. One query."""
    rows = queries.participants(study).exclude(kind=Participant.Kind.PILOT)
    return [_person(row) for row in rows.select_related("submission")]


def _person(row: Participant) -> Person:
    slot = row.slot
    return Person(
        pk=row.pk,
        code=row.code,
        kind=row.kind,
        state=row.state,
        condition=row.condition,
        stratum=row.stratum,
        block=f"{slot.sequence}/{slot.stratum}/{slot.block}" if slot else "",
        language=row.language,
        excluded=row.exclusion_reason,
        excluded_by=row.excluded_by,
        excluded_at=row.excluded_at,
        withdrawal=row.withdrawal,
        is_erased=row.erased_at is not None,
        enrolled_at=row.enrolled_at,
        assigned_at=row.assigned_at,
        ended_at=row.ended_at,
        handed_in=hasattr(row, "submission"),
        protocol=row.protocol.digest,
    )
