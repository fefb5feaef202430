"""Background jobs: one line each. The work is imported when it runs, so that a worker loads the
backbone only if it serves the queue that needs it."""

from celery import shared_task
from celery.apps.worker import Worker
from celery.signals import celeryd_after_setup

from duetml.jobs import Job, Queue
from duetml.live.push import keep_a_loop


@celeryd_after_setup.connect
def get_ready(instance: Worker, **_: object) -> None:
    """What takes a second to load is loaded before the first person waits for it."""
    keep_a_loop()
    queues = instance.app.amqp.queues.consume_from
    if Queue.AGENTS.value in queues:
        from duetml.workspace.work import advise  # noqa: F401 (loaded for later)
    if Queue.COMPUTE.value in queues:
        from duetml.workspace.work import engine, test, train  # noqa: F401 (loaded for later)

        engine.load_early()


@shared_task(name=Job.ANSWER.task)
def answer(call: str) -> None:
    from duetml.workspace.work.advise import answer_call

    answer_call(call)


@shared_task(name=Job.TRAIN.task)
def train(run: str) -> None:
    from duetml.workspace.work.train import train_run

    train_run(run)


@shared_task(name=Job.TEST.task)
def test(test: str) -> None:
    from duetml.workspace.work.test import test_run

    test_run(test)


@shared_task(name=Job.MAP.task)
def draw_map(map: str) -> None:
    from duetml.workspace.work.map import draw_map

    draw_map(map)


@shared_task(name=Job.PARCEL.task)
def pack(parcel: str) -> None:
    from duetml.workspace.work.parcel import pack

    pack(parcel)


@shared_task(name=Job.EMBED.task)
def embed(image: str) -> None:
    from duetml.workspace.work.embed import embed_uploads

    embed_uploads(image)


@shared_task(name=Job.EMBED_POOL.task)
def embed_pool(pool: str) -> None:
    from duetml.workspace.work.embed import embed_pool

    embed_pool(pool)


@shared_task(name=Job.IMPORT_POOL.task)
def import_pool(of: str) -> None:
    from duetml.workspace.work.importing import import_archive

    import_archive(of)


@shared_task(name=Job.SPEAK_UP.task)
def speak_up() -> None:
    from duetml.workspace.work.sweep import speak_up

    speak_up()


@shared_task(name=Job.SWEEP.task)
def sweep() -> None:
    from duetml.workspace.work.sweep import sweep

    sweep()
