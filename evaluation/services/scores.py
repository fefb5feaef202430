"""A rater's scores and comments. A client id that arrives twice does nothing twice."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live import log
from duetml.live.log import ClientStamp
from duetml.live.models import Event
from duetml.workspace.services.refusal import Refused
from duetml.workspace.services.wording import paragraphs
from evaluation.models import Comment, Rater, Rating
from evaluation.queries import criteria_of
from study.models import Study, Submission

LONGEST_COMMENT = 4000


@transaction.atomic
def score(
    rater: Rater,
    submission: Submission,
    criterion: str,
    value: int,
    stamp: ClientStamp,
    now: datetime,
) -> Event:
    """Store one score and the event rating.scored; a repeated client id gets its first event.

    Raises Refused for an unknown criterion, a score outside 1–5, and once the results are unlocked.
    """
    if criterion not in {known.key for known in criteria_of(rater.study)}:
        raise Refused("criterion", _("This study does not ask for that criterion."))
    if value not in range(1, 6):
        raise Refused("score", _("A score is a whole number from 1 to 5."))
    repeated = _begin(rater, stamp)
    if repeated:
        return repeated
    row = Rating.objects.filter(rater=rater, submission=submission, criterion=criterion).first()
    was = row.score if row else None
    row = row or Rating(rater=rater, submission=submission, criterion=criterion)
    row.score, row.at = value, now
    row.save()
    payload = {"submission": str(submission.pk), "criterion": criterion, "score": value, "was": was}
    return log.record(rater.stream, "rating.scored", payload, at=now, client=stamp)


@transaction.atomic
def comment(
    rater: Rater, submission: Submission, text: str, stamp: ClientStamp, now: datetime
) -> Event:
    """Store what a rater says of a submission; the same rules as for a score."""
    text = paragraphs(text)
    if len(text) > LONGEST_COMMENT:
        raise Refused(
            "long", _("A comment has at most %(most)d characters.") % {"most": LONGEST_COMMENT}
        )
    repeated = _begin(rater, stamp)
    if repeated:
        return repeated
    Comment.objects.update_or_create(
        rater=rater, submission=submission, defaults={"text": text, "at": now}
    )
    payload = {"submission": str(submission.pk), "text": text}
    return log.record(rater.stream, "rating.commented", payload, at=now, client=stamp)


def _begin(rater: Rater, stamp: ClientStamp) -> Event | None:
    """Take the locks; the event this client id became before, if it did.

    The study's row is locked as well: no score arrives while the results are being unlocked.
    """
    study = Study.objects.select_for_update(of=("self",), no_key=True).get(pk=rater.study_id)
    log.locked(rater.stream)
    repeated = log.find(rater.stream, stamp.id)
    if repeated is None and study.unlocked_at is not None:
        raise Refused(
            "unlocked", _("The results of this study are open; scores can no longer be changed.")
        )
    return repeated
