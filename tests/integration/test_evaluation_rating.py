"""Rating: what a rater may do, and that they learn nothing they should not."""

import json
import re
import threading
from collections.abc import Iterator
from random import Random
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from duetml.live import log
from duetml.live.log import ClientStamp
from duetml.workspace.services.refusal import Refused
from evaluation.models import Comment, Invitation, Rater, Rating
from evaluation.services import invitations, queue, scores
from study.models import Participant, Study, Submission
from tests.raters import (
    NOW,
    World,
    elsewhere,
    make_participant,
    make_rater,
    make_submission,
    make_work,
    make_world,
    picture,
    rate_everything,
)

pytestmark = pytest.mark.django_db

TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")\w+')
MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.+]+")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def stamp() -> ClientStamp:
    return ClientStamp(uuid4(), NOW)


def post(client: Client, path: str, **body: object) -> tuple[int, dict[str, object]]:
    body = {"id": str(uuid4()), "at": NOW.isoformat()} | body
    response = client.post(path, json.dumps(body), content_type="application/json")
    return response.status_code, json.loads(response.content) if response.content[
        :1
    ] == b"{" else {}


# --- invitations


def test_an_invitation_is_kept_as_a_digest_only() -> None:
    world = make_world(0, 0)

    token = invitations.invite(world.study, "Prof. Sato", NOW)

    row = Invitation.objects.values().get()
    assert token not in str(row)
    assert invitations.find(token) is not None


def test_opening_an_invitation_link_uses_nothing_up_and_joining_does() -> None:
    world = make_world(2, 0)
    path = f"/rating/join/{invitations.invite(world.study, '', NOW)}/"
    form = {"name": "sato", "password": "correct horse battery"}
    client = Client()

    looks = [client.get(path).status_code for _ in range(3)]
    joined = client.post(path, form)
    again = Client().post(path, form | {"name": "other"})

    assert looks == [200, 200, 200]
    assert joined.headers["Location"] == "/rating/"
    assert client.get("/rating/").status_code == 200
    assert again.status_code == 404
    assert list(User.objects.values_list("username", flat=True)) == ["sato"]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"name": "sato", "password": "short"}, "too short"),
        ({"name": "taken", "password": "correct horse battery"}, "taken"),
        ({"name": "", "password": "correct horse battery"}, "blank"),
    ],
)
def test_a_refused_join_says_why_and_leaves_the_invitation_unused(
    form: dict[str, str], why: str
) -> None:
    world = make_world(0, 0)
    User.objects.create_user("taken")
    token = invitations.invite(world.study, "", NOW)

    response = Client().post(f"/rating/join/{token}/", form)

    assert response.status_code == 400
    assert why in response.content.decode()
    assert invitations.find(token) is not None
    assert not Rater.objects.exists()


def test_somebody_logged_in_accepts_without_a_new_account() -> None:
    world = make_world(0, 0)
    user = User.objects.create_user("sato")
    token = invitations.invite(world.study, "", NOW)

    client_of(user).post(f"/rating/join/{token}/")

    assert Rater.objects.get().user == user


def test_nobody_becomes_a_rater_of_one_study_twice() -> None:
    world = make_world(0, 1)
    token = invitations.invite(world.study, "", NOW)

    response = client_of(world.raters[0].user).post(f"/rating/join/{token}/")

    assert response.status_code == 400
    assert invitations.find(token) is not None


@pytest.mark.django_db(transaction=True)
def test_one_link_used_by_many_at_once_makes_one_rater() -> None:
    token = elsewhere(lambda: invitations.invite(make_world(2, 0).study, "", NOW))
    outcomes: list[str] = []

    def join(number: int) -> None:
        try:
            invitations.accept(token, name=f"r{number}", password="correct horse battery", now=NOW)
            outcomes.append("joined")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=join, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["joined"] + ["used"] * 5
    assert User.objects.count() == Rater.objects.count() == 1


# --- the order


def test_raters_get_different_orders_of_the_same_submissions_and_keep_them() -> None:
    world = make_world(8, 2)
    first, second = world.raters

    orders = [Rater.objects.get(pk=rater.pk).order for rater in (first, second)]
    again = queue.refresh(first, NOW).order

    assert sorted(orders[0]) == sorted(orders[1]) == sorted(str(s.pk) for s in world.submissions)
    assert orders[0] != orders[1]
    assert again == orders[0]


