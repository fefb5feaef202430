"""Who may see what: every address of the project and the socket, for everybody there is.

An address without a row here fails the test: decide who may see it before it is there.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from duetml.config.asgi import application
from duetml.workspace.models import PoolImport, Workspace
from duetml.workspace.routing import websocket_urlpatterns
from evaluation.exports.options import Options
from evaluation.models import ExportJob, Rater, Showing
from evaluation.services import invitations
from study.models import Link, Participant, StepRun, Study, Submission
from study.rules import codes
from study.services import enrolment, links
from study.views import preview
from tests import studies as people
from tests.people import a_picture
from tests.raters import make_world

pytestmark = pytest.mark.django_db(transaction=True)
COMMUNICATOR: Any = ApplicationCommunicator  # asgiref gives it no types

ROLES = (
    "nobody",
    "participant with agents",
    "participant of the baseline",
    "preview",
    "rater",
    "rater of another study",
    "staff",
    "superuser",
)
OK, GONE, NO = 200, 404, 403
LOGIN = "login"  # led to the login page
ON = 302  # led on to another page

everybody = (OK,) * 8
staff_only = (LOGIN,) * 4 + (NO, NO, OK, OK)
staff_act = (LOGIN,) * 4 + (NO, NO, ON, ON)
raters_page = (LOGIN,) * 4 + (OK, GONE, GONE, GONE)
raters_act = (NO,) * 4 + (OK, GONE, GONE, GONE)
# Whoever may see results, but not yet: they are locked.
locked_results = (LOGIN,) * 4 + (GONE, GONE, NO, NO)
raters_act_400 = (NO,) * 4 + (400, GONE, GONE, GONE)  # nothing is scored yet
back_room = (LOGIN,) * 6 + (NO, OK)

# Address, method and object → what each of ROLES gets.
MATRIX: dict[str, tuple[int | str, ...]] = {
    "home": (OK, OK, OK, OK, ON, ON, ON, ON),
    "favicon.ico": (ON,) * 8,
    "healthz": everybody,
    "readyz": (503,) * 8,  # asked from this network; nothing runs in a test
    "metrics": everybody if "REDIS_URL" in os.environ else (503,) * 8,
    "login": everybody,
    "second-factor": (LOGIN,) * 4 + (GONE,) * 4,  # where it is not switched on
    "second-factor-enrol": (LOGIN,) * 4 + (GONE,) * 4,
    "logout POST": (LOGIN,) * 8,
    "set_language POST": (ON,) * 8,
    "javascript-catalog": everybody,
    "workspace:picture": (GONE, OK, GONE, GONE, GONE, GONE, GONE, GONE),
    "workspace:picture baseline": (GONE, GONE, OK, GONE, GONE, GONE, GONE, GONE),
    "workspace:upload POST": (GONE, 422, GONE, GONE, GONE, GONE, GONE, GONE),
    "workspace:upload POST baseline": (GONE, GONE, 422, GONE, GONE, GONE, GONE, GONE),
    # Of the studio alone: no study's workspace has them.
    "workspace:similar POST": (GONE,) * 8,
    "workspace:map": (GONE,) * 8,
    "workspace:parcel": (GONE,) * 8,
    "pools:home": staff_only,
    "pools:pool": staff_only,
    "pools:archive POST": (LOGIN,) * 4 + (NO, NO, ON, ON),
    "pools:report": staff_only,
    "pools:add POST": (LOGIN,) * 4 + (NO, NO, 422, 422),
    "pools:prepare POST": staff_act,
    "pools:licence POST": staff_act,
    "pools:remove POST": (LOGIN,) * 4 + (NO, NO, GONE, GONE),
    "pools:delete POST": staff_act,
    "pools:preview": staff_only,
    "pools:picture": staff_only,
    "studio:start": staff_only,  # where it is not switched on
    "studio:new": staff_only,
    "studio:workspace": (LOGIN,) * 4 + (NO, NO, GONE, GONE),
    "studio:sample": staff_only,
    "study:public": everybody,
    "study:enrol": (ON,) * 8,  # back to the page with the button, or to where they are
    "study:enrol POST": everybody,
    "study:enter": (ON,) * 8,  # the link is the secret
    "study:enter forged": (NO,) * 8,
    "study:step": (NO, OK, OK, OK, NO, NO, NO, NO),
    "study:step POST": (NO, ON, ON, ON, NO, NO, NO, NO),
    "study:answer POST": (NO, 400, 400, 400, NO, NO, NO, NO),
    "study:preview": everybody,  # the link is the secret
    "study:preview forged": (GONE,) * 8,
    "study:link": everybody,  # the link is the secret
    "study:link POST": everybody,
    "study:link forged": (GONE,) * 8,
    "study:withdraw": (NO, OK, OK, OK, NO, NO, NO, NO),
    "study:withdraw POST": (NO, 422, 422, 422, NO, NO, NO, NO),
    "study:consent-copy": (NO, OK, OK, OK, NO, NO, NO, NO),
    "study:book POST": (NO, ON, ON, ON, NO, NO, NO, NO),
    "study:links": staff_only,
    "study:links POST": staff_only,  # told what is missing
    "study:revoke_link POST": staff_act,
    "study:general_link POST": staff_act,
    "study:appointments": staff_only,
    "study:appointments POST": staff_only,  # told what is missing
    "study:remove_time POST": staff_act,
    "study:home": staff_only,
    "study:study": staff_only,
    "study:agents": staff_only,
    "study:new": staff_only,
    "study:new POST": (LOGIN,) * 4 + (NO, NO, 422, 422),
    "study:protocol": staff_only,
    "study:protocol POST": (LOGIN,) * 4 + (NO, NO, 422, 422),
    "study:protocol_file": staff_only,
    "study:protocol-check POST": staff_only,  # told what is wrong
    "study:allocation": staff_only,
    "study:allocation POST": (LOGIN,) * 4 + (NO, NO, 422, 422),
    "study:preflight": staff_only,
    "study:pilot POST": staff_act,
    "study:members": staff_only,
    "study:members POST": staff_act,
    "study:audit": staff_only,
    "study:open POST": staff_act,
    "study:close POST": staff_act,
    "study:unlock POST": staff_act,
    "study:notices": (NO, OK, OK, OK, NO, NO, NO, NO),
    "study:notice-read POST": (NO, ON, ON, ON, NO, NO, NO, NO),
    "study:live": staff_only,
    "study:live-rows": staff_only,
    "study:live-flow": staff_only,
    "study:live-act POST": (LOGIN,) * 4 + (NO, NO, GONE, GONE),
    "study:person": staff_only,
    "study:person-act POST": (LOGIN,) * 4 + (NO, NO, GONE, GONE),
    "study:note-write POST": staff_act,
    "study:notes": staff_only,
    "study:notes-table": staff_only,
    "study:note-change POST": (LOGIN,) * 4 + (NO, NO, GONE, GONE),
    "study:replay": staff_only,
    "study:replay-events": staff_only,
    "study:replay-picture": staff_only,
    "evaluation:queue": (LOGIN,) * 4 + (OK, OK, NO, NO),
    "evaluation:join": everybody,  # the link is the secret
    "evaluation:join forged": (GONE,) * 8,
    "evaluation:export": staff_only,
    "evaluation:export-part": staff_only,
    "evaluation:export-file": staff_only,
    "evaluation:results": (LOGIN,) * 4 + (GONE, GONE, OK, OK),
    "evaluation:results-again POST": locked_results,
    "evaluation:figure": locked_results,
    "evaluation:report": locked_results,
    "evaluation:rows": locked_results,
    "evaluation:page": raters_page,
    "evaluation:score POST": raters_act,
    "evaluation:comment POST": raters_act,
    "evaluation:submit POST": raters_act_400,
    "evaluation:looked POST": raters_act,
    "evaluation:picture": raters_act,
    "evaluation:about": raters_page,
    "evaluation:training": raters_page,
    "evaluation:guess": (LOGIN,) * 4 + (ON, GONE, GONE, GONE),
    "evaluation:finish POST": (LOGIN,) * 4 + (ON, GONE, GONE, GONE),
    "evaluation:plan": staff_only,
    "evaluation:invite POST": staff_act,
    "evaluation:withdraw POST": staff_act,
    "admin:index": (LOGIN,) * 6 + (OK, OK),
    "admin:auth_user_changelist": back_room,
    "admin:auth_group_changelist": back_room,
    "admin:axes_accessattempt_changelist": back_room,
    "admin:axes_accesslog_changelist": back_room,
    "admin:axes_accessfailurelog_changelist": back_room,
    "admin:workspace_pool_changelist": back_room,
    "admin:workspace_workspace_changelist": back_room,
    "admin:workspace_trainingrun_changelist": back_room,
    "admin:workspace_agentcall_changelist": back_room,
    "admin:live_event_changelist": back_room,
    "admin:study_study_changelist": back_room,
    "admin:study_participant_changelist": back_room,
    "admin:study_steprun_changelist": back_room,
    "admin:study_submission_changelist": back_room,
    "admin:study_protocol_changelist": back_room,
    "admin:study_auditentry_changelist": back_room,
    "admin:evaluation_rater_changelist": back_room,
    "admin:evaluation_invitation_changelist": back_room,
    "admin:evaluation_rating_changelist": back_room,
    "admin:evaluation_comment_changelist": back_room,
    "admin:evaluation_showing_changelist": back_room,
    "admin:evaluation_siderating_changelist": back_room,
    "admin:evaluation_guess_changelist": back_room,
}
SOCKET = {
    "socket": ("closed", "open", *["closed"] * 6),
    "socket baseline": ("closed", "closed", "open", *["closed"] * 5),
}
# Django's own parts of the back room, behind the same door as its lists.
OF_THE_BACK_ROOM = {
    "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n",
    "view_on_site", "app_list",
}  # fmt: skip


@dataclass
class World:
    study: Study
    agents: Workspace
    baseline: Workspace
    preview: UUID
    token: str
    link: str
    invitation: str
    submission: Submission
    users: dict[str, User]


@pytest.fixture
def world() -> World:
    now = timezone.now()
    study = people.open_study()
    token = codes.personal_token()
    first = enrolment.enrol("walk", token=token, language="en", now=now)[0].id
    tasks = [_in_a_task(who) for who in (first, *(people.enrol(study, now) for _ in range(5)))]
    rated, other = make_world(2, 1, slug="rated"), make_world(2, 1, slug="other")
    looking = enrolment.preview(study.pk, 0, token=uuid4().hex, language="en", now=now)
    return World(
        study,
        next(task for task in tasks if task.settings.features.chat),
        next(task for task in tasks if not task.settings.features.chat),
        looking.id,
        token,
        links.make("walk", Link.Kind.GENERAL, [""], by="root", now=now)[0].token,
        invitations.invite(rated.study, "", now),
        rated.submissions[0],
        {
            "rater": rated.raters[0].user,
            "rater of another study": other.raters[0].user,
            "staff": User.objects.create_user("staff", is_staff=True),
            "superuser": User.objects.create_superuser("root"),
        },
    )


def _in_a_task(who: UUID) -> Workspace:
    """Somebody in the practice task, of which one picture has its file."""
    people.walk_to(who, "practice", timezone.now())
    run = StepRun.objects.select_related("workspace").get(participant=who, key="practice")
    assert run.workspace is not None
    image = run.workspace.offered.select_related("image").earliest("position").image
    if not default_storage.exists(image.thumb_path):
        default_storage.save(image.thumb_path, ContentFile(a_picture()))
    return run.workspace


def client_of(role: str, world: World) -> Client:
    client = Client()
    if role in world.users:
        client.force_login(world.users[role])
    person = {
        "participant with agents": Participant.objects.get(steps__workspace=world.agents).pk,
        "participant of the baseline": Participant.objects.get(steps__workspace=world.baseline).pk,
        "preview": world.preview,
    }.get(role)
    if person is not None:
        people.be(client, person)
        assert client.get("/study/step/").status_code == 200
    return client


def arguments(row: str, world: World) -> list[object]:
    name, thing = row.split()[0], row.split()[-1]
    workspace = world.baseline if thing == "baseline" else world.agents
    slug = [world.study.slug]
    given: dict[str, Callable[[], list[object]]] = {
        "study:link": lambda: ["forged" if thing == "forged" else world.link],
        "javascript-catalog": lambda: ["workspace"],
        "workspace:picture": lambda: [workspace.pk, _picture(workspace), "thumb"],
        "workspace:upload": lambda: [workspace.pk],
        "workspace:similar": lambda: [workspace.pk],
        "workspace:map": lambda: [workspace.pk, uuid4()],
        "workspace:parcel": lambda: [workspace.pk, uuid4(), "classifier.onnx"],
        "studio:workspace": lambda: [workspace.pk],
        "studio:sample": lambda: [workspace.pool_id, _sample(workspace)],
        "pools:home": list,
        "pools:report": lambda: ["practice", _report(workspace)],
        "pools:picture": lambda: ["practice", _picture(workspace), "thumb"],
        "study:notices": list,
        "study:notice-read": lambda: [0],
        "study:note-change": lambda: [*slug, 0],
        "study:replay": lambda: [*slug, workspace.pk],
        "study:replay-events": lambda: [*slug, workspace.pk],
        "study:replay-picture": lambda: [*slug, workspace.pk, _picture(workspace), "thumb"],
        "study:enter": lambda: ["forged" if thing == "forged" else world.token],
        "study:preview": lambda: [
            "forged" if thing == "forged" else _preview(world.study).split("/")[-2]
        ],
        "evaluation:join": lambda: ["forged" if thing == "forged" else world.invitation],
        "evaluation:export": lambda: [world.submission.study.slug],
        "evaluation:export-part": lambda: [world.submission.study.slug],
        "evaluation:export-file": lambda: _export(world.submission.study),
        "evaluation:results": lambda: [world.submission.study.slug],
        "evaluation:results-again": lambda: [world.submission.study.slug],
        "evaluation:figure": lambda: [world.submission.study.slug, "means", "en", "pdf"],
        "evaluation:report": lambda: [world.submission.study.slug, "en", "html"],
        "evaluation:rows": lambda: [world.submission.study.slug, "ratings"],
        "evaluation:picture": lambda: [_showing(world), 1, "thumb"],
    }
    if name in given:
        return given[name]()
    if name in ("evaluation:plan", "evaluation:invite", "evaluation:withdraw"):
        return [world.submission.study.slug]
    if name in OF_A_RATER:
        return [Rater.objects.get(study=world.submission.study).address]
    if name in ("evaluation:page", *BODIES, "evaluation:submit"):
        return [_showing(world)]
    if name.startswith("pools:"):
        return ["practice"]
    if name in ("study:person", "study:person-act", "study:note-write"):
        return [*slug, Participant.objects.get(steps__workspace=workspace).code]
    takes_a_study = (
        "study:protocol",
        "study:protocol_file",
        "study:protocol-check",
        "study:allocation",
        "study:preflight",
        "study:pilot",
        "study:members",
        "study:audit",
        "study:live",
        "study:live-rows",
        "study:live-flow",
        "study:live-act",
        "study:notes",
        "study:notes-table",
        "study:public",
        "study:links",
        "study:revoke_link",
        "study:general_link",
        "study:appointments",
        "study:remove_time",
        "study:enrol",
        "study:study",
        "study:agents",
        "study:open",
        "study:close",
    )
    return [*slug] if name in (*takes_a_study, "study:unlock") else []


def _picture(workspace: Workspace) -> UUID:
    return workspace.offered.earliest("position").image_id


def _sample(workspace: Workspace) -> UUID:
    """A picture that stands for the pool on the start page; it has its file."""
    assert workspace.pool is not None
    image = workspace.pool.entries.select_related("image").earliest("image_id").image
    if not default_storage.exists(image.thumb_path):
        default_storage.save(image.thumb_path, ContentFile(a_picture()))
    return image.pk


def _report(workspace: Workspace) -> UUID:
    row, _made = PoolImport.objects.get_or_create(
        pool=workspace.pool, name="a.zip", defaults={"queued_at": timezone.now()}
    )
    return row.pk


def _export(study: Study) -> list[object]:
    path = default_storage.save("exports/matrix.zip", ContentFile(b"zip"))
    facts = {"state": "done", "path": path, "bytes": 3, "options": Options().as_json()}
    row = ExportJob.objects.create(study=study, by="ann", queued_at=timezone.now(), **facts)
    return [study.slug, row.pk]


def _preview(study: Study) -> str:
    return preview.links(study)["duetml"]


OF_A_RATER = ("evaluation:about", "evaluation:training", "evaluation:guess", "evaluation:finish")


def _showing(world: World) -> UUID:
    return Showing.objects.get(submission=world.submission, kind="rated").pk


BODIES: dict[str, dict[str, Any]] = {
    "evaluation:score": {"criterion": "eq1", "score": 3, "version": 0},
    "evaluation:comment": {"text": "hm", "version": 0},
    "evaluation:looked": {"seen": [1], "zoomed": []},
    "evaluation:submit": {},
}


def answer_to(row: str, role: str, world: World) -> int | str:
    """What this role gets at this address: a status, or LOGIN."""
    client = client_of(role, world)
    name = row.split()[0]
    address = f"/{name}" if "." in name else reverse(name, args=arguments(row, world))
    if "POST" not in row.split():
        response = client.get(address)
    elif row.split()[0] in BODIES:
        body = BODIES[row.split()[0]] | {"id": str(uuid4())}
        response = client.post(address, body, content_type="application/json")
    else:
        response = client.post(address, {"step": "99"})
    if response.status_code == 302 and "/login/" in response.headers["Location"]:
        return LOGIN
    return response.status_code


@pytest.mark.parametrize("role", ROLES)
def test_everybody_gets_what_is_theirs_at_every_address(role: str, world: World) -> None:
    found = {row: answer_to(row, role, world) for row in MATRIX}
    assert found == {row: cells[ROLES.index(role)] for row, cells in MATRIX.items()}


@pytest.mark.parametrize("role", ROLES)
def test_the_socket_opens_for_the_participant_alone(role: str, world: World) -> None:
    client = client_of(role, world)
    spaces = {"socket": world.agents, "socket baseline": world.baseline}
    found = {row: asyncio.run(_knock(client, space)) for row, space in spaces.items()}
    assert found == {row: cells[ROLES.index(role)] for row, cells in SOCKET.items()}


def test_a_page_of_another_site_opens_no_socket(world: World) -> None:
    client = client_of("participant with agents", world)
    assert asyncio.run(_knock(client, world.agents, b"http://elsewhere.example")) == "closed"


async def _knock(client: Client, space: Workspace, origin: bytes = b"http://localhost") -> str:
    cookies = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
    headers = [(b"host", b"localhost"), (b"origin", origin), (b"cookie", cookies.encode())]
    address = f"/ws/workspace/{space.pk}/"
    scope = {"type": "websocket", "path": address, "query_string": b"", "headers": headers}
    line = COMMUNICATOR(application, scope)
    await line.send_input({"type": "websocket.connect"})
    told = await line.receive_output(timeout=10)
    if told["type"] == "websocket.accept":
        told = await line.receive_output(timeout=10)
    if told["type"] == "websocket.close":
        return "closed"
    await line.send_input({"type": "websocket.disconnect", "code": 1000})
    await line.wait(timeout=10)
    return "open"


def test_every_address_has_a_row() -> None:
    there = set(_names(get_resolver().url_patterns))
    lists = {f"admin:{_label(model)}_changelist" for model in admin.site._registry}
    assert {row.split()[0] for row in MATRIX} == there | lists | {"admin:index"}
    assert len(websocket_urlpatterns) == 1


def test_the_back_room_has_no_page_of_its_own_without_a_row() -> None:
    usual = {
        f"{_label(model)}_{page}"
        for model in admin.site._registry
        for page in ("changelist", "add", "history", "delete", "change")
    }
    known = usual | OF_THE_BACK_ROOM | {"index", "auth_user_password_change"}
    assert set(_of_the_back_room(get_resolver().url_patterns)) <= known


def _label(model: Any) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def _names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    """namespace:name of every address but the back room's; one without a name by its pattern."""
    for one in patterns:
        if isinstance(one, URLPattern):
            yield space + (one.name or str(one.pattern))
        elif one.namespace != "admin":
            inside = f"{one.namespace}:" if one.namespace else space
            yield from _names(one.url_patterns, inside)


def _of_the_back_room(
    patterns: list[URLPattern | URLResolver], inside: bool = False
) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _of_the_back_room(one.url_patterns, inside or one.namespace == "admin")
        elif inside and one.name:
            yield one.name
