"""A workspace rebuilt from its events equals its rows, at the end and at every step on the way."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from duetml.features import PRESETS
from duetml.live.log import ClientStamp, last_seq, verify
from duetml.vision.intake import read_picture
from duetml.workspace import queries
from duetml.workspace.models import Message, State, TestRun, TrainingRun, Workspace
from duetml.workspace.rules.replay import Arrangement, Moment, in_order
from duetml.workspace.services import images, testing, training, workspaces
from duetml.workspace.services.actions import perform
from duetml.workspace.services.refusal import Refused
from tests.people import NOW, a_picture, a_workspace, images_of

PICTURES = 6
WHICH = st.integers(0, 4)
SOME = st.lists(st.integers(0, PICTURES + 1), min_size=1, max_size=4)
NAMES = st.sampled_from(["one", "two", "three", "四", "Five ", "one"]) | st.text(max_size=6)


class Deeds(RuleBasedStateMachine):
    """Everything a person and the workers can do to a workspace with all features."""

    @initialize()
    def open(self) -> None:
        self.workspace = a_workspace(PRESETS["studio"], pictures=PICTURES)
        self.minutes = 0
        self.uploads = PICTURES
        self.refused = 0

    def do(self, action: str, payload: dict[str, Any] | None = None) -> None:
        """What is refused leaves no trace."""
        before = last_seq(self.workspace.stream)
        try:
            perform(self.workspace.id, action, payload or {}, ClientStamp(uuid4()), self.now())
        except Refused:
            assert last_seq(self.workspace.stream) == before

    def now(self) -> Any:
        self.minutes += 1
        return NOW + timedelta(minutes=self.minutes)

    def category(self, which: int) -> str:
        """One that exists; beyond those, one that does not."""
        known = [str(one.id) for one in queries.live_categories(self.workspace.id)]
        return dict(enumerate(known)).get(which, str(uuid4()))

    def pictures(self, some: list[int]) -> list[str]:
        known = dict(enumerate(images_of(self.workspace)))
        return [known.get(one, str(uuid4())) for one in some if one < len(known) or one % 3 == 0]

    @rule(name=NAMES)
    def create(self, name: str) -> None:
        self.do("category.create", {"name": name})

    @rule(which=WHICH, name=NAMES)
    def rename(self, which: int, name: str) -> None:
        self.do("category.rename", {"category": self.category(which), "name": name})

    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        self.do("category.delete", {"category": self.category(which)})

    @rule(which=WHICH, to=st.integers(0, 6))
    def reorder(self, which: int, to: int) -> None:
        self.do("category.move", {"category": self.category(which), "to": to})

    @rule(which=WHICH, into=WHICH)
    def merge(self, which: int, into: int) -> None:
        self.do("category.merge", {"category": self.category(which), "into": self.category(into)})

    @rule(which=WHICH, some=SOME)
    def add(self, which: int, some: list[int]) -> None:
        self.do("images.add", {"category": self.category(which), "images": self.pictures(some)})

    @rule(which=WHICH, some=SOME, source=WHICH)
    def add_from(self, which: int, some: list[int], source: int) -> None:
        told = {"category": self.category(which), "images": self.pictures(some)}
        self.do("images.add", told | {"source": self.category(source)})

    @rule(which=WHICH, some=SOME)
    def copy(self, which: int, some: list[int]) -> None:
        self.do("images.copy", {"category": self.category(which), "images": self.pictures(some)})

    @rule(which=WHICH, some=SOME)
    def remove(self, which: int, some: list[int]) -> None:
        self.do("images.remove", {"category": self.category(which), "images": self.pictures(some)})

    @rule(which=st.none() | WHICH, again=st.booleans())
    def upload(self, which: int | None, again: bool) -> None:
        self.uploads += not again
        picture = read_picture(a_picture(self.uploads), "p.jpg")
        category = None if which is None else queries.live_categories(self.workspace.id)[which:][:1]
        target = category[0].id if category else None
        images.upload(self.workspace.id, picture, target, ClientStamp(uuid4()), self.now())

    @rule()
    def undo(self) -> None:
        self.do("history.undo")

    @rule()
    def redo(self) -> None:
        self.do("history.redo")

    @rule(number=st.integers(0, 3))
    def restore(self, number: int) -> None:
        runs = [str(run.id) for run in self.workspace.training_runs.order_by("number")]
        self.do("data.restore", {"run": dict(enumerate(runs)).get(number, str(uuid4()))})

    @rule(works=st.booleans())
    def train(self, works: bool) -> None:
        self.do("training.start")
        for run in TrainingRun.objects.filter(workspace=self.workspace, state=State.QUEUED):
            claimed = TrainingRun.claim(run.id, self.now())
            assert claimed is not None
            if works:
                training.finish(claimed, b"model", {"n": 1}, self.now())
            else:
                training.fail(claimed, "crashed", self.now())

    @rule(some=SOME)
    def test(self, some: list[int]) -> None:
        self.do("test.start", {"images": self.pictures(some)})
        for test in TestRun.objects.filter(workspace=self.workspace, state=State.QUEUED):
            claimed = TestRun.claim(test.id, self.now())
            assert claimed is not None
            testing.finish(claimed, [{"image": one, "scores": []} for one in test.images], NOW)

    @rule(text=st.text(max_size=8), on=st.booleans())
    def talk(self, text: str, on: bool) -> None:
        self.do("chat.post", {"text": text})
        self.do("proactive.set", {"on": on})

    @precondition(lambda self: self.minutes > 8)
    @rule()
    def close(self) -> None:
        workspaces.close(self.workspace.id, "person", self.now())

    @invariant()
    def the_events_tell_the_rows(self) -> None:
        rebuilt = queries.moment(Workspace.objects.get(pk=self.workspace.id))
        assert told(rebuilt) == stored(self.workspace)
        assert order(rebuilt.arrangement) == order(queries.arrangement(self.workspace.id))

    def teardown(self) -> None:
        if not hasattr(self, "workspace"):
            return
        assert verify(self.workspace.stream)
        steps = queries.moment(self.workspace).undo
        for expected in reversed(steps):
            self.do_always("history.undo")
            assert queries.arrangement(self.workspace.id) == expected
        for expected in (*steps[1:], *([self.last] if steps else [])):
            self.do_always("history.redo")
            assert queries.arrangement(self.workspace.id) == expected

    def do_always(self, action: str) -> None:
        """Undoing works in an open workspace only; what was closed is opened for the check."""
        if action == "history.undo" and not hasattr(self, "last"):
            self.last = queries.arrangement(self.workspace.id)
        Workspace.objects.filter(pk=self.workspace.id).update(closed_at=None)
        perform(self.workspace.id, action, {}, ClientStamp(uuid4()), self.now())


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


def live_through(histories: int, steps: int) -> None:
    class RolledBack(Deeds):
        def __init__(self) -> None:
            super().__init__()
            self.moment = transaction.atomic()
            self.moment.__enter__()

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                transaction.set_rollback(True)
                self.moment.__exit__(None, None, None)

    relaxed = settings(
        max_examples=histories,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(RolledBack, settings=relaxed)


@pytest.mark.django_db
def test_a_workspace_can_be_rebuilt_from_its_events() -> None:
    live_through(histories=25, steps=20)


@pytest.mark.faults
@pytest.mark.django_db
def test_it_can_after_a_thousand_random_histories() -> None:
    live_through(histories=1000, steps=30)
