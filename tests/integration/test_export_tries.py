"""What an export has of tasks that were begun anew, and of experimenters' notes."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from frictionless import validate
from openpyxl import load_workbook

from duetml.live import log
from duetml.workspace.models import Message, Workspace, WorkspaceImage
from evaluation.exports.names import WORKBOOK
from evaluation.exports.options import Options
from evaluation.work.results import results
from study.models import Participant
from study.services import attempts, notes
from study.services.notes import Moment
from tests.exports import CSV_ONLY, close, digests, everything_in, exported, finished_world, read
from tests.raters import NOW, World, make_work, picture

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=20)
MINE = "Asked for another example; said =SUM is a spreadsheet's"


@dataclass
class Begun:
    """A world whose first participant gave up a first try, in which they worked and talked."""

    world: World
    person: Participant
    first: Workspace
    second: Workspace


@pytest.fixture
def begun() -> Begun:
    world = finished_world(4, 2)
    submission = world.submissions[0]
    run, person = submission.step, submission.participant
    first = run.workspace
    assert first is not None
    work(world, 0, "of the first try")
    second = Workspace.objects.create(settings_json=first.settings_json, created_at=LATER)
    step = next(one for one in person.protocol.read().steps if one.key == run.key)
    with transaction.atomic():
        attempts.restart(person, run, step, second, LATER)
    work(world, 0, "of the second try")
    return Begun(world, person, first, second)


def work(world: World, place: int, text: str) -> None:
    """A message, an upload, a training, a test and a call, with their events."""
    submission = world.submissions[place]
    make_work(submission)
    workspace = submission.step.workspace
    assert workspace is not None
    Message.objects.create(workspace=workspace, author="participant", text=text, at=NOW)
    upload = {"origin": WorkspaceImage.Origin.UPLOAD, "position": 0}
    WorkspaceImage.objects.create(workspace=workspace, image=picture(len(text)), **upload)
    posted = {"message": "m", "trigger": "message", "text": text, "call": ""}
    with transaction.atomic():
        log.record(workspace.stream, "chat.posted", posted, at=NOW)
        log.record(workspace.stream, "training.requested", {"run": "r", "number": 1, "data": []},
                   at=NOW + timedelta(seconds=30))  # fmt: skip


def test_earlier_tries_of_a_task_are_in_every_table_and_marked(
    begun: Begun, tmp_path: Path
) -> None:
    done = exported(begun.world, tmp_path / "out", Options(free_text=True, formats=("csv",)))

    mine = next(row["participant"] for row in read(done, "messages"))
    for table in ("messages", "agent_calls", "training_runs", "test_runs"):
        rows = [row for row in read(done, table) if row["participant"] == mine]
        assert [(row["step"], row["attempt"]) for row in rows] == [
            ("requirement", "1"), ("requirement", "2"),
        ]  # fmt: skip
    texts = {row["attempt"]: row["text"] for row in read(done, "messages")}
    assert texts == {"1": "of the first try", "2": "of the second try"}
    spaces = [(str(begun.first.pk), "1"), (str(begun.second.pk), "2")]
    events = [row for row in read(done, "events") if row["stream"] == "workspace"]
    tried = [(row["workspace"], row["attempt"]) for row in events if row["code"] == mine]
    assert list(dict.fromkeys(tried)) == spaces
    uploads = [row for row in read(done, "images") if row["pool"] == ""]
    assert len(uploads) == 2


def test_every_try_is_a_row_and_the_last_one_counts(begun: Begun, tmp_path: Path) -> None:
    done = exported(begun.world, tmp_path / "out")

    rows = read(done, "attempts")
    mine = [row for row in rows if row["workspace"] in {str(begun.first.pk), str(begun.second.pk)}]
    assert [(one["attempt"], one["counts"], one["ended_by"]) for one in mine] == [
        ("1", "false", "restart"), ("2", "true", ""),
    ]  # fmt: skip
    assert (mine[0]["ended_at"], mine[1]["opened_at"]) == ("1200.0", "1200.0")
    assert len(rows) == 4 + 1
    steps = {row["workspace"] for row in read(done, "steps")}
    assert steps == {row["workspace"] for row in rows if row["counts"] == "true"}


def test_measures_and_the_wide_table_are_of_the_try_that_counts(
    begun: Begun, tmp_path: Path
) -> None:
    with transaction.atomic():  # in the first try, before which nothing of the second may count
        for number in (2, 3):
            trained: dict[str, object] = {"run": "r", "number": number, "data": []}
            log.record(begun.first.stream, "training.requested", trained, at=NOW)

    found = {one.key: one.values for one in results(begun.world.study).measures}
    done = exported(begun.world, tmp_path / "out")

    condition, code = begun.person.condition, begun.person.code
    assert found["trainings"][condition][code] == 1
    mine = next(row["participant"] for row in read(done, "messages"))
    wide = next(row for row in read(done, "wide") if row["participant"] == mine)
    assert [wide[name] for name in ("training_runs", "test_runs", "messages")] == ["1", "1", "1"]


def test_notes_are_a_table_with_their_codes_and_moments(begun: Begun, tmp_path: Path) -> None:
    moment = Moment(begun.first.pk, 4)
    tied = notes.write(begun.person.pk, MINE, ["help", "trust, 信頼"], "ruth", LATER, moment)
    loose = notes.write(begun.person.pk, "Left early.", [], "ruth", LATER + timedelta(minutes=1))

    done = exported(begun.world, tmp_path / "out", Options(free_text=True, formats=("csv",)))

    first, second = read(done, "notes")
    assert (first["note"], first["text"], first["at"]) == (str(tied.pk), MINE, "1200.0")
    assert json.loads(first["codes"]) == ["help", "trust, 信頼"]
    place = ("requirement", "1", str(begun.first.pk), "4", "30.0")
    assert tuple(first[n] for n in ("step", "attempt", "workspace", "seq", "moment_at")) == place
    pointed = [row for row in read(done, "events") if row["workspace"] == str(begun.first.pk)]
    assert {row["at"] for row in pointed if row["seq"] == "4"} == {"30.0"}
    assert (second["note"], second["text"], second["seq"]) == (str(loose.pk), "Left early.", "")
    assert "ruth" not in (done.target / "data/study-duetml_description-notes_data.csv").read_text()


def test_words_of_notes_leave_only_where_asked_for(begun: Begun, tmp_path: Path) -> None:
    changed = notes.write(begun.person.pk, "Wording one.", ["help"], "ruth", LATER)
    notes.change(changed.pk, "Wording two.", ["help"], "ruth", LATER)
    gone = notes.write(begun.person.pk, "Wording three.", [], "ruth", LATER)
    notes.delete(gone.pk, "ruth", LATER)

    done = exported(begun.world, tmp_path / "out", CSV_ONLY)

    assert b"Wording" not in everything_in(done.target)
    assert [(row["codes"], row["text"]) for row in read(done, "notes")] == [('["help"]', "")]


def test_with_free_text_notes_are_told_as_they_are_and_never_as_they_were(
    begun: Begun, tmp_path: Path
) -> None:
    changed = notes.write(begun.person.pk, "Wording one.", ["coded one"], "ruth", LATER)
    notes.change(changed.pk, "Wording two.", ["coded two"], "ruth", LATER)
    gone = notes.write(begun.person.pk, "Wording three.", ["coded three"], "ruth", LATER)
    notes.delete(gone.pk, "ruth", LATER)

    done = exported(begun.world, tmp_path / "out", Options(free_text=True, formats=("csv",)))

    there = everything_in(done.target)
    assert [row["text"] for row in read(done, "notes")] == ["Wording two."]
    for words in (b"Wording one", b"Wording three", b"coded one", b"coded three"):
        assert words not in there
    told = [row["kind"] for row in read(done, "events") if row["kind"].startswith("note.")]
    assert told == ["note.written", "note.changed", "note.written", "note.deleted"]
    (kept,) = log.everything(begun.person.stream, kinds=["note.deleted"])
    assert kept.payload["was"] == "Wording three."


def test_while_the_results_are_locked_nothing_of_notes_is_there(
    begun: Begun, tmp_path: Path
) -> None:
    notes.write(begun.person.pk, "Liked the assistant.", ["assistant"], "ruth", LATER)
    close(begun.world, unlock=False)

    done = exported(begun.world, tmp_path / "out", Options(free_text=True, formats=("csv",)))

    assert "notes" not in done.rows
    assert b"Liked the assistant" not in everything_in(done.target)
    assert not [row for row in read(done, "events") if row["kind"].startswith("note.")]
    assert done.rows["attempts"] == 5


@pytest.mark.parametrize("absolute", [False, True])
def test_two_exports_with_tries_and_notes_are_the_same_and_valid(
    begun: Begun, tmp_path: Path, *, absolute: bool
) -> None:
    options = Options(absolute_times=absolute, formats=("csv", "parquet", "xlsx"))
    notes.write(begun.person.pk, MINE, ["help"], "ruth", LATER, Moment(begun.first.pk, 4))

    folders = [exported(begun.world, tmp_path / name, options).target for name in "ab"]

    assert digests(folders[0]) == digests(folders[1])
    report = validate(str(folders[0] / "datapackage.json"))
    assert report.valid, report.flatten(["fieldName", "message"])
    book = load_workbook(folders[0] / WORKBOOK)
    assert {"attempts", "notes"} <= set(book.sheetnames)
    column = [cell.value for cell in next(book["attempts"].iter_rows())].index("opened_at")
    opened = [row[column].value for row in book["attempts"].iter_rows(min_row=2)]
    assert (LATER.replace(tzinfo=None) if absolute else 1200) in opened
