"""A rater's scores and comments. A client id that arrives twice does nothing twice; who writes
says which version they saw, and is refused where it is no longer the newest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duetml.live import log
from duetml.live.log import ClientStamp
from duetml.live.models import Event
from duetml.workspace.services.refusal import Refused
from duetml.workspace.services.wording import paragraphs
from evaluation.models import Comment, Rater, Rating, Showing, SideRating
from evaluation.queries import comment_of, content_of, criteria_of, judgements_of
from study.models import Study

LONGEST_COMMENT = 4000
LONGEST_REASON = 500
STREAM_OF = {
    Showing.Kind.RATED: "rating",
    Showing.Kind.REPEAT: "repeat",
    Showing.Kind.PRACTICE: "practice",
}


class Stale(Refused):
    """Somebody, perhaps the same person in another tab, was here first. `current`: what stands."""

    def __init__(self, message: str, current: dict[str, object]) -> None:
        super().__init__("stale", message)
        self.current = current


@dataclass(frozen=True)
class Verdict:
    """A score from 1 to 5, or None and the reason why the rater cannot judge."""

    score: int | None
    reason: str = ""


@transaction.atomic
def score(
    showing: Showing,
    criterion: str,
    verdict: Verdict,
    version: int,
    stamp: ClientStamp,
    now: datetime,
) -> Event:
    """Store one verdict and its event; a repeated client id gets its first event.

    `version`: the one the rater saw, 0 before the first. Raises Refused for an unknown criterion, a
    score outside 1–5, none without a reason, and once nothing can be changed; Stale where another
    version stands.
    """
    if criterion not in {known.key for known in criteria_of(showing.rater.study)}:
        raise Refused("criterion", _("This study does not ask for that criterion."))
    verdict = _checked(verdict)
    repeated = _begin(showing.rater, stamp)
    if repeated:
        return repeated
    _in_time(showing)
    row = _row(showing, criterion)
    stands = 0 if row.pk is None or row._state.adding else row.version
    if version != stands:
        raise Stale(_other_score(row), {"version": stands, **_said(row, stands)})
    was = _said(row, stands)
    row.score, row.reason, row.version, row.at = verdict.score, verdict.reason, stands + 1, now
    row.save()
    payload = {
        **_shown(showing),
        "criterion": criterion,
        "score": verdict.score,
        "was": was["score"],
        "reason": verdict.reason,
        "was_reason": was["reason"],
        "version": row.version,
    }
    return _record(showing, "scored", payload, stamp, now)


@transaction.atomic
def comment(showing: Showing, text: str, version: int, stamp: ClientStamp, now: datetime) -> Event:
    """Store what a rater says of a submission; the same rules as for a score."""
    text = paragraphs(text)
    if len(text) > LONGEST_COMMENT:
        raise Refused(
            "long", _("A comment has at most %(most)d characters.") % {"most": LONGEST_COMMENT}
        )
    repeated = _begin(showing.rater, stamp)
    if repeated:
        return repeated
    _in_time(showing)
    row = Showing.objects.get(pk=showing.pk)
    was = comment_of(row)
    if version != row.comment_version:
        said = _("The comment was changed in another window. Here is what stands now.")
        raise Stale(said, {"version": row.comment_version, "text": was})
    row.comment_version += 1
    if row.kind == Showing.Kind.RATED and row.submission_id is not None:
        Comment.objects.update_or_create(
            rater_id=row.rater_id,
            submission_id=row.submission_id,
            defaults={"text": text, "at": now},
        )
    else:
        row.comment = text
    row.save(update_fields=["comment", "comment_version"])
    payload = {**_shown(showing), "text": text, "was": was, "version": row.comment_version}
    return _record(showing, "commented", payload, stamp, now)


@transaction.atomic
def submit(
    showing: Showing, stamp: ClientStamp, now: datetime, *, language: str | None = None
) -> Event:
    """Hand in what was scored; `language`: of the page it was read in.

    Raises Refused while a criterion has neither score nor reason.
    """
    repeated = _begin(showing.rater, stamp)
    if repeated:
        return repeated
    _in_time(showing)
    given = judgements_of(showing)
    lacking = [one.key for one in criteria_of(showing.rater.study) if one.key not in given]
    if lacking:
        names = ", ".join(key.upper() for key in lacking)
        raise Refused("lacking", _("Not yet scored: %s") % names)
    Showing.objects.filter(pk=showing.pk, submitted_at=None).update(submitted_at=now)
    read_in = {"language": language} if language else {}
    return _record(showing, "submitted", _shown(showing) | read_in, stamp, now)


@transaction.atomic
def looked(
    showing: Showing, seen: Iterable[int], zoomed: Iterable[int], stamp: ClientStamp, now: datetime
) -> Event:
    """Keep which pictures (numbers from 1 through all categories) were before the rater's eyes."""
    repeated = _begin(showing.rater, stamp)
    if repeated:
        return repeated
    there = content_of(showing).numbered()
    payload = {
        **_shown(showing),
        "seen": [list(there[one]) for one in sorted(set(seen)) if one in there],
        "zoomed": [list(there[one]) for one in sorted(set(zoomed)) if one in there],
    }
    return _record(showing, "looked", payload, stamp, now)


