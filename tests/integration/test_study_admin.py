"""The back room and the commands of the study."""

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from study.models import Participant, StepRun, Study, Submission
from study.services import studies
from tests import studies as helper
from tests.studies import NOON, OFFLINE, OVERRIDES, enrol, person, walk_to

pytestmark = pytest.mark.django_db
LISTS = ["study", "participant", "steprun", "submission", "protocol"]


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ann"))
    return client


def query_count(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("kind", LISTS)
def test_lists_ask_no_query_per_row_and_offer_no_change(admin: Client, kind: str) -> None:
    study = helper.open_study()
    walk_to(enrol(study), "end", NOON)
    before = query_count(admin, f"/admin/study/{kind}/")
    for _ in range(3):
        walk_to(enrol(study), "end", NOON)

    assert query_count(admin, f"/admin/study/{kind}/") == before
    assert admin.get(f"/admin/study/{kind}/add/").status_code == 403


def test_condition_and_seed_show_only_when_the_study_is_closed(admin: Client) -> None:
    study = helper.open_study(seed=987654321)
    who = person(enrol(study))
    walk_to(who.id, "about_you", NOON)
    addresses = [
        f"/admin/study/participant/{who.id}/change/",
        f"/admin/study/study/{study.pk}/change/",
    ]
    condition = person(who.id).condition

    def pages() -> list[str]:
        return [admin.get(address).content.decode() for address in addresses]

    assert not any(condition in page or "987654321" in page for page in pages()[:1])
    assert "987654321" not in pages()[1]
    studies.close_study("walk", NOON)
    assert condition in pages()[0]
    assert "987654321" in pages()[1]


@pytest.mark.parametrize("model", [Participant, StepRun, Submission, Study])
def test_no_record_can_be_deleted(
    admin: Client, model: type[Participant | StepRun | Submission | Study]
) -> None:
    walk_to(enrol(helper.open_study()), "end", NOON)
    row = model._default_manager.first()
    assert row is not None

    reply = admin.post(f"/admin/study/{model._meta.model_name}/{row.pk}/delete/", {"post": "yes"})

    assert reply.status_code == 403


def run(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_a_study_is_made_and_opened_from_the_command_line(tmp_path: Path) -> None:
    helper.pools()
    file = tmp_path / "protocol.yaml"
    file.write_text(OFFLINE, encoding="utf-8")

    assert "14 steps, 2 conditions, en, ja" in run("protocol", "check", str(file))
    assert "draft" in run("study_create", str(file), "--slug", "mine", "--seed", "3")
    with pytest.raises(CommandError, match="not ready"):
        run("preflight", "mine")
    overrides = [f"--override={one}" for one in OVERRIDES]
    assert "open" in run("study_open", "mine", *overrides)
    assert "is ready" in run("preflight", "mine")
    assert Study.objects.get(slug="mine").slots.count() == 12


def test_a_wrong_protocol_is_told_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "protocol.yaml"
    file.write_text("name: x\nversion: none", encoding="utf-8")

    with pytest.raises(CommandError, match=r"version: (?s:.*)steps: is missing"):
        run("protocol", "check", str(file))


@pytest.mark.parametrize("slug", ["step", "Über", "a/b", ""])
def test_a_name_that_cannot_be_an_address_is_refused(tmp_path: Path, slug: str) -> None:
    file = tmp_path / "protocol.yaml"
    file.write_text(OFFLINE, encoding="utf-8")

    with pytest.raises(CommandError, match="small letters"):
        run("study_create", str(file), f"--slug={slug}")
