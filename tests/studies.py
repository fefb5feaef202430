"""Studies for tests: pools whose pictures are only rows, and somebody who walks through a study."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.test import Client

from duetml.workspace.models import Image, Pool, PoolImage
from study.models import Participant, Study
from study.rules import codes
from study.rules.derivation import derive
from study.rules.protocol import Item, Step
from study.services import enrolment, steps, studies
from study.views import visitor

SOURCE = (Path(__file__).parents[1] / "study" / "protocols" / "duetml.yaml").read_text()
OFFLINE = derive(SOURCE, agents={"provider": "offline"})
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
POOLS = {"practice": 12, "animals": 90, "mixed": 120}
OVERRIDES = ("untrained", "weights")
MINUTE = timedelta(minutes=1)


def pools() -> None:
    for name, size in POOLS.items():
        pool = Pool.objects.create(name=name, created_at=NOON)
        for position in range(size):
            sha256 = hashlib.sha256(f"{name}/{position}".encode()).hexdigest()
            image = Image.objects.create(sha256=sha256, width=8, height=8, created_at=NOON)
            PoolImage.objects.create(pool=pool, image=image, position=position, source="secret.jpg")


def open_study(
    slug: str = "walk", source: str = OFFLINE, seed: int = 7, simulated: bool = False
) -> Study:
    pools()
    studies.create(slug, source, simulated=simulated, now=NOON, seed=seed)
    return studies.open_study(slug, NOON, OVERRIDES)


def answers_to(step: Step) -> dict[str, str]:
    """What an agreeable, eligible person answers, as a form sends it."""
    return {item.key: _answer(item) for item in step.items}


def be(client: Client, who: UUID) -> None:
    """From now on this browser is the participant's."""
    client.cookies[visitor.WHO] = visitor.signed(who)


def known(client: Client) -> UUID:
    """Who the platform takes this browser for."""
    return UUID(client.cookies[visitor.WHO].value.partition(":")[0])


def enrol(study: Study, now: datetime = NOON, language: str = "en") -> UUID:
    token = codes.personal_token()
    return enrolment.enrol(study.slug, token=token, language=language, now=now)[0].id


def walk_to(participant_id: UUID, key: str, now: datetime) -> datetime:
    """Finish one step after the other, at the minimum of each, until `key` is the current one."""
    for _ in range(30):
        person, run = steps.arrive(participant_id, now)
        assert run is not None, f"left the study before {key}"
        if run.key == key:
            return now
        now = max(now, run.minimum_at or now)
        raw = answers_to(person.protocol.read().steps[run.index])
        steps.finish(participant_id, run.index, raw, now)
    raise AssertionError(f"{key} was never reached")


def person(participant_id: UUID) -> Participant:
    return Participant.objects.get(pk=participant_id)


def _answer(item: Item) -> str:
    if item.attention:
        return str(item.attention.expect)
    match item.kind:
        case "single" | "multiple":
            return item.admits[0] if item.admits else item.choices[0].value
        case "check":
            return "on"
        case "slider":
            return str(int(item.minimum or 0))
        case "number":
            return str(int(item.minimum or 30) + 12)
        case "likert":
            return "4"
        case "scale":
            return str(7 * item.step)
        case "text":
            return "words"