def test_the_order_can_be_drawn_again_from_the_stored_seed() -> None:
    world = make_world(8, 1)
    rater = world.raters[0]
    expected = sorted(str(submission.pk) for submission in world.submissions)

    Random(rater.seed).shuffle(expected)

    assert rater.order == expected


def test_a_late_submission_is_drawn_in_behind_what_was_shown_and_stays_there() -> None:
    world = make_world(8, 1)
    rater = world.raters[0]
    queue.mark_shown(rater, rater.order[4])
    late = [
        make_submission(make_participant(world.study, number, "duetml")) for number in range(8, 14)
    ]

    order = queue.refresh(rater, NOW).order

    assert order[:5] == rater.order[:5]
    assert [one for one in order if one in rater.order] == rater.order
    assert {str(one.pk) for one in late} <= set(order[5:])
    assert order != rater.order + [str(one.pk) for one in late]
    assert queue.refresh(rater, NOW).order == order


def test_a_preview_is_never_rated() -> None:
    world = make_world(2, 1)
    preview = make_participant(world.study, 9, "duetml", kind="preview")
    make_submission(preview)

    order = queue.refresh(world.raters[0], NOW).order

    assert len(order) == 2


# --- scores


def test_a_score_is_a_row_and_an_event_with_the_old_and_the_new_value() -> None:
    world = make_world(2, 1)
    rater, submission = world.raters[0], world.submissions[0]

    scores.score(rater, submission, "eq1", 2, stamp(), NOW)
    scores.score(rater, submission, "eq1", 5, stamp(), NOW)

    assert Rating.objects.get().score == 5
    events = [e.payload for e in log.everything(rater.stream) if e.kind == "rating.scored"]
    assert [(e["was"], e["score"]) for e in events] == [(None, 2), (2, 5)]


def test_the_same_client_id_twice_does_nothing_twice() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)
    path = f"/rating/{world.submissions[0].pk}/score/"
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
        client_of(world.raters[0].user), f"/rating/{world.submissions[0].pk}/score/", **body
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
        path = f"/rating/{world.submissions[0].pk}/{kind}/"
        assert client.post(path, raw, content_type="application/json").status_code == 400


def test_scores_are_refused_once_the_results_are_unlocked_and_kept_as_they_were() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)
    path = f"/rating/{world.submissions[0].pk}/"
    post(client, path + "score/", criterion="eq1", score=2)
    Study.objects.update(unlocked_at=NOW)

    status, answer = post(client, path + "score/", criterion="eq1", score=5)
    comment_status, _ = post(client, path + "comment/", text="too late")

    assert (status, comment_status) == (409, 409)
    assert "can no longer be changed" in str(answer)
    assert Rating.objects.get().score == 2
    assert not Comment.objects.exists()
    assert client.get(path).content.count(b" disabled") == 26  # 25 radio buttons and the comment


def test_an_acknowledged_score_sent_again_after_the_unlock_is_acknowledged_again() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)
    path = f"/rating/{world.submissions[0].pk}/score/"
    body = {"criterion": "eq1", "score": 2, "id": str(uuid4())}
    first = post(client, path, **body)
    Study.objects.update(unlocked_at=NOW)

    assert post(client, path, **body) == first


def test_a_comment_is_kept_changed_and_shown_again() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)
    path = f"/rating/{world.submissions[0].pk}/"

    post(client, path + "comment/", text="Good <names>")
    post(client, path + "comment/", text="Good <names>, few images")

    assert Comment.objects.get().text == "Good <names>, few images"
    assert b"Good &lt;names&gt;, few images" in client.get(path).content


# --- blindness


def everything_a_rater_receives(world: World) -> Iterator[bytes]:
    """Every response, headers included, with only what is random in each of them taken out."""
    client = client_of(world.raters[0].user)
    paths = ["/rating/"]
    for submission in sorted(world.submissions, key=lambda one: str(one.pk)):
        page = f"/rating/{submission.pk}/"
        images = [i for c in submission.content["categories"] for i in c["images"]]
        paths += [page] + [f"{page}image/{i}/{s}.jpg" for i in images for s in ("thumb", "full")]
    for language in ("en", "ja"):
        for path in paths:
            response = client.get(path, headers={"accept-language": language})
            headers = {k: v for k, v in response.headers.items() if k != "Set-Cookie"}
            headers.pop("Expires", None)
            assert response.status_code == 200
            yield path.encode() + str(sorted(headers.items())).encode()
            yield TOKEN.sub(rb"\1-", response.content)
    for submission in sorted(world.submissions, key=lambda one: str(one.pk)):
        for kind, body in (("score", {"criterion": "eq1", "score": 3}), ("comment", {"text": "x"})):
            text = json.dumps(body | {"id": str(uuid4())})
            path = f"/rating/{submission.pk}/{kind}/"
            response = client.post(path, text, content_type="application/json")
            answer = re.sub(rb'"seq": \d+', b'"seq": n', response.content)
            yield MOMENT.sub(b"-", answer)


