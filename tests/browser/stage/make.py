"""Makes workspaces, and for each a browser session that may open it, for as long as lines come.

One line each way: JSON of {chat, features, agents, language, task, seconds, interval, pictures,
sorted}, each optional, is answered with {workspace, session}. features: {name: bool} on top of what
`chat` switches on. agents: settings of theirs. pictures: how many the pool has. sorted: {name: n},
categories that are there already, each with the next n pictures.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from itertools import chain, count, islice
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from duetml.drawings import pools as drawings  # noqa: E402
from duetml.features import AgentSettings, Features, ModelSettings, WorkspaceSettings  # noqa: E402
from duetml.live.log import ClientStamp  # noqa: E402
from duetml.vision.intake import Picture, read_picture  # noqa: E402
from duetml.workspace.models import Pool, Workspace, WorkspaceImage  # noqa: E402
from duetml.workspace.services import access, actions, pools, workspaces  # noqa: E402

PICTURES = 40
ALL_ON = Features(chat=True, ask_data=True, ask_test=True, proactive=True)


def pool(pictures: int) -> Pool:
    """A pool of drawn pictures, made once for each size."""
    name = f"stage {pictures}"
    found = Pool.objects.filter(name=name).first()
    if found is not None and found.entries.count() >= pictures:
        return found
    made = pools.get_or_create(name, "", timezone.now())
    with transaction.atomic():
        for number, picture in enumerate(islice(drawn(), pictures)):
            pools.add(made, picture, f"drawing {number}", timezone.now())
    return made


def drawn() -> Iterator[Picture]:
    """Drawings, which take long; after the first hundred these again, as pictures of their own."""
    first = []
    for drawing in islice(
        chain(*(drawings.draw_pool("practice", seed) for seed in (1, 2, 3))), 100
    ):
        first.append(read_picture(drawing.jpeg, drawing.name))
        yield first[-1]
    for number in count():
        picture = first[number % len(first)]
        own = hashlib.sha256(f"{number} {picture.sha256}".encode()).hexdigest()
        yield replace(picture, sha256=own)


def features(wanted: Mapping[str, Any]) -> Features:
    base = ALL_ON if wanted.get("chat") else Features()
    return Features.model_validate(base.model_dump() | wanted.get("features", {}))


def agents(wanted: Mapping[str, Any]) -> dict[str, Any]:
    interval = float(wanted.get("interval", 600))
    settled = {"provider": "offline", "proactive_interval_seconds": interval}
    chosen: dict[str, Any] = wanted.get("agents", {})
    return settled | chosen


def sort(workspace: Workspace, wanted: Mapping[str, int], now: datetime) -> None:
    """Categories with pictures of the pool, as if somebody had begun."""
    offered = WorkspaceImage.objects.filter(workspace=workspace).order_by("position")
    left = iter([str(image) for image in offered.values_list("image_id", flat=True)])

    def do(action: str, **payload: object) -> Any:
        stamp = ClientStamp(uuid4(), now)
        return actions.perform(workspace.id, action, payload, stamp, now).result

    for name, number in wanted.items():
        category = do("category.create", name=name)["category"]
        if number:
            do("images.add", category=category, images=list(islice(left, number)))


def make(wanted: Mapping[str, Any]) -> dict[str, str]:
    seconds = wanted.get("seconds")
    now = timezone.now()
    workspace = workspaces.create(
        WorkspaceSettings(
            features=features(wanted),
            agents=AgentSettings.model_validate(agents(wanted)),
            model=ModelSettings(weights="untrained"),
        ),
        task=str(wanted.get("task", "Classify the things by how they are used.")),
        language=str(wanted.get("language", "en")),
        pool=pool(int(wanted.get("pictures", PICTURES))).name,
        images=None,
        seed=1,
        closes_at=now + timedelta(seconds=float(seconds)) if seconds else None,
        now=now,
    )
    sort(workspace, wanted.get("sorted", {}), now)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    access.grant(session, workspace.id)
    session.save()
    return {"workspace": str(workspace.id), "session": str(session.session_key)}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(make(json.loads(line))), flush=True)  # noqa: T201
