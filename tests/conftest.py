"""What every test may ask for: real data, a private broker, a running stack."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import models
from hypothesis import settings as hypothesis
from pytest_django import Settings

from tests import services
from tests.stack import ROOT, Stack, running_stack

hypothesis.register_profile("untimed", deadline=None)  # a busy machine is no defect
hypothesis.load_profile("untimed")

# What is the same in every test and costs each of them: a password's million rounds, and a walk
# through all static files by every client. Whole platforms (tests/stack.py) do both as in earnest.
project.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
project.WHITENOISE_AUTOREFRESH = True
if worker := os.environ.get("PYTEST_XDIST_WORKER"):  # has a database of its own, but shares Redis
    project.CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = worker

IN_MEMORY = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
WEIGHTS = Path("weights") / "mobilenet_v2_1.0_224_tf2.pth"


def data_folder() -> Path:
    return Path(os.environ.get("DUETML_TEST_DATA") or ROOT.parent / "shared" / "data")


@pytest.fixture(autouse=True)
def _plain_channel_layer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without REDIS_URL there is no broker in plain tests: frames stay in memory, and in the loop
    of whoever listens, as that layer is not made for threads."""
    if "REDIS_URL" not in os.environ:
        settings.CHANNEL_LAYERS = IN_MEMORY
        monkeypatch.setattr("duetml.live.push._own_loop", None)


@pytest.fixture(autouse=True)
def _staff_own_every_study(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whoever is staff owns every study, but in tests of roles (mark `roles`)."""
    if request.node.get_closest_marker("roles"):
        yield
        return
    models.signals.post_save.connect(_own_all)
    yield
    models.signals.post_save.disconnect(_own_all)


def _own_all(sender: type[models.Model], instance: models.Model, created: bool, **_: Any) -> None:
    from django.contrib.auth.models import User

    from study.models import Study
    from study.services import access

    if created and isinstance(instance, User) and instance.is_staff:
        for study in Study.objects.all():
            access.own(study, instance)
    if created and isinstance(instance, Study):
        for user in User.objects.filter(is_staff=True):
            access.own(instance, user)


@pytest.fixture(scope="session")
def data() -> Path:
    """Real photographs and weights (see DUETML_TEST_DATA)."""
    folder = data_folder()
    if not (folder / "images").is_dir():
        pytest.skip(f"no photographs and weights in {folder}; set DUETML_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """A private Valkey on a unix socket; its REDIS_URL."""
    with services.valkey() as url:
        yield url


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The platform as `manage.py up` runs it by default: SQLite and the private broker."""
    with running_stack(tmp_path_factory.mktemp("var"), **stack_weights()) as running:
        yield running


@pytest.fixture(scope="session")
def postgres_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The platform on PostgreSQL and Redis. Tests that ask for it carry the mark `postgres`."""
    if missing := services.what_is_missing():
        pytest.skip(f"{' and '.join(missing)} not installed")
    with services.postgres() as database, services.redis() as url:
        own = {
            "DATABASE_URL": database,
            "REDIS_URL": url,
            "SECRET_KEY": "only-for-tests-" + "x" * 40,
        }
        with running_stack(tmp_path_factory.mktemp("var"), **own, **stack_weights()) as running:
            yield running


@pytest.fixture(params=["stack", pytest.param("postgres_stack", marks=pytest.mark.postgres)])
def each_stack(request: pytest.FixtureRequest) -> Stack:
    """The same test on both stacks."""
    running: Stack = request.getfixturevalue(request.param)
    return running


def stack_weights() -> dict[str, str]:
    path = data_folder() / WEIGHTS
    return {"DUETML_BACKBONE": str(path)} if path.is_file() else {}
