"""What a person left can be deleted from the log, and the chain of events still holds."""

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from duetml.live import log
from duetml.live.models import Event
from duetml.vision.intake import read_picture
from duetml.workspace.models import AgentCall, Category, Image, Message, Workspace, WorkspaceImage
from duetml.workspace.rules.replay import Happened, rebuild
from duetml.workspace.services import erasing, images
from tests.people import DUETML, NOW, a_category, a_picture, a_workspace, do, images_of, kinds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duetml.jobs.send", lambda job, **ids: None)


def lived_in(number: int = 900) -> tuple[Workspace, Image]:
    """A workspace with a category, a question to the agents and a picture of their own."""
    workspace = a_workspace(DUETML)
    a_category(workspace, "my secret place", images_of(workspace)[:2])
    do(workspace, "chat.post", {"text": "I am Ada and I live in Turin"})
    picture = read_picture(a_picture(number, side=200), "me.jpg")
    stamp = log.ClientStamp(workspace.pk)
    images.upload(workspace.pk, picture, None, stamp, NOW)
    return workspace, Image.objects.get(sha256=picture.sha256)


def erase(workspace: Workspace) -> dict[str, int]:
    with transaction.atomic():
        return dict(erasing.erase(workspace.pk))


def test_erased_payloads_leave_a_chain_that_holds() -> None:
    workspace, _picture = lived_in()
    before = kinds(workspace)

    counted = erase(workspace)

    assert log.verify(workspace.stream)
    assert kinds(workspace) == before
    assert counted["events"] == len(before)
    assert not any(event.payload for event in log.everything(workspace.stream))
    assert erase(workspace)["events"] == 0


def test_a_payload_put_back_in_another_form_breaks_the_chain() -> None:
    workspace, _picture = lived_in()
    erase(workspace)
    Event.objects.filter(stream__key=workspace.stream, seq=2).update(payload={"name": "forged"})

    assert not log.verify(workspace.stream)


def test_a_digest_put_in_place_of_a_payload_breaks_the_chain() -> None:
    workspace, _picture = lived_in()
    Event.objects.filter(stream__key=workspace.stream, seq=2).update(
        payload={}, payload_digest="0" * 64
    )

    assert not log.verify(workspace.stream)


def test_nothing_of_the_person_is_left_in_the_rows() -> None:
    workspace, picture = lived_in()

    erase(workspace)

    assert not Message.objects.filter(workspace=workspace).exists()
    assert not Category.objects.filter(workspace=workspace).exists()
    assert not AgentCall.objects.filter(workspace=workspace).exclude(request=[]).exists()
    assert not WorkspaceImage.objects.filter(workspace=workspace, origin="upload").exists()
    assert not default_storage.exists(picture.full_path)
    assert not default_storage.exists(picture.thumb_path)
    assert not Image.objects.filter(pk=picture.pk).exists()


def test_a_picture_that_somebody_else_has_too_stays_for_them() -> None:
    one, picture = lived_in(901)
    other, _same = lived_in(901)

    erase(one)

    assert default_storage.exists(picture.full_path)
    assert str(picture.pk) in images_of(other)


def test_an_erased_workspace_can_still_be_rebuilt_into_nothing() -> None:
    workspace, _picture = lived_in()
    erase(workspace)

    events = list(log.everything(workspace.stream))
    found = rebuild(Happened(one.kind, one.payload, True, one.seq) for one in events)

    assert found.arrangement == {}
