"""The page's own reckoning (JavaScript) and the server's agree, for random lives of a workspace:
what it makes of the events, and what it shows before the server has answered."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from hypothesis.stateful import invariant

from duetml.live.log import ClientStamp, frame, last_seq, since
from duetml.workspace import queries
from duetml.workspace.models import Workspace
from duetml.workspace.services.actions import perform
from duetml.workspace.services.refusal import Refused
from tests.histories import Life, live

NODE = shutil.which("node")
SCRIPT = Path(__file__).parents[1] / "js" / "agree.mjs"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
]


class Shown(Life):
    """A life that notes what a page that watches it would hear and do."""

    page: ClassVar["subprocess.Popen[str]"]

    def opened(self) -> None:
        self.seen = last_seq(self.workspace.stream)
        self.hello = {"seq": self.seen, "state": self.state()}
        self.steps: list[dict[str, Any]] = []

    def state(self) -> dict[str, Any]:
        return queries.state(Workspace.objects.get(pk=self.workspace.id))

    def do(self, action: str, payload: dict[str, Any] | None = None) -> None:
        self.note()
        stamp = ClientStamp(uuid4())
        try:
            done = perform(self.workspace.id, action, payload or {}, stamp, self.now())
        except Refused:
            return
        told = {"id": str(stamp.id), "action": action, "payload": payload or {}}
        self.note(told if not done.late else None)

    @invariant()
    def nothing_is_missed(self) -> None:
        self.note()

    def note(self, told: dict[str, Any] | None = None) -> None:
        events = [frame(event) for event in since(self.workspace.stream, self.seen)]
        if events:
            self.seen = events[-1]["seq"]
            step = told or {"id": None, "action": None, "payload": {}}
            self.steps.append(step | {"events": events, "after": self.state()})

    def ended(self) -> None:
        assert self.page.stdin is not None
        assert self.page.stdout is not None
        life = json.dumps({"hello": self.hello, "steps": self.steps}, default=str)
        self.page.stdin.write(life + "\n")
        self.page.stdin.flush()
        assert json.loads(self.page.stdout.readline()) == []


@pytest.fixture
def page() -> Iterator[None]:
    process = subprocess.Popen(
        [str(NODE), str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    Shown.page = process
    yield
    process.communicate(timeout=10)
    assert process.returncode == 0


@pytest.mark.usefixtures("page")
def test_the_page_shows_what_the_server_has() -> None:
    live(Shown, 25, steps=20)


@pytest.mark.faults
@pytest.mark.usefixtures("page")
def test_it_does_in_a_thousand_random_histories() -> None:
    live(Shown, 1000, steps=30)
