"""What a rater receives tells nothing they should not know, and nobody else receives it."""

import json
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client
from pytest_django import Settings

from duetml.workspace.models import Image
from evaluation.models import Rater, Rating
from evaluation.queries import practice_entries
from evaluation.services import scores
from evaluation.urls import urlpatterns
from study.models import Participant, Submission
from tests.raters import (
    NOW,
    World,
    client_of,
    give,
    make_work,
    make_world,
    page_of,
    post,
    showing,
    stamp,
)
from tests.studies import be

pytestmark = pytest.mark.django_db

TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")\w+')
VERSION = re.compile(rb'(version=")\d+')  # how often this rater scored
MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.+]+")


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
