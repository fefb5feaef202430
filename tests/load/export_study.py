"""A closed and unlocked study of so many events and ratings, written by COPY; for bench_export.

python -m tests.load.export_study EVENTS RATINGS     (with DATABASE_URL)

A participant has about a thousand events, twenty raters score everybody on five criteria. Prints
the study's name.
"""

import hashlib
import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duetml.config.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402 - set up first
from django.db import connection, transaction  # noqa: E402

from duetml.live.log import participant_stream, rater_stream, workspace_stream  # noqa: E402
from duetml.live.models import Event, Stream  # noqa: E402
from duetml.workspace.models import Workspace  # noqa: E402
from evaluation.models import Rater, Rating  # noqa: E402
from study.models import (  # noqa: E402
    Participant,
    Protocol,
    Response,
    Slot,
    StepRun,
    Study,
    Submission,
)
from study.rules.protocol import digest_of, read_protocol  # noqa: E402
from tests.stack import ROOT  # noqa: E402

SLUG = "big"
BEGAN = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
RATERS, CRITERIA = 20, ("eq1", "eq2", "eq3", "eq4", "eq5")
EVENTS_EACH = 1000
RNG = random.Random(1)


def ids(what: str) -> UUID:
    return UUID(hashlib.md5(what.encode()).hexdigest())


def copy(model: Any, names: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    """Rows straight into a table; `names` are fields."""
    table = model._meta.db_table
    columns = [model._meta.get_field(name).column for name in names]
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as into:
        for row in rows:
            into.write_row(row)


def participants(study: Study, number: int) -> list[Participant]:
    protocol = read_protocol(study.protocol.source)
    settings = {
        key: protocol.settings_of(key).model_dump(mode="json") for key in ("duetml", "baseline")
    }
    slots = Slot.objects.bulk_create(
        Slot(study=study, position=n, block=n // 2, condition=("duetml", "baseline")[n % 2],
             taken_at=BEGAN + timedelta(minutes=n))
        for n in range(number)
    )  # fmt: skip
    return Participant.objects.bulk_create(
        Participant(
            id=ids(f"participant {n}"), study=study, protocol=study.protocol, code=f"P{n:05d}",
            token_digest=f"{n:064x}", state="completed", language="en", slot=slot,
            condition=slot.condition, settings_json=settings[slot.condition],
            enrolled_at=BEGAN + timedelta(minutes=n), assigned_at=BEGAN + timedelta(minutes=n),
        )
        for n, slot in enumerate(slots)
    )  # fmt: skip


def events_of(stream: Stream, number: int, began: datetime) -> Iterator[Sequence[object]]:
    for seq in range(1, number + 1):
        kind, payload = RNG.choice(KINDS)
        at = began + timedelta(seconds=4 * seq, microseconds=RNG.randrange(10**6))
        client = ids(f"{stream.pk} {seq}") if seq % 2 else None
        yield [
            stream.pk, seq, kind, json.dumps(payload), at, client, at if client else None,
            f"{seq:064x}", "",
        ]  # fmt: skip


IMAGES = [str(ids(f"image {n}")) for n in range(40)]
CATEGORY = str(ids("category"))
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("images.added", {"category": CATEGORY, "images": IMAGES[:2]}),
    ("images.added", {"category": CATEGORY, "images": IMAGES[:1]}),
    ("images.moved", {"category": CATEGORY, "images": IMAGES[3:4], "was": CATEGORY}),
    ("category.renamed", {"category": CATEGORY, "name": "楽器 instruments", "was": "things"}),
    ("chat.posted", {"message": CATEGORY, "trigger": "message", "text": "why?", "call": ""}),
    ("test.requested", {"test": CATEGORY, "run": CATEGORY, "images": IMAGES[:6]}),
    ("proactive.toggled", {"on": True}),
]


