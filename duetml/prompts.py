"""Reads prompts/<name>/v<N>.<language>.md: every word that is sent to a model, frozen by its hash.

A released file never changes; a better wording is the next version. `python -m duetml.prompts` adds
new files to prompts/lock.json and refuses to touch the entry of one that changed.
"""

import json
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from string import Template

FOLDER = Path(__file__).resolve().parent.parent / "prompts"
FALLBACK_LANGUAGE = "en"
LOCK = "lock.json"


class PromptError(Exception):
    """A prompt that does not exist, or a locked one that changed."""


@dataclass(frozen=True)
class Prompt:
    """`language` is that of the file; `digest` is the sha256 of its bytes, in hex."""

    name: str
    version: int
    language: str
    text: str
    digest: str

    def fill(self, **values: str) -> str:
        """The text with its $placeholders filled; what is filled in is never read as a template."""
        return Template(self.text).substitute(values)

    def phrases(self) -> dict[str, Template]:
        """The file as a list of `key: text` lines; lines that start with # are remarks."""
        lines = (line for line in self.text.splitlines() if line and not line.startswith("#"))
        pairs = (line.partition(": ") for line in lines)
        return {key: Template(text) for key, _, text in pairs}


@lru_cache(maxsize=256)  # files never change while the program runs: that is what the lock is for
def load(name: str, version: int, language: str, folder: Path = FOLDER) -> Prompt:
    """The prompt in the language, or in English where it was not written in that language.

    Raises PromptError, which lists the prompts that exist.
    """
    if re.fullmatch(r"[a-z][a-z-]*", name):
        for tried in (language.lower().split("-")[0], FALLBACK_LANGUAGE):  # "ja-JP" is Japanese
            path = folder / name / f"v{version}.{tried}.md"
            if re.fullmatch(r"[a-z]{2,3}", tried) and path.is_file():
                data = path.read_bytes()
                text = data.decode().strip()
                return Prompt(name, version, tried, text, sha256(data).hexdigest())
    there = ", ".join(sorted(_digests(folder))) or "none at all"
    raise PromptError(f"There is no prompt {name!r} version {version}. There are: {there}.")


def changed_files(folder: Path = FOLDER) -> list[str]:
    """Locked files that changed or are gone, relative to the folder."""
    now = _digests(folder)
    return sorted(path for path, digest in locked(folder).items() if now.get(path) != digest)


def new_files(folder: Path = FOLDER) -> list[str]:
    """Files that are not in the lock yet, relative to the folder."""
    return sorted(_digests(folder).keys() - locked(folder).keys())


def locked(folder: Path = FOLDER) -> dict[str, str]:
    """Relative path → sha256, as locked."""
    path = folder / LOCK
    if not path.is_file():
        return {}
    stored: dict[str, str] = json.loads(path.read_text())
    return stored


def lock_new_files(folder: Path = FOLDER) -> list[str]:
    """Adds new files to the lock, returns them. Raises PromptError if a locked one changed."""
    changed = changed_files(folder)
    if changed:
        raise PromptError(
            f"Released prompts never change, but these did: {', '.join(changed)}. "
            "Put them back as they were and write the new words into the next version."
        )
    added = new_files(folder)
    now = _digests(folder)
    entries = locked(folder) | {path: now[path] for path in added}
    (folder / LOCK).write_text(json.dumps(entries, indent=1, sort_keys=True) + "\n")
    return added


def _digests(folder: Path) -> dict[str, str]:
    files = folder.glob("*/*.md")
    return {
        file.relative_to(folder).as_posix(): sha256(file.read_bytes()).hexdigest() for file in files
    }


def main() -> int:
    try:
        added = lock_new_files()
    except PromptError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"locked {path}\n" for path in added) or "nothing new to lock\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
