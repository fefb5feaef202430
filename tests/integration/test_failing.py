"""What a person sees, and a browser is told, where a request failed."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client, override_settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("ann"))
    return client


def failing(problem: Exception) -> AbstractContextManager[None]:
    """Every query of the block fails."""

    def execute(*_anything: object) -> None:
        raise problem

    return connection.execute_wrapper(execute)


def test_a_database_that_is_away_is_waited_for(visitor: Client) -> None:
    with failing(OperationalError("the server closed the connection")):
        looked, sent = visitor.get("/study/"), visitor.post("/study/new/", {})

    assert (looked.status_code, looked["Retry-After"], looked["Refresh"]) == (503, "5", "5")
    assert "What you did before is saved." in looked.content.decode()
    assert sent.status_code == 503
    assert "Refresh" not in sent


def test_a_mistake_of_ours_is_told_as_one(visitor: Client) -> None:
    with failing(RuntimeError("no such thing")):
        answer = visitor.get("/study/")

    assert answer.status_code == 500
    assert "Retry-After" not in answer
    assert "It is our mistake" in answer.content.decode()


def test_the_page_of_a_mistake_needs_no_list_of_static_files(
    visitor: Client, tmp_path: Path
) -> None:
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    storages = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}

    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
        answer = visitor.get("/study/")

    assert answer.status_code == 500
    assert "It is our mistake" in answer.content.decode()
