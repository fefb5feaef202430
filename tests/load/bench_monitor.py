"""What the monitor costs with ten thousand participants and five million events.

python -m tests.load.bench_monitor [--participants 10000] [--events 5000000]      (make bench)

Fills a database (SQLite in a folder that is deleted afterwards, or the empty one that DATABASE_URL
names) with rows written in bulk, and asks for the first page of the monitor as a browser does:
through Django, from the request to the last byte. Ends with an error where that page's median is
above the limit.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import uuid4

import django

_folder = TemporaryDirectory()  # deleted when this process ends
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "duetml.config.settings",
    "DUETML_VAR": _folder.name,
    "LOG_LEVEL": "ERROR",
}
django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.contrib.auth.models import User  # noqa: E402 - Django must be set up first
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from duetml.live.log import participant_stream, workspace_stream  # noqa: E402
from duetml.live.models import Event, Stream  # noqa: E402
from duetml.workspace.models import Workspace  # noqa: E402
from study.models import Participant, Protocol, StepRun, Study  # noqa: E402
from study.rules.protocol import digest_of  # noqa: E402
from tests.load.bench_sockets import say  # noqa: E402
from tests.studies import OFFLINE  # noqa: E402

LIMIT_MS = 300
AT_IT = 300  # of the participants, in a task just now; the others have finished
ASKED = 11  # times, the first one warms up
AT_A_TIME = 20_000
PAGES = {
    "first page": "live/",
    "rows alone": "live/rows/",
    "by least time left": "live/rows/?sort=left",
    "only who needs somebody": "live/rows/?problems=on",
    "by code": "live/rows/?sort=code",
    "flow": "live/flow/",
}


def fill(slug: str, participants: int, events: int, now: datetime) -> Study:
    digest = digest_of(OFFLINE)
    protocol, _made = Protocol.objects.get_or_create(
        digest=digest, defaults={"source": OFFLINE, "created_at": now}
    )
    facts = {"protocol": protocol, "seed": 1, "seed_digest": "x", "created_at": now}
    study = Study.objects.create(slug=slug, title="Bench", state="open", **facts)
    steps = protocol.read().steps
    task = next(at for at, step in enumerate(steps) if step.key == "free")
    people = [
        Participant(
            study=study,
            protocol=protocol,
            code=f"P{number:06}",
            token_digest=uuid4().hex * 2,
            language="en",
            state="active" if number < AT_IT else "completed",
            step=task if number < AT_IT else len(steps) - 1,
            condition=("duetml", "baseline")[number % 2],
            enrolled_at=now - timedelta(hours=2, seconds=number),
            seen_at=now - timedelta(seconds=number % 400),
        )
        for number in range(participants)
    ]
    Participant.objects.bulk_create(people, batch_size=AT_A_TIME)
    spaces = [
        Workspace(settings_json={}, created_at=now, seen_at=now - timedelta(seconds=at % 400))
        for at in range(participants)
    ]
    Workspace.objects.bulk_create(spaces, batch_size=AT_A_TIME)
    StepRun.objects.bulk_create(_runs(people, spaces, steps, now), batch_size=AT_A_TIME)
    streams = _streams(people, spaces, events, slug)
    Stream.objects.bulk_create(streams, batch_size=AT_A_TIME)
    _write(streams, slug, now)
    return study


def _runs(
    people: list[Participant], spaces: list[Workspace], steps: object, now: datetime
) -> Iterator[StepRun]:
    keys = [step.key for step in steps]  # type: ignore[attr-defined]
    for person, space in zip(people, spaces, strict=True):
        for index in range(person.step + 1):
            is_open = index == person.step and person.state == "active"
            yield StepRun(
                participant=person,
                index=index,
                key=keys[index],
                opened_at=now - timedelta(minutes=10),
                minimum_at=now if is_open else None,
                closes_at=now + timedelta(minutes=5) if is_open else None,
                closed_at=None if is_open else now,
                closed_by="" if is_open else "participant",
                workspace=space if keys[index] == "free" else None,
            )


def _streams(
    people: list[Participant], spaces: list[Workspace], events: int, slug: str
) -> list[Stream]:
    """Thirty events of each participant's own, the rest in their workspaces."""
    own = 30
    each = max(1, events // len(people) - own)
    keys: list[tuple[str, int]] = [(participant_stream(one.pk), own) for one in people]
    keys += [(workspace_stream(one.pk), each) for one in spaces]
    return [Stream(key=key, seq=count, head=slug) for key, count in keys]


# Of each database: a client's id made of a number, and JSON of a text.
CLIENT = {
    "sqlite": "printf('%%032x', n)",
    "postgresql": "lpad(to_hex(n), 32, '0')::uuid",
}
JSON = {"sqlite": "%s", "postgresql": "%s::jsonb"}
WRITE = """
INSERT INTO live_event (stream_id, seq, kind, payload, payload_digest, at, client_id, digest)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)
SELECT id, n, {kind}, {json}, '', %s, {client}, '{digest}'
FROM live_stream JOIN numbers ON n <= seq WHERE key LIKE %s AND head = %s
"""
# An assignment second and one step after the other: what the flow is made of.
LIFE = (
    "CASE WHEN n = 1 THEN 'participant.enrolled' WHEN n = 2 THEN 'participant.assigned'"
    " WHEN n %% 2 = 0 THEN 'step.opened' ELSE 'step.closed' END"
)


def _write(streams: list[Stream], slug: str, now: datetime) -> None:
    """The events of all streams, made by the database itself."""
    vendor, most = connection.vendor, max(one.seq for one in streams)
    payload = '{"step": "free", "condition": "duetml", "workspace": "w"}'
    by_clients = f"CASE WHEN n %% 3 = 0 THEN NULL ELSE {CLIENT[vendor]} END"
    with connection.cursor() as cursor:
        for pattern, kind, client in (
            ("participant:%", LIFE, "NULL"),
            ("workspace:%", "'images.added'", by_clients),
        ):
            sql = WRITE.format(kind=kind, json=JSON[vendor], client=client, digest="x" * 64)
            cursor.execute(sql, [most, payload, now, pattern, slug])


def measure(study: Study) -> dict[str, tuple[float, float, int]]:
    """By page: median and slowest milliseconds, and queries."""
    facts = {"is_staff": True, "is_superuser": True}
    user, _made = User.objects.get_or_create(username="bench", defaults=facts)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    found = {}
    for name, page in PAGES.items():
        took = []
        for _number in range(ASKED):
            began = perf_counter()
            reply = client.get(f"/study/{study.slug}/{page}")
            took.append((perf_counter() - began) * 1000)
            if reply.status_code != 200:
                sys.exit(f"{page}: {reply.status_code}")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/study/{study.slug}/{page}")
        found[name] = (median(took[1:]), max(took[1:]), len(captured))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--participants", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    wanted = parser.parse_args()
    call_command("migrate", verbosity=0)
    began = perf_counter()
    slug = f"bench-{uuid4().hex[:8]}"
    study = fill(slug, wanted.participants, wanted.events, timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    say(
        f"{connection.vendor}: {Participant.objects.filter(study=study).count():,} participants,"
        f" {Event.objects.count():,} events, written in {perf_counter() - began:.0f} s"
    )
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": plain}):
        found = measure(study)
    for name, (typical, slowest, queries) in found.items():
        say(f"{name:26} median {typical:6.0f} ms   slowest {slowest:6.0f} ms   {queries} queries")
    if found["first page"][0] > LIMIT_MS:
        sys.exit(f"the first page takes more than {LIMIT_MS} ms")


if __name__ == "__main__":
    main()
