"""Freezing what raters will see."""

import hashlib
import json
from datetime import datetime

from duetml.live.log import record
from duetml.workspace.queries import training_data
from study.models import Participant, StepRun, Submission


def freeze(participant: Participant, run: StepRun, now: datetime) -> Submission | None:
    """Keep the training data of a closed task, empty or not, in the caller's transaction; once.

    Nobody rates a preview: None for one.
    """
    if participant.kind == Participant.Kind.PREVIEW or run.workspace is None:
        return None
    content = {"task": run.workspace.task, "categories": training_data(run.workspace.id)}
    submission, created = Submission.objects.get_or_create(
        participant=participant,
        defaults={
            "study_id": participant.study_id,
            "step": run,
            "content": content,
            "digest": digest(content),
            "frozen_at": now,
        },
    )
    if created:
        frozen = {"submission": str(submission.id), "digest": submission.digest}
        record(participant.stream, "submission.frozen", frozen, at=now)
    return submission


def digest(content: object) -> str:
    """sha256 of the content as JSON with sorted keys and no spaces."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
