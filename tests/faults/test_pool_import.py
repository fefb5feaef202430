"""The worker that reads a zip file is killed in the middle; every picture is there, once."""

import json
import os
import signal
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.stack import Stack

pytestmark = pytest.mark.faults
PICTURES = 240
BEGIN = """
from django.core.files import File
from django.utils import timezone
from duetml.workspace.services import imports, pools
now = timezone.now()
pool = pools.create("killed", "", "ann", now)
with open({path!r}, "rb") as file:
    imports.begin(pool, File(file), "pictures.zip", "ann", "en", now)
"""
LOOK = """
import json
from django.core.files.storage import default_storage
from duetml.live.log import everything, pool_stream, verify
from duetml.workspace.models import PoolImport
row = PoolImport.objects.get()
print("FACTS" + json.dumps({
    "state": row.state, "attempt": row.attempt, "done": row.done, "added": row.added,
    "duplicates": len(row.duplicates), "refused": len(row.refused),
    "pictures": row.pool.entries.count(), "left": default_storage.listdir("imports")[1],
    "events": [event.kind for event in everything(pool_stream("killed"))],
    "chain": verify(pool_stream("killed")),
}))
"""


def look(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stack.manage("shell", "-c", LOOK).split("FACTS")[1])
    return found


def until(stack: Stack, wanted: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while not wanted(found := look(stack)):
        assert time.monotonic() < deadline, found
    return found


def a_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(PICTURES):
            out = BytesIO()
            Image.effect_noise((1600, 1200), 40 + number / 10).convert("RGB").save(out, "JPEG")
            archive.writestr(f"{number:03}.jpg", out.getvalue())
        archive.writestr("notes.txt", "no picture")
    return path


def test_an_import_survives_the_death_of_its_worker(stack: Stack, tmp_path: Path) -> None:
    stack.manage("shell", "-c", BEGIN.format(path=str(a_zip(tmp_path / "pictures.zip"))))

    found = until(stack, lambda seen: seen["done"] > 0, 60)
    assert found["state"] == "running"
    os.kill(stack.pid_of("quick"), signal.SIGKILL)
    found = until(stack, lambda seen: seen["state"] in ("done", "failed"), 300)

    assert found == {
        "state": "done",
        "attempt": 2,
        "done": PICTURES + 1,
        "added": PICTURES,
        "duplicates": 0,
        "refused": 1,
        "pictures": PICTURES,
        "left": [],
        "events": ["pool.created", "pool.imported"],
        "chain": True,
    }