def test_nothing_a_rater_receives_depends_on_condition_person_time_or_other_raters() -> None:
    """The twin test: two worlds that differ in nothing but what raters must not know."""
    world = make_world(4, 3)
    warm_up = list(everything_a_rater_receives(world))  # the rater's own scores now exist
    before = list(everything_a_rater_receives(world))

    for submission in world.submissions:
        person = submission.participant
        other = {"duetml": "baseline", "baseline": "duetml"}[person.condition]
        Participant.objects.filter(pk=person.pk).update(
            condition=other, code=f"X{person.code}", kind="robot", completion_code="OTHER",
            enrolled_at="2031-05-05T00:00Z", ended_at="2031-05-06T00:00Z", state="active",
            settings_json=world.study.protocol.read().settings_of(other).model_dump(mode="json"),
        )  # fmt: skip
        Submission.objects.filter(pk=submission.pk).update(frozen_at="2031-05-05T01:00Z")
        make_work(submission)
    for rater in world.raters[1:]:
        Rater.objects.filter(pk=rater.pk).update(code=f"Z{rater.pk}", shown=3)
        for submission in world.submissions:
            scores.score(rater, submission, "eq1", 5, stamp(), NOW)
            scores.comment(rater, submission, "I know who this is", stamp(), NOW)

    after = list(everything_a_rater_receives(world))

    assert len(warm_up) == len(before) > 50
    assert after == before


def test_two_submissions_alike_look_alike_whatever_the_condition() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)

    pages = []
    for number, pk in enumerate(world.raters[0].order, start=1):
        page = TOKEN.sub(rb"\1-", client.get(f"/rating/{pk}/").content)
        for other in world.raters[0].order:
            page = page.replace(other.encode(), b"submission")
        pages.append(page.replace(f"Submission {number}".encode(), b"Submission n"))

    links = re.compile(rb'(data-(back|next)="[^"]*")|(<a class="button" id="back".*?</a>)')
    assert links.sub(b"", pages[0]) == links.sub(b"", pages[1])


def test_no_page_names_a_participant_or_a_file() -> None:
    world = make_world(4, 1)
    client = client_of(world.raters[0].user)

    pages = b"".join(client.get(f"/rating/{pk}/").content for pk in world.raters[0].order)

    secrets = list(Participant.objects.values_list("code", flat=True))
    secrets += ["baseline", "participant", "2030-01-02", "images/", "pool"]
    assert [word for word in secrets if word.encode() in pages] == []


def test_an_image_is_sent_without_a_date() -> None:
    world = make_world(2, 1)
    submission = world.submissions[0]
    image = submission.content["categories"][0]["images"][0]

    response = client_of(world.raters[0].user).get(
        f"/rating/{submission.pk}/image/{image}/full.jpg"
    )

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/jpeg"
    assert not {"Last-Modified", "ETag", "Content-Disposition"} & set(response.headers)


def test_only_the_images_of_this_submission_are_given() -> None:
    world = make_world(2, 1)
    submission = world.submissions[0]
    client = client_of(world.raters[0].user)
    foreign = picture(99)

    statuses = [
        client.get(f"/rating/{submission.pk}/image/{foreign.pk}/thumb.jpg").status_code,
        client.get(f"/rating/{submission.pk}/image/{foreign.pk}/full.jpg").status_code,
        client.get(f"/rating/{submission.pk}/image/{picture(1).pk}/source.jpg").status_code,
    ]

    assert statuses == [404, 404, 404]


# --- who may

ENDPOINTS = ("queue", "page", "score", "comment", "image", "foreign", "results")


