"""The tick of the agents that speak by themselves looks at the workspaces that are due, not at all
there ever were: the plans of its queries, with 100,000 of them in the table."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from duetml.workspace.models import AgentCall, Workspace
from duetml.workspace.services import proactive, workspaces
from tests.people import DUETML, NOW, a_workspace

pytestmark = pytest.mark.django_db
ROWS = 100_000


NEW_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}


def doubled(model: type[Model], times: int) -> None:
    """Every row once more, under another id, so many times."""
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{column}"' for column in columns)
    copies = f"SELECT {NEW_ID[connection.vendor]}, {names} FROM {table}"
    with connection.cursor() as cursor:
        for _ in range(times):
            cursor.execute(f"INSERT INTO {table} (id, {names}) {copies}")


def make_many() -> None:
    """Closed, switched off and never visited workspaces, and calls that are over."""
    for states in ({"closed_at": NOW}, {"proactive_on": False, "proactive_at": NOW}, {}):
        workspace = a_workspace(DUETML, pictures=0)
        Workspace.objects.filter(pk=workspace.pk).update(**states)
        over = {"agent": "proactive", "trigger": "timer", "state": "done", "queued_at": NOW}
        AgentCall.objects.create(workspace=workspace, **over)
    doubled(Workspace, 16)
    doubled(AgentCall, 14)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plans(do: Callable[[], object]) -> list[str]:
    """How the database goes about each query of `do`."""
    with CaptureQueriesContext(connection) as queries:
        do()
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    found = []
    for query in queries.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"{explain} {query['sql']}")
            found.append("\n".join(str(row) for row in cursor.fetchall()))
    return found


def test_a_tick_uses_the_indexes_that_hold_only_what_may_be_due_and_finds_it() -> None:
    make_many()
    assert Workspace.objects.count() > ROWS

    forgetting, counting, asking = plans(lambda: proactive.speak_up(NOW))
    assert "workspace_due" in forgetting
    assert "call_unfinished" in counting
    assert "workspace_due" in asking

    somebody = a_workspace(DUETML, pictures=0)
    workspaces.seen(somebody.id, NOW)
    later = NOW + timedelta(seconds=60)
    Workspace.objects.filter(pk=somebody.pk).update(seen_at=later)
    assert proactive.speak_up(later) == 1
    assert AgentCall.objects.get(state="queued").workspace_id == somebody.pk
