"""Every change that staff make to a study is in its audit, with who made it."""

import ast
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from study.models import AuditEntry
from study.services.audit_words import WORDS
from tests import studies as helper
from tests.studies import OFFLINE

ROOT = Path(__file__).parents[2]

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


def codes_in(source: str) -> set[str]:
    """Every code that a module notes: as it stands, or a beginning with the acts it may end in."""
    calls = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Call)]
    noted = [one for one in calls if ast.unparse(one.func) == "audit.note"]
    told = [one.args[2] for one in noted]
    if any(isinstance(one, ast.Name) for one in told):  # noted for several by one function
        told += [one.args[2] for one in calls if ast.unparse(one.func) == "_act"]
    found = {str(one.value) for one in told if isinstance(one, ast.Constant)}
    for one in told:
        if isinstance(one, ast.JoinedStr):
            found |= {f"{ast.literal_eval(one.values[0])}{act}" for act in _acts(source)}
    return found


def _acts(source: str) -> set[str]:
    """The keys of every dictionary called acts."""
    found: set[str] = set()
    for one in ast.walk(ast.parse(source)):
        if isinstance(one, ast.AnnAssign) and ast.unparse(one.target) == "acts":
            assert isinstance(one.value, ast.Dict)
            found |= {str(key.value) for key in one.value.keys if isinstance(key, ast.Constant)}
    return found


def test_every_code_that_is_noted_has_words_and_no_words_are_left_over() -> None:
    noted = {"viewed"}
    for room in ("study", "evaluation", "duetml"):
        for module in (ROOT / room).rglob("*.py"):
            noted |= codes_in(module.read_text(encoding="utf-8"))

    assert noted == set(WORDS)


def test_the_audit_is_read_in_words_beside_the_codes(ann: Client) -> None:
    ann.post("/study/new/", {"slug": "audited", "source": OFFLINE})

    page = ann.get("/study/audited/audit/").content.decode()

    assert 'made the study <code class="soft">study.created</code>' in page
