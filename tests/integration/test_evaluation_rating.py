"""Rating: what a rater may do, from the first page to handing in."""

import json
import re
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from duetml.live import log
from evaluation.models import Comment, Guess, Rater, Rating, Showing, SideRating
from evaluation.queries import entries, practice_entries, score_rows
from evaluation.services import invitations, scores
from study.models import Slot, Study, Submission
from tests.raters import (
    NOW,
    SOURCE,
    World,
    client_of,
    give,
    make_rater,
    make_world,
    page_of,
    picture,
    post,
    rate_everything,
    showing,
    stamp,
)

pytestmark = pytest.mark.django_db


# --- scores


def test_a_score_is_a_row_and_an_event_with_the_old_and_the_new_value() -> None:
    world = make_world(2, 1)
    rater, submission = world.raters[0], world.submissions[0]

    give(rater, submission, "eq1", 2)
    give(rater, submission, "eq1", 5)

    assert Rating.objects.get().score == 5
    events = [e.payload for e in log.everything(rater.stream) if e.kind == "rating.scored"]
    assert [(e["was"], e["score"]) for e in events] == [(None, 2), (2, 5)]


def test_the_same_client_id_twice_does_nothing_twice() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)
    path = page_of(world.raters[0], world.submissions[0]) + "score/"
    first = {"criterion": "eq1", "score": 2, "id": str(uuid4())}

    _, answer = post(client, path, **first)
    post(client, path, criterion="eq1", score=4)
    _, repeated = post(client, path, **first)

    assert repeated == answer
    assert Rating.objects.get().score == 4


@pytest.mark.parametrize(
    "body",
    [
        {"criterion": "eq9", "score": 3},
        {"criterion": "eq1", "score": 0},
        {"criterion": "eq1", "score": 6},
        {"criterion": "eq1", "score": "3"},
        {"criterion": "eq1", "score": True},
        {"criterion": ["eq1"], "score": 3},
        {"criterion": "eq1", "score": 3, "id": "no uuid"},
        {"criterion": "eq1", "score": 3, "id": None},
    ],
)
def test_a_score_that_means_nothing_is_refused_with_a_sentence(body: dict[str, object]) -> None:
    world = make_world(2, 1)

    status, answer = post(
        client_of(world.raters[0].user),
        page_of(world.raters[0], world.submissions[0]) + "score/",
        **body,
    )

    assert status == 400
    assert str(answer["refused"]["message"]).endswith(".")  # type: ignore[index]
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    "raw", ["", "[]", "null", "{", "3", '{"id": 3}', "\ud83d".encode("utf-8", "surrogatepass")]
)
def test_a_body_that_is_no_object_is_refused(raw: str | bytes) -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)

    for kind in ("score", "comment"):
        path = f"{page_of(world.raters[0], world.submissions[0])}{kind}/"
        assert client.post(path, raw, content_type="application/json").status_code == 400


def test_scores_are_refused_once_the_results_are_unlocked_and_kept_as_they_were() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)
    path = page_of(world.raters[0], world.submissions[0])
    post(client, path + "score/", criterion="eq1", score=2)
    Study.objects.update(unlocked_at=NOW)

    status, answer = post(client, path + "score/", criterion="eq1", score=5)
    comment_status, _ = post(client, path + "comment/", text="too late")

    assert (status, comment_status) == (409, 409)
    assert "can no longer be changed" in str(answer)
    assert Rating.objects.get().score == 2
    assert not Comment.objects.exists()
    assert client.get(path).content.count(b" disabled") == 32
    # 25 radio buttons, 5 “cannot judge”, the comment and the button


def test_an_acknowledged_score_sent_again_after_the_unlock_is_acknowledged_again() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)
    path = page_of(world.raters[0], world.submissions[0]) + "score/"
    body = {"criterion": "eq1", "score": 2, "id": str(uuid4())}
    first = post(client, path, **body)
    Study.objects.update(unlocked_at=NOW)

    assert post(client, path, **body) == first


