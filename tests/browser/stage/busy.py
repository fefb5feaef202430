"""What another device did in the meantime: renames the first category TIMES times, to "NAME 1" …

python -m tests.browser.stage.busy WORKSPACE NAME TIMES
"""

import sys
from uuid import uuid4

import django

django.setup()

from django.utils import timezone  # noqa: E402 - Django must be set up first

from duetml.live.log import ClientStamp  # noqa: E402
from duetml.workspace import queries  # noqa: E402
from duetml.workspace.services import actions  # noqa: E402


def main(workspace: str, name: str, times: int) -> None:
    first = queries.live_categories(workspace)[0]
    for number in range(1, times + 1):
        renamed = {"category": str(first.id), "name": f"{name} {number}"}
        now = timezone.now()
        actions.perform(workspace, "category.rename", renamed, ClientStamp(uuid4(), now), now)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
