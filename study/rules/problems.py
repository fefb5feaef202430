"""What is wrong with a protocol: in which line, at which place, and what to do about it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import yaml

Location = Sequence[int | str]
NAMED = re.compile(r"^(step|condition|criterion) ([a-z][a-z0-9_]*)(?:, item ([a-z][a-z0-9_]*))?")
LISTS = {"step": ("steps",), "condition": ("conditions",), "criterion": ("rating", "criteria")}

# By the words of our own checks, what helps.
FIXES = (
    ("no words in", "write the text in every language of `languages`, or take the language out"),
    ("have the same key", "give each a key of its own"),
    ("is of kind end", "let the last step be `kind: end`, and no other"),
    ("is of kind consent", "begin with a step of `kind: consent`"),
    ("comes before the assignment", "move it behind the screening, or take out `only`"),
    ("block_sizes must be", "take multiples of the number of conditions, such as [2, 4]"),
    ("rating compares", "let `treatment` and `control` name two of `conditions`"),
    ("unknown condition", "name one of `conditions`"),
    ("only one task can be rated", "leave `rated: true` at one task"),
    ("there is no prompt", "name a version that prompts/ holds"),
    ("can grant", "leave `grants` at one box (kind: check) of the consent"),
    ("needs minutes, pool and task", "add the three: minutes: {minimum, maximum}, pool, task"),
    ("give it items", "add `items`, with at least one question"),
    ("both anchors", "add `low` and `high`"),
    ("brings its own items", "take out `items` and `scoring`, or `scale`"),
    ("answer that is not offered", "let `expect` be one of the answers as they are stored"),
    ("expects one answer", "ask it as `kind: single`"),
    ("no whole steps", "let `step` divide the distance"),
    ("needs minimum and maximum", "add the two: minimum, maximum"),
    ("at least two choices", "add `choices` with value and label"),
    ("comes before the assignment", "ask it in the screening or a form before it"),
)


@dataclass(frozen=True)
class Problem:
    """`line` counts from 1; None where no line is meant. `fix` may be empty."""

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
    fix = "check quotes, colons and indentation there" if mark else ""
    return [Problem(line, "YAML", f"This is not readable YAML: {problem}", fix)]


def of_fields(errors: Iterable[Mapping[str, Any]], lines: Lines, known: set[str]) -> list[Problem]:
    """What pydantic says of the fields; `known`: the names of all fields there are."""
    found: list[Problem] = []
    for error in errors:
        location = error["loc"]
        text = error["msg"].removeprefix("Value error, ")
        if not location:
            found += [_of_whole(one, lines) for one in text.split("; ")]
        else:
            place = ".".join(map(str, location))
            found.append(Problem(lines.of(location), place, error["msg"], _fix(error, known)))
    return found


def _of_whole(text: str, lines: Lines) -> Problem:
    """One of the checks over the whole protocol; it names the step, condition or field."""
    return Problem(lines.of(_location(text, lines)), "protocol", text, _known_fix(text))


def _location(text: str, lines: Lines) -> Location:
    named = NAMED.match(text)
    if named:
        kind, key, item = named.groups()
        entry = lines.keyed(LISTS[kind], key)
        if entry is None:
            return ()
        inner = Lines(entry[1]).keyed(("items",), item) if item else None
        return (*entry[0], *inner[0]) if inner else entry[0]
    if text.startswith("block_sizes"):
        return ("allocation", "block_sizes")
    first = re.split(r"[ .:]", text, maxsplit=1)[0]
    return tuple(text.split(":", 1)[0].split(".")) if ":" in text else (first,)


def _fix(error: Mapping[str, Any], known: set[str]) -> str:
    kind, name = str(error["type"]), str(error["loc"][-1])
    context = error.get("ctx", {})
    if kind == "missing":
        return f"add `{name}:` here"
    if kind == "extra_forbidden":
        near = get_close_matches(name, known, 1)
        return f"did you mean `{near[0]}`?" if near else "take it out: there is no such field"
    if kind == "literal_error":
        return f"use one of {context['expected']!s}"
    if kind in ("greater_than_equal", "greater_than", "less_than_equal", "less_than"):
        limit = next(iter(context.values()))
        return f"the limit is {limit}"
    if kind == "string_pattern_mismatch":
        return "small letters, digits and _ only, a letter first" if name == "key" else "see schema"
    if kind.endswith(("_type", "_parsing")):
        return "write " + kind.replace("_type", "").replace("_parsing", "").replace("_", " ")
    return _known_fix(str(error["msg"]))


def _known_fix(text: str) -> str:
    return next((fix for words, fix in FIXES if words in text), "")


def _child(node: yaml.Node, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        entry = node.value[part]
        return entry.start_mark.line + 1, entry
    return None
