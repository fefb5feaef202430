"""Prints a workspace, and a browser session that may open it, as JSON.

Argument: JSON of {chat, language, task, seconds, interval}, each optional.
"""

import json
import sys
from datetime import timedelta
from importlib import import_module

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.utils import timezone  # noqa: E402

from duetml.drawings import pools as drawings  # noqa: E402
from duetml.features import AgentSettings, Features, ModelSettings, WorkspaceSettings  # noqa: E402
from duetml.vision.intake import read_picture  # noqa: E402
from duetml.workspace.models import Pool  # noqa: E402
from duetml.workspace.services import access, pools, workspaces  # noqa: E402

PICTURES = 40
ALL_ON = Features(chat=True, ask_data=True, ask_test=True, proactive=True)


def pool() -> Pool:
    """A pool of drawn pictures, made once."""
    found = Pool.objects.filter(name="stage").first()
    if found is not None and found.entries.count() >= PICTURES:
        return found
    made = pools.get_or_create("stage", "", timezone.now())
    for number, drawing in enumerate(drawings.draw_pool("practice", seed=1)):
        if number == PICTURES:
            break
        pools.add(made, read_picture(drawing.jpeg, drawing.name), drawing.name, timezone.now())
    return made


def main(wanted: dict[str, object]) -> None:
    seconds = wanted.get("seconds")
    now = timezone.now()
    workspace = workspaces.create(
        WorkspaceSettings(
            features=ALL_ON if wanted.get("chat") else Features(),
            agents=AgentSettings(
                provider="offline",
                proactive_interval_seconds=float(str(wanted.get("interval", 600))),
            ),
            model=ModelSettings(weights="untrained"),
        ),
        task=str(wanted.get("task", "Classify the things by how they are used.")),
        language=str(wanted.get("language", "en")),
        pool=pool().name,
        images=None,
        seed=1,
        closes_at=now + timedelta(seconds=float(str(seconds))) if seconds else None,
        now=now,
    )
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    access.grant(session, workspace.id)
    session.save()
    print(json.dumps({"workspace": str(workspace.id), "session": session.session_key}))  # noqa: T201


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
