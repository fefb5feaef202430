"""Which parts of a script are code, and which are strings, comments and regular expressions."""

import ast
import re
from collections.abc import Iterator

PLAIN = re.compile(r"""[^"'`/{}]+""")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
STRING = re.compile(r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""")
JOINED = re.compile(rf"(?:{STRING.pattern})(?:\s*\+\s*(?:{STRING.pattern}))*")
REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
# A slash after one of these begins a regular expression; after a value it divides.
BEFORE_REGEX = re.compile(r"(?:^|[=(,:;!&|?{}\[+\-*%<>~^]|\breturn|\btypeof|\bcase)\s*$")
CONTEXT = 80  # characters looked back at


class ScanError(ValueError):
    """A string, template or regular expression that does not end; `place` is where it begins."""

    def __init__(self, place: int) -> None:
        super().__init__("a text without end")
        self.place = place


def code_only(source: str) -> str:
    """The source with spaces for everything that is no code, each character in its place.

    Raises ScanError.
    """
    out, place = "", 0
    braces: list[int] = []  # for each open ${ of a template: how many braces are open inside it
    while place < len(source):
        if found := PLAIN.match(source, place):
            end, is_code = found.end(), True
        else:
            end = _text_end(source, place, out[-CONTEXT:], braces)
            is_code = end == place
            end += is_code
        piece = source[place:end]
        out += piece if is_code else re.sub(r"[^\n]", " ", piece)
        place = end
    return out


def strings(source: str, code: str) -> Iterator[str]:
    """What the string literals say; those joined by + are one. `code`: code_only(source)."""
    for found in JOINED.finditer(source):
        if not code[found.start() : found.end()].replace("+", "").strip():
            yield "".join(str(ast.literal_eval(one)) for one in STRING.findall(found[0]))


def _text_end(source: str, place: int, before: str, braces: list[int]) -> int:
    """Where the text that begins at `place` ends: `place` itself where none begins."""
    found = COMMENT.match(source, place) or STRING.match(source, place)
    if found:
        return found.end()
    match source[place]:
        case "/":
            return _regex_end(source, place) if BEFORE_REGEX.search(before) else place
        case "`":
            return _template_end(source, place, braces)
        case "{" | "}" as brace if braces:
            braces[-1] += 1 if brace == "{" else -1
            if braces[-1] < 0:
                braces.pop()
                return _template_end(source, place, braces)
        case '"' | "'":
            raise ScanError(place)
    return place


def _regex_end(source: str, place: int) -> int:
    if found := REGEX.match(source, place):
        return found.end()
    raise ScanError(place)


def _template_end(source: str, begun: int, braces: list[int]) -> int:
    """Where a template's text ends: behind its last ` or behind the next ${."""
    place = begun + 1
    while place < len(source):
        if source[place] == "`":
            return place + 1
        if source.startswith("${", place):
            braces.append(0)
            return place + 2
        place += 2 if source[place] == "\\" else 1
    raise ScanError(begun)
