"""Every kind of event and the fields of its payload. record() refuses anything else."""

from collections.abc import Mapping
from typing import Any

NUMBER = (int, float)
TEXT = str
FLAG = bool
LIST = list
MAP = dict

Field = type | tuple[type, ...]

WORKSPACE: dict[str, dict[str, Field]] = {
    "workspace.opened": {"images": LIST},
    "workspace.closed": {"by": TEXT},
    "workspace.rescheduled": {"closes_at": TEXT, "why": TEXT},  # paused, resumed, extended
    "workspace.language_changed": {"language": TEXT, "was": TEXT},
    "category.created": {"category": TEXT, "name": TEXT, "position": int, "mark": int},
    "category.renamed": {"category": TEXT, "name": TEXT, "was": TEXT},
    "category.deleted": {"category": TEXT, "name": TEXT, "images": LIST},
    "category.merged": {"category": TEXT, "name": TEXT, "into": TEXT, "images": LIST},
    "categories.ordered": {"order": LIST},
    "data.arranged": {"by": TEXT, "categories": LIST, "gone": LIST},
    "images.added": {"category": TEXT, "images": LIST},
    "images.moved": {"category": TEXT, "images": LIST, "was": TEXT},
    "images.copied": {"category": TEXT, "images": LIST},
    "images.removed": {"category": TEXT, "images": LIST},
    "image.uploaded": {
        "image": TEXT,
        "category": (str, type(None)),
        "origin": TEXT,
    },
    "training.requested": {"run": TEXT, "number": int, "data": LIST},
    "training.done": {"run": TEXT, "number": int, "report": MAP},
    "training.failed": {"run": TEXT, "number": int, "reason": TEXT},
    "test.requested": {"test": TEXT, "run": TEXT, "images": LIST},
    "test.done": {"test": TEXT, "run": TEXT, "results": LIST},
    "test.failed": {"test": TEXT, "run": TEXT, "reason": TEXT},
    "similar.shown": {"image": TEXT, "images": LIST},
    "map.requested": {"map": TEXT, "images": int},
    "map.done": {"map": TEXT},
    "map.failed": {"map": TEXT, "reason": TEXT},
    "parcel.requested": {"parcel": TEXT, "run": TEXT, "number": int},
    "parcel.done": {"parcel": TEXT, "files": LIST},
    "parcel.failed": {"parcel": TEXT, "reason": TEXT},
    "chat.greeted": {"message": TEXT, "text": TEXT, "offline": FLAG},
    "chat.posted": {"message": TEXT, "trigger": TEXT, "text": TEXT, "call": TEXT},
    "chat.retried": {"call": TEXT, "was": TEXT},
    "chat.stopped": {"call": TEXT},
    "agent.called": {"call": TEXT, "agent": TEXT, "trigger": TEXT},
    "agent.answered": {
        "call": TEXT,
        "agent": TEXT,
        "trigger": TEXT,
        "message": TEXT,
        "text": TEXT,
        "offline": FLAG,
    },
    "agent.failed": {"call": TEXT, "agent": TEXT, "trigger": TEXT, "reason": TEXT},
    "agent.withheld": {"call": TEXT, "agent": TEXT, "reason": TEXT},
    "agent.skipped": {"agent": TEXT, "trigger": TEXT, "reason": TEXT},
    "advice.rated": {"message": TEXT, "useful": (bool, type(None))},
    "advice.dismissed": {"message": TEXT},
    "proactive.toggled": {"on": FLAG},
    "action.late": {"action": TEXT, "payload": MAP},
}

PARTICIPANT: dict[str, dict[str, Field]] = {
    "participant.enrolled": {"study": TEXT, "kind": TEXT, "protocol": TEXT, "language": TEXT},
    "participant.entered": {"agent": TEXT},
    "participant.assigned": {"slot": int, "condition": TEXT},
    "participant.screened_out": {"items": LIST},
    "participant.turned_away": {"reason": TEXT},
    "participant.completed": {"code": TEXT},
    "step.opened": {"step": TEXT, "minimum_at": TEXT, "closes_at": TEXT, "workspace": TEXT},
    "step.closed": {"step": TEXT, "by": TEXT},
    "response.given": {
        "step": TEXT,
        "item": TEXT,
        "value": (str, int, float, bool, list, type(None)),
    },
    "response.late": {
        "step": TEXT,
        "item": TEXT,
        "value": (str, int, float, bool, list, type(None)),
    },
    "submission.frozen": {"submission": TEXT, "digest": TEXT},
    "participant.excluded": {"reason": TEXT, "by": TEXT},
    "participant.readmitted": {"reason": TEXT, "by": TEXT},
    "participant.noticed": {"notice": int, "text": TEXT, "by": TEXT},
    "participant.notice_read": {"notice": int},
    "note.written": {"note": int, "text": TEXT, "codes": LIST, "by": TEXT},
    "note.changed": {"note": int, "text": TEXT, "was": TEXT, "codes": LIST, "by": TEXT},
    "note.deleted": {"note": int, "was": TEXT, "by": TEXT},
    "step.restarted": {"step": TEXT, "workspace": TEXT},
    "step.flagged": {"step": TEXT, "flag": TEXT},
    "slot.returned": {"slot": int, "sequence": TEXT, "stratum": TEXT},
    "participant.blocked": {"step": TEXT},
    "participant.paused": {"reason": TEXT, "by": TEXT},
    "participant.resumed": {"by": TEXT, "seconds": NUMBER},
    "participant.extended": {"step": TEXT, "seconds": int, "reason": TEXT, "by": TEXT},
    "participant.replaced": {},  # a place was added in place of theirs
    "participant.withdrew": {"keep": FLAG},
    "participant.erased": {"receipt": MAP},
    "appointment.booked": {"at": TEXT},
    "appointment.given_back": {"at": TEXT},
}

