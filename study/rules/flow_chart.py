"""The flow of people as boxes with places: what a template draws as SVG, and reads out as text."""

from collections.abc import Mapping
from dataclasses import dataclass

from study.rules.consort import ALL, Arm, Flow

WIDTH, LINE, PADDING, GAP = 300, 20, 12, 28
LETTERS = 36  # that fit into a line


@dataclass(frozen=True)
class Line:
    text: str
    y: int


@dataclass(frozen=True)
class Box:
    """In pixels from the upper left corner. The first line is the title."""

    x: int
    y: int
    width: int
    height: int
    lines: tuple[Line, ...]
    text: tuple[str, ...]

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def left(self) -> int:
        return self.x + PADDING


@dataclass(frozen=True)
class Chart:
    """`arrows`: paths as SVG writes them. `arms`: (condition, its boxes from the top)."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]
    top: tuple[Box, ...]
    arms: tuple[tuple[str, tuple[Box, ...]], ...]


def chart(flow: Flow, words: Mapping[str, str]) -> Chart:
    """`words`: see `flow_words` of the views; each number stands after what it counts."""
    columns = max(2, len(flow.arms))
    width = columns * WIDTH + (columns - 1) * GAP
    centre = (width - WIDTH) // 2 if len(flow.arms) > 1 else 0
    enrolled = _box(centre, 0, [f"{words['enrolled']}: {flow.enrolled}"])
    left = [f"{words['before']}: {flow.enrolled - flow.assigned}"]
    left += [f"{words.get(why, why)}: {number}" for why, number in flow.before.items()]
    if flow.under_way:
        left.append(f"{words['under_way_before']}: {flow.under_way}")
    aside = _box(width - WIDTH, enrolled.bottom + GAP // 2, left)
    assigned = _box(centre, aside.bottom + GAP // 2, [f"{words['assigned']}: {flow.assigned}"])
    between = (aside.y + aside.bottom) // 2
    side = f"M{enrolled.middle} {between}H{aside.x}"
    arrows = [f"M{enrolled.middle} {enrolled.bottom}V{assigned.y}", side]
    arms = _arms(flow, words, assigned, arrows)
    boxes = (enrolled, aside, assigned, *(box for _name, column in arms for box in column))
    height = max(box.bottom for box in boxes)
    return Chart(
        width,
        height,
        boxes,
        tuple(arrows),
        (enrolled, aside, assigned),
        tuple(arms),
    )


def _arms(
    flow: Flow, words: Mapping[str, str], above: Box, arrows: list[str]
) -> list[tuple[str, tuple[Box, ...]]]:
    columns = [_texts(arm, words) for arm in flow.arms]
    levels = [max(_height(text) for text in row) for row in zip(*columns, strict=True)]
    found = []
    for place, (arm, texts) in enumerate(zip(flow.arms, columns, strict=True)):
        x, y, last = place * (WIDTH + GAP), above.bottom + GAP, above
        boxes = []
        for text, level in zip(texts, levels, strict=True):
            box = _box(x, y, text, level)
            turn = y - GAP // 2
            arrows.append(f"M{last.middle} {last.bottom}V{turn}H{box.middle}V{box.y}")
            boxes.append(box)
            last, y = box, box.bottom + GAP
        found.append((arm.condition, tuple(boxes)))
    return found


def _texts(arm: Arm, words: Mapping[str, str]) -> list[list[str]]:
    name = words["assigned_all"] if arm.condition == ALL else arm.condition
    lost = [
        f"{words['at'] % {'how': words.get(how, how), 'step': step}}: {number}"
        for (how, step), number in arm.lost.items()
    ]
    gone = [f"{words['lost']}: {sum(arm.lost.values())}", *lost]
    if arm.under_way:
        gone.append(f"{words['under_way']}: {arm.under_way}")
    out = [f"{words['excluded']}: {sum(arm.excluded.values())}"]
    out += [f"{why}: {number}" for why, number in arm.excluded.items()]
    if arm.deleted:
        out.append(f"{words['deleted']}: {arm.deleted}")
    received = [
        f"{name}: {arm.assigned}",
        f"{words['received']}: {arm.received}",
        f"{words['not_received']}: {arm.not_received}",
    ]
    return [received, gone, out, [f"{words['analysed']}: {arm.analysed}"]]


def _box(x: int, y: int, text: list[str], height: int = 0) -> Box:
    lines = tuple(
        Line(_short(one), y + PADDING + LINE * place + LINE * 3 // 4)
        for place, one in enumerate(text)
    )
    return Box(x, y, WIDTH, height or _height(text), lines, tuple(text))


def _height(text: list[str]) -> int:
    return 2 * PADDING + LINE * len(text)


def _short(text: str) -> str:
    """Cut before the number, which stays; wide letters count twice."""
    words, _colon, number = text.rpartition(": ")
    room, kept = LETTERS - len(number) - 2, ""
    for letter in words:
        room -= 2 if ord(letter) > 0x2E80 else 1
        if room < 1:
            return f"{kept}…: {number}"
        kept += letter
    return text
