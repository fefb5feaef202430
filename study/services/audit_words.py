"""What the codes of the audit say, for people."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "viewed": _("looked at a page"),
    "exported": _("made an export"),
    "study.created": _("made the study"),
    "study.piloted": _("began the pilot"),
    "study.opened": _("opened the study"),
    "study.closed": _("closed the study"),
    "results.unlocked": _("unlocked the results"),
    "protocol.changed": _("changed the protocol"),
    "allocation.table": _("gave a table of groups"),
    "members.changed": _("gave somebody a role"),
    "members.removed": _("took somebody's role away"),
    "links.made": _("made links"),
    "link.revoked": _("took a link back"),
    "link.general": _("switched the link for everybody"),
    "times.offered": _("offered times for talks"),
    "time.removed": _("took a time for a talk away"),
    "monitor.pause": _("stopped the clock"),
    "monitor.resume": _("let the clock go on"),
    "monitor.extend": _("gave more time"),
    "monitor.message": _("wrote to a participant"),
    "monitor.exclude": _("left a participant out"),
    "monitor.readmit": _("let a participant count again"),
    "note.written": _("wrote a note"),
    "note.changed": _("changed a note"),
    "notes.exported": _("took the notes out"),
    "rater.invited": _("invited a rater"),
    "rater.withdrawn": _("took a rater's invitation back"),
}


def said(action: str) -> str:
    """The words of a code; empty for one of an older version that has none any more."""
    return str(WORDS.get(action, ""))
