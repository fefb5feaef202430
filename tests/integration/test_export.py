"""Exports of studies: what is in them, what never is, and that they are the same each time."""

import csv
import json
import re
import zipfile
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from frictionless import validate

from duetml import program
from duetml.live import log
from duetml.live.models import Event, Stream
from duetml.workspace.models import Message, WorkspaceImage
from duetml.workspace.services.refusal import Refused
from evaluation import queries
from evaluation.exports.guard import unguarded
from evaluation.exports.names import PARQUET, WORKBOOK, data_file
from evaluation.exports.options import Options
from evaluation.models import Rating
from evaluation.report.facts import people as facts
from evaluation.work.export import export
from study.models import Participant, Slot, Study, Submission
from tests import studies as people
from tests.exports import (
    CSV_ONLY,
    close,
    digests,
    everything_in,
    exported,
    finished_world,
    read,
)
from tests.raters import (
    NOW,
    SOURCE,
    World,
    answer,
    make_participant,
    make_submission,
    make_work,
    make_world,
    picture,
    rate_everything,
)
from tests.unit.test_scales import with_step

pytestmark = pytest.mark.django_db
WITH_TEXT = Options(free_text=True, formats=("csv",))
HOSTILE = [
    '=cmd|"/C calc"!A0',
    "'=already guarded",
    'a, comma\r\na line, a "quotation" and a lone \r return',
    "日本語の回答です。🙂\u2028 and a tab\t",
    "-1+1",
]


def chat(world: World, place: int, text: str) -> None:
    workspace = world.submissions[place].step.workspace
    assert workspace is not None
    message = Message.objects.create(workspace=workspace, author="participant", text=text, at=NOW)
    posted = {"message": str(message.pk), "trigger": "message", "text": text, "call": ""}
    with transaction.atomic():
        log.record(workspace.stream, "chat.posted", posted, at=NOW)


def score(world: World, submission: Submission) -> None:
    """As the log has it; what else the event says is not this test's business."""
    stream, _ = Stream.objects.get_or_create(key=world.raters[0].stream)
    payload = {"submission": str(submission.pk), "criterion": "eq1", "score": 5}
    Event.objects.create(
        stream=stream, seq=99, kind="rating.scored", payload=payload, at=NOW, digest="d" * 64
    )


def worked(participants: int = 4, raters: int = 2) -> World:
    world = finished_world(participants, raters)
    for submission in world.submissions:
        make_work(submission)
        answer(submission.participant, 2, "about", {"age": 30})
    chat(world, 0, "my name is Ada")
    return world


# --- what is there


def test_everything_is_in_the_export_once(tmp_path: Path) -> None:
    world = worked(12, 5)

    done = exported(world, tmp_path / "out")

    counts = {
        "participants": 12, "wide": 12, "responses": 12, "ratings": 300, "agent_calls": 12,
        "training_runs": 12, "test_runs": 12, "submissions": 12, "messages": 1, "results": 10,
        "allocation": 12,
        "events": 12 + 24 + 1 + 5,  # assigned, two and one in workspaces, raters joined
    }  # fmt: skip
    assert {name: done.rows[name] for name in counts} == counts
    assert {name: len(read(done, name)) for name in done.rows} == done.rows
    events = read(done, "events")
    keys = {(one["stream"], one["code"], one["workspace"], one["seq"]) for one in events}
    assert len(keys) == len(events)


def test_previews_are_in_no_export(tmp_path: Path) -> None:
    world = worked()
    preview = make_participant(world.study, 99, "duetml", kind="preview")
    make_work(make_submission(preview))
    answer(preview, 9, "experience", {"uq1": 5})

    done = exported(world, tmp_path / "out")

    assert [done.rows[name] for name in ("participants", "submissions", "agent_calls")] == [4] * 3
    assert str(preview.pk).encode() not in everything_in(done.target)