STUDY: dict[str, dict[str, Field]] = {
    "study.created": {"protocol": TEXT},
    "study.amended": {"number": int, "protocol": TEXT, "reason": TEXT},
    "study.opened": {"override": LIST, "reason": TEXT, "seed_digest": TEXT},
    "study.closed": {"seed": TEXT},
    "results.unlocked": {"by": TEXT, "reason": TEXT},
    "study.exported": {"by": TEXT, "what": TEXT},
    "study.piloted": {"seed_digest": TEXT},
    "study.paused": {"reason": TEXT, "by": TEXT},
    "study.resumed": {"by": TEXT, "seconds": NUMBER},
    "study.extended": {"seconds": int, "reason": TEXT, "by": TEXT},
    "study.purged": {"receipt": MAP},
    "study.table_set": {"digest": TEXT, "by": TEXT},
    "slot.added": {"slot": int, "sequence": TEXT, "stratum": TEXT},
    "link.made": {"kind": TEXT, "number": int, "by": TEXT},
    "link.revoked": {"link": int, "by": TEXT},
    "public_page.switched": {"on": FLAG, "by": TEXT},
    "appointments.offered": {"number": int, "by": TEXT},
    "appointment.taken_back": {"at": TEXT, "by": TEXT},
}

SHOWN: dict[str, Field] = {"showing": TEXT, "submission": TEXT}
# No score has a reason why the rater cannot judge.
SCORED: dict[str, Field] = SHOWN | {
    "criterion": TEXT,
    "score": (int, type(None)),
    "was": (int, type(None)),
    "reason": TEXT,
    "was_reason": TEXT,
    "version": int,
}
COMMENTED: dict[str, Field] = SHOWN | {"text": TEXT, "was": TEXT, "version": int}
# Pictures as [place of the category from 1, image].
LOOKED: dict[str, Field] = SHOWN | {"seen": LIST, "zoomed": LIST}

RATER: dict[str, dict[str, Field]] = {
    "rater.invited": {"study": TEXT},
    "rater.joined": {"study": TEXT, "seed": int, "order": LIST},
    "rater.drawn_in": {"submission": TEXT, "position": int},
    "rater.repeat_drawn": {"submission": TEXT, "position": int},
    "rater.described": {"answers": MAP, "was": MAP},
    "rater.trained": {"practice": int},
    "rater.finished": {"submissions": int},
    "rater.invitation_withdrawn": {"study": TEXT, "by": TEXT},
    "rating.scored": SCORED,
    "rating.commented": COMMENTED,
    "rating.submitted": SHOWN,
    "rating.looked": LOOKED,
    "rating.guessed": {"submission": TEXT, "condition": TEXT, "confidence": int},
    # Of a submission that is shown again, and of a practice case (its submission is empty).
    "repeat.scored": SCORED,
    "repeat.commented": COMMENTED,
    "repeat.submitted": SHOWN,
    "repeat.looked": LOOKED,
    "practice.scored": SCORED,
    "practice.commented": COMMENTED,
    "practice.submitted": SHOWN,
    "practice.looked": LOOKED,
}

POOL: dict[str, dict[str, Field]] = {
    "pool.created": {"by": TEXT, "licence": TEXT},
    "pool.imported": {
        "by": TEXT,
        "import": TEXT,
        "file": TEXT,
        "added": int,
        "duplicates": int,
        "refused": int,
    },
    "pool.import_failed": {"by": TEXT, "import": TEXT, "file": TEXT, "reason": TEXT},
    "pool.picture_added": {"by": TEXT, "image": TEXT, "source": TEXT},
    "pool.picture_removed": {"by": TEXT, "image": TEXT, "source": TEXT},
    "pool.licence_changed": {"by": TEXT, "licence": TEXT, "was": TEXT},
    "pool.deleted": {"by": TEXT, "pictures": int},
}

# Told only where there is something to tell: the log of the plain tool knows no more.
OPTIONAL: dict[str, dict[str, Field]] = {
    "image.uploaded": {"batch": TEXT},
    "agent.answered": {"stopped": FLAG, "stand_in": FLAG},
    # The language of the page; not in logs from before it was kept.
    **{f"{what}.submitted": {"language": TEXT} for what in ("rating", "repeat", "practice")},
}

KINDS = WORKSPACE | PARTICIPANT | STUDY | RATER | POOL


def check(kind: str, payload: Mapping[str, Any]) -> None:
    """Raise ValueError unless `payload` has exactly the declared fields of `kind`, each of its
    type; those that are optional may be missing."""
    fields = KINDS.get(kind)
    if fields is None:
        raise ValueError(f"unknown kind of event: {kind}; declare it in duetml/live/kinds.py")
    more = OPTIONAL.get(kind, {})
    fields = fields | {name: more[name] for name in more.keys() & payload.keys()}
    if fields.keys() != payload.keys():
        wrong = sorted(fields.keys() ^ payload.keys())
        raise ValueError(f"{kind} has missing or undeclared fields: {', '.join(wrong)}")
    for name, expected in fields.items():
        if not isinstance(payload[name], expected):
            raise ValueError(f"{kind}.{name} is a {type(payload[name]).__name__}")