def statuses_of(client: Client, world: World, foreign: Submission) -> dict[str, int]:
    submission = world.submissions[0]
    page = f"/rating/{submission.pk}/"
    image = submission.content["categories"][0]["images"][0]
    return {
        "queue": client.get("/rating/").status_code,
        "page": client.get(page).status_code,
        "score": post(client, page + "score/", criterion="eq1", score=3)[0],
        "comment": post(client, page + "comment/", text="hm")[0],
        "image": client.get(f"{page}image/{image}/thumb.jpg").status_code,
        "foreign": client.get(f"/rating/{foreign.pk}/").status_code,
        "results": client.get(f"/rating/results/{world.study.slug}/").status_code,
    }


MATRIX = {
    "anonymous": (302, 302, 403, 403, 403, 302, 302),
    "participant": (302, 302, 403, 403, 403, 302, 302),
    "rater of another study": (200, 404, 404, 404, 404, 200, 404),
    "staff, no rater": (403, 404, 404, 404, 404, 404, 200),
    "logged in, nothing else": (403, 404, 404, 404, 404, 404, 404),
    "rater": (200, 200, 200, 200, 200, 404, 404),
}


@pytest.mark.parametrize("who", MATRIX)
def test_everybody_reaches_what_is_theirs_and_nothing_else(who: str) -> None:
    world, other = make_world(2, 1), make_world(2, 1, slug="other")
    client = Client()
    if who == "participant":
        session = client.session
        session["participant"] = str(world.submissions[0].participant_id)
        session["workspaces"] = [str(world.submissions[0].step.workspace_id)]
        session.save()
    people = {
        "rater": world.raters[0].user,
        "rater of another study": other.raters[0].user,
        "staff, no rater": User.objects.create_user("staff", is_staff=True),
        "logged in, nothing else": User.objects.create_user("somebody"),
    }
    user = people.get(who, AnonymousUser())
    if isinstance(user, User):
        client.force_login(user)

    found = statuses_of(client, world, other.submissions[0])

    assert found == dict(zip(ENDPOINTS, MATRIX[who], strict=True))
    assert Rating.objects.exists() == (who == "rater")


def test_a_post_without_the_page_s_token_is_refused() -> None:
    world = make_world(2, 1)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.raters[0].user)

    status, _ = post(client, f"/rating/{world.submissions[0].pk}/score/", criterion="eq1", score=3)

    assert status == 403


# --- pages


def test_the_queue_says_how_many_are_rated_and_leads_to_the_first_that_is_not() -> None:
    world = make_world(4, 1)
    rater = world.raters[0]
    done = Submission.objects.get(pk=rater.order[0])
    for criterion in ("eq1", "eq2", "eq3", "eq4", "eq5"):
        scores.score(rater, done, criterion, 3, stamp(), NOW)

    page = client_of(rater.user).get("/rating/").content.decode()

    assert "1 of 4 rated" in page
    assert f'id="continue" href="/rating/{rater.order[1]}/"' in page


def test_the_finish_page_thanks_and_says_what_may_still_be_done() -> None:
    world = make_world(4, 1)
    rate_everything(world)

    page = client_of(world.raters[0].user).get("/rating/").content.decode()

    assert "You have rated all 4 submissions. Thank you!" in page
    assert 'id="continue"' not in page


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
        for path in ("/rating/", f"/rating/{world.raters[0].order[0]}/"):
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                client.get(path)
            counts.append(len(queries))

    assert counts[:2] == counts[2:]
    assert max(counts) <= 10


def test_pages_carry_no_inline_script_or_style() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)

    pages = (
        client.get("/rating/").content + client.get(f"/rating/{world.raters[0].order[0]}/").content
    )

    assert b" style=" not in pages
    assert b"<style" not in pages
    assert re.findall(rb"<script(?![^>]*\bsrc=)", pages) == []
    assert re.findall(rb"\son\w+=", pages) == []


def test_a_rater_of_two_studies_sees_both_queues_by_name() -> None:
    world, other = make_world(2, 1), make_world(2, 0, slug="other", title="Second study")
    invitations.make_rater(other.study, world.raters[0].user, NOW, seed=5)

    page = client_of(world.raters[0].user).get("/rating/").content.decode()

    assert "Second study" in page
    assert page.count("0 of 2 rated") == 2


def test_rater_codes_count_up_within_a_study() -> None:
    world = make_world(0, 2)

    third = make_rater(world.study, "third")

    assert [rater.code for rater in [*world.raters, third]] == ["R01", "R02", "R03"]