def test_a_comment_is_kept_changed_and_shown_again() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)
    path = page_of(world.raters[0], world.submissions[0])

    post(client, path + "comment/", text="Good <names>")
    post(client, path + "comment/", text="Good <names>, few images")

    assert Comment.objects.get().text == "Good <names>, few images"
    assert b"Good &lt;names&gt;, few images" in client.get(path).content


# --- pages


def test_the_queue_says_how_many_are_rated_and_leads_to_the_first_that_is_not() -> None:
    world = make_world(4, 1)
    rater = world.raters[0]
    done = Submission.objects.get(pk=rater.order[0])
    for criterion in ("eq1", "eq2", "eq3", "eq4", "eq5"):
        give(rater, done, criterion, 3)
    scores.submit(showing(rater, done), stamp(), NOW)

    page = client_of(rater.user).get("/rating/").content.decode()

    assert "1 of 4 rated" in page
    assert f'id="continue" href="{page_of(rater, rater.order[1])}"' in page


def test_handing_in_keeps_the_language_the_submission_was_read_in() -> None:
    world = make_world(2, 1)
    rater = world.raters[0]
    done = Submission.objects.get(pk=rater.order[0])
    for criterion in ("eq1", "eq2", "eq3", "eq4", "eq5"):
        give(rater, done, criterion, 3)

    body = {"id": str(uuid4()), "at": NOW.isoformat()}
    answer = client_of(rater.user).post(
        f"{page_of(rater, done)}submit/", json.dumps(body), "application/json",
        headers={"accept-language": "ja"},
    )  # fmt: skip

    assert answer.status_code == 200
    (event,) = [one for one in log.everything(rater.stream) if one.kind == "rating.submitted"]
    assert event.payload["language"] == "ja"


def hand_in(world: World) -> None:
    rate_everything(world)
    Showing.objects.exclude(kind="practice").update(submitted_at=NOW)


def test_whoever_has_rated_all_may_finish_and_then_changes_nothing_more() -> None:
    world = make_world(4, 1)
    rater, client = world.raters[0], client_of(world.raters[0].user)
    hand_in(world)
    assert "You have rated all 4 submissions. Thank you!" in client.get("/rating/").content.decode()

    client.post(f"/rating/finish/{rater.address}/")
    late = post(client, page_of(rater, rater.order[0]) + "score/", criterion="eq1", score=1)

    assert late[0] == 409
    assert f"/rating/guess/{rater.address}/" in client.get("/rating/").content.decode()


def test_nobody_finishes_while_a_submission_may_still_come() -> None:
    world = make_world(4, 1)
    hand_in(world)
    Slot.objects.create(study=world.study, position=99, block=9, condition="duetml")
    client = client_of(world.raters[0].user)

    client.post(f"/rating/finish/{world.raters[0].address}/")

    assert Rater.objects.get().finished_at is None
    assert "look in again later" in client.get("/rating/").content.decode()


def test_the_guess_comes_last_names_no_condition_and_is_kept_once() -> None:
    world = make_world(2, 1)
    rater, client = world.raters[0], client_of(world.raters[0].user)
    hand_in(world)
    address = f"/rating/guess/{rater.address}/"
    assert client.get(address).status_code == 302  # not before the scores are final
    client.post(f"/rating/finish/{rater.address}/")
    page = client.get(address).content.decode()
    half = {"guess-1": "0", "sure-1": "4"}

    missing = client.post(address, half)
    client.post(address, half | {"guess-2": "none", "sure-2": "1"})
    again = client.post(address, half | {"guess-2": "1", "sure-2": "1"})

    assert not [word for word in ("baseline", "duetml") if f'"{word}"' in page]
    assert (missing.status_code, again.status_code) == (422, 302)
    guessed = Guess.objects.values_list("submission_id", "condition", "confidence")
    first, second = rater.order
    expected = {(UUID(first), "duetml", 4), (UUID(second), "", 1)}
    assert set(guessed) == expected


# --- before the first submission