def test_the_outcomes_are_the_scores_that_the_results_page_counts(tmp_path: Path) -> None:
    world = finished_world(6, 2)
    people = [one.participant_id for one in world.submissions]
    Participant.objects.filter(pk=people[0]).update(excluded_at=NOW)
    Participant.objects.filter(pk=people[1]).update(kind="pilot")
    Rating.objects.filter(submission=world.submissions[2], criterion="eq1").update(
        score=None, reason="the pictures do not load"
    )

    done = exported(world, tmp_path / "out", WITH_TEXT)

    found = sorted((row["criterion"], int(row["score"])) for row in read(done, "outcomes"))
    shown = queries.score_rows(world.study)
    assert found == sorted((row.criterion, row.score) for row in shown)
    assert len(found) == 4 * 2 * 5 - 2
    analysed = [row["analysed"] for row in read(done, "participants")]
    assert analysed.count("true") == sum(one.is_analysed for one in facts.people(world.study))
    assert sorted(analysed) == ["false", "false", "true", "true", "true", "true"]
    unsure = [row["reason"] for row in read(done, "ratings") if not row["score"]]
    assert unsure == ["the pictures do not load"] * 2


def test_the_allocation_says_who_took_which_place_in_which_order(tmp_path: Path) -> None:
    world = worked()
    for place, slot in enumerate(Slot.objects.order_by("-position")):
        Slot.objects.filter(pk=slot.pk).update(taken_at=NOW + timedelta(minutes=place))

    done = exported(world, tmp_path / "out")

    rows = read(done, "allocation")
    people = {row["participant"]: row["condition"] for row in read(done, "participants")}
    assert [row["position"] for row in rows] == ["0", "1", "2", "3"]
    assert [row["taken_at_seq"] for row in rows] == ["4", "3", "2", "1"]
    assert {row["participant"]: row["condition"] for row in rows} == people
    facts = json.loads((done.target / "allocation.json").read_text())
    assert (facts["seed"], facts["method"]) == (987654321, "blocks")
    assert facts["conditions"] == ["duetml", "baseline"]


def test_the_allocation_can_be_derived_again_from_the_export_alone(tmp_path: Path) -> None:
    study = people.open_study("walk")
    for number in range(3):
        one = people.enrol(study, people.NOON + timedelta(minutes=number))
        people.walk_to(one, "practice", people.NOON + timedelta(minutes=number))
    Study.objects.update(state="closed", unlocked_at=NOW)
    study.refresh_from_db()
    done = export(study, tmp_path / "out", by="test", now=NOW, options=CSV_ONLY)
    out = StringIO()

    call_command("allocation", "verify", str(done.target), stdout=out)

    assert "places (3 taken) are derived again" in out.getvalue()


def test_the_wide_table_has_a_row_per_participant_with_answers_scores_and_means(
    tmp_path: Path,
) -> None:
    world = worked()
    person = world.submissions[0].participant
    answer(person, 10, "workload", dict.fromkeys(
        ("mental", "physical", "temporal", "performance", "effort", "frustration"), 40
    ))  # fmt: skip

    done = exported(world, tmp_path / "out")

    rows = read(done, "wide")
    of = {row["participant"]: row for row in rows}
    assert [row["participant"] for row in read(done, "participants")] == list(of)
    scored = [row for row in rows if row["workload.score"]]
    assert [row["workload.score"] for row in scored] == ["40.0"]
    assert scored[0]["workload.mental"] == "40"
    assert {row["training_runs"] for row in rows} == {"1"}
    means = {row["rating.eq1"] for row in rows if row["condition"] == "duetml"}
    assert all(4 <= float(mean) <= 5 for mean in means)


# --- who people are


def test_the_export_says_which_program_made_it_and_with_what(tmp_path: Path) -> None:
    done = exported(worked(), tmp_path / "out")

    told = json.loads((done.target / "study.json").read_text())

    made = {"name": "duetml", "version": program.version(), "commit": program.commit()}
    assert told["program"] == made
    assert {"python", "scikit-learn", "torch", "onnxruntime"} <= told["versions"].keys()


def test_a_score_of_several_parts_has_a_column_for_each(tmp_path: Path) -> None:
    world = make_world(2, 0, source=with_step(scale="ueq_s"))
    given = [6, 6, 5, 6, 5, 4, 5, 5]
    said = {f"ueq{number}": value for number, value in enumerate(given, 1)}
    answer(world.submissions[0].participant, 11, "more", said)
    close(world, unlock=True)

    done = exported(world, tmp_path / "out")

    scores = {
        tuple(row[f"more.score{part}"] for part in ("", ".pragmatic", ".hedonic"))
        for row in read(done, "wide")
    }
    assert scores == {("1.25", "1.75", "0.75"), ("", "", "")}
    plan = json.loads((done.target / "study.json").read_text())["analysis"]
    assert plan["scales"][-3:] == ["more.score", "more.score.pragmatic", "more.score.hedonic"]


