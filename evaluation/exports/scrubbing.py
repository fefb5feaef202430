"""What is taken out of an event before it leaves: words, names of staff, codes, points in time.

While the results are locked, an event that only one group can have is left out as a whole.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from duetml.live.kinds import KINDS

Payload = dict[str, Any]

# Of every kind: words that people or a language model wrote.
FREE_FIELDS = ("text", "comment")
# Of one kind: words of the staff, a browser's name for itself.
FREE_OF = {
    "participant.entered": ("agent",),
    "participant.excluded": ("reason",),
    "participant.extended": ("reason",),
    "study.amended": ("reason",),
    "study.paused": ("reason",),
    "rater.described": ("answers", "was"),
    "rating.commented": ("was",),
    "repeat.commented": ("was",),
    "practice.commented": ("was",),
}
# Of one kind: what leads to a person, and what a note no longer says, whatever was asked for. Notes
# have a table, which says them as they are.
NEVER = {
    "participant.completed": ("code",),
    "note.written": ("text", "codes"),
    "note.changed": ("text", "was", "codes"),
    "note.deleted": ("was",),
}
MOMENTS = ("minimum_at", "closes_at", "at")
BY_NOBODY = ("step.closed", "workspace.closed", "data.arranged")  # elsewhere `by` names somebody
CONDITION_FIELDS = ("condition", "slot")
# Kinds that tell the groups apart (as may who sat with a participant), or say what raters gave.
LOCKED_KINDS = ("rating.", "repeat.", "chat.", "agent.", "advice.", "proactive.", "slot.", "note.")
# What of a payload decides anything here.
WATCHED = {
    *FREE_FIELDS, *MOMENTS, "submission", "step", "order", "by", "action", "condition",
}  # fmt: skip
WITHHELD = "withheld while the results are locked"


def is_looked_into(kind: str) -> bool:
    """Whether what the payload of such an event holds may change or leave it out; the others go as
    they are, without being read."""
    fields = KINDS.get(kind)
    if fields is None or kind in FREE_OF or kind in NEVER:
        return True
    return kind == "study.exported" or kind.startswith(LOCKED_KINDS) or bool(WATCHED & set(fields))


@dataclass(frozen=True)
class Scrubbing:
    """`text_items`: the questions answered in words, as (step, item). `hidden_steps`: while the
    results are locked, those that not every condition has. `submissions`: the ids of those that are
    here."""

    free_text: bool
    unlocked: bool
    text_items: Collection[tuple[str, str]] = field(default_factory=frozenset)
    hidden_steps: Collection[str] = field(default_factory=frozenset)
    submissions: Collection[str] = field(default_factory=frozenset)

    def leaves_out(self, kind: str, payload: Payload) -> bool:
        if kind == "study.exported":  # nothing of the study, and no two exports would be the same
            return True
        if payload.get("submission") and payload["submission"] not in self.submissions:
            return True
        if self.unlocked:
            return False
        late = str(payload.get("action", "")) if kind == "action.late" else ""
        return (
            kind.startswith(LOCKED_KINDS)
            or late.startswith(LOCKED_KINDS)
            or payload.get("step") in self.hidden_steps
        )

    def payload(self, kind: str, payload: Payload, moment: Callable[[datetime], object]) -> Payload:
        """`moment` says a point in time as the export does."""
        taken = self._taken(kind, payload)
        changes: Payload = dict.fromkeys(taken, "")
        for name in MOMENTS:
            if payload.get(name):
                changes[name] = moment(datetime.fromisoformat(payload[name]))
        if payload and kind == "participant.assigned" and not self.unlocked:
            changes |= dict.fromkeys(CONDITION_FIELDS, WITHHELD)
        if "order" in payload and kind == "rater.joined":
            changes["order"] = [one for one in payload["order"] if one in self.submissions]
        if isinstance(inner := payload.get("payload"), dict):  # of an action that came too late
            changes["payload"] = self.payload(str(payload.get("action", "")), inner, moment)
        return payload | changes if changes else payload

    def _taken(self, kind: str, payload: Mapping[str, Any]) -> list[str]:
        names = [*NEVER.get(kind, ())]
        if kind not in BY_NOBODY:
            names.append("by")
        if not self.free_text:
            names += [*FREE_FIELDS, *FREE_OF.get(kind, ())]
            if (payload.get("step"), payload.get("item")) in self.text_items:
                names.append("value")
        return [name for name in names if name in payload]
