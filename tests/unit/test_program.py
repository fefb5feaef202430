"""A report says which program made it."""

import subprocess
import tomllib
from pathlib import Path

import pytest

from duetml import program
from tests.stack import ROOT

SHA = "0123456789abcdef0123456789abcdef01234567"


def test_the_version_is_that_of_the_project() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert program.version() == told["project"]["version"]


def test_the_commit_of_a_checkout_is_found_before_and_after_its_names_are_packed(
    tmp_path: Path,
) -> None:
    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
        done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "one")
    made = git("rev-parse", "HEAD").strip()

    loose = program.commit_of(tmp_path / ".git")
    git("pack-refs", "--all")
    packed = program.commit_of(tmp_path / ".git")

    assert (loose, packed) == (made, made)


@pytest.mark.parametrize(("head", "found"), [(SHA, SHA), ("ref: refs/heads/gone", "")])
def test_a_detached_head_is_the_commit_and_a_lost_one_is_unknown(
    tmp_path: Path, head: str, found: str
) -> None:
    (tmp_path / "HEAD").write_text(f"{head}\n")

    assert program.commit_of(tmp_path) == found


def test_without_a_checkout_the_commit_is_unknown(tmp_path: Path) -> None:
    assert program.commit_of(tmp_path / ".git") == ""
