"""Rating: what a rater may do, and that they learn nothing they should not."""

import json
import re
import threading
from collections.abc import Iterator
from random import Random
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from duetml.live import log
from duetml.live.log import ClientStamp
from duetml.workspace.models import Image
from duetml.workspace.services.refusal import Refused
from evaluation.models import Comment, Guess, Invitation, Rater, Rating, Showing, SideRating
from evaluation.queries import entries, judgements_of, practice_entries, score_rows
from evaluation.services import invitations, queue, scores
from evaluation.services.scores import Verdict
from evaluation.urls import urlpatterns
from study.models import Participant, Slot, Study, Submission
from tests.raters import (
    NOW,
    SOURCE,
    World,
    elsewhere,
    make_participant,
    make_rater,
    make_submission,
    make_work,
    make_world,
    page_of,
    picture,
    rate_everything,
    showing,
)
from tests.studies import be

pytestmark = pytest.mark.django_db

TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")\w+')
VERSION = re.compile(rb'(version=")\d+')  # how often this rater scored
MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.+]+")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def stamp() -> ClientStamp:
    return ClientStamp(uuid4(), NOW)


def post(client: Client, path: str, **body: object) -> tuple[int, dict[str, object]]:
    """As the page sends it: with the version that stands, unless another one is given."""
    body = {"id": str(uuid4()), "at": NOW.isoformat(), "version": _stands(path, body)} | body
    response = client.post(path, json.dumps(body), content_type="application/json")
    return response.status_code, json.loads(response.content) if response.content[
        :1
    ] == b"{" else {}


def _stands(path: str, body: dict[str, object]) -> int:
    row = Showing.objects.filter(pk=path.split("/")[2]).first()
    if row is None or "text" in body:
        return row.comment_version if row else 0
    given = judgements_of(row).get(str(body.get("criterion")))
    return given.version if given else 0


def give(rater: Rater, submission: Submission, criterion: str, score: int) -> None:
    row = showing(rater, submission)
    stands = judgements_of(row).get(criterion)
    version = stands.version if stands else 0
    scores.score(row, criterion, Verdict(score), version, stamp(), NOW)


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
    queue.mark_shown(rater, 5)
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


# --- blindness


def everything_a_rater_receives(world: World) -> Iterator[bytes]:
    """Every response, headers included, with only what is random in each of them taken out."""
    rater = world.raters[0]
    client = client_of(rater.user)
    around = [f"/rating/{what}/{rater.address}/" for what in ("about", "training", "guess")]
    paths = ["/rating/", *around, "/rating/join/nobody/"]
    practice = [str(one.pk) for one in practice_entries(rater)]
    shown = [str(showing(rater, one).pk) for one in rater.order]
    for one in [*shown, *practice]:
        paths += [f"/rating/{one}/", *[f"/rating/{one}/{n}/{s}.jpg" for n in (1, 2) for s in SIZES]]
    for language in ("en", "ja"):
        for path in paths:
            response = client.get(path, headers={"accept-language": language})
            headers = {k: v for k, v in response.headers.items() if k != "Set-Cookie"}
            headers.pop("Expires", None)
            assert response.status_code in (200, 302, 404)
            yield path.encode() + str(sorted(headers.items())).encode()
            yield VERSION.sub(rb"\1-", TOKEN.sub(rb"\1-", response.content))
    for one in shown:
        for kind, body in BODIES.items():
            _status, answer = post(client, f"/rating/{one}/{kind}/", **body)
            text = re.sub(r'"(seq|version)": \d+', "n", json.dumps(answer))
            yield MOMENT.sub(b"-", text.encode())
    yield str(client.post(f"/rating/finish/{rater.address}/").status_code).encode()


SIZES = ("thumb", "full")
BODIES: dict[str, dict[str, object]] = {
    "score": {"criterion": "eq1", "score": 3},
    "comment": {"text": "x"},
    "looked": {"seen": [1, 2], "zoomed": [1]},
    "submit": {},
}
# Addresses that raters get nothing from: the staff's, held by their own tests.
OF_STAFF = {
    "export", "export-part", "export-file", "results", "results-again", "rows", "figure",
    "report", "plan", "invite", "withdraw",
}  # fmt: skip
OF_RATERS = {
    "queue", "join", "about", "training", "finish", "guess", "page", "picture", *BODIES,
}  # fmt: skip


def test_every_address_of_the_portal_is_in_the_twin_test() -> None:
    assert {one.name for one in urlpatterns} == OF_RATERS | OF_STAFF


