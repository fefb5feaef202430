"""Results and exports: what is shown, when, and that every number comes from the rows."""

import csv
import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from duetml.live import log
from duetml.workspace.services.refusal import Refused
from evaluation.services import scores
from evaluation.work.export import export
from evaluation.work.results import results
from study.models import Participant, Study
from study.rules.protocol import Step, read_protocol
from tests.raters import (
    NOW,
    SOURCE,
    World,
    answer,
    make_participant,
    make_submission,
    make_work,
    make_world,
    rate_everything,
    untrained_source,
)

pytestmark = pytest.mark.django_db


def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("staff", is_staff=True))
    return client


def finished_world(participants: int = 12, raters: int = 5) -> World:
    """Rated completely, closed, unlocked; one condition is better throughout."""
    world = make_world(participants, raters)
    rate_everything(world)
    close(world, unlock=True)
    return world


def close(world: World, *, unlock: bool) -> None:
    world.study.state = Study.State.CLOSED
    world.study.closed_at = NOW
    world.study.unlocked_at = NOW if unlock else None
    world.study.save()


def page_of(client: Client, language: str = "en") -> str:
    response = client.get("/rating/results/duetml/", headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- the numbers


def test_six_against_six_completely_separated_gives_the_known_p() -> None:
    found = results(finished_world().study)

    first = found.participant.rows[0]
    assert (first.test.n_x, first.test.n_y, first.test.u) == (6, 6, 36)
    assert first.test.p == pytest.approx(0.00216, abs=5e-6)
    assert (found.pooled.rows[0].test.n_x, found.pooled.rows[0].test.n_y) == (30, 30)
    assert (found.scores, found.expected) == (300, 300)


def test_previews_count_nowhere(tmp_path: Path) -> None:
    world = finished_world()
    before = results(world.study)
    preview = make_participant(world.study, 99, "duetml", kind="preview")
    make_work(make_submission(preview))
    answer(preview, 9, "experience", {"uq1": 5})

    after = results(world.study)
    done = export(world.study, tmp_path / "out", by="test", now=NOW)

    assert after == before
    for path in done.folder.glob("*.csv"):
        assert "P099" not in path.read_text()
    assert len(json.loads((done.folder / "submissions.json").read_text())) == 12


def test_questionnaires_are_counted_per_condition_and_scored() -> None:
    world = make_world(4, 0)
    for number, submission in enumerate(world.submissions):
        person = submission.participant
        sus = {item.key: 3 for item in _step("usability").items}
        tlx = {item.key: 20 * number for item in _step("workload").items}
        answer(person, 10, "workload", tlx)
        answer(person, 11, "usability", sus)
        if person.condition == "duetml":
            answer(person, 9, "experience", {"uq1": 4})
    answer(make_participant(world.study, 8, "duetml"), 10, "workload", {"mental": 1})

    found = results(world.study)

    uq1 = next(bar for bar in found.answers if bar.item == "UQ1")
    assert (uq1.group, uq1.counts) == ("duetml", (0, 0, 0, 2, 0))
    assert {bar.group for bar in found.answers} == {"duetml"}
    scales = {scale.scoring: scale for scale in found.scales}
    groups = {name: [list(one.treatment), list(one.control)] for name, one in scales.items()}
    assert groups == {"sus": [[50, 50], [50, 50]], "raw_tlx": [[0, 40], [20, 60]]}


def _step(key: str) -> Step:
    return next(step for step in read_protocol(SOURCE).steps if step.key == key)


# --- the page


def test_a_locked_page_shows_progress_and_no_score() -> None:
    world = make_world(4, 2)
    rate_everything(world)
    world.raters[1].ratings.filter(submission=world.submissions[0], criterion="eq1").delete()
    close(world, unlock=False)

    page = page_of(staff())

    assert "The results are locked" in page
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page)
    assert cells == ["R01", "4 of 4", "20", "R02", "3 of 4", "19"]
    assert not re.search(r"<svg|baseline|median", page)


def test_an_unlocked_page_says_each_finding_and_which_unit_it_uses() -> None:
    finished_world()

    page = page_of(staff())

    assert "EQ1 was higher with duetml (median 4.5 [4.4–4.6]) than with baseline" in page
    assert "U = 36.0, p = 0.002, Holm p = 0.011, δ = +1.00" in page
    assert page.index("(primary)") < page.index("as in the paper")
    assert "treated here as independent" in page
    assert "30 against 30" in page
    assert "complete separation" in page
    assert not re.search(r"\bnan\b|None", page)


def test_an_unlocked_page_without_any_score_invents_no_number() -> None:
    world = make_world(2, 0)
    close(world, unlock=True)

    page = page_of(staff())

    assert page.count("cannot be compared: a condition has no scores yet.") == 5
    assert not re.search(r"\bnan\b|None", page)


def test_the_page_obeys_the_content_security_policy() -> None:
    finished_world()

    page = page_of(staff())

    assert page.count("<svg") == 1
    assert " style=" not in page
    assert "<style" not in page
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []


