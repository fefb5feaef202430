"""One file out of a page's ES modules, so that a page asks once instead of forty times in a row.

Understands the subset we write and refuses the rest, naming file and line:

    import { a, b as c } from "./x.js";   import * as x from "./x.js";   import "./x.js";
    export function f …   export async function f …   export class C …   export const c = …

at the beginning of a line, and no cycles. Each module becomes a block of its own that keeps its
lines and comments; what it exports is an object from which importing blocks take their names.
Nothing exported is ever assigned again (`const`, functions, classes), so that a name taken once is
as good as a live one.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from duetml.config.scanner import ScanError, code_only, strings

Read = Callable[[str], str]  # the source of "workspace/js/app.js"; raises FileNotFoundError

PREFIX = "module$"  # of the objects that hold exports; no module may use it
NAME = r"[A-Za-z_$][\w$]*"
ONE = rf"{NAME}(?:\s+as\s+{NAME})?"
NAMES = rf"\{{\s*(?P<names>{ONE}(?:\s*,\s*{ONE})*)\s*,?\s*\}}"
PATH = r"""["'](?P<path>\.{1,2}/[^"'\n]+\.js)["']\s*;"""
IMPORTS = (
    re.compile(rf"import\s*{NAMES}\s*from\s*{PATH}"),
    re.compile(rf"import\s*\*\s*as\s+(?P<whole>{NAME})\s*from\s*{PATH}"),
    re.compile(rf"import\s*{PATH}"),
)
EXPORT = re.compile(
    rf"export\s+(?=(?:(?:async\s+)?function\b\s*\*?|class|const)\s*(?P<name>{NAME})\b)"
)
STATEMENT = re.compile(r"(?<![\w$.])(?:import|export)\b(?!\s*:)")


class BundleError(Exception):
    """What is wrong, with file and line."""


@dataclass(frozen=True)
class Import:
    """`names`: (as exported, as called here); `whole`: what the module as a whole is called."""

    path: str
    line: int
    names: tuple[tuple[str, str], ...]
    whole: str | None


@dataclass(frozen=True)
class Module:
    """`body`: the source without imports and `export`, line by line where it was. `words`: what
    its strings say."""

    name: str
    imports: tuple[Import, ...]
    exports: tuple[str, ...]
    body: str
    words: frozenset[str]


def bundle(entry: str, read: Read) -> str:
    """The entry and all it imports as one module. Raises BundleError."""
    return "\n".join(_block(module) for module in modules_of(entry, read))


def modules_of(entry: str, read: Read) -> list[Module]:
    """Every module once, in the order a browser runs them.

    Raises BundleError, and FileNotFoundError for the entry itself."""
    done: dict[str, Module] = {}

    def visit(name: str, asked: str, trail: tuple[str, ...]) -> Module:
        if name in trail:
            raise BundleError(f"{asked}: a cycle: {' → '.join((*trail, name))}")
        if name not in done:
            module = parse(name, _read(name, asked, read))
            for wanted in module.imports:
                place = f"{name}:{wanted.line}"
                _check_names(place, wanted, visit(wanted.path, place, (*trail, name)))
            done[name] = module
        return done[name]

    read(entry)  # a page that is not there is not a mistake in a page
    visit(entry, entry, ())
    return list(done.values())


def _read(name: str, asked: str, read: Read) -> str:
    try:
        return read(name)
    except FileNotFoundError:
        raise BundleError(f"{asked}: no file {name}") from None


def _check_names(place: str, wanted: Import, target: Module) -> None:
    for name, _here in wanted.names:
        if name not in target.exports:
            raise BundleError(f"{place}: {target.name} does not export {name}")


def parse(name: str, source: str) -> Module:
    """Raises BundleError for whatever is not in the subset."""
    try:
        code = code_only(source)
    except ScanError as error:
        raise BundleError(f"{name}:{_line(source, error.place)}: {error}") from None
    if PREFIX in code:
        raise BundleError(f"{name}:{_line(code, code.index(PREFIX))}: {PREFIX} is taken")
    imports: list[Import] = []
    exports: list[str] = []
    body, begun = "", 0
    for found in STATEMENT.finditer(code):
        end = _take(name, source, found.start(), imports, exports)
        body += source[begun : found.start()]
        body += "\n" * source.count("\n", found.start(), end)
        begun = end
    words = frozenset(strings(source, code))
    return Module(name, tuple(imports), tuple(exports), body + source[begun:], words)


def _take(name: str, source: str, place: int, imports: list[Import], exports: list[str]) -> int:
    """Note one import or export; where what has to go ends."""
    line = _line(source, place)
    if place == 0 or source[place - 1] == "\n":
        for pattern in IMPORTS:
            if found := pattern.match(source, place):
                imports.append(_import(name, line, found.groupdict()))
                return found.end()
        if found := EXPORT.match(source, place):
            exports.append(found["name"])
            return found.end()
    shown = source[place:].split("\n", 1)[0][:60]
    raise BundleError(f"{name}:{line}: not understood: {shown}")


def _import(name: str, line: int, given: dict[str, str]) -> Import:
    path = posixpath.normpath(posixpath.join(posixpath.dirname(name), given["path"]))
    return Import(path, line, tuple(_pairs(given.get("names", ""))), given.get("whole"))


def _pairs(names: str) -> Iterator[tuple[str, str]]:
    for one in filter(None, (" ".join(part.split()) for part in names.split(","))):
        there, _as, here = one.partition(" as ")
        yield there, here or there


def _block(module: Module) -> str:
    taken = "".join(_taken(wanted) for wanted in module.imports)
    whole, held = _variable(module.name), ", ".join(module.exports)
    before = f"let {whole};\n" if held else ""
    after = f"{whole} = Object.freeze({{ {held} }});\n" if held else ""
    return f"/* {module.name} */\n{before}{{ {taken}\n{module.body}\n{after}}}\n"


def _taken(wanted: Import) -> str:
    whole = _variable(wanted.path)
    names = ", ".join(f"{there}: {here}" for there, here in wanted.names)
    return f"const {wanted.whole or f'{{ {names} }}'} = {whole}; " if wanted.whole or names else ""


def _variable(name: str) -> str:
    return PREFIX + re.sub(r"\W", "_", name.removesuffix(".js"))


def _line(source: str, place: int) -> int:
    return source.count("\n", 0, place) + 1
