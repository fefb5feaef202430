"""Fills a workspace with images whose features are known already; prints its id and a session.

python -m tests.load.sorted_photographs FEATURES.npz

The file holds `features` (n, 1280) and `codes` (n,): a category for each. There are no picture
files behind these rows: training does not look at pictures that were looked at.
"""

import hashlib
import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duetml.config.settings")
django.setup()

import numpy as np  # noqa: E402 - Django must be set up first
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from duetml.workspace.models import (  # noqa: E402
    Category,
    Feature,
    Image,
    Placement,
    Workspace,
    WorkspaceImage,
)
from duetml.workspace.queries import backbone_info  # noqa: E402
from duetml.workspace.work.features import as_bytes  # noqa: E402
from tests.faults.inside import open_workspace  # noqa: E402


@transaction.atomic
def fill(workspace: Workspace, features: np.ndarray, codes: np.ndarray) -> None:
    now = timezone.now()
    images = [
        Image(sha256=hashlib.sha256(row.tobytes()).hexdigest(), width=9, height=9, created_at=now)
        for row in features
    ]
    Image.objects.bulk_create(images)
    digest = backbone_info().digest
    Feature.objects.bulk_create(
        Feature(image=image, backbone=digest, vector=as_bytes(row))
        for image, row in zip(images, features, strict=True)
    )
    WorkspaceImage.objects.bulk_create(
        WorkspaceImage(workspace=workspace, image=image, origin="pool", position=position)
        for position, image in enumerate(images)
    )
    categories = [
        Category(workspace=workspace, name=f"kind {code}", position=code, mark=code, created_at=now)
        for code in np.unique(codes).tolist()
    ]
    Category.objects.bulk_create(categories)
    Placement.objects.bulk_create(
        Placement(category=categories[code], image=image, position=position)
        for position, (image, code) in enumerate(zip(images, codes.tolist(), strict=True))
    )


if __name__ == "__main__":
    opened = open_workspace()
    with np.load(sys.argv[1]) as given:
        fill(Workspace.objects.get(pk=opened["workspace"]), given["features"], given["codes"])
    json.dump(opened, sys.stdout)