def test_people_have_ids_of_the_export_and_times_count_from_their_enrolment(
    tmp_path: Path,
) -> None:
    world = worked()

    done = exported(world, tmp_path / "out")

    everything = everything_in(done.target)
    for submission in world.submissions:
        person = submission.participant
        assert str(person.pk).encode() not in everything
        assert not re.search(rb"\b%s\b" % person.code.encode(), everything)
    assert b"2030-01" not in everything
    assert b"DONE-1" not in everything  # the completion code leads to the recruiter's list
    rows = read(done, "participants")
    assert {row["enrolled_at"] for row in rows} == {"0.0"}
    assert all(re.fullmatch(r"p[a-z2-7]{6}", row["participant"]) for row in rows)
    assert [row["participant"] for row in rows] == sorted(row["participant"] for row in rows)


def test_absolute_times_are_there_where_asked_for(tmp_path: Path) -> None:
    world = worked()

    done = exported(world, tmp_path / "out", Options(absolute_times=True, formats=("csv",)))

    times = {row["enrolled_at"] for row in read(done, "participants")}
    assert times == {f"2030-01-02T03:0{4 + n}:05.000000Z" for n in range(4)}
    assert json.loads((done.target / "study.json").read_text())["times"]["opened_at"]


def test_whoever_had_their_data_deleted_is_only_counted(tmp_path: Path) -> None:
    world = worked()
    gone = world.submissions[0].participant
    kept = exported(world, tmp_path / "before")
    Participant.objects.filter(pk=gone.pk).update(state="withdrawn", withdrawal="delete")

    done = exported(world, tmp_path / "out")

    was = {row["participant"] for row in read(kept, "participants")}
    there = {row["participant"] for row in read(done, "participants")}
    assert len(was - there) == 1
    assert (was - there).pop().encode() not in everything_in(done.target)
    assert str(world.submissions[0].pk).encode() not in everything_in(done.target)
    assert json.loads((done.target / "study.json").read_text())["people"] == {
        "here": 3, "data_deleted": 1
    }  # fmt: skip
    assert "1 withdrew and had their data deleted" in (done.target / "README.md").read_text()


def test_rare_combinations_of_what_people_said_of_themselves_are_listed(tmp_path: Path) -> None:
    world = finished_world(7, 1)
    for place, submission in enumerate(world.submissions):
        said = {"age": 31 if place else 68, "gender": "woman" if place < 6 else "man"}
        answer(submission.participant, 2, "about_you", said)

    done = exported(world, tmp_path / "out")

    assert [(list(cell["of"].values()), cell["people"]) for cell in done.small_cells] == [
        (["30–39", "man"], 1),
        (["60–69", "woman"], 1),
    ]
    assert "fewer than 3 people" in (done.target / "README.md").read_text()
    assert json.loads((done.target / "manifest.json").read_text())["small_cells"]


# --- words and pictures


def test_what_people_typed_leaves_only_where_asked_for(tmp_path: Path) -> None:
    world = worked()

    without = exported(world, tmp_path / "without")
    with_text = exported(world, tmp_path / "with", WITH_TEXT)

    assert b"my name is Ada" not in everything_in(without.target)
    assert read(without, "messages")[0]["characters"] == "14"
    assert read(with_text, "messages")[0]["text"] == "my name is Ada"
    posted = [one for one in read(with_text, "events") if one["kind"] == "chat.posted"]
    assert json.loads(posted[0]["payload"])["text"] == "my name is Ada"
    assert any("Free text" in reason for reason in without.withheld)


