"""manage.py workspace_at: a workspace as it was after any of its events, from the events alone."""

import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from duetml.workspace import queries
from duetml.workspace.models import Workspace
from duetml.workspace.rules.replay import Moment, in_order


class Command(BaseCommand):
    help = "Prints a workspace (JSON) as it was after one of its events, or after the last."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace", type=UUID)
        parser.add_argument(
            "--event", type=int, metavar="SEQ", help="its number; default: the last"
        )

    def handle(self, *args: object, workspace: UUID, event: int | None, **options: Any) -> None:
        row = Workspace.objects.filter(pk=workspace).first()
        if row is None:
            raise CommandError(f"There is no workspace {workspace}.")
        moment = queries.moment(row, until=event)
        self.stdout.write(json.dumps(_told(moment), ensure_ascii=False, indent=2))


def _told(moment: Moment) -> dict[str, Any]:
    categories = [
        {"category": one.id, "name": one.name, "mark": one.mark, "images": list(one.images)}
        for one in in_order(moment.arrangement)
    ]
    return {
        "categories": categories,
        "offered": [{"image": image, "origin": at} for image, at in moment.offered.items()],
        "training_runs": dict(moment.runs),
        "test_runs": dict(moment.tests),
        "messages": dict(moment.messages),
        "proactive_on": moment.proactive_on,
        "closed": moment.closed,
    }
