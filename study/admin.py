"""The back room of the study: records to read, not to change."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from duetml.workspace.admin import Record
from study.models import AuditEntry, Participant, Protocol, StepRun, Study, Submission


@admin.register(Study)
class StudyAdmin(Record):
    list_display = ("slug", "title", "state", "simulated", "protocol", "opened_at", "closed_at")
    list_filter = ("state", "simulated")
    list_select_related = ("protocol",)
    exclude = ("seed", "pilot_seed", "allocation_table")
    readonly_fields = ("revealed_seed",)

    @admin.display(description=_("seed"))
    def revealed_seed(self, study: Study) -> str:
        """The seed tells every coming assignment, so it is shown only when none can come."""
        is_closed = study.state == Study.State.CLOSED
        return str(study.seed) if is_closed else str(_("shown when the study is closed"))


@admin.register(Participant)
class ParticipantAdmin(Record):
    list_display = ("code", "study", "kind", "state", "step", "language", "enrolled_at", "seen_at")
    list_filter = ("study", "kind", "state")
    list_select_related = ("study",)
    search_fields = ("code",)
    exclude = ("token_digest", "condition", "settings_json", "slot")
    readonly_fields = ("revealed_condition",)

    @admin.display(description=_("condition"))
    def revealed_condition(self, participant: Participant) -> str:
        is_closed = participant.study.state == Study.State.CLOSED
        return participant.condition if is_closed else str(_("shown when the study is closed"))


@admin.register(StepRun)
class StepRunAdmin(Record):
    list_display = (
        "participant",
        "index",
        "key",
        "opened_at",
        "closes_at",
        "closed_at",
        "closed_by",
    )
    list_filter = ("participant__study", "key", "closed_by")
    list_select_related = ("participant",)
    exclude = ("workspace",)  # its settings tell the condition


@admin.register(Submission)
class SubmissionAdmin(Record):
    list_display = ("id", "study", "frozen_at", "digest")
    list_filter = ("study",)
    list_select_related = ("study",)
    exclude = ("participant", "step")  # who rates and who administers may be one person


@admin.register(Protocol)
class ProtocolAdmin(Record):
    list_display = ("digest", "created_at")


@admin.register(AuditEntry)
class AuditEntryAdmin(Record):
    list_display = ("at", "user", "action", "what", "study")
    list_filter = ("study", "action")
    list_select_related = ("study",)
    search_fields = ("user", "what")
