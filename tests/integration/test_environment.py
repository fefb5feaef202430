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


@pytest.mark.usefixtures("own_folder")
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"DUETML_PUBLIC_URL": "https://a.example.org", "ALLOWED_HOSTS": "b.example.org"},
            "ALLOWED_HOSTS lacks",
        ),
        (
            {"DUETML_PUBLIC_URL": "https://localhost", "DEBUG": "1"},
            "DEBUG shows the source to everybody",
        ),
        ({"DUETML_METRICS_TOKEN": "short"}, "DUETML_METRICS_TOKEN: "),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT: "),
        ({"DUETML_MEDIA": "/srv/pictures"}, "DUETML_MEDIA: must name a bucket, such as s3://"),
        ({"DUETML_MEDIA": "s3://Lab"}, "DUETML_MEDIA: "),
        ({"DUETML_MEDIA": "s3://lab/../else"}, "DUETML_MEDIA: "),
        ({"DUETML_MEDIA": "s3://lab/./else"}, "DUETML_MEDIA: "),
        ({"DUETML_MEDIA": "s3://key:secret@lab"}, "DUETML_MEDIA: "),
        ({"AWS_ENDPOINT_URL_S3": "minio:9000"}, "AWS_ENDPOINT_URL_S3: must be an address"),
        (
            {"DUETML_MEDIA": "s3://lab", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": ""},
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together",
        ),
        (
            {"DUETML_MEDIA": "s3://lab", "DUETML_PROXY_SENDS_FILES": "1"},
            "DUETML_PROXY_SENDS_FILES is for files on a disk",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], words: str
) -> None:
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(EnvironmentProblem, match=words):
        read_environment()


@pytest.mark.usefixtures("own_folder")
@pytest.mark.parametrize("allowed", ["*", ".example.org", "b.example.org,a.example.org"])
def test_a_public_address_may_be_named_in_every_way_django_knows(
    monkeypatch: pytest.MonkeyPatch, allowed: str
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", allowed)
    monkeypatch.setenv("DUETML_PUBLIC_URL", "https://a.example.org")

    assert read_environment().duetml_public_url == "https://a.example.org"


@pytest.mark.parametrize("command", [["up"], ["database_check", "--wait", "0"]])
def test_a_database_that_is_away_is_named_in_one_sentence(
    own_folder: Path, command: list[str]
) -> None:
    own = {
        "DUETML_VAR": str(own_folder),
        "SECRET_KEY": "x" * 40,
        "DATABASE_URL": "postgres://duetml@127.0.0.1:9/duetml",
    }
    told = subprocess.run(
        [sys.executable, "manage.py", *command],
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 1
    assert told.stderr.startswith("CommandError: The database does not answer (")
    assert "refused" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_the_production_settings_pass_djangos_own_check(own_folder: Path) -> None:
    own = {
        "DUETML_VAR": str(own_folder),
        "SECRET_KEY": "".join(map(chr, range(48, 110))),
        "ALLOWED_HOSTS": "study.example.org",
        "DUETML_PUBLIC_URL": "https://study.example.org",
    }
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "check", "--deploy", "--fail-level=INFO"],
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (told.returncode, told.stderr) == (0, "")
    assert "no issues" in told.stdout
