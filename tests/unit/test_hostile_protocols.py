"""Protocol files that are traps: each ends in a sentence, soon, and nothing is read."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from study.rules.protocol import ProtocolError, read_protocol

SOURCE = (Path(__file__).parents[2] / "study" / "protocols" / "duetml.yaml").read_text()
LONG = "9" * 5000


def bomb(depth: int, line: str) -> str:
    """Every level holds nine of the one before."""
    levels = [line.format(name="a0", inside="x: 1" if "<<" in line else "1")]
    for level in range(1, depth):
        inside = ", ".join([f"*a{level - 1}"] * 9)
        inside = f"<<: [{inside}]" if "<<" in line else inside
        levels.append(line.format(name=f"a{level}", inside=inside))
    return "\n".join(levels)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (bomb(12, "{name}: &{name} [{inside}]"), "unfold into more than"),
        (bomb(12, "{name}: &{name} {{{inside}}}  # <<"), "merge keys"),
        ("steps: &s [*s]", "leads back to itself"),
        ("title: &t {en: *t}", "leads back to itself"),
        ("? &k [*k]\n: 1", "leads back to itself"),
        ("name: !!python/object/apply:os.system [ls]", "not readable YAML"),
        ("name: !unknown x", "not readable YAML"),
        (f"version: {LONG}", "not readable YAML"),
        ("[" * 50_000, "not readable YAML"),
        (SOURCE.replace("version: 2", "version: 2\nversion: 3", 1), "“version” is given twice"),
        ('title: {en: "a\\0b"}', "cannot be stored"),
        ('title: {en: "\\ud800"}', "cannot be stored"),
        ("x" * 500_001, "too long"),
        ("", "mapping"),
        ("- 1", "mapping"),
        ("a: 1\n---\nb: 2", "not readable YAML"),
        (SOURCE + "\nsurprise: 1\n", "surprise: is not known here"),
    ],
)
def test_a_trap_is_refused_with_a_sentence(source: str, complaint: str) -> None:
    with pytest.raises(ProtocolError, match=complaint):
        read_protocol(source)


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("allocation.block_sizes", [10**12], "block_sizes, entry 1"),
        ("allocation.block_sizes", [0], "block_sizes, entry 1"),
        ("steps.3.minutes", {"minimum": 0, "maximum": float("inf")}, "minutes.maximum"),
        ("steps.3.minutes", {"minimum": float("nan"), "maximum": 1}, "minutes.minimum"),
        ("languages", ["no such language"], "languages, entry 1"),
        ("title", {"en": "x" * 201, "ja": "x"}, "more than 200 characters"),
        ("agents.model", "x" * 81, "agents.model"),
        ("agents.prompts.greeting", 99, "no prompt greeting version 99"),
        ("rating.criteria.0.key", "k" * 21, r"criterion 1 \(k+\), key"),
        ("rating", None, "rating"),
    ],
)
def test_what_could_not_be_stored_or_run_is_refused_with_its_place(
    path: str, value: object, complaint: str
) -> None:
    document: Any = yaml.safe_load(SOURCE)
    *way, last = path.split(".")
    inner = document
    for part in way:
        inner = inner[int(part)] if part.isdigit() else inner[part]
    inner[last] = value
    with pytest.raises(ProtocolError, match=complaint):
        read_protocol(yaml.safe_dump(document))
