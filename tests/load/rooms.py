"""Makes workspaces on a stack's own database and prints [{workspace, session}, …] as JSON.

python -m tests.load.rooms PRESET IMAGES WORKSPACES [SORTED]

Each workspace has a session of its own, by which /studio/<workspace>/ shows it; all share a pool of
IMAGES pictures with as much in them as a photograph has. With SORTED, so many pictures lie in each
of two categories.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duetml.config.settings")
django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402 - set up first
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from duetml.features import PRESETS  # noqa: E402
from duetml.live.log import ClientStamp  # noqa: E402
from duetml.vision.intake import Picture, read_picture  # noqa: E402
from duetml.workspace.models import Pool, Workspace  # noqa: E402
from duetml.workspace.services import access, actions, pools, studio, workspaces  # noqa: E402
from duetml.workspace.views.studio import KEY  # noqa: E402
from tests.load.pictures import photograph  # noqa: E402


def pool_of(images: int) -> Pool:
    name = f"load-{images}"
    pool = pools.get_or_create(name, "", timezone.now())
    if pool.entries.count() < images:
        with ThreadPoolExecutor() as threads:
            pictures = list(threads.map(picture, range(images)))
        for each in pictures:
            pools.add(pool, each, "", timezone.now())
    return pool


def picture(seed: int) -> Picture:
    return read_picture(photograph(seed), "photograph.jpg")


def made(preset: str, images: int, number: int, in_each: int) -> Iterator[dict[str, str]]:
    pool = pool_of(images)
    settings = studio.settings_here(PRESETS[preset])
    for seed in range(number):
        workspace = workspaces.create(
            settings,
            task="Sort the pictures.",
            language="en",
            pool=pool.name,
            images=None,
            seed=seed,
            closes_at=None,
            now=timezone.now(),
            shares_images=True,
        )
        sort(workspace, in_each)
        session = SessionStore()
        access.grant(session, workspace.id)
        session[KEY] = [str(workspace.id)]
        session.save()
        yield {"workspace": str(workspace.id), "session": str(session.session_key)}


def sort(workspace: Workspace, in_each: int) -> None:
    offered = workspace.offered.order_by("position").values_list("image_id", flat=True)
    left = [str(image) for image in offered[: 2 * in_each]]

    def do(action: str, **payload: object) -> Mapping[str, object]:
        now = timezone.now()
        return actions.perform(workspace.id, action, payload, ClientStamp(uuid4(), now), now).result

    for name in ("First", "Second") if in_each else ():
        category = do("category.create", name=name)["category"]
        do("images.add", category=category, images=left[:in_each])
        left = left[in_each:]


if __name__ == "__main__":
    with transaction.atomic():
        rooms = list(
            made(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int((*sys.argv, "0")[4]))
        )
    json.dump(rooms, sys.stdout)
