"""What holds for the whole source, read as text."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("duetml", "study", "evaluation", "prompts", "deploy", "tests")
TEXTS = {
    ".py",
    ".md",
    ".html",
    ".css",
    ".js",
    ".mjs",
    ".yaml",
    ".yml",
    ".toml",
    ".txt",
    ".json",
    "",
}
# A home or a workplace of somebody's machine, put together here so that this file passes too.
MACHINE_PATHS = re.compile("|".join("/" + name + "/" for name in ("home", "Users", "root", "work")))
CATALOGUES = sorted(path for room in ROOMS for path in (ROOT / room).glob("**/locale/*/*/*.po"))
TEMPLATES = sorted(path for room in ROOMS for path in (ROOT / room).glob("**/templates/**/*.html"))


def source_files() -> list[Path]:
    own = [path for room in ROOMS for path in (ROOT / room).rglob("*")]
    own += [path for path in ROOT.iterdir() if path.name != "LICENSE"]
    return [path for path in own if path.is_file() and path.suffix in TEXTS]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    texts = {named(path): path.read_text(errors="replace") for path in source_files()}
    found = {name for name, text in texts.items() if MACHINE_PATHS.search(text)}
    assert found == set()


def test_the_top_level_has_only_the_six_rooms() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    folders = {name.split("/")[0] for name in listed.stdout.splitlines() if "/" in name}
    assert {folder for folder in folders if not folder.startswith(".")} <= set(ROOMS)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_has_nothing_inline_that_the_policy_would_refuse(path: Path) -> None:
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
    data = r"""\btype=["'](?:application/json|application/ld\+json|importmap)["']"""
    scripts = [tag for tag in re.findall(r"<script\b[^>]*>", text) if not re.search(data, tag)]
    assert [tag for tag in scripts if "src=" not in tag] == []
    assert re.findall(r"<style\b|\sstyle=|\son[a-z]+=|javascript:", text) == []
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']*""", text) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=named)
def test_a_catalogue_is_complete_and_its_compiled_form_is_current(
    path: Path, tmp_path: Path
) -> None:
    if shutil.which("msgfmt") is None:
        pytest.skip("gettext not installed")
    compiled = tmp_path / "compiled.mo"
    done = subprocess.run(
        ["msgfmt", "--check-format", "--statistics", "-o", str(compiled), str(path)],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "fuzzy" not in done.stderr
    assert "untranslated" not in done.stderr
    assert path.with_suffix(".mo").read_bytes() == compiled.read_bytes()


@pytest.mark.parametrize("app", ["duetml/workspace", "study", "evaluation", "duetml/config"])
@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_every_word_for_people_is_in_the_catalogue(app: str, domain: str, tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("gettext not installed")
    copy = tmp_path / "app"
    shutil.copytree(ROOT / app, copy, ignore=shutil.ignore_patterns("__pycache__"))
    catalogue = copy / "locale" / "ja" / "LC_MESSAGES" / f"{domain}.po"
    before = messages(catalogue)
    make_messages(copy, domain)
    assert messages(catalogue) - before == set()


def make_messages(folder: Path, domain: str) -> None:
    (folder / "locale").mkdir(exist_ok=True)
    command = ["makemessages", "-l", "ja", "-d", domain, "--no-location", "-v", "0"]
    subprocess.run(
        [sys.executable, "-m", "django", *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},  # no settings: they are not needed, and not ours there
        check=True,
        capture_output=True,
    )


def messages(catalogue: Path) -> set[str]:
    """The ids in a catalogue that are not obsolete; none where there is no catalogue."""
    if not catalogue.exists():
        return set()
    live = [line for line in catalogue.read_text().splitlines() if not line.startswith("#")]
    found = re.findall(r'^msgid ((?:".*"\n?)+)', "\n".join(live), flags=re.M)
    return {"".join(re.findall(r'"(.*)"', entry)) for entry in found} - {""}