@pytest.mark.parametrize("words", HOSTILE)
def test_words_come_back_as_they_were_typed_and_never_as_a_formula(
    tmp_path: Path, words: str
) -> None:
    world = worked()
    chat(world, 1, words)

    done = exported(world, tmp_path / "out", WITH_TEXT)

    found = [row["text"] for row in read(done, "messages")]
    assert words in [unguarded(text) for text in found]
    assert not [text for text in found if text.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_only_pictures_of_those_who_agreed_leave(tmp_path: Path) -> None:
    world = worked()
    files = []
    for place, agreed in enumerate((True, False)):
        workspace = world.submissions[place].step.workspace
        assert workspace is not None
        workspace.shares_images = agreed
        workspace.save()
        for shade in (100 + place, 110):  # 110: the same picture of both
            image = picture(shade)
            files.append(f"images/{image.sha256}.jpg")
            WorkspaceImage.objects.create(
                workspace=workspace, image=image, origin="upload", position=shade
            )

    without = exported(world, tmp_path / "without")
    done = exported(world, tmp_path / "with", Options(images=True, formats=("csv",)))

    assert {row["file"] for row in read(without, "images")} == {""}
    assert {row["file"] for row in read(done, "images")} == {files[0], ""}
    assert [one for one in digests(done.target) if one.startswith("images/")] == [files[0]]


# --- the lock


def test_while_the_results_are_locked_nothing_tells_who_is_in_which_condition(
    tmp_path: Path,
) -> None:
    world = worked()
    submission = world.submissions[0]
    close(world, unlock=False)
    score(world, submission)
    answer(submission.participant, 12, "experience", {"uq1": 5})

    done = exported(world, tmp_path / "locked", WITH_TEXT)

    assert not {
        "ratings",
        "outcomes",
        "comments",
        "results",
        "allocation",
        "messages",
        "agent_calls",
    } & set(done.rows)
    assert {row["condition"] for row in read(done, "participants")} == {""}
    assert {row["condition"] for row in read(done, "wide")} == {""}
    events = read(done, "events")
    assert not [one for one in events if one["kind"].startswith(("rating.", "agent.", "chat."))]
    assigned = [json.loads(one["payload"]) for one in events if "assigned" in one["kind"]]
    assert {one["condition"] for one in assigned} == {"withheld while the results are locked"}
    numbers = [int(one["seq"]) for one in events if one["stream"] == "workspace"]
    assert set(numbers) == {1}  # no gap says that something is missing
    assert "experience" not in {row["step"] for row in read(done, "responses")}
    facts = json.loads((done.target / "allocation.json").read_text())
    assert (facts["seed"], facts["table"]) == (None, None)
    assert b"987654321" not in everything_in(done.target)
    assert not (done.target / "analysis.py").exists()


def test_an_open_study_is_exported_only_when_said(tmp_path: Path) -> None:
    world = make_world(4, 1)

    with pytest.raises(Refused, match="not closed"):
        exported(world, tmp_path / "out")

    assert exported(world, tmp_path / "out", while_open=True).rows["participants"] == 4


def test_an_unlocked_study_that_is_still_open_keeps_its_seed(tmp_path: Path) -> None:
    world = finished_world(4, 1)
    world.study.state = "open"
    world.study.save()

    done = exported(world, tmp_path / "out", while_open=True)

    assert json.loads((done.target / "allocation.json").read_text())["seed"] is None


# --- the same each time


def test_the_same_study_exports_to_the_same_bytes(tmp_path: Path) -> None:
    world = worked()

    folders = [exported(world, tmp_path / name, Options(free_text=True)).target for name in "ab"]
    zips = [
        exported(world, tmp_path / f"{name}.zip", Options(free_text=True)).target for name in "cd"
    ]

    assert digests(folders[0]) == digests(folders[1])
    assert zips[0].read_bytes() == zips[1].read_bytes()
    with zipfile.ZipFile(zips[0]) as archive:
        names = {name.removeprefix("duetml/") for name in archive.namelist()}
    assert names == set(digests(folders[0]))
    assert {WORKBOOK, f"{PARQUET}/ratings.parquet"} < names


def test_the_manifest_names_every_file_with_its_digest_and_the_heads_of_all_chains(
    tmp_path: Path,
) -> None:
    world = worked()

    done = exported(world, tmp_path / "out")

    told = json.loads((done.target / "manifest.json").read_text())
    found = digests(done.target)
    del found["manifest.json"]
    assert {one["path"]: one["sha256"] for one in told["files"]} == found
    last = {
        row["code"]: row["digest"] for row in read(done, "events") if row["stream"] == "participant"
    }
    ends = {one["code"]: one["head"] for one in told["chains"] if one["stream"] == "participant"}
    assert ends == last


def test_an_export_needs_no_query_per_row(tmp_path: Path) -> None:
    counts = []
    for participants in (2, 10):  # a few queries for every ten
        world = make_world(participants, 2, slug=f"s{participants}")
        rate_everything(world)
        close(world, unlock=True)
        with CaptureQueriesContext(connection) as captured:
            exported(world, tmp_path / world.study.slug)
        counts.append(len(captured))

    assert counts[0] == counts[1]


# --- the command


def test_the_command_says_what_it_wrote_and_the_test_of_each_criterion(tmp_path: Path) -> None:
    finished_world()
    out = StringIO()

    call_command("export", "duetml", out=tmp_path / "out", stdout=out)

    said = out.getvalue()
    assert re.search(r"ratings +300", said)
    assert re.search(r"participant +eq1 +6/6 +36 +0.00216 +0.01082", said)
    assert re.search(r"pooled +eq5 +30/30 +900 ", said)
    event = list(log.everything("study:duetml"))[-1]
    assert (event.kind, event.payload["by"]) == ("study.exported", "manage.py export")


@pytest.mark.parametrize(
    ("slug", "folder", "words"),
    [("nothing", "out", "Known: duetml"), ("duetml", ".", "not empty")],
)
def test_the_command_refuses_with_a_sentence(
    tmp_path: Path, slug: str, folder: str, words: str
) -> None:
    finished_world(2, 1)
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(CommandError, match=words):
        call_command("export", slug, out=tmp_path / folder)

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_protocol_is_in_the_export_as_it_was(tmp_path: Path) -> None:
    done = exported(finished_world(2, 1), tmp_path / "out", CSV_ONLY)

    assert json.loads((done.target / "study.json").read_text())["protocol"]["source"] == SOURCE


# --- what machines read


@pytest.mark.parametrize("absolute", [False, True])
def test_the_data_package_validates(tmp_path: Path, absolute: bool) -> None:
    world = worked()
    for place, words in enumerate(HOSTILE):
        chat(world, place % 4, words)
    options = Options(free_text=True, absolute_times=absolute, formats=("csv",))

    done = exported(world, tmp_path / "out", options)

    report = validate(done.target / "datapackage.json")
    assert report.flatten(["rowNumber", "fieldName", "type", "message"]) == []
    assert report.valid
    assert len(report.tasks) == len(done.rows)


def test_the_data_package_tells_a_changed_cell(tmp_path: Path) -> None:
    done = exported(worked(), tmp_path / "out")
    path = done.target / data_file("duetml", "ratings")
    path.write_text(path.read_text().replace(",4,true", ",four,true", 1))

    report = validate(done.target / "datapackage.json")

    assert ["hash-count"] in report.flatten(["type"])


def test_names_and_description_follow_psych_ds(tmp_path: Path) -> None:
    done = exported(worked(), tmp_path / "out")

    told = json.loads((done.target / "dataset_description.json").read_text())
    assert (told["@type"], told["@context"]) == ("Dataset", "https://schema.org/")
    assert {"name", "description", "variableMeasured"} <= set(told)
    named = {one["name"] for one in told["variableMeasured"]}
    for path in (done.target / "data").iterdir():
        assert re.fullmatch(r"([a-z]+-[A-Za-z0-9]+_)+data\.csv", path.name)
        assert set(path.read_text(encoding="utf-8").splitlines()[0].split(",")) <= named


def test_the_citation_is_yaml_with_what_a_citation_needs(tmp_path: Path) -> None:
    world = finished_world(2, 1)
    world.study.title = 'A "quoted": title, with 日本語'
    world.study.save()

    done = exported(world, tmp_path / "out")

    told = yaml.safe_load((done.target / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors", "type"} <= set(told)
    assert told["title"].endswith(world.study.title)


def test_header_code_book_and_data_package_are_one_list(tmp_path: Path) -> None:
    done = exported(worked(), tmp_path / "out")

    package = json.loads((done.target / "datapackage.json").read_text())
    told = {
        one["name"].replace("-", "_"): [field["name"] for field in one["schema"]["fields"]]
        for one in package["resources"]
    }
    with (done.target / "codebook.csv").open(encoding="utf-8", newline="") as file:
        book = list(csv.DictReader(file))
    for table in done.rows:
        with (done.target / data_file("duetml", table)).open(encoding="utf-8") as file:
            header = next(csv.reader(file))
        explained = [row["column"] for row in book if row["table"] == table]
        assert header == told[table] == explained[: len(header)]
