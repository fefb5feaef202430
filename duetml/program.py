"""Which program this is: its version, and the commit where it runs from a checkout."""

import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
UNKNOWN = ""


@cache
def version() -> str:
    """As pyproject.toml has it; "" where the file did not come along."""
    try:
        told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        return str(told["project"]["version"])
    except (OSError, tomllib.TOMLDecodeError, KeyError):
        return UNKNOWN


@cache
def commit() -> str:
    """Of the checkout when this process first asked, 40 hex digits, whatever was changed since;
    "" where there is none."""
    return commit_of(ROOT / ".git")


def commit_of(folder: Path) -> str:
    try:
        head = (folder / "HEAD").read_text("utf-8").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        loose = folder / name
        if loose.exists():
            return loose.read_text("utf-8").strip()
        packed = (folder / "packed-refs").read_text("utf-8").splitlines()
    except OSError:
        return UNKNOWN
    return next((line.split()[0] for line in packed if line.endswith(f" {name}")), UNKNOWN)
