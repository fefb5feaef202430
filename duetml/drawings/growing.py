"""Plants, fruit and vegetables."""

from duetml.drawings.canvas import (
    BROWN,
    GREEN,
    INK,
    LEAF,
    ORANGE,
    RED,
    WHITE,
    YELLOW,
    Pen,
    ellipse,
    mixed,
    smooth,
)


def apple(pen: Pen) -> None:
    pen.body(
        smooth(
            [
                (50, 28),
                (70, 20),
                (88, 36),
                (84, 66),
                (66, 90),
                (50, 86),
                (34, 90),
                (16, 66),
                (12, 36),
                (30, 20),
            ]
        )
    )
    pen.curve([(50, 30), (50, 18), (56, 8)], BROWN, 3.4)
    pen.blob([(54, 18), (66, 4), (82, 8), (70, 20)], GREEN)
    pen.curve([(24, 46), (24, 38), (30, 32)], mixed(pen.look.main, WHITE, 0.7), 3.4)


def banana(pen: Pen) -> None:
    skin = mixed(YELLOW, pen.look.main, 0.12)
    pen.blob(
        [
            (10, 22),
            (18, 18),
            (26, 44),
            (48, 62),
            (82, 58),
            (90, 62),
            (84, 74),
            (54, 86),
            (22, 70),
            (10, 42),
        ],
        skin,
    )
    pen.curve([(16, 34), (26, 60), (50, 73), (84, 66)], mixed(skin, BROWN, 0.45), 1.8)
    pen.blob([(8, 24), (8, 10), (15, 9), (20, 20)], mixed(BROWN, GREEN, 0.3))
    pen.oval(89, 64, 3.4, 4.4, BROWN)
    if pen.look.pattern != "plain":
        for x, y in ((24, 50), (38, 66), (56, 70), (70, 68)):
            pen.dot(x, y, 2, BROWN)


def cherries(pen: Pen) -> None:
    for x, y in ((30, 72), (70, 66)):
        pen.curve([(x, y - 16), (x + (50 - x) * 0.45, 36), (56, 10)], mixed(GREEN, BROWN, 0.4), 2.4)
        pen.body(ellipse(x, y, 20, 20))
        pen.curve(
            [(x - 11, y - 3), (x - 9, y - 9), (x - 4, y - 12)],
            mixed(pen.look.main, WHITE, 0.75),
            2.8,
        )
    pen.blob([(56, 12), (70, 2), (92, 8), (82, 22), (66, 22)], GREEN)


def carrot(pen: Pen) -> None:
    for points in (
        [(50, 28), (34, 10), (40, 4)],
        [(50, 28), (50, 8), (54, 2)],
        [(50, 28), (64, 12), (70, 6)],
    ):
        pen.curve(points, mixed(LEAF, INK, 0.35), 8)
        pen.curve(points, GREEN, 5.6)
    root = mixed(ORANGE, pen.look.main, 0.15)
    pen.blob([(50, 24), (66, 30), (66, 46), (56, 78), (50, 97), (44, 78), (34, 46), (34, 30)], root)
    for y, x0, x1 in ((42, 35, 46), (54, 54, 63), (64, 39, 48), (76, 50, 56)):
        pen.line([(x0, y), (x1, y + 1)], mixed(root, BROWN, 0.6), 1.5)


def mushroom(pen: Pen) -> None:
    pen.blob(
        [(38, 48), (62, 48), (62, 72), (68, 90), (50, 94), (32, 90), (38, 72)], (244, 234, 214)
    )
    pen.blob(
        [(50, 10), (78, 20), (94, 50), (72, 58), (50, 54), (28, 58), (6, 50), (22, 20)],
        pen.look.main,
    )
    for x, y, r in ((36, 28, 6), (60, 22, 5), (72, 42, 6), (48, 44, 4.5), (24, 46, 4)):
        pen.dot(x, y, r, WHITE)


def flower(pen: Pen) -> None:
    pen.curve([(50, 44), (51, 70), (49, 97)], mixed(LEAF, INK, 0.2), 4)
    pen.blob([(50, 80), (66, 62), (82, 64), (70, 78)], GREEN)
    pen.blob([(50, 88), (34, 70), (18, 72), (30, 86)], GREEN)
    for i in range(8):
        x, y = ellipse(50, 34, 20, 20)[i * 9]
        pen.oval(x, y, 12, 8.5, pen.look.main, i * 45)
    pen.oval(50, 34, 12, 12, YELLOW if pen.look.main != YELLOW else BROWN)


def potted_plant(pen: Pen) -> None:
    leaves = [
        [(50, 64), (22, 50), (6, 30), (30, 32), (46, 50)],
        [(50, 64), (36, 36), (34, 8), (52, 24), (56, 48)],
        [(50, 64), (64, 38), (74, 12), (82, 34), (62, 56)],
        [(50, 64), (68, 56), (94, 44), (84, 60), (64, 66)],
    ]
    for index, points in enumerate(leaves):
        pen.blob(points, mixed(LEAF, GREEN, index / 3))
    pen.body([(28, 64), (72, 64), (65, 96), (35, 96)])
    pen.box(24, 60, 76, 70, mixed(pen.look.main, INK, 0.12))


def tree(pen: Pen) -> None:
    pen.blob([(43, 56), (57, 56), (58, 80), (66, 96), (34, 96), (42, 80)], BROWN)
    crown = mixed(GREEN, pen.look.main, 0.15)
    pen.blob(
        [
            (50, 4),
            (72, 10),
            (88, 28),
            (86, 48),
            (72, 64),
            (50, 66),
            (28, 64),
            (14, 48),
            (12, 28),
            (28, 10),
        ],
        crown,
    )
    if pen.look.pattern != "plain":
        for x, y in ((30, 26), (52, 18), (70, 32), (40, 46), (62, 52), (24, 46)):
            pen.oval(x, y, 4, 4, RED)
    else:
        pen.curve([(30, 34), (38, 40), (46, 34)], mixed(crown, INK, 0.3), 1.8)
        pen.curve([(56, 26), (64, 32), (72, 26)], mixed(crown, INK, 0.3), 1.8)
