"""What the page makes of the events is what the server would tell it afresh, whatever was done."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from duetml.live.log import everything, frame, last_seq
from duetml.workspace import queries
from duetml.workspace.models import Workspace
from tests.histories import Life, live

NODE = shutil.which("node")
PROGRAM = Path(__file__).parents[1] / "js" / "view.mjs"
RUN = ("id", "number", "state", "stale", "report", "reason", "categories")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(NODE is None, reason="node runs the page's modules"),
]


class Watched(Life):
    """A page that opened in the beginning and heard every event since."""

    heard: list[dict[str, Any]]
    expected: list[dict[str, Any]]

    def opened(self) -> None:
        self.seq = last_seq(self.workspace.stream)
        self.hello = {"seq": self.seq, "state": self.state()}

    def state(self) -> dict[str, Any]:
        state = queries.state(Workspace.objects.get(pk=self.workspace.id))
        stored: dict[str, Any] = json.loads(json.dumps(state))
        return stored

    def ended(self) -> None:
        events = [frame(one) for one in everything(self.workspace.stream)][self.seq :]
        self.heard.append({"hello": self.hello, "events": events})
        self.expected.append(shown(self.state()))


def shown(state: dict[str, Any]) -> dict[str, Any]:
    """What a person sees of a state; the rest are the page's own notes."""
    return {
        "closed": state["workspace"]["closed"],
        "images": state["images"],
        "categories": state["categories"],
        "history": {step: state["history"][step] for step in ("undo", "redo")},
        "runs": [{fact: run[fact] for fact in RUN if fact != "stale"} for run in state["runs"]],
        "training": state["training"] and {fact: state["training"][fact] for fact in RUN},
        "test": state["test"],
    }


def compare(number: int, steps: int) -> None:
    Watched.heard, Watched.expected = [], []
    live(Watched, number, steps)
    text = subprocess.run(
        [str(NODE), str(PROGRAM)],
        input=json.dumps(Watched.heard),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert [shown(state) for state in json.loads(text)] == Watched.expected


def test_the_page_shows_what_the_server_would_tell_it() -> None:
    compare(25, steps=20)


@pytest.mark.faults
def test_it_does_so_after_five_hundred_random_lives() -> None:
    compare(500, steps=30)
