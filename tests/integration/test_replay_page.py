"""What a replay shows at the end is what the rows say, for random lives of a workspace; and what it
shows while the results are locked is the same but for what was said."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from duetml.workspace import queries
from duetml.workspace.models import Workspace
from study import replay_queries
from study.models import Participant
from study.replay_queries import Replayed
from tests.histories import Life, live

NODE = shutil.which("node")
SCRIPT = Path(__file__).parents[1] / "js" / "replayed.mjs"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
]


class Replay(Life):
    """A life that is replayed when it is over."""

    page: ClassVar["subprocess.Popen[str]"]

    def ended(self) -> None:
        workspace = Workspace.objects.get(pk=self.workspace.id)
        rows = queries.state(workspace)
        expected = {
            "categories": [
                [one["id"], one["name"], one["mark"], one["images"]] for one in rows["categories"]
            ],
            "runs": [[run["number"], run["state"]] for run in rows["runs"]],
            "test": rows["test"] and rows["test"]["state"],
            "said": [[one["author"], one["text"]] for one in rows["chat"]["messages"]],
        }

        assert self.shown(workspace, is_blind=False) == expected
        blind = self.shown(workspace, is_blind=True)
        assert blind == expected | {"said": []}

    def shown(self, workspace: Workspace, *, is_blind: bool) -> dict[str, Any]:
        assert self.page.stdin is not None
        assert self.page.stdout is not None
        replayed = Replayed(workspace, Participant(), 0, is_blind)
        count = replay_queries.count(replayed)
        frames = [
            frame
            for after in range(0, count, 10)
            for frame in replay_queries.frames(replayed, after, limit=10)
        ]
        told = {"opening": replay_queries.opening(replayed), "frames": frames}
        self.page.stdin.write(json.dumps(told, default=str) + "\n")
        self.page.stdin.flush()
        found: dict[str, Any] = json.loads(self.page.stdout.readline())
        return found


@pytest.fixture
def page() -> Iterator[None]:
    process = subprocess.Popen(
        [str(NODE), str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    Replay.page = process
    yield
    process.communicate(timeout=10)
    assert process.returncode == 0


@pytest.mark.usefixtures("page")
def test_a_replay_ends_where_the_rows_are() -> None:
    live(Replay, 15, steps=20)


@pytest.mark.faults
@pytest.mark.usefixtures("page")
def test_it_does_in_five_hundred_random_histories() -> None:
    live(Replay, 500, steps=30)
