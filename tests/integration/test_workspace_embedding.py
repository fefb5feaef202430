"""Uploads are looked at together, by one message, and no picture by two jobs at once."""

from datetime import timedelta
from threading import Thread
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError

from duetml.jobs import Job
from duetml.live.log import ClientStamp
from duetml.vision.intake import read_picture
from duetml.workspace.models import Feature, Workspace
from duetml.workspace.services import images
from duetml.workspace.work import embed
from tests.people import NOW, a_picture, a_workspace

pytestmark = pytest.mark.django_db

Sent = list[tuple[Job, dict[str, str | int]]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What would have gone to the workers."""
    found: Sent = []
    monkeypatch.setattr(images, "enqueue", lambda job, **ids: found.append((job, ids)))
    return found


def upload(workspace: Workspace, number: int, after: timedelta = timedelta()) -> str:
    picture = read_picture(a_picture(number), "cat.jpg")
    done = images.upload(workspace.id, picture, None, ClientStamp(uuid4(), NOW), NOW + after)
    return str(done.result["image"])


def test_uploads_in_a_row_send_one_message(sent: Sent) -> None:
    workspace = a_workspace(pictures=0)
    first = upload(workspace, 100)
    for number in range(101, 104):
        upload(workspace, number, timedelta(seconds=1))
    assert sent == [(Job.EMBED, {"image": first})]


def test_that_message_has_all_of_them_looked_at(sent: Sent) -> None:
    workspace = a_workspace(pictures=0)
    uploaded = [upload(workspace, number) for number in range(100, 104)]
    embed.embed_uploads(uploaded[0])
    looked_at = Feature.objects.values_list("image_id", flat=True)
    assert set(looked_at) == {UUID(image) for image in uploaded}


def test_an_upload_after_the_others_were_looked_at_sends_another_message(sent: Sent) -> None:
    workspace = a_workspace(pictures=0)
    first = upload(workspace, 100)
    embed.embed_uploads(first)
    last = upload(workspace, 101, timedelta(seconds=1))
    assert [ids["image"] for _, ids in sent] == [first, last]


def test_a_lost_message_is_made_up_for(sent: Sent) -> None:
    workspace = a_workspace(pictures=0)
    upload(workspace, 100)
    upload(workspace, 101, images.ASKED + timedelta(seconds=1))
    assert len(sent) == 2


def test_other_workspaces_do_not_keep_a_message_back(sent: Sent) -> None:
    upload(a_workspace(pictures=0), 100)
    upload(a_workspace(pictures=0), 101)
    assert len(sent) == 2


def test_what_one_job_has_in_hand_another_passes_over_and_waits_for() -> None:
    in_hand = embed._InHand()
    assert in_hand.take(["a", "b", "c"], 2) == ["a", "b"]
    assert in_hand.take(["a", "b", "c"], 2) == ["c"]
    waiting = Thread(target=in_hand.wait_for, args=(["a", "b"],))
    waiting.start()
    in_hand.give_back(["a"])
    assert waiting.is_alive()
    in_hand.give_back(["b"])
    waiting.join(5)
    assert not waiting.is_alive()


def test_work_cut_short_keeps_what_is_stored_and_leaves_nothing_in_hand(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed, "BATCH", 2)
    workspace = a_workspace(pictures=0)
    uploaded = [upload(workspace, number) for number in range(100, 106)]

    def stop(done: int, total: int) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        embed.embed_images(uploaded, stop)
    assert Feature.objects.count() == 2
    assert embed.embed_images(uploaded) == 4


def test_a_database_that_fails_in_between_leaves_nothing_in_hand(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploaded = [upload(a_workspace(pictures=0), 100)]
    answers = iter([uploaded])

    def away_the_second_time(*_asked: object) -> list[str]:
        for answer in answers:
            return answer
        raise OperationalError

    monkeypatch.setattr(embed, "missing", away_the_second_time)
    with pytest.raises(OperationalError):
        embed.embed_images(uploaded)
    assert embed._in_hand.take(uploaded, 1) == uploaded
    embed._in_hand.give_back(uploaded)


def test_progress_counts_up_to_all_that_were_missing(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed, "BATCH", 2)
    workspace = a_workspace(pictures=0)
    uploaded = [upload(workspace, number) for number in range(100, 105)]
    told: list[tuple[int, int]] = []
    embed.embed_images(uploaded, lambda done, total: told.append((done, total)))
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_a_picture_whose_file_is_gone_stops_nobody_else(sent: Sent) -> None:
    workspace = a_workspace(pictures=0)
    lost, kept = upload(workspace, 100), upload(workspace, 101)
    rows = {str(row.image_id): row.image for row in workspace.offered.all()}
    default_storage.delete(rows[lost].full_path)
    with pytest.raises(OSError, match="jpg"):
        embed.embed_images([lost])
    assert embed.embed_images([kept]) == 1
