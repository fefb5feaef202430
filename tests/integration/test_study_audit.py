"""Every change that staff make to a study is in its audit, with who made it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from study.models import AuditEntry
from tests import studies as helper
from tests.studies import OFFLINE

pytestmark = pytest.mark.django_db
SURE = {"confirm": "audited", "override": ["untrained", "weights"], "reason": "A test."}


@pytest.fixture
def ann() -> Client:
    helper.pools()
    client = Client()
    client.force_login(User.objects.create_superuser("ann"))
    return client


def told(**more: str) -> list[str]:
    rows = AuditEntry.objects.filter(study__slug="audited", user="ann", **more)
    return list(rows.exclude(action="viewed").order_by("pk").values_list("action", flat=True))


def test_the_life_of_a_study_is_told_with_who_moved_it_on(ann: Client) -> None:
    ann.post("/study/new/", {"slug": "audited", "source": OFFLINE})
    changed = OFFLINE.replace("per_condition: 6", "per_condition: 8")
    ann.post("/study/audited/protocol/", {"source": changed, "reason": "More people."})
    for act in ("pilot", "open", "close", "unlock"):
        ann.post(f"/study/audited/{act}/", SURE)

    assert told() == [
        "study.created",
        "protocol.changed",
        "study.piloted",
        "study.opened",
        "study.closed",
        "results.unlocked",
    ]
    assert told(details__reason="A test.") == ["study.opened", "results.unlocked"]


def test_what_was_refused_is_no_change(ann: Client) -> None:
    ann.post("/study/new/", {"slug": "audited", "source": OFFLINE})

    ann.post("/study/audited/close/", SURE)
    ann.post("/study/audited/open/", SURE | {"confirm": "another"})
    ann.post("/study/audited/protocol/", {"source": "nonsense", "reason": ""})

    assert told() == ["study.created"]


def test_links_and_times_are_told(ann: Client) -> None:
    ann.post("/study/new/", {"slug": "audited", "source": OFFLINE})

    ann.post("/study/audited/links/", {"kind": "personal", "number": "3"})
    ann.post("/study/audited/links/general/", {"on": "no"})
    ann.post("/study/audited/appointments/", {"times": "2031-05-04 12:00", "minutes": "30"})

    assert told() == ["study.created", "links.made", "link.general", "times.offered"]
