"""Interview notes of a study, and the codes in use."""

from collections import Counter

from django.db.models import QuerySet

from study.models import InterviewNote, Participant, Study


def notes(study: Study) -> QuerySet[InterviewNote]:
    """All of them, with participant and workspace: what exports read. Oldest first."""
    rows = InterviewNote.objects.filter(participant__study=study)
    kept = rows.exclude(participant__kind=Participant.Kind.PREVIEW)
    return kept.select_related("participant").order_by("at", "pk")


def codes(study: Study) -> list[tuple[str, int]]:
    """The codes in use with how often, the most frequent first. One query."""
    counted: Counter[str] = Counter()
    for used in notes(study).order_by().values_list("codes", flat=True):
        counted.update(used)
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))
