"""A study made, changed and piloted in the browser."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from study.models import Membership, Study
from study.services import studies, wording
from tests.studies import NOON, OFFLINE, pools

pytestmark = [pytest.mark.django_db, pytest.mark.roles]


@pytest.fixture
def ann() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client


def test_whoever_makes_a_study_from_a_built_in_protocol_owns_it(ann: Client) -> None:
    answer = ann.post("/study/new/", {"slug": "mine", "built_in": "tour"})

    assert answer.headers["Location"] == "/study/mine/protocol/"
    assert Study.objects.get().protocol.read().name == "tour"
    assert Membership.objects.get().role == "owner"


def test_a_wrong_protocol_is_shown_again_with_its_lines(ann: Client) -> None:
    source = OFFLINE.replace("per_condition: 6", "per_condition: six")

    answer = ann.post("/study/new/", {"slug": "mine", "source": source})

    page = answer.content.decode()
    line = source[: source.index("per_condition: six")].count("\n") + 1
    assert answer.status_code == 422
    assert f"Line {line}" in page
    assert "per_condition: six" in page  # what was typed is not lost
    assert not Study.objects.exists()


def test_checking_tells_what_changes_and_saves_nothing(ann: Client) -> None:
    studies.create("mine", OFFLINE, now=NOON, by=User.objects.get())
    source = OFFLINE.replace("per_condition: 6", "per_condition: 8")

    page = ann.post("/study/mine/protocol/", {"source": source, "check": ""}).content.decode()

    assert "allocation.per_condition" in page
    assert Study.objects.get().versions.count() == 1


def test_saving_makes_a_version_that_is_listed_with_what_changed(ann: Client) -> None:
    studies.create("mine", OFFLINE, now=NOON, by=User.objects.get())
    source = OFFLINE.replace("per_condition: 6", "per_condition: 8")

    ann.post("/study/mine/protocol/", {"source": source, "reason": "More people."})
    page = ann.get("/study/mine/protocol/").content.decode()

    assert Study.objects.get().protocol.read().allocation.per_condition == 8
    assert "More people." in page
    assert "“6” → “8”" in page
    assert ann.get("/study/mine/protocol.yaml").content.decode() == source


def test_a_draft_is_piloted_from_its_page(ann: Client) -> None:
    pools()
    studies.create("mine", OFFLINE, now=NOON, by=User.objects.get())
    sent = {"confirm": "mine", "override": ["untrained", "weights"]}

    ann.post("/study/mine/pilot/", sent)

    assert Study.objects.get().state == Study.State.PILOT


def test_unlocking_keeps_who_did_it_and_why(ann: Client) -> None:
    studies.create("mine", OFFLINE, now=NOON, by=User.objects.get())
    Study.objects.update(state="closed")

    ann.post("/study/mine/unlock/", {"confirm": "mine", "reason": "All is rated."})

    study = Study.objects.get()
    assert (study.unlocked_by, study.unlock_reason) == ("ann", "All is rated.")


def test_a_closed_study_takes_words_for_its_report_from_its_page_and_nothing_else(
    ann: Client,
) -> None:
    studies.create("mine", OFFLINE, now=NOON, by=User.objects.get())
    Study.objects.update(state="closed")
    other = OFFLINE.replace("per_condition: 6", "per_condition: 7")
    told = OFFLINE.replace("reporting:\n", "reporting:\n  funding: {en: None., ja: なし。}\n", 1)
    assert told != OFFLINE

    page = ann.get("/study/mine/protocol/").content.decode()
    refused = ann.post("/study/mine/protocol/", {"source": other, "reason": "Why not."})
    saved = ann.post("/study/mine/protocol/", {"source": told, "reason": "For the report."})

    assert "only what its report tells" in page
    assert "A closed study keeps its protocol" in refused.content.decode()
    assert saved.status_code == 302
    assert Study.objects.get().versions.count() == 2


def test_the_editor_warns_of_pools_that_are_too_small_or_not_there(ann: Client) -> None:
    pools()
    studies.create("mine", OFFLINE, now=NOON, by=User.objects.get())
    source = OFFLINE.replace("pool: practice", "pool: practise").replace("images: 90", "images: 91")

    told = ann.post("/study/mine/protocol/check/", {"source": source}).json()
    checked = ann.post("/study/mine/protocol/", {"source": source, "check": ""}).content.decode()
    there = ann.get("/study/mine/protocol/").content.decode()

    assert told["problems"] == []
    assert [text.split(":")[0] for text in told["warnings"]] == [
        "Pool “animals” holds 90 pictures, 91 are needed",
        "Pool “practise” holds 0 pictures, 1 are needed",
    ]
    assert all(text in checked for text in told["warnings"])
    assert "are needed" not in there


def test_nobody_is_to_come_to_a_closed_study_so_no_pool_is_missed(ann: Client) -> None:
    studies.create("mine", OFFLINE, now=NOON, by=User.objects.get())
    Study.objects.update(state=Study.State.CLOSED)

    told = ann.post("/study/mine/protocol/check/", {"source": OFFLINE}).json()

    assert told == {"problems": [], "warnings": []}
    assert "are needed" not in ann.get("/study/mine/protocol/").content.decode()


def test_what_a_version_changes_is_said_in_the_readers_language(
    ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    studies.create("mine", OFFLINE, now=NOON, by=User.objects.get())
    words = {"added: %(what)s": "追加: %(what)s"}
    monkeypatch.setattr(wording, "gettext", lambda text: words.get(text, text))
    source = f"{OFFLINE}\nminimum_width: 900\n"

    checked = ann.post("/study/mine/protocol/", {"source": source, "check": ""}).content.decode()
    ann.post("/study/mine/protocol/", {"source": source, "reason": "Wide."})
    saved = ann.get("/study/mine/protocol/").content.decode()

    assert "追加: “900”" in checked
    assert "追加: “900”" in saved