def test_a_new_rater_tells_who_they_are_reads_practises_and_then_rates() -> None:
    world = make_world(2, 0)
    rater = invitations.make_rater(world.study, User.objects.create_user("new"), NOW)
    client = client_of(rater.user)
    page = page_of(rater, rater.order[0])
    about, training = f"/rating/about/{rater.address}/", f"/rating/training/{rater.address}/"
    assert client.get(page).status_code == 302
    assert post(client, page + "score/", criterion="eq1", score=3)[0] == 400

    wrong = client.post(about, {"gender": "x"})
    told = {"age": "41", "gender": "unsaid", "ml_years": "8", "ml_experience": "work"}
    client.post(about, told)
    early = client.post(training)
    for one in practice_entries(rater):
        for criterion in ("eq1", "eq2", "eq3", "eq4", "eq5"):
            post(client, f"/rating/{one.pk}/score/", criterion=criterion, score=3)
        post(client, f"/rating/{one.pk}/submit/")
    client.post(training)

    assert (wrong.status_code, early.status_code) == (422, 400)
    assert Rater.objects.get().background == {
        "age": 41, "gender": "unsaid", "ml_years": 8, "ml_experience": "work",
    }  # fmt: skip
    assert client.get(page).status_code == 200
    assert not Rating.objects.exists()  # practice is kept apart


def test_a_practice_says_afterwards_what_was_expected_and_takes_no_more() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)
    one = practice_entries(world.raters[0])[0]
    page = f"/rating/{one.pk}/"
    assert b"What was expected" not in client.get(page).content
    for criterion in ("eq1", "eq2", "eq3", "eq4", "eq5"):
        post(client, page + "score/", criterion=criterion, score=3)

    post(client, page + "submit/")

    assert "you gave 3, expected 5" in client.get(page).content.decode()
    assert post(client, page + "score/", criterion="eq1", score=5)[0] == 409
    assert client.get(f"{page}1/thumb.jpg").headers["Content-Type"] == "image/jpeg"


# --- versions, reasons, looks, repeats


def test_a_stale_score_is_refused_and_told_what_stands() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)
    path = page_of(world.raters[0], world.submissions[0]) + "score/"
    post(client, path, criterion="eq1", score=2, version=0)

    status, answer = post(client, path, criterion="eq1", score=5, version=0)

    assert status == 409
    told = answer["refused"]
    assert told["current"] == {"version": 1, "score": 2, "reason": ""}  # type: ignore[index]
    assert "another window" in told["message"]  # type: ignore[index]
    assert Rating.objects.get().score == 2


def test_a_stale_comment_is_refused_and_told_what_stands() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)
    path = page_of(world.raters[0], world.submissions[0]) + "comment/"
    post(client, path, text="first", version=0)

    status, answer = post(client, path, text="second", version=0)

    assert status == 409
    assert answer["refused"]["current"] == {"version": 1, "text": "first"}  # type: ignore[index]
    assert Comment.objects.get().text == "first"


def test_cannot_judge_needs_a_reason_and_counts_as_no_score() -> None:
    world = make_world(2, 1)
    rater, client = world.raters[0], client_of(world.raters[0].user)
    page = page_of(rater, world.submissions[0])
    for criterion in ("eq2", "eq3", "eq4", "eq5"):
        post(client, page + "score/", criterion=criterion, score=3)

    without = post(client, page + "score/", criterion="eq1", score=None, reason=" ")
    early = post(client, page + "submit/")
    post(client, page + "score/", criterion="eq1", score=None, reason="no pictures")
    handed_in = post(client, page + "submit/")

    assert (without[0], early[0], handed_in[0]) == (400, 400, 200)
    row = Rating.objects.get(criterion="eq1")
    assert (row.score, row.reason) == (None, "no pictures")
    assert "eq1" not in {one.criterion for one in score_rows(world.study)}


def test_what_was_looked_at_is_in_the_record_by_category() -> None:
    world = make_world(2, 1)
    rater, client = world.raters[0], client_of(world.raters[0].user)
    images = world.submissions[0].content["categories"]

    page = page_of(rater, world.submissions[0])
    post(client, page + "looked/", seen=[1, 3, 99, "x"], zoomed=[3])

    (event,) = [one for one in log.everything(rater.stream) if one.kind == "rating.looked"]
    assert event.payload["seen"] == [[1, images[0]["images"][0]], [2, images[1]["images"][0]]]
    assert event.payload["zoomed"] == [[2, images[1]["images"][0]]]


