"""What is wrong with a protocol: in which line, at which place, and what to do about it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce
from typing import Any

import yaml

from study.rules.phrase import Phrase, gettext_noop
from study.rules.problem_phrases import phrase

Location = Sequence[int | str]
NAMED = re.compile(r"^(step|condition|criterion) ([a-z][a-z0-9_]*)(?:, item ([a-z][a-z0-9_]*))?")
LISTS = {"step": ("steps",), "condition": ("conditions",), "criterion": ("rating", "criteria")}
NAMED_FIRST = re.compile(r"^(step|item) [a-z][a-z0-9_]*: |^prompts: ")
ENTRIES = {
    "steps": (gettext_noop("step %(number)s"), gettext_noop("step %(number)s (%(key)s)")),
    "items": (gettext_noop("item %(number)s"), gettext_noop("item %(number)s (%(key)s)")),
    "conditions": (
        gettext_noop("condition %(number)s"),
        gettext_noop("condition %(number)s (%(key)s)"),
    ),
    "criteria": (
        gettext_noop("criterion %(number)s"),
        gettext_noop("criterion %(number)s (%(key)s)"),
    ),
    "choices": (gettext_noop("choice %(number)s"), gettext_noop("choice %(number)s (%(key)s)")),
}
ENTRY = gettext_noop("entry %(number)s")
INSIDE = gettext_noop("%(outer)s, %(inner)s")

# By the words of our own checks, what helps.
FIXES = (
    (
        "no words in",
        gettext_noop("write the text in every language of `languages`, or take the language out"),
    ),
    ("have the same key", gettext_noop("give each a key of its own")),
    ("is of kind end", gettext_noop("let the last step be `kind: end`, and no other")),
    ("is of kind consent", gettext_noop("begin with a step of `kind: consent`")),
    (
        "comes before the assignment",
        gettext_noop("move it behind the screening, or take out `only`"),
    ),
    (
        "block_sizes must be",
        gettext_noop("take multiples of the number of conditions, such as [2, 4]"),
    ),
    ("rating compares", gettext_noop("let `treatment` and `control` name two of `conditions`")),
    ("unknown condition", gettext_noop("name one of `conditions`")),
    ("only one task can be rated", gettext_noop("leave `rated: true` at one task")),
    ("there is no prompt", gettext_noop("name a version that prompts/ holds")),
    ("can grant", gettext_noop("leave `grants` at one box (kind: check) of the consent")),
    (
        "needs minutes, pool and task",
        gettext_noop("add the three: minutes: {minimum, maximum}, pool, task"),
    ),
    ("give it items", gettext_noop("add `items`, with at least one question")),
    ("both anchors", gettext_noop("add `low` and `high`")),
    ("brings its own items", gettext_noop("take out `items` and `scoring`, or `scale`")),
    (
        "answer that is not offered",
        gettext_noop("let `expect` be one of the answers as they are stored"),
    ),
    ("expects one answer", gettext_noop("ask it as `kind: single`")),
    ("no whole steps", gettext_noop("let `step` divide the distance")),
    ("needs minimum and maximum", gettext_noop("add the two: minimum, maximum")),
    ("at least two choices", gettext_noop("add `choices` with value and label")),
    ("comes before the assignment", gettext_noop("ask it in the screening or a form before it")),
)


@dataclass(frozen=True)
class Problem:
    """`line` counts from 1; None where no line is meant. `fix` may be empty. `place`, `text` and
    `fix` are phrases where a page can translate them."""

    line: int | None
    place: str
    text: str
    fix: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}, " if self.line else ""
        fix = f" ({self.fix})" if self.fix else ""
        return f"{where}{self.place}: {self.text}{fix}"


class Lines:
    """Where things stand in a YAML text that could be read."""

    def __init__(self, root: yaml.Node | None) -> None:
        self.root = root or yaml.ScalarNode("", "")

    def of(self, location: Location) -> int:
        """The line of the deepest part of the location that is there."""
        node, line = self.root, 1
        for part in location:
            found = _child(node, part)
            if found is None:
                break
            line, node = found
        return line

    def place(self, location: Location) -> str:
        """The location in words: entries of lists by their number from 1 and their key."""
        node: yaml.Node | None = self.root
        parts: list[str] = []
        name = ""
        for part in location:
            found = _child(node, part) if node is not None else None
            node = found[1] if found else None
            if isinstance(part, int):
                parts = parts[:-1] if name in ENTRIES else parts
                parts.append(_entry(name, part + 1, node))
            elif name and parts and not isinstance(parts[-1], Phrase):
                parts[-1] = f"{parts[-1]}.{part}"
            else:
                parts.append(part)
            name = str(part)
        return reduce(_inside, parts)

    def keyed(self, path: Sequence[str], key: str) -> tuple[Location, yaml.Node] | None:
        """The entry of a list, such as steps, that has this key."""
        node: yaml.Node | None = self.root
        for part in path:
            found = _child(node, part) if node is not None else None
            node = found[1] if found else None
        if not isinstance(node, yaml.SequenceNode):
            return None
        for number, entry in enumerate(node.value):
            named = _child(entry, "key")
            if named and named[1].value == key:
                return (*path, number), entry
        return None


def of_syntax(problem: Exception) -> list[Problem]:
    """What YAML itself could not read."""
    mark = getattr(problem, "problem_mark", None)
    told = re.search(r"line (\d+)", str(problem))
    line = mark.line + 1 if mark else int(told.group(1)) if told else None
    fix = Phrase(gettext_noop("check quotes, colons and indentation there")) if mark else ""
    said = getattr(problem, "problem", None) if mark else None
    text = Phrase(gettext_noop("This is not readable YAML: %(problem)s"), problem=said or problem)
    return [Problem(line, "YAML", text, fix)]


def of_text(text: str) -> Problem:
    """What is wrong with the file as a whole."""
    return Problem(None, Phrase(gettext_noop("protocol")), phrase(text))


def of_fields(errors: Iterable[Mapping[str, Any]], lines: Lines, known: set[str]) -> list[Problem]:
    """What pydantic says of the fields; `known`: the names of all fields there are."""
    found: list[Problem] = []
    for error in errors:
        location = error["loc"]
        text = error["msg"].removeprefix("Value error, ")
        if not location:
            found += [_of_whole(one, lines) for one in text.split("; ")]
        else:
            said = phrase(NAMED_FIRST.sub("", text))
            found.append(
                Problem(lines.of(location), lines.place(location), said, _fix(error, known))
            )
    return found


def _of_whole(text: str, lines: Lines) -> Problem:
    """One of the checks over the whole protocol; it names the step, condition or field."""
    location = _location(text, lines)
    is_placed = ": " in text and bool(location)
    place = lines.place(location) if is_placed else Phrase(gettext_noop("protocol"))
    said = text.split(": ", 1)[1] if is_placed else text
    return Problem(lines.of(location), place, phrase(said), _known_fix(text))


def _location(text: str, lines: Lines) -> Location:
    named = NAMED.match(text)
    if named:
        kind, key, item = named.groups()
        entry = lines.keyed(LISTS[kind], key)
        if entry is None:
            return ()
        if ", agents." in text:
            return (*entry[0], "agents", text.split(", agents.", 1)[1].split(":", 1)[0])
        inner = Lines(entry[1]).keyed(("items",), item) if item else None
        return (*entry[0], *inner[0]) if inner else entry[0]
    if text.startswith("block_sizes"):
        return ("allocation", "block_sizes")
    first = re.split(r"[ .:]", text, maxsplit=1)[0]
    return tuple(text.split(":", 1)[0].split(".")) if ":" in text else (first,)


def _fix(error: Mapping[str, Any], known: set[str]) -> str:
    kind, name = str(error["type"]), str(error["loc"][-1])
    if kind == "missing":
        return Phrase(gettext_noop("add `%(name)s:` here"), name=name)
    if kind == "extra_forbidden":
        near = get_close_matches(name, known, 1)
        if near:
            return Phrase(gettext_noop("did you mean `%(name)s`?"), name=near[0])
        return Phrase(gettext_noop("take it out: there is no such field"))
    if kind == "string_pattern_mismatch" and name == "key":
        return Phrase(gettext_noop("small letters, digits and _ only, a letter first"))
    if kind == "string_pattern_mismatch":
        return Phrase(gettext_noop("see the schema: manage.py protocol schema"))
    return _known_fix(str(error["msg"]))


def _known_fix(text: str) -> str:
    return next((Phrase(fix) for words, fix in FIXES if words in text), "")


def _entry(name: str, number: int, node: yaml.Node | None) -> Phrase:
    """An entry of the list of this name, with its key where it has one."""
    key = _child(node, "value" if name == "choices" else "key") if node is not None else None
    bare, keyed = ENTRIES.get(name, (ENTRY, ENTRY))
    if key and isinstance(key[1], yaml.ScalarNode) and name in ENTRIES:
        return Phrase(keyed, number=number, key=key[1].value)
    return Phrase(bare, number=number)


def _inside(outer: str, inner: str) -> str:
    return Phrase(INSIDE, outer=outer, inner=inner)


def _child(node: yaml.Node, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        entry = node.value[part]
        return entry.start_mark.line + 1, entry
    return None
