"""A finished study for the tests of its results: answers, logs, guesses; and its report."""

from datetime import timedelta
from random import Random

from django.db import transaction

from duetml.live import log
from evaluation.models import Guess, Report
from evaluation.report.digest import state_of
from evaluation.services import reports
from evaluation.work import reporting
from study.models import Participant, Study
from study.rules.protocol import read_protocol
from tests.raters import NOW, World, answer, make_world, rate_everything

UNLOCKED_BY, REASON = "ruth", "All raters have finished."


def rated_world(participants: int = 12, raters: int = 5, **fields: object) -> World:
    """Everybody answered everything and worked in the rated task; closed and unlocked. The ratings
    separate the conditions completely, the questionnaires are drawn by chance."""
    world = make_world(participants, raters, **fields)  # type: ignore[arg-type]
    rate_everything(world)
    chance = Random(1)
    for submission in world.submissions:
        answered(submission.participant, chance)
        worked(world, submission.participant, chance)
    for rater in world.raters:
        for submission in world.submissions:
            guess = chance.choice([submission.participant.condition, "baseline", ""])
            Guess.objects.create(
                rater=rater, submission=submission, condition=guess, confidence=3, at=NOW
            )
    close(world.study, unlock=True)
    return world


def close(study: Study, *, unlock: bool) -> None:
    study.state, study.closed_at = Study.State.CLOSED, NOW + timedelta(days=2)
    if unlock:
        study.unlocked_at = NOW + timedelta(days=3)
        study.unlocked_by, study.unlock_reason = UNLOCKED_BY, REASON
    study.save()


def answered(person: Participant, chance: Random) -> None:
    """Forms and questionnaires, in steps that last two minutes."""
    protocol = read_protocol(person.study.protocol.source)
    for index, step in enumerate(protocol.steps):
        if step.kind not in ("screening", "form", "questionnaire"):
            continue
        if step.only and person.condition not in step.only:
            continue
        values: dict[str, object] = {}
        for item in step.items:
            if item.kind == "single":
                values[item.key] = chance.choice(item.choices).value
            elif item.kind == "number":
                values[item.key] = chance.randint(18, 60)
            elif item.kind == "scale":
                values[item.key] = item.step * chance.randrange(item.points)
            elif item.kind == "likert":
                values[item.key] = chance.randint(1, item.points)
        answer(person, index, step.key, values)
        opened = person.enrolled_at + timedelta(minutes=3 * index)
        person.steps.filter(index=index).update(
            opened_at=opened, closed_at=opened + timedelta(minutes=2), closed_by="participant"
        )


def worked(world: World, person: Participant, chance: Random) -> None:
    """A log of the rated task: a category, pictures, a training; with agents, advice taken up."""
    run = person.steps.get(key="requirement")
    opened = person.enrolled_at + timedelta(minutes=30)
    run.opened_at, run.closed_at = opened, opened + timedelta(minutes=12)
    run.closed_by = "clock"
    run.save()
    assert run.workspace is not None
    training = {"run": "r", "number": 1, "data": []}
    told: list[tuple[int, str, dict[str, object]]] = [
        (0, "workspace.opened", {"images": ["a", "b", "c", "d"]}),
        (30, "category.created", {"category": "k", "name": "Tools", "position": 0, "mark": 0}),
        (40, "images.added", {"category": "k", "images": ["a", "b"][: chance.randint(1, 2)]}),
        (chance.randint(60, 300), "training.requested", training),
    ]
    if person.condition == "duetml":
        spoken = {"call": "c", "agent": "proactive", "trigger": "timer", "message": "m"}
        advice = spoken | {"text": "Add pictures to “Tools”.", "offline": False}
        told.insert(2, (35, "agent.answered", advice))
    with transaction.atomic():
        for seconds, kind, payload in sorted(told, key=lambda one: one[0]):
            at = opened + timedelta(seconds=seconds)
            log.record(run.workspace.stream, kind, payload, at=at)


def make_report(study: Study) -> Report:
    """As the worker does it."""
    study.refresh_from_db()
    row = reports.wanted(study, state_of(study), NOW)
    reporting.make(str(row.pk))
    row.refresh_from_db()
    return row