def _in_time(showing: Showing) -> None:
    """A practice is over once its expected scores were shown; the study's own come after it."""
    if showing.kind == Showing.Kind.PRACTICE:
        if Showing.objects.filter(pk=showing.pk, submitted_at__isnull=False).exists():
            raise Refused("practised", _("You have submitted this practice already."))
    elif showing.rater.trained_at is None:
        raise Refused("untrained", _("Please read the guidelines and do the practice first."))


def _checked(verdict: Verdict) -> Verdict:
    reason = paragraphs(verdict.reason).strip()
    if verdict.score is None and not reason:
        raise Refused("reason", _("Please say why you cannot judge."))
    if verdict.score is not None and verdict.score not in range(1, 6):
        raise Refused("score", _("A score is a whole number from 1 to 5."))
    return Verdict(verdict.score, "" if verdict.score else reason[:LONGEST_REASON])


def _row(showing: Showing, criterion: str) -> Rating | SideRating:
    """What stands, or a row that is not stored yet."""
    if showing.kind != Showing.Kind.RATED:
        mine = {"showing": showing, "criterion": criterion}
        return SideRating.objects.filter(**mine).first() or SideRating(**mine)
    rated = {
        "rater_id": showing.rater_id,
        "submission_id": showing.submission_id,
        "criterion": criterion,
    }
    return Rating.objects.filter(**rated).first() or Rating(**rated)


def _said(row: Rating | SideRating, version: int) -> dict[str, object]:
    if not version:
        return {"score": None, "reason": ""}
    return {"score": row.score, "reason": row.reason}


def _other_score(row: Rating | SideRating) -> str:
    name = row.criterion.upper()
    if row.score is None:
        said = _("%(name)s was changed in another window. “Cannot judge” stands now.")
        return said % {"name": name}
    said = _("%(name)s was changed in another window. %(score)d stands now.")
    return said % {"name": name, "score": row.score}


def _shown(showing: Showing) -> dict[str, object]:
    return {"showing": str(showing.pk), "submission": str(showing.submission_id or "")}


def _record(
    showing: Showing, verb: str, payload: dict[str, object], stamp: ClientStamp, now: datetime
) -> Event:
    kind = f"{STREAM_OF[Showing.Kind(showing.kind)]}.{verb}"
    return log.record(showing.rater.stream, kind, payload, at=now, client=stamp)


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
    if repeated is None and Rater.objects.filter(pk=rater.pk, finished_at__isnull=False).exists():
        raise Refused("finished", _("You have finished; scores can no longer be changed."))
    return repeated
