"""Reads client ids, one a line, and prints how many of them are not exactly one event.

python -m tests.load.recorded < IDS        (on a stack's own database)
"""

import os
import sys
from collections import Counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duetml.config.settings")
django.setup()

from duetml.live.models import Event  # noqa: E402 - set up first

if __name__ == "__main__":
    wanted = sys.stdin.read().split()
    told = Event.objects.exclude(client_id=None).values_list("client_id", flat=True)
    there = Counter(str(client) for client in told.iterator())
    sys.stdout.write(str(sum(there[client] != 1 for client in wanted)))
