"""A workspace rebuilt from its events equals its rows, at the end and at every step on the way."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis.stateful import invariant

from duetml.live.log import ClientStamp, verify
from duetml.workspace import queries
from duetml.workspace.models import Message, State, Workspace
from duetml.workspace.rules.replay import Arrangement, Moment, in_order
from duetml.workspace.services.actions import perform
from tests.histories import Life, live


class Retold(Life):
    @invariant()
    def the_events_tell_the_rows(self) -> None:
        rebuilt = queries.moment(Workspace.objects.get(pk=self.workspace.id))
        assert told(rebuilt) == stored(self.workspace)
        assert order(rebuilt.arrangement) == order(queries.arrangement(self.workspace.id))

    def ended(self) -> None:
        """Every step is taken back, and made again, one by one."""
        assert verify(self.workspace.stream)
        Workspace.objects.filter(pk=self.workspace.id).update(closed_at=None)
        last = queries.arrangement(self.workspace.id)
        numbers = queries.moment(self.workspace).undo
        steps = [queries.moment(self.workspace, until=one).arrangement for one in numbers]
        for expected in reversed(steps):
            self.take("history.undo")
            assert queries.arrangement(self.workspace.id) == expected
        for expected in (*steps[1:], last) if steps else ():
            self.take("history.redo")
            assert queries.arrangement(self.workspace.id) == expected

    def take(self, step: str) -> None:
        perform(self.workspace.id, step, {}, ClientStamp(uuid4()), self.now())


def order(arrangement: Arrangement) -> list[str]:
    return [category.id for category in in_order(arrangement)]


def told(moment: Moment) -> dict[str, Any]:
    return {
        "arrangement": dict(moment.arrangement),
        "offered": list(moment.offered.items()),
        "runs": dict(moment.runs),
        "tests": dict(moment.tests),
        "messages": dict(moment.messages),
        "proactive": moment.proactive_on,
        "closed": moment.closed,
    }


def stored(workspace: Workspace) -> dict[str, Any]:
    """The same from the rows, read without the queries that the service uses."""
    row = Workspace.objects.get(pk=workspace.pk)
    offered = row.offered.order_by("position").values_list("image_id", "origin")
    return {
        "arrangement": queries.arrangement(row.id),
        "offered": [(str(image), origin) for image, origin in offered],
        "runs": {
            str(run.id): {
                "number": run.number,
                "data": run.data,
                "report": run.report,
                "reason": run.error,
                "state": _state(run.state),
            }
            for run in row.training_runs.all()
        },
        "tests": {
            str(test.id): {
                "run": str(test.training_run_id),
                "images": test.images,
                "results": test.results,
                "reason": test.error,
                "state": _state(test.state),
            }
            for test in row.test_runs.all()
        },
        "messages": {
            str(one.id): {"author": one.author, "text": one.text, "offline": one.offline}
            for one in Message.objects.filter(workspace=row)
        },
        "proactive": row.proactive_on,
        "closed": row.closed_at is not None,
    }


def _state(state: str) -> str:
    return state if state in (State.DONE, State.FAILED) else "unfinished"


@pytest.mark.django_db
def test_a_workspace_can_be_rebuilt_from_its_events() -> None:
    live(Retold, 25, steps=20)


@pytest.mark.faults
@pytest.mark.django_db
def test_it_can_after_a_thousand_random_histories() -> None:
    live(Retold, 1000, steps=30)
