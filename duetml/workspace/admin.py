"""The back room of the workspace: pools to look after, records to read."""

import json
from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from duetml.live.models import Event
from duetml.workspace.models import AgentCall, Pool, TrainingRun, Workspace

if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Model]
else:
    Admin = admin.ModelAdmin


# Fields of events that say who is in which condition, or lead from a person to their workspace.
UNBLINDING = ("condition", "slot", "workspace", "receipt")


class Record(Admin):
    """Written by the program, read by people."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _page_of(pool: Model) -> str:
    return reverse("pools:pool", args=[str(pool)])


@admin.register(Pool)
class PoolAdmin(Admin):
    """Pools have pages of their own, where every change is recorded; here they are only listed."""

    list_display = ("name", "pictures", "licence", "created_at")
    readonly_fields = ("name", "pictures", "licence", "created_at")
    view_on_site = staticmethod(_page_of)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        rows: QuerySet[Model] = (
            super().get_queryset(request).annotate(picture_count=Count("entries"))
        )
        return rows

    @admin.display(description=_("pictures"), ordering="picture_count")
    def pictures(self, pool: Pool) -> int:
        count: int = getattr(pool, "picture_count", 0)
        return count

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Workspace)
class WorkspaceAdmin(Record):
    list_display = ("id", "pool", "language", "created_at", "closes_at", "closed_at", "seen_at")
    list_select_related = ("pool",)
    list_filter = ("language", "pool")
    search_fields = ("id",)
    ordering = ("-created_at",)
    # What is switched on tells the condition, which the study shows when it is over; who pays for
    # the agents' calls tells whose workspace it is.
    exclude = ("settings_json", "proactive_on", "proactive_at", "typing_at", "payers")


@admin.register(TrainingRun)
class TrainingRunAdmin(Record):
    list_display = ("id", "workspace_id", "number", "state", "attempt", "queued_at", "finished_at")
    list_filter = ("state",)
    search_fields = ("workspace__id",)
    ordering = ("-queued_at",)
    exclude = ("classifier",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).defer("classifier")


@admin.register(AgentCall)
class AgentCallAdmin(Record):
    list_display = (
        "id",
        "workspace_id",
        "agent",
        "trigger",
        "state",
        "model",
        "seconds",
        "input_tokens",
        "output_tokens",
        "queued_at",
    )
    list_filter = ("agent", "trigger", "state", "provider")
    search_fields = ("workspace__id",)
    ordering = ("-queued_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).defer("request")


@admin.register(Event)
class EventAdmin(Record):
    list_display = ("stream", "seq", "kind", "at", "client_at")
    list_select_related = ("stream",)
    list_filter = ("kind",)
    search_fields = ("stream__key",)
    ordering = ("-pk",)
    exclude = ("payload",)
    readonly_fields = ("payload_without_condition",)

    @admin.display(description="payload")
    def payload_without_condition(self, event: Event) -> str:
        """Exports tell conditions once a study is over; who looks in here may still meet people."""
        # Scores are looked at when the results are unlocked, on their own pages.
        hidden = event.payload if event.kind.startswith("rating.") else UNBLINDING
        told = {name: "…" if name in hidden else one for name, one in event.payload.items()}
        return json.dumps(told, ensure_ascii=False)
