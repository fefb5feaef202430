"""The state of a study's rows as one digest: another whenever results could be."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from duetml.live.log import participant_stream, rater_stream, workspace_stream
from duetml.live.models import Stream
from evaluation.models import Guess, Rating, Showing, SideRating
from study.models import Attempt, Response, StepRun, Study

EDITION = 3  # of what is made of the rows: raised when the same rows come to other words or figures
STREAMS_AT_A_TIME = 500
# Not when somebody was last seen, nor at which step they are.
PERSON = ("pk", "code", "kind", "state", "language", "condition", "slot_id", "stratum",
          "protocol_id", "enrolled_at", "assigned_at", "ended_at", "withdrawal", "erased_at",
          "excluded_at", "excluded_by", "exclusion_reason")  # fmt: skip


def state_of(study: Study) -> str:
    digest = hashlib.sha256(f"{EDITION}".encode())
    for rows in _rows(study):
        for row in rows.iterator():
            digest.update(repr(row).encode())
        digest.update(b"\n")
    for key, head in _heads(study):
        digest.update(f"{key} {head}\n".encode())
    return digest.hexdigest()


def _rows(study: Study) -> Iterator[QuerySet[Any, Any]]:
    own = {"participant__study": study}
    steps = StepRun.objects.filter(**own).order_by("pk")
    responses = Response.objects.filter(step__participant__study=study).order_by("pk")
    rater = {"rater__study": study}
    told = ("title", "state", "protocol__digest", "simulated", "overrides", "override_reason",
            "opened_at", "closed_at", "unlocked_at", "unlocked_by", "unlock_reason",
            "paused_at", "pause_reason")  # fmt: skip
    yield Study.objects.filter(pk=study.pk).values_list(*told)
    yield study.versions.values_list("number", "protocol__digest", "reason", "by")
    yield study.participants.order_by("pk").values_list(*PERSON)
    yield study.slots.order_by("pk").values_list()
    yield steps.values_list("pk", "key", "opened_at", "closed_at", "closed_by", "flags")
    yield Attempt.objects.filter(step__in=steps.values("pk")).order_by("pk").values_list()
    yield responses.values_list("pk", "item", "value")
    yield study.submissions.order_by("pk").values_list("pk", "digest", "participant_id")
    yield study.raters.order_by("pk").values_list()
    yield Rating.objects.filter(**rater).order_by("pk").values_list()
    yield SideRating.objects.filter(showing__rater__study=study).order_by("pk").values_list()
    yield Showing.objects.filter(**rater).order_by("pk").values_list("pk", "kind", "submitted_at")
    yield Guess.objects.filter(**rater).order_by("pk").values_list()


def _heads(study: Study) -> Iterator[tuple[str, str]]:
    """The ends of the logs that log measures, late work and raters' visits are read from."""
    people = study.participants.order_by("pk").values_list("pk", flat=True)
    spaces = StepRun.objects.filter(participant__study=study).exclude(workspace=None)
    keys = [participant_stream(pk) for pk in people]
    keys += [workspace_stream(str(pk)) for pk in spaces.values_list("workspace_id", flat=True)]
    keys += [rater_stream(pk) for pk in study.raters.order_by("pk").values_list("pk", flat=True)]
    keys.sort()
    for start in range(0, len(keys), STREAMS_AT_A_TIME):
        part = keys[start : start + STREAMS_AT_A_TIME]
        found = Stream.objects.filter(key__in=part).order_by("key")
        yield from found.values_list("key", "head")
