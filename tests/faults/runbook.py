"""The commands of deploy/RUNBOOK.md, as they stand there."""

import re
import shlex
from dataclasses import dataclass

from tests.stack import ROOT

FILE = ROOT / "deploy" / "RUNBOOK.md"
RUN = ("duetml", "systemctl")  # what begins a command that the topology executes


@dataclass(frozen=True)
class Block:
    """`section`: the heading above it. `kind`: sh for what is executed here, console for what is
    typed by hand."""

    section: str
    kind: str
    commands: tuple[str, ...]


def blocks() -> list[Block]:
    found: list[Block] = []
    section = ""
    for part in re.split(r"(?m)^(## .*|```\w*\n(?:.*\n)*?```)$", FILE.read_text()):
        if part.startswith("## "):
            section = part.removeprefix("## ")
        elif part.startswith("```"):
            kind, *lines = part.removesuffix("```").strip("`\n").split("\n")
            found.append(Block(section, kind, tuple(line for line in lines if line.strip())))
    return found


def commands(section: str) -> list[list[str]]:
    """The commands a section says are to be executed, as words."""
    of_it = [block for block in blocks() if (block.section, block.kind) == (section, "sh")]
    return [shlex.split(line) for block in of_it for line in block.commands]
