"""Random lives of a workspace: everything a person and the workers can do to it, in any order."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from duetml.features import PRESETS
from duetml.live.log import ClientStamp, last_seq
from duetml.vision.intake import read_picture
from duetml.workspace import queries
from duetml.workspace.models import State, TestRun, TrainingRun
from duetml.workspace.services import images, testing, training, workspaces
from duetml.workspace.services.actions import perform
from duetml.workspace.services.refusal import Refused
from tests.people import NOW, a_picture, a_workspace, images_of

PICTURES = 6
WHICH = st.integers(0, 4)
SOME = st.lists(st.integers(0, PICTURES + 1), min_size=1, max_size=4)
# What the socket lets through: it leaves NUL and halves of characters out.
LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
BATCHES = [None, uuid4(), uuid4()]
NAMES = st.sampled_from(["one", "two", "three", "四", "Five "]) | st.text(LETTERS, max_size=6)


class Life(RuleBasedStateMachine):
    """Everything a person and the workers can do to a workspace with all features."""

    @initialize()
    def open(self) -> None:
        self.workspace = a_workspace(PRESETS["studio"], pictures=PICTURES)
        self.minutes = 0
        self.uploads = PICTURES
        self.opened()

    def opened(self) -> None:
        """What a test notes at the beginning of a life."""

    def do(self, action: str, payload: dict[str, Any] | None = None) -> None:
        """What is refused leaves no trace."""
        before = last_seq(self.workspace.stream)
        try:
            perform(self.workspace.id, action, payload or {}, ClientStamp(uuid4()), self.now())
        except Refused:
            assert last_seq(self.workspace.stream) == before

    def now(self) -> datetime:
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

    @rule(which=st.none() | WHICH, some=SOME)
    def remove(self, which: int | None, some: list[int]) -> None:
        category = {} if which is None else {"category": self.category(which)}
        self.do("images.remove", category | {"images": self.pictures(some)})

    @rule(which=st.none() | WHICH, again=st.booleans(), batch=st.sampled_from(BATCHES))
    def upload(self, which: int | None, again: bool, batch: UUID | None) -> None:
        self.uploads += not again
        picture = read_picture(a_picture(self.uploads), "p.jpg")
        category = None if which is None else queries.live_categories(self.workspace.id)[which:][:1]
        target = category[0].id if category else None
        stamp = ClientStamp(uuid4())
        images.upload(self.workspace.id, picture, target, stamp, self.now(), batch=batch)

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

    @rule(text=st.text(LETTERS, max_size=8), on=st.booleans())
    def talk(self, text: str, on: bool) -> None:
        self.do("chat.post", {"text": text})
        self.do("proactive.set", {"on": on})

    @precondition(lambda self: self.minutes > 8)
    @rule()
    def close(self) -> None:
        workspaces.close(self.workspace.id, "person", self.now())

    def ended(self) -> None:
        """What a test checks at the end of a life."""

    def teardown(self) -> None:
        if hasattr(self, "workspace"):
            self.ended()


def live(lives: type[Life], number: int, steps: int) -> None:
    """Many lives, each in a transaction that is taken back in the end."""

    class RolledBack(lives):  # type: ignore[valid-type,misc]
        def __init__(self) -> None:
            super().__init__()
            self.transaction = transaction.atomic()
            self.transaction.__enter__()

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                transaction.set_rollback(True)
                self.transaction.__exit__(None, None, None)

    relaxed = settings(
        max_examples=number,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(RolledBack, settings=relaxed)