def test_a_repeat_comes_late_under_another_id_and_is_no_outcome() -> None:
    source = SOURCE.replace("  treatment: duetml", "  repeats: 2\n  treatment: duetml", 1)
    world = make_world(8, 1, source=source)
    rater, client = world.raters[0], client_of(world.raters[0].user)
    repeats = [one for one in entries(rater) if one.is_repeat]

    for one in repeats:
        post(client, f"/rating/{one.showing}/score/", criterion="eq1", score=5)

    assert len(repeats) == 2
    assert min(one.number for one in repeats) > 6
    firsts = {one.showing for one in entries(rater) if not one.is_repeat}
    assert firsts.isdisjoint(one.showing for one in repeats)
    assert not Rating.objects.exists()
    assert SideRating.objects.filter(score=5).count() == 2


@pytest.mark.parametrize(("rule", "shown"), [("rate", 4), ("skip", 3), ("lowest", 3)])
def test_an_empty_submission_follows_the_protocol(rule: str, shown: int) -> None:
    source = SOURCE.replace("  treatment: duetml", f"  empty: {rule}\n  treatment: duetml", 1)
    world = make_world(4, 0, source=source)
    empty = world.submissions[0]
    Submission.objects.filter(pk=empty.pk).update(content={"task": "t", "categories": []})
    rater = make_rater(world.study, "rater")

    assert len(rater.order) == shown
    lowest = {row.score for row in score_rows(world.study)}
    assert lowest == ({1} if rule == "lowest" else set())


def test_a_page_needs_no_query_per_image_or_submission() -> None:
    small, large = make_world(2, 1, slug="small"), make_world(12, 1, slug="large")
    content = {
        "task": "t",
        "categories": [{"name": "A", "images": [str(picture(n).pk) for n in range(40)]}],
    }
    Submission.objects.filter(study=large.study).update(content=content)
    counts = []

    for world in (small, large):
        client = client_of(world.raters[0].user)
        first = page_of(world.raters[0], world.raters[0].order[0])
        for path in ("/rating/", first):
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                client.get(path)
            counts.append(len(queries))

    assert counts[:2] == counts[2:]
    assert max(counts) <= 24


def test_pages_carry_no_inline_script_or_style() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)

    rater = world.raters[0]
    paths = ("/rating/", page_of(rater, rater.order[0]), f"/rating/training/{rater.address}/")
    pages = b"".join(client.get(path).content for path in paths)

    assert b" style=" not in pages
    assert b"<style" not in pages
    assert re.findall(rb"<script(?![^>]*\bsrc=)", pages) == []
    assert re.findall(rb"\son\w+=", pages) == []


def test_a_rater_of_two_studies_sees_both_queues_by_name() -> None:
    world, other = make_world(2, 1), make_world(2, 0, slug="other", title="Second study")
    invitations.make_rater(other.study, world.raters[0].user, NOW, seed=5)
    Rater.objects.update(background_at=NOW, trained_at=NOW)

    page = client_of(world.raters[0].user).get("/rating/").content.decode()

    assert "Second study" in page
    assert page.count("0 of 2 rated") == 2


def test_no_address_of_a_rater_counts_the_raters() -> None:
    world = make_world(2, 2)
    rater = world.raters[1]
    client = client_of(rater.user)
    Rater.objects.update(background_at=None)

    page = client.get("/rating/").content.decode()

    assert f"/rating/about/{rater.address}/" in page
    assert len(rater.address) == 20
    assert rater.address != world.raters[0].address
    assert client.get(f"/rating/about/{rater.address}/").status_code == 200
    assert client.get(f"/rating/about/{rater.pk}/").status_code == 404
    assert client.get(f"/rating/about/{world.raters[0].address}/").status_code == 404


def test_rater_codes_count_up_within_a_study() -> None:
    world = make_world(0, 2)

    third = make_rater(world.study, "third")

    assert [rater.code for rater in [*world.raters, third]] == ["R01", "R02", "R03"]
