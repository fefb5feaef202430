"""An export made by a worker: asked for, resumed after a kill, of one state, kept, recorded."""

import hashlib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone

from duetml import media
from duetml.live import log
from duetml.workspace.models import LeaseLostError, State
from duetml.workspace.services.refusal import Refused
from evaluation.exports.names import data_file
from evaluation.exports.options import Options
from evaluation.models import ExportJob
from evaluation.services import exporting
from evaluation.work import export_job
from evaluation.work.export_ledger import opened
from evaluation.work.export_progress import Progress
from evaluation.work.export_read import read_tables
from evaluation.work.export_snapshot import snapshot
from evaluation.work.export_write import write_others
from study.models import Participant, Study
from tests.exports import CSV_ONLY, close, digests, exported, finished_world
from tests.raters import NOW, World, make_work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    world = finished_world(4, 2)
    for submission in world.submissions:
        make_work(submission)
    return world


class Killed(BaseException):
    """What a worker that dies does not handle."""


class Dying(Progress):
    """Ends the work after so many ticks, as a kill would."""

    def __init__(self, ticks: int) -> None:
        super().__init__()
        self.left = ticks

    def tick(self, rows: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed
        super().tick(rows)


def ask(world: World, options: Options = CSV_ONLY) -> ExportJob:
    return exporting.ask(world.study, options, "ann", timezone.now())


def make(world: World, folder: Path, progress: Progress) -> Path:
    """As a worker does, but for the zip file."""
    ledger = opened(folder)
    write_others(read_tables(world.study, Options(), ledger, progress).told, ledger, progress)
    return ledger.draft


def elsewhere(write: object) -> None:
    """On a connection of its own, as a participant's request."""

    def run() -> None:
        try:
            assert callable(write)
            write()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as one:
        one.submit(run).result()


async def pieces(answer: Any) -> list[bytes]:
    return [piece async for piece in answer]


def happens(world: World, text: str = "x") -> None:
    person = world.submissions[0].participant
    with transaction.atomic():
        log.record(person.stream, "step.closed", {"step": text, "by": "participant"}, at=NOW)


def test_an_export_that_was_asked_for_is_made_recorded_and_downloaded(world: World) -> None:
    row = ask(world)

    export_job.make(str(row.pk))

    row.refresh_from_db()
    assert (row.state, row.error) == (State.DONE, "")
    assert (row.rows["ratings"], row.done) == (40, row.total)
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    answer = client.get(f"/rating/export/duetml/{row.pk}/")
    data = b"".join(async_to_sync(pieces)(answer))
    assert hashlib.sha256(data).hexdigest() == row.sha256
    event = list(log.everything("study:duetml"))[-1]
    assert (event.kind, event.payload["by"]) == ("study.exported", "ann")
    assert row.sha256 in event.payload["what"]


def test_the_job_and_the_command_make_the_same_bytes(world: World, tmp_path: Path) -> None:
    row = ask(world, Options())

    export_job.make(str(row.pk))
    done = exported(world, tmp_path / "duetml.zip", Options())

    row.refresh_from_db()
    assert hashlib.sha256(done.target.read_bytes()).hexdigest() == row.sha256


@pytest.mark.parametrize("ticks", [0, 3, 9, 12, 14, 20, 30])
def test_whoever_takes_over_goes_on_and_ends_with_the_same_bytes(
    world: World, tmp_path: Path, ticks: int
) -> None:
    whole = exported(world, tmp_path / "whole", Options()).target
    with pytest.raises(Killed):
        make(world, tmp_path / "job", Dying(ticks))
    there = {path: path.stat().st_ino for path in (tmp_path / "job").rglob("*_data.csv")}

    draft = make(world, tmp_path / "job", Progress())

    assert digests(draft) == digests(whole)
    assert {path: path.stat().st_ino for path in there} == there  # none was written again


def test_where_the_study_has_moved_on_whoever_takes_over_starts_anew(
    world: World, tmp_path: Path
) -> None:
    ledger = opened(tmp_path / "job")
    with pytest.raises(Killed):
        read_tables(world.study, CSV_ONLY, ledger, Dying(5))
    elsewhere(lambda: happens(world))

    ledger = opened(tmp_path / "job")
    told = read_tables(world.study, CSV_ONLY, ledger, Progress()).told
    write_others(told, ledger, Progress())

    whole = exported(world, tmp_path / "whole").target
    assert digests(ledger.draft) == digests(whole)


def test_all_tables_are_of_one_state_and_nobody_waits_for_them(
    world: World, tmp_path: Path
) -> None:
    before = exported(world, tmp_path / "before").target

    class Busy(Progress):
        """Somebody works on, at every table."""

        def tick(self, rows: int) -> None:
            elsewhere(lambda: happens(world))
            elsewhere(lambda: Participant.objects.update(language="ja"))

    ledger = opened(tmp_path / "job")
    write_others(read_tables(world.study, CSV_ONLY, ledger, Busy()).told, ledger, Progress())

    assert digests(ledger.draft) == digests(before)


def test_what_is_read_within_a_snapshot_stays_and_it_ends_cleanly(world: World) -> None:
    with snapshot():
        first = Participant.objects.filter(language="ja").count()
        elsewhere(lambda: Participant.objects.update(language="ja"))
        again = Participant.objects.filter(language="ja").count()

    assert (first, again) == (0, 0)
    assert Participant.objects.filter(language="ja").count() == 4
    assert connection.get_autocommit()
    Participant.objects.update(language="en")  # the connection writes again


def test_a_worker_that_lost_its_lease_writes_no_further(world: World, tmp_path: Path) -> None:
    progress = Progress()
    progress.lost.set()

    with pytest.raises(LeaseLostError):
        read_tables(world.study, CSV_ONLY, opened(tmp_path / "job"), progress)


def test_a_killed_worker_is_followed_by_another_and_given_up_after_three(world: World) -> None:
    row = ask(world)
    past = timezone.now() - timedelta(minutes=5)
    for attempt in (1, 2, 3):
        ExportJob.objects.filter(pk=row.pk).update(
            state=State.RUNNING, attempt=attempt, lease_until=past
        )
        export_job.sweep()
        row.refresh_from_db()
        assert row.state == (State.QUEUED if attempt < 3 else State.FAILED)

    assert row.error == "gave_up"


def test_two_exports_of_a_study_are_not_made_at_once(world: World) -> None:
    first = ask(world)

    with pytest.raises(Refused, match="being made already"):
        ask(world)
    export_job.make(str(first.pk))

    assert ask(world).state == State.QUEUED


def test_files_of_the_newest_three_are_kept(world: World) -> None:
    rows = []
    for _ in range(4):
        rows.append(ask(world))
        export_job.make(str(rows[-1].pk))

    for row in rows:
        row.refresh_from_db()
    assert [bool(row.path) for row in rows] == [False, True, True, True]
    assert media.inside(f"exports/{rows[0].pk}") == ([], [])
    assert all(default_storage.exists(row.path) for row in rows[1:])


def test_an_erasure_takes_earlier_exports_with_it(world: World) -> None:
    row = ask(world)
    export_job.make(str(row.pk))
    Participant.objects.filter(pk=world.submissions[0].participant_id).update(
        erased_at=timezone.now()
    )

    export_job.sweep()

    row.refresh_from_db()
    assert row.path == ""
    assert media.inside(f"exports/{row.pk}") == ([], [])


def test_a_crash_is_told_by_its_code(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ask(world)
    monkeypatch.setattr(export_job, "zip_folder", lambda *_: 1 / 0)

    export_job.make(str(row.pk))

    row.refresh_from_db()
    assert (row.state, row.error, row.path) == (State.FAILED, "crashed", "")


# --- the page


@pytest.fixture
def staff(world: World) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client


def test_the_page_asks_for_what_was_ticked_and_shows_who_asked(world: World, staff: Client) -> None:
    answer = staff.post("/rating/export/duetml/", {"free_text": "on", "format": ["parquet"]})

    assert answer.status_code == 302
    row = ExportJob.objects.get()
    assert Options.from_json(row.options) == Options(free_text=True, formats=("csv", "parquet"))
    page = staff.get("/rating/export/duetml/").content.decode()
    assert "free text, CSV, PARQUET" in page
    assert "<bdi>ann</bdi>" in page
    assert "data-going" in page


def test_the_page_warns_of_rare_combinations_and_says_what_was_left_out(
    world: World, staff: Client
) -> None:
    row = ask(world)
    export_job.make(str(row.pk))
    ExportJob.objects.update(small_cells=[{"of": {"age": "60–69"}, "people": 1}])

    page = staff.get("/rating/export/duetml/part/").content.decode()

    assert "1 combination of what people said of themselves" in page
    assert "it was not asked for" in page
    assert f"/rating/export/duetml/{row.pk}/" in page


def test_a_locked_study_says_that_its_export_is_blind(world: World, staff: Client) -> None:
    close(world, unlock=False)

    page = staff.get("/rating/export/duetml/").content.decode()

    assert "The results are locked: the export holds no condition" in page


def test_a_second_wish_is_refused_on_the_page(world: World, staff: Client) -> None:
    ask(world)

    answer = staff.post("/rating/export/duetml/", {})

    assert answer.status_code == 422
    assert "being made already" in answer.content.decode()


def test_the_zip_holds_one_folder(world: World) -> None:
    row = ask(world)
    export_job.make(str(row.pk))

    row.refresh_from_db()
    with zipfile.ZipFile(default_storage.path(row.path)) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"duetml"}
    assert f"duetml/{data_file('duetml', 'participants')}" in names


def test_a_draft_has_nothing_to_export(world: World) -> None:
    Study.objects.update(state=Study.State.DRAFT)

    with pytest.raises(Refused, match="nothing to export"):
        ask(world)
