"""No model touches what an outcome rater scores before they have scored it."""

import ast
import json
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from duetml.workspace.models import AgentCall
from evaluation.models import Rating
from evaluation.queries import practice_entries
from study.models import Submission
from study.services.submissions import digest
from tests.raters import CRITERIA, make_world, page_of
from tests.stack import ROOT

pytestmark = pytest.mark.django_db
FORBIDDEN = ("duetml.llm", "duetml.agents", "duetml.prompts", "openai")


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("room", ["views", "services", "rules"])
def test_nothing_of_the_portal_can_ask_a_model(room: str) -> None:
    asked = {
        f"{path.name}: {name}"
        for path in (ROOT / "evaluation" / room).glob("*.py")
        for name in imported(path)
        if name.startswith(FORBIDDEN)
    }

    assert asked == set()


def test_rating_everything_asks_no_model_and_changes_no_submission(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[object] = []
    monkeypatch.setattr("duetml.jobs.enqueue", lambda job, **_: sent.append(job))
    world = make_world(3, 1)
    for one in world.submissions:
        Submission.objects.filter(pk=one.pk).update(digest=digest(one.content))
    rater, client = world.raters[0], Client()
    client.force_login(rater.user)

    pages = ["/rating/", f"/rating/training/{rater.address}/"]
    pages += [f"/rating/{one.pk}/" for one in practice_entries(rater)]
    for pk in rater.order:
        page = page_of(rater, pk)
        pages += [page, f"{page}1/thumb.jpg"]
        for criterion in CRITERIA:
            body = {"id": str(uuid4()), "criterion": criterion, "score": 4, "version": 0}
            client.post(f"{page}score/", json.dumps(body), content_type="application/json")
    answers = {client.get(page).status_code for page in pages}

    assert answers == {200}
    assert Rating.objects.count() == 15
    assert sent == []
    assert not AgentCall.objects.exists()
    assert all(digest(one.content) == one.digest for one in Submission.objects.all())
