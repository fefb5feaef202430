"""Animals of land and air. Each function draws one, looking to the right, with its pen."""

from duetml.drawings.canvas import (
    INK,
    ORANGE,
    PINK,
    WHITE,
    YELLOW,
    Pen,
    ellipse,
    mixed,
    smooth,
)

PALE = 0.55  # how far wings, fins and bellies are lightened towards white


def snake(pen: Pen) -> None:
    path = smooth(
        [
            (4, 80),
            (18, 68),
            (32, 80),
            (48, 86),
            (62, 74),
            (52, 58),
            (34, 52),
            (34, 34),
            (54, 28),
            (74, 32),
        ],
        closed=False,
    )
    dark, light = mixed(pen.look.main, INK, 0.6), pen.look.second
    for index, (x, y) in enumerate(path):
        pen.dot(x, y, 2.4 + 5.0 * min(1.0, index / 24), dark)
    for index, (x, y) in enumerate(path):
        banded = pen.look.pattern != "plain" and (index // 5) % 3 == 0
        pen.dot(x, y, 1.4 + 4.8 * min(1.0, index / 24), light if banded else pen.look.main)
    pen.curve([(88, 36), (95, 37), (99, 34)], (214, 62, 58), 1.4)
    pen.line([(95, 37), (99, 40)], (214, 62, 58), 1.4)
    pen.blob([(68, 26), (80, 24), (91, 33), (88, 41), (74, 42), (66, 38)], pen.look.main)
    pen.eye(80, 31, 2.8)


def bird(pen: Pen) -> None:
    main = pen.look.main
    for x in (46, 56):
        pen.line([(x, 74), (x, 90), (x + 6, 92)], ORANGE, 1.8)
    pen.blob([(26, 56), (2, 44), (4, 56), (20, 68)], mixed(main, INK, 0.2))
    pen.shape([(82, 32), (97, 38), (82, 43)], ORANGE)
    pen.body(
        smooth(
            [
                (20, 58),
                (40, 44),
                (54, 30),
                (70, 20),
                (84, 28),
                (86, 44),
                (78, 64),
                (56, 78),
                (34, 74),
            ]
        )
    )
    pen.blob([(80, 50), (72, 70), (54, 77), (60, 62)], mixed(main, WHITE, 0.7))
    pen.blob([(60, 48), (44, 50), (16, 66), (42, 70), (60, 62)], pen.look.second)
    pen.eye(75, 33, 3.2)


def owl(pen: Pen) -> None:
    main = pen.look.main
    for side in (-1, 1):
        pen.shape([(50 + side * 30, 4), (50 + side * 10, 16), (50 + side * 28, 28)], main)
        pen.blob(
            [(50 + side * x, y) for x, y in ((26, 44), (38, 52), (34, 82), (22, 78))],
            mixed(main, INK, 0.25),
        )
        for dx in (8, 14, 20):
            pen.line([(50 + side * dx, 88), (50 + side * dx, 95)], ORANGE, 3)
    pen.body(
        smooth(
            [
                (50, 12),
                (74, 16),
                (82, 40),
                (78, 72),
                (64, 90),
                (36, 90),
                (22, 72),
                (18, 40),
                (26, 16),
            ]
        )
    )
    pen.oval(50, 70, 17, 19, mixed(main, WHITE, 0.65))
    for y in (62, 70, 78):
        for x in (42, 50, 58):
            pen.curve([(x - 3, y), (x, y + 3), (x + 3, y)], mixed(main, INK, 0.3), 1.2)
    for x in (36, 64):
        pen.oval(x, 36, 14, 14, mixed(main, WHITE, 0.8))
        pen.eye(x, 36, 8)
    pen.shape([(45, 42), (55, 42), (50, 54)], ORANGE)


def butterfly(pen: Pen) -> None:
    for side in (-1, 1):
        pen.body(
            smooth(
                [
                    (50 + side * x, y)
                    for x, y in ((2, 44), (18, 14), (42, 10), (46, 30), (34, 50), (4, 54))
                ]
            )
        )
        lower = [
            (50 + side * x, y)
            for x, y in ((3, 52), (30, 52), (40, 66), (32, 86), (16, 84), (5, 66))
        ]
        pen.blob(lower, pen.look.second)
        pen.oval(50 + side * 31, 26, 6, 6, mixed(pen.look.second, WHITE, 0.4))
        pen.oval(50 + side * 25, 69, 5, 5, mixed(pen.look.main, WHITE, 0.3))
        pen.curve([(50 + side, 32), (50 + side * 6, 18), (50 + side * 13, 12)], INK, 1.5)
        pen.dot(50 + side * 13, 12, 1.8, INK)
    pen.oval(50, 56, 4, 24, mixed(pen.look.main, INK, 0.7))
    pen.oval(50, 32, 5, 5, mixed(pen.look.main, INK, 0.7))


def bee(pen: Pen) -> None:
    wing = (226, 240, 248)
    pen.oval(42, 26, 12, 21, wing, -24)
    pen.oval(58, 26, 11, 20, wing, 18)
    pen.shape([(10, 56), (1, 60), (12, 63)], INK)
    body = ellipse(46, 58, 38, 23)
    pen.shape(body, YELLOW)
    dark = mixed(INK, pen.look.main, 0.25)
    for x in (18, 34, 50):
        height = 23 * (1 - ((x + 4 - 46) / 38) ** 2) ** 0.5
        pen.box(x, 58 - height + 1, x + 8, 58 + height - 1, dark, 3)
    pen.oval(78, 54, 17, 17, YELLOW)
    for x in (78, 86):
        pen.curve([(x, 38), (x + 3, 28), (x + 9, 23)], INK, 1.6)
        pen.dot(x + 9, 23, 2.2, INK)
    pen.eye(83, 51, 4)
    pen.curve([(80, 62), (85, 64), (89, 61)], INK, 1.4)


def ladybird(pen: Pen) -> None:
    for x in (26, 46, 66):
        pen.line([(x, 72), (x - 4, 86)], INK, 3)
    pen.oval(80, 58, 15, 16, INK)
    pen.shape(
        [*smooth([(8, 76), (10, 48), (30, 26), (56, 26), (74, 46), (78, 76)], closed=False)],
        pen.look.main,
    )
    pen.curve([(8, 74), (36, 50), (52, 26)], mixed(pen.look.main, INK, 0.7), 1.8)
    for x, y, r in ((24, 48, 5), (44, 38, 5), (36, 64, 6), (58, 52, 6), (62, 68, 4.5), (18, 66, 4)):
        pen.dot(x, y, r, INK)
    for x in (80, 88):
        pen.curve([(x, 44), (x + 2, 34), (x + 8, 29)], INK, 1.8)
    pen.eye(86, 55, 4)


def snail(pen: Pen) -> None:
    skin = mixed((214, 184, 140), pen.look.second, 0.2)
    for x, top in ((84, 36), (92, 40)):
        pen.curve([(86, 62), (x, 50), (x + 2, top)], mixed(skin, INK, 0.2), 3)
        pen.eye(x + 2, top - 2, 2.6)
    pen.blob(
        [(2, 86), (24, 76), (60, 78), (76, 70), (80, 54), (94, 54), (96, 70), (86, 86), (40, 89)],
        skin,
    )
    pen.body(ellipse(42, 50, 32, 32))
    swirl = [
        (42, 50),
        (48, 46),
        (50, 54),
        (40, 58),
        (33, 48),
        (40, 37),
        (56, 40),
        (60, 56),
        (46, 68),
        (28, 62),
        (22, 46),
    ]
    pen.curve(swirl, mixed(pen.look.main, INK, 0.55), 2.6)
    pen.curve([(95, 74), (91, 77), (88, 76)], INK, 1.3)


def cat(pen: Pen) -> None:
    main = pen.look.main
    pen.curve([(18, 84), (4, 70), (10, 50), (2, 38)], mixed(main, INK, 0.6), 8.6)
    pen.curve([(18, 84), (4, 70), (10, 50), (2, 38)], main, 6.2)
    pen.body(smooth([(14, 90), (16, 68), (34, 52), (62, 54), (74, 72), (76, 92), (44, 94)]))
    for x in (46, 64):
        pen.oval(x, 92, 9, 4.5, mixed(main, WHITE, 0.6))
    for points in ([(36, 30), (34, 4), (54, 16)], [(70, 16), (90, 4), (88, 30)]):
        pen.shape(points, main)
    pen.shape([(39, 22), (38, 10), (48, 16)], PINK, 0)
    pen.shape([(76, 16), (86, 10), (85, 22)], PINK, 0)
    pen.body(ellipse(62, 36, 29, 24))
    pen.eye(51, 33, 4.6)
    pen.eye(73, 33, 4.6)
    pen.shape([(58.5, 42), (65.5, 42), (62, 46.5)], PINK, 0.8)
    pen.curve([(54, 49), (58, 51), (62, 47), (66, 51), (70, 49)], INK, 1.3)
    for side in (-1, 1):
        for dy in (-2, 2):
            pen.line([(62 + side * 14, 46 + dy / 2), (62 + side * 32, 44 + dy * 2.2)], INK, 0.7)


def dog(pen: Pen) -> None:
    main = pen.look.main
    ear = mixed(pen.look.second, INK, 0.2)
    pen.curve([(14, 52), (6, 42), (5, 30)], mixed(main, INK, 0.6), 7.4)
    pen.curve([(14, 52), (6, 42), (5, 30)], main, 5)
    for x in (20, 30, 52, 62):
        pen.box(x - 4.5, 64, x + 4.5, 93, mixed(main, INK, 0.12 if x in (30, 52) else 0.0), 4)
    pen.body(
        smooth([(12, 56), (24, 48), (56, 48), (70, 46), (72, 64), (62, 76), (22, 76), (12, 68)])
    )
    pen.body(
        smooth(
            [
                (54, 30),
                (64, 16),
                (80, 18),
                (88, 30),
                (98, 36),
                (96, 48),
                (82, 52),
                (66, 54),
                (56, 46),
            ]
        )
    )
    pen.blob([(58, 20), (50, 34), (52, 54), (62, 52), (66, 30)], ear)
    pen.oval(95, 37, 4, 3.4, INK)
    pen.eye(78, 30, 3.2)
    pen.curve([(95, 46), (88, 48), (82, 46)], INK, 1.4)
    pen.box(57, 53, 70, 58, (214, 62, 58), 2)


def rabbit(pen: Pen) -> None:
    main = pen.look.main
    pen.oval(12, 76, 9, 9, WHITE)
    for x, turn in ((58, -16), (72, 6)):
        pen.oval(x, 22, 7, 21, main, turn)
        pen.shape(ellipse(x, 23, 3.2, 15, turn), PINK, 0)
    pen.body(smooth([(12, 76), (22, 56), (46, 50), (66, 60), (72, 80), (64, 92), (24, 92)]))
    pen.body(ellipse(70, 50, 20, 17))
    pen.oval(26, 90, 15, 5.5, mixed(main, WHITE, 0.35))
    pen.oval(62, 91, 10, 4.5, mixed(main, WHITE, 0.35))
    pen.oval(30, 74, 15, 14, main)
    pen.eye(76, 46, 3.6)
    pen.shape([(86, 51), (91, 51), (88.5, 54.5)], PINK, 0.8)
    pen.line([(80, 55), (66, 54)], INK, 0.7)
    pen.line([(80, 57), (67, 60)], INK, 0.7)


def elephant(pen: Pen) -> None:
    main = pen.look.main
    for x in (20, 34, 52, 64):
        pen.box(x - 7, 60, x + 7, 92, mixed(main, INK, 0.14 if x in (34, 52) else 0.0), 3)
    pen.curve([(8, 50), (3, 62), (5, 72)], mixed(main, INK, 0.4), 2.4)
    pen.body(
        smooth([(8, 56), (14, 34), (36, 24), (60, 26), (74, 44), (72, 70), (40, 76), (14, 72)])
    )
    trunk = [(84, 44), (94, 56), (92, 74), (97, 86), (90, 90), (84, 78), (84, 66), (76, 58)]
    pen.blob(trunk, main)
    pen.oval(74, 40, 18, 18, main)
    pen.shape(smooth([(84, 58), (90, 66), (97, 66), (90, 60), (87, 55)]), WHITE, 0.9)
    pen.blob([(62, 24), (46, 24), (42, 46), (52, 60), (66, 52)], mixed(main, PINK, 0.3))
    pen.eye(79, 36, 2.8)