@transaction.atomic
def make(events: int, ratings: int) -> None:
    source = (ROOT / "study/protocols/duetml.yaml").read_text(encoding="utf-8")
    protocol, _ = Protocol.objects.get_or_create(
        digest=digest_of(source), defaults={"source": source, "created_at": BEGAN}
    )
    study = Study.objects.create(
        slug=SLUG, title="A big study", protocol=protocol, seed=1, seed_digest="0" * 64,
        state="closed", created_at=BEGAN, opened_at=BEGAN, closed_at=BEGAN, unlocked_at=BEGAN,
    )  # fmt: skip
    people = participants(study, max(2, ratings // (RATERS * len(CRITERIA))))
    settings = people[0].settings_json
    spaces = Workspace.objects.bulk_create(
        Workspace(id=ids(f"space {one.pk}"), settings_json=settings, created_at=one.enrolled_at)
        for one in people
    )
    runs = StepRun.objects.bulk_create(
        StepRun(participant=one, index=8, key="requirement", opened_at=one.enrolled_at,
                closed_at=one.enrolled_at + timedelta(minutes=20), workspace=space)
        for one, space in zip(people, spaces, strict=True)
    )  # fmt: skip
    asked = StepRun.objects.bulk_create(
        StepRun(participant=one, index=2, key="about_you", opened_at=one.enrolled_at)
        for one in people
    )
    Response.objects.bulk_create(
        Response(step=step, item=item, value=value, at=BEGAN)
        for n, step in enumerate(asked)
        for item, value in (("age", 20 + n % 50), ("gender", ("woman", "man")[n % 2]))
    )
    content = {"task": "By use", "categories": [{"name": "楽器", "images": IMAGES}]}
    submissions = Submission.objects.bulk_create(
        Submission(id=ids(f"submission {run.pk}"), participant=run.participant, study=study,
                   step=run, content=content, digest="d" * 64, frozen_at=BEGAN)
        for run in runs
    )  # fmt: skip
    raters = make_raters(study, submissions)
    write_ratings(raters, submissions, ratings)
    write_events(people, spaces, raters, events)


def make_raters(study: Study, submissions: Sequence[Submission]) -> list[Rater]:
    users = User.objects.bulk_create(User(username=f"rater-{n}") for n in range(RATERS))
    order = [str(one.pk) for one in submissions]
    return Rater.objects.bulk_create(
        Rater(user=user, study=study, code=f"R{n:02d}", seed=n, order=order, joined_at=BEGAN)
        for n, user in enumerate(users)
    )


def write_ratings(raters: list[Rater], submissions: Sequence[Submission], most: int) -> None:
    rows = (
        [ids(f"{rater.pk} {one.pk} {key}"), rater.pk, one.pk, key, RNG.randint(1, 5), "", 1, BEGAN]
        for rater in raters
        for one in submissions
        for key in CRITERIA
    )
    names = ("id", "rater", "submission", "criterion", "score", "reason", "version", "at")
    copy(Rating, names, (row for _n, row in zip(range(most), rows, strict=False)))


def write_events(
    people: list[Participant], spaces: list[Workspace], raters: list[Rater], events: int
) -> None:
    each = events // len(people)
    keys = [(participant_stream(one.pk), each // 10, one.enrolled_at) for one in people]
    keys += [(workspace_stream(space.pk), each - each // 10, space.created_at) for space in spaces]
    keys += [(rater_stream(one.pk), 0, BEGAN) for one in raters]
    streams = Stream.objects.bulk_create(
        Stream(key=key, seq=number, head=f"{number:064x}") for key, number, _at in keys
    )
    names = (
        "stream",
        "seq",
        "kind",
        "payload",
        "at",
        "client_id",
        "client_at",
        "digest",
        "payload_digest",
    )
    copy(
        Event,
        names,
        (
            row
            for stream, (_key, number, at) in zip(streams, keys, strict=True)
            for row in events_of(stream, number, at)
        ),
    )


if __name__ == "__main__":
    make(int(sys.argv[1]), int(sys.argv[2]))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    sys.stdout.write(f"{SLUG}\n")
