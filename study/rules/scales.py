"""The library of standard scales: their questions in English and Japanese, and how they score.

A protocol names a scale instead of writing its questions (`scale: sus`). A released file never
changes: tests hold its digest, because a protocol's own digest does not cover it.
"""

from functools import cache
from pathlib import Path
from typing import Any, Literal

from study.rules.plain_yaml import read_plain

FOLDER = Path(__file__).resolve().parents[1] / "scales"

Name = Literal["sus", "raw_tlx", "ueq_s", "uq"]
NAMES: tuple[Name, ...] = ("sus", "raw_tlx", "ueq_s", "uq")


@cache
def library(name: Name) -> dict[str, Any]:
    """The `body`, the `items` and, where the scale has a score, the `scoring` of a step."""
    document: dict[str, Any] = read_plain((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return document


def with_scale(step: Any) -> Any:
    """A step as it was read, with what its scale brings and it does not say itself."""
    if not isinstance(step, dict) or step.get("scale") not in NAMES:
        return step
    own = {name: value for name, value in step.items() if value not in (None, [])}
    return library(step["scale"]) | own
