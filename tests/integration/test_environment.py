"""Settings from the environment: what is wrong is said at once, all of it."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from duetml.config.environment import LONGEST_SOCKET_PATH, EnvironmentProblem, read_environment


@pytest.fixture
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DUETML_VAR", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("own_folder")
def test_every_wrong_setting_is_listed_in_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "SECRET_KEY": "short",
        "DATABASE_URL": "mysql://somewhere/name",
        "REDIS_URL": "amqp://somewhere",
        "OPENAI_BASE_URL": "localhost",
        "LOG_LEVEL": "LOUD",
        "PORT": "70000",
        "DUETML_BACKBONE": "/no/such/weights.pth",
        "DUETML_PUBLIC_URL": "study.example.org",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(EnvironmentProblem) as problem:
        read_environment()
    assert [name for name in wrong if f"  {name}: " not in str(problem.value)] == []


@pytest.mark.usefixtures("own_folder")
def test_postgresql_without_a_secret_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://duetml@localhost/duetml")
    with pytest.raises(EnvironmentProblem, match="SECRET_KEY must be set"):
        read_environment()


def test_without_variables_the_secret_is_made_once_for_its_owner_only(own_folder: Path) -> None:
    first = read_environment().secret()
    assert read_environment().secret() == first
    assert (own_folder / "secret-key").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("own_folder")
def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "")
    assert read_environment().is_embedded_broker


def test_a_storage_folder_with_a_long_path_gets_a_short_socket(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUETML_VAR", str(own_folder / ("deep" * 30)))
    environment = read_environment()
    assert len(str(environment.socket_path)) <= LONGEST_SOCKET_PATH
    assert environment.celery_url == f"redis+socket://{environment.socket_path}"
    assert environment.channels_url == f"unix://{environment.socket_path}"


def test_what_a_database_address_asks_for_is_kept_beside_the_pool(own_folder: Path) -> None:
    asked = "from duetml.config.settings import DATABASES; print(DATABASES['default']['OPTIONS'])"
    own = {
        "DUETML_VAR": str(own_folder),
        "SECRET_KEY": "x" * 40,
        "DATABASE_URL": "postgres://duetml@db.example.org/duetml?sslmode=require",
    }
    told = subprocess.run(
        [sys.executable, "-c", asked],
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=True,
    )
    options = ast.literal_eval(told.stdout)
    assert (options["sslmode"], options["pool"]["max_size"]) == ("require", 10)