def test_a_simulated_derived_untrained_offline_study_says_so_first() -> None:
    world = make_world(
        2, 1, source=untrained_source(), simulated=True, overrides=["untrained backbone"]
    )
    Participant.objects.update(kind="robot")
    close(world, unlock=True)

    page = page_of(staff())

    top = page[: page.index("<section")]
    for words in ("simulated study", "2 participants are robots", "derived from another one",
                  "untrained backbone", "offline advisor", "Opened in spite"):  # fmt: skip
        assert words in top
    assert "model.weights" in top


def test_the_number_of_queries_does_not_grow_with_the_study() -> None:
    counts = []
    client = staff()
    for participants in (2, 12):
        slug = f"s{participants}"
        world = make_world(participants, 3, slug=slug)
        rate_everything(world)
        close(world, unlock=True)
        client.get(f"/rating/results/{slug}/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/rating/results/{slug}/").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- the export


def test_an_open_study_is_exported_only_when_said_and_without_conditions(tmp_path: Path) -> None:
    world = make_world(4, 1)
    for submission in world.submissions:
        make_work(submission)
    with pytest.raises(Refused, match="not closed"):
        export(world.study, tmp_path / "out", by="test", now=NOW)

    done = export(world.study, tmp_path / "out", by="test", now=NOW, while_open=True)

    assert {row["condition"] for row in read(done.folder, "participants.csv")} == {""}
    assigned = [r for r in read(done.folder, "events.csv") if r["kind"] == "participant.assigned"]
    assert {json.loads(row["payload"])["condition"] for row in assigned} == {
        "withheld while the study is open"
    }
    facts = json.loads((done.folder / "study.json").read_text())
    assert facts["allocation"]["seed"] is facts["allocation"]["sequence"] is None
    assert "987654321" not in "".join(p.read_text() for p in done.folder.iterdir())
    assert "the study is open" in (done.folder / "README.txt").read_text().replace("\n      ", " ")


def test_scores_leave_the_house_only_after_the_unlock(tmp_path: Path) -> None:
    world = make_world(4, 1)
    rate_everything(world)
    rater, submission = world.raters[0], world.submissions[0]
    scores.score(rater, submission, "eq1", 5, log.ClientStamp(submission.pk, NOW), NOW)
    close(world, unlock=False)

    locked = export(world.study, tmp_path / "locked", by="test", now=NOW)
    close(world, unlock=True)
    open_ = export(world.study, tmp_path / "open", by="test", now=NOW)

    withheld = {"ratings.csv", "comments.csv", "results.csv"}
    assert not withheld & {path.name for path in locked.folder.iterdir()}
    assert withheld < {path.name for path in open_.folder.iterdir()}
    kinds = [{row["kind"] for row in read(one.folder, "events.csv")} for one in (locked, open_)]
    assert ["rating.scored" in one for one in kinds] == [False, True]
    assert {r["condition"] for r in read(locked.folder, "participants.csv")} == {
        "duetml",
        "baseline",
    }


def test_everything_is_in_the_export_once(tmp_path: Path) -> None:
    world = finished_world()
    for submission in world.submissions:
        make_work(submission)
        answer(submission.participant, 2, "about_you", {"age": 30, "note": "=1+1"})

    done = export(world.study, tmp_path / "out", by="test", now=NOW)

    counts = {name: done.rows[name] for name in done.rows if name.endswith(".csv")}
    assert counts["participants.csv"] == 12
    assert counts["responses.csv"] == 24
    assert counts["ratings.csv"] == 300
    assert counts["agent_calls.csv"] == counts["training_runs.csv"] == counts["test_runs.csv"] == 12
    assert counts["results.csv"] == 10
    # 12 assigned, 12 × 2 in workspaces, 5 raters joined
    assert counts["events.csv"] == 12 + 24 + 5
    events = read(done.folder, "events.csv")
    assert len({(e["stream"], e["code"], e["step"], e["seq"]) for e in events}) == len(events)
    assert {row["value"] for row in read(done.folder, "responses.csv")} == {"30", "'=1+1"}
    assert read(done.folder, "agent_calls.csv")[0]["reply"].startswith("'=SUM")
    facts = json.loads((done.folder / "study.json").read_text())
    assert facts["allocation"]["seed"] == 987654321
    assert facts["protocol"]["source"] == SOURCE


def test_the_same_study_exports_to_the_same_bytes(tmp_path: Path) -> None:
    world = finished_world(4, 2)
    for submission in world.submissions:
        make_work(submission)

    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        export(world.study, folder, by="test", now=NOW)

    for path in folders[0].iterdir():
        if path.name != "events.csv":  # the first export is an event of the second
            assert path.read_bytes() == (folders[1] / path.name).read_bytes()
    first, second = (read(folder, "events.csv") for folder in folders)
    assert [row for row in second if row["kind"] != "study.exported"] == first


def test_an_export_needs_no_query_per_row(tmp_path: Path) -> None:
    counts = []
    for participants in (2, 12):
        world = make_world(participants, 2, slug=f"s{participants}")
        rate_everything(world)
        close(world, unlock=True)
        with CaptureQueriesContext(connection) as queries:
            export(world.study, tmp_path / world.study.slug, by="test", now=NOW)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_command_says_what_it_wrote_and_the_test_of_each_criterion(tmp_path: Path) -> None:
    finished_world()
    out = StringIO()

    call_command("export", "duetml", out=tmp_path / "out", stdout=out)

    said = out.getvalue()
    assert re.search(r"ratings.csv +300", said)
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
