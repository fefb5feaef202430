"""manage.py record_replies: what the agents said in a workspace, as a recording."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from duetml.llm.recorded import dump
from duetml.workspace.models import Workspace
from duetml.workspace.work.recording import replies_of


class Command(BaseCommand):
    help = (
        "Prints the agents' replies in a workspace (JSON lines). Put into a file that"
        " DUETML_RECORDED names, they are given again to the same calls of any workspace."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace", type=UUID)

    def handle(self, *args: object, workspace: UUID, **options: Any) -> None:
        row = Workspace.objects.filter(pk=workspace).first()
        if row is None:
            raise CommandError(f"There is no workspace {workspace}.")
        self.stdout.write(dump(replies_of(row)), ending="")
