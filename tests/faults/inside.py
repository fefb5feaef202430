"""What a fault test does or asks inside the running platform; it prints one JSON document.

python -m tests.faults.inside fill POOL FOLDER | open [POOL] | forget-features | facts WORKSPACE
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duetml.config.settings")
django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.utils import timezone  # noqa: E402

from duetml.features import AgentSettings, Features, WorkspaceSettings  # noqa: E402
from duetml.live.log import verify, workspace_stream  # noqa: E402
from duetml.vision.intake import read_picture  # noqa: E402
from duetml.workspace.models import AgentCall, Feature, Message, TrainingRun  # noqa: E402
from duetml.workspace.services import access, pools, workspaces  # noqa: E402


def open_workspace(pool: str | None = None) -> dict[str, Any]:
    """A workspace with a chat (no proactive agent) and a browser session that may use it."""
    workspace = workspaces.create(
        WorkspaceSettings(
            features=Features(chat=True, ask_data=True, ask_test=True),
            agents=AgentSettings(provider="openai", timeout_seconds=30),
        ),
        task="Sort the pictures.",
        language="en",
        pool=pool,
        images=None,
        seed=1,
        closes_at=None,
        now=timezone.now(),
    )
    session = SessionStore()
    access.grant(session, workspace.id)
    session.save()
    return {"workspace": str(workspace.id), "session": session.session_key}


def fill(name: str, folder: str) -> dict[str, Any]:
    """A pool of the folder's pictures, and nothing computed ahead of its use."""
    pool = pools.get_or_create(name, "", timezone.now())
    for path in sorted(Path(folder).iterdir()):
        pools.add(pool, read_picture(path.read_bytes(), path.name), path.name, timezone.now())
    return {"pictures": pool.entries.count()}


def forget_features() -> dict[str, Any]:
    """The next training has every picture still to look at."""
    deleted, _ = Feature.objects.all().delete()
    return {"deleted": deleted}


def facts(workspace: str) -> dict[str, Any]:
    runs = TrainingRun.objects.filter(workspace=UUID(workspace)).order_by("number")
    calls = AgentCall.objects.filter(workspace=UUID(workspace)).order_by("queued_at")
    answers = Message.objects.filter(workspace=UUID(workspace), call__isnull=False)
    return {
        "runs": list(runs.values("number", "state", "attempt")),
        "calls": list(calls.values("state", "attempt", "retries", "error")),
        "answers": list(answers.exclude(author="participant").values_list("text", flat=True)),
        "chain_holds": verify(workspace_stream(workspace)),
    }


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "fill": fill,
    "open": open_workspace,
    "forget-features": forget_features,
    "facts": facts,
}

if __name__ == "__main__":
    json.dump(COMMANDS[sys.argv[1]](*sys.argv[2:]), sys.stdout, default=str)