@pytest.mark.parametrize("sent_by_proxy", [False, True])
def test_nothing_a_rater_receives_depends_on_condition_person_time_or_other_raters(
    settings: Settings, *, sent_by_proxy: bool
) -> None:
    """The twin test: two worlds that differ in nothing but what raters must not know."""
    settings.PROXY_SENDS_FILES = sent_by_proxy
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
            give(rater, submission, "eq1", 5)
            row = showing(rater, submission)
            scores.comment(row, "I know who this is", row.comment_version, stamp(), NOW)

    after = list(everything_a_rater_receives(world))

    assert len(warm_up) == len(before) > 50
    assert after == before


def test_two_submissions_alike_look_alike_whatever_the_condition() -> None:
    world = make_world(2, 1)
    client = client_of(world.raters[0].user)

    pages = []
    shown = [str(showing(world.raters[0], pk).pk) for pk in world.raters[0].order]
    for number, pk in enumerate(shown, start=1):
        page = TOKEN.sub(rb"\1-", client.get(f"/rating/{pk}/").content)
        for other in shown:
            page = page.replace(other.encode(), b"submission")
        pages.append(page.replace(f"Submission {number}".encode(), b"Submission n"))

    links = re.compile(rb'(data-(back|next)="[^"]*")|(<a class="button" id="back".*?</a>)')
    assert links.sub(b"", pages[0]) == links.sub(b"", pages[1])


def test_no_page_names_a_participant_or_a_file() -> None:
    world = make_world(4, 1)
    client = client_of(world.raters[0].user)

    rater = world.raters[0]
    pages = b"".join(client.get(page_of(rater, pk)).content for pk in rater.order)

    secrets = list(Participant.objects.values_list("code", flat=True))
    secrets += ["baseline", "participant", "2030-01-02", "images/", "pool"]
    secrets += [str(one.pk) for one in world.submissions]
    secrets += [i for c in world.submissions[0].content["categories"] for i in c["images"]]
    assert [word for word in secrets if word.encode() in pages] == []


def test_an_image_is_sent_without_a_date() -> None:
    world = make_world(2, 1)
    page = page_of(world.raters[0], world.submissions[0])

    response = client_of(world.raters[0].user).get(f"{page}1/full.jpg")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/jpeg"
    assert not {"Last-Modified", "ETag", "Content-Disposition"} & set(response.headers)


def test_the_proxy_may_send_a_raters_picture(settings: Settings) -> None:
    settings.PROXY_SENDS_FILES = True
    world = make_world(2, 1)
    page = page_of(world.raters[0], world.submissions[0])
    client = client_of(world.raters[0].user)
    image = Image.objects.get(pk=world.submissions[0].content["categories"][0]["images"][0])

    full, small = (client.get(f"{page}1/{size}.jpg") for size in ("full", "thumb"))

    assert (full.content, small.content) == (b"", b"")
    assert full.headers["X-Accel-Redirect"] == f"/protected-media/{image.full_path}"
    assert small.headers["X-Accel-Redirect"] == f"/protected-media/{image.thumb_path}"
    assert "private" in full.headers["Cache-Control"]
    stranger = client_of(User.objects.create_user("stranger"))
    assert "X-Accel-Redirect" not in stranger.get(f"{page}1/full.jpg").headers


def test_only_the_images_of_this_submission_are_given() -> None:
    world = make_world(2, 1)
    page = page_of(world.raters[0], world.submissions[0])
    client = client_of(world.raters[0].user)

    addresses = ("4/thumb.jpg", "0/thumb.jpg", "1/source.jpg")
    statuses = [client.get(page + address).status_code for address in addresses]

    assert statuses == [404, 404, 404]


# --- who may

ENDPOINTS = ("queue", "page", "score", "comment", "image", "foreign", "results")


def statuses_of(client: Client, world: World, foreign: UUID) -> dict[str, int]:
    submission = world.submissions[0]
    page = page_of(world.raters[0], submission)
    return {
        "queue": client.get("/rating/").status_code,
        "page": client.get(page).status_code,
        "score": post(client, page + "score/", criterion="eq1", score=3)[0],
        "comment": post(client, page + "comment/", text="hm")[0],
        "image": client.get(f"{page}1/thumb.jpg").status_code,
        "foreign": client.get(f"/rating/{foreign}/").status_code,
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
        be(client, world.submissions[0].participant_id)
        session = client.session
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

    foreign = showing(other.raters[0], other.submissions[0]).pk
    found = statuses_of(client, world, foreign)

    assert found == dict(zip(ENDPOINTS, MATRIX[who], strict=True))
    assert Rating.objects.exists() == (who == "rater")


def test_a_post_without_the_page_s_token_is_refused() -> None:
    world = make_world(2, 1)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.raters[0].user)

    status, _ = post(
        client, page_of(world.raters[0], world.submissions[0]) + "score/", criterion="eq1", score=3
    )

    assert status == 403


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
