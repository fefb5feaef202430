"""Raters with their sessions on a stack's own database, and how many scores it holds; JSON.

python -m tests.load.raters_inside make RATERS SUBMISSIONS | count
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duetml.config.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from evaluation.models import Rater, Rating  # noqa: E402
from tests.raters import make_world, showing  # noqa: E402


def make(raters: int, submissions: int) -> dict[str, object]:
    world = make_world(submissions, raters)
    return {"raters": [told(rater) for rater in world.raters]}


def told(rater: Rater) -> dict[str, str]:
    session = SessionStore()
    session[SESSION_KEY] = str(rater.user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = rater.user.get_session_auth_hash()
    session.save()
    showings = [str(showing(rater, one).pk) for one in rater.order]
    return {"session": str(session.session_key), "showings": json.dumps(showings)}


if __name__ == "__main__":
    if sys.argv[1] == "make":
        document = make(int(sys.argv[2]), int(sys.argv[3]))
    else:
        document = {"scores": Rating.objects.count()}
    sys.stdout.write(json.dumps(document))
