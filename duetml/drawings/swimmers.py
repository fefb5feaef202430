"""Animals that live in or by the water. Each looks to the right."""

from duetml.drawings.canvas import (
    GREEN,
    INK,
    ORANGE,
    WHITE,
    YELLOW,
    Pen,
    ellipse,
    mixed,
    smooth,
)

PALE = 0.55  # how far wings, fins and bellies are lightened towards white


def fish(pen: Pen) -> None:
    fin = mixed(pen.look.second, WHITE, 0.2)
    pen.blob([(24, 50), (4, 28), (10, 50), (4, 72)], fin)
    pen.blob([(42, 32), (52, 12), (68, 20), (66, 34)], fin)
    pen.blob([(46, 68), (52, 84), (62, 78), (60, 68)], fin)
    pen.body(
        smooth([(18, 50), (38, 31), (64, 28), (86, 42), (93, 52), (84, 62), (62, 72), (38, 68)])
    )
    pen.blob([(52, 52), (42, 64), (46, 68), (58, 58)], fin)
    pen.eye(78, 45, 4)
    pen.curve([(92, 56), (86, 58), (83, 56)], INK, 1.4)


def whale(pen: Pen) -> None:
    pale = mixed(pen.look.main, WHITE, 0.75)
    pen.curve([(62, 28), (61, 16), (52, 10)], WHITE, 2.4)
    pen.curve([(62, 28), (63, 16), (72, 10)], WHITE, 2.4)
    pen.blob([(14, 46), (0, 22), (12, 24), (18, 34), (26, 22), (34, 24), (22, 46)], pen.look.main)
    pen.body(
        smooth(
            [
                (10, 38),
                (26, 52),
                (46, 32),
                (70, 28),
                (92, 40),
                (97, 56),
                (84, 74),
                (54, 80),
                (26, 70),
            ]
        )
    )
    pen.blob([(96, 60), (84, 74), (58, 79), (40, 75), (62, 68), (80, 62)], pale)
    pen.blob([(54, 64), (44, 84), (54, 86), (64, 68)], mixed(pen.look.main, INK, 0.15))
    pen.eye(80, 52, 2.8)


def octopus(pen: Pen) -> None:
    for x, bend in ((26, -16), (35, -9), (45, -4), (55, 4), (65, 9), (74, 16)):
        points = [(x, 55.0), (x + bend * 0.4, 72.0), (x + bend * 1.3, 82.0), (x + bend * 1.7, 92.0)]
        pen.curve(points, mixed(pen.look.main, INK, 0.6), 10.5)
        pen.curve(points, pen.look.main, 8)
    pen.body(
        smooth([(50, 8), (74, 18), (82, 40), (74, 60), (50, 66), (26, 60), (18, 40), (26, 18)])
    )
    pen.eye(40, 44, 5.5)
    pen.eye(62, 44, 5.5)
    pen.curve([(44, 56), (51, 59), (58, 56)], INK, 1.6)


def crab(pen: Pen) -> None:
    main = pen.look.main
    for side in (-1, 1):
        for dy, reach in ((0, 40), (8, 37), (16, 30)):
            leg = [
                (50 + side * 22, 58.0 + dy),
                (50 + side * reach, 58.0 + dy),
                (50 + side * (reach + 6), 72.0 + dy),
            ]
            pen.curve(leg, mixed(main, INK, 0.35), 3.4)
        pen.curve(
            [(50 + side * 24, 50), (50 + side * 38, 42), (50 + side * 36, 30)],
            mixed(main, INK, 0.35),
            5,
        )
        claw = [(26, 30), (28, 14), (40, 8), (38, 20), (48, 14), (48, 28), (38, 36)]
        pen.blob([(50 + side * x, y) for x, y in claw], main)
        pen.line([(50 + side * 9, 46), (50 + side * 10, 32)], mixed(main, INK, 0.35), 2.4)
    pen.body(ellipse(50, 58, 32, 20))
    pen.eye(41, 31, 4)
    pen.eye(61, 31, 4)
    pen.curve([(42, 66), (50, 70), (58, 66)], INK, 1.6)


def turtle(pen: Pen) -> None:
    skin = mixed(GREEN, YELLOW, 0.35)
    pen.blob([(12, 66), (2, 72), (12, 74)], skin)
    for x in (28, 62):
        pen.blob([(x - 8, 64), (x - 8, 84), (x + 7, 84), (x + 8, 64)], skin)
    pen.blob([(70, 62), (82, 44), (94, 42), (97, 54), (88, 64), (78, 72)], skin)
    pen.body(smooth([(8, 68), (14, 42), (36, 26), (60, 30), (76, 48), (80, 68), (44, 72)]))
    pen.line([(9, 68), (44, 72), (79, 68)], mixed(pen.look.main, INK, 0.45), 3)
    pen.eye(90, 49, 2.6)
    pen.curve([(96, 56), (92, 58), (89, 57)], INK, 1.2)


def frog(pen: Pen) -> None:
    main = pen.look.main
    for side in (-1, 1):
        pen.blob([(50 + side * x, y) for x, y in ((20, 52), (40, 58), (42, 80), (24, 82))], main)
        pen.blob([(50 + side * x, y) for x, y in ((22, 80), (48, 80), (50, 88), (24, 88))], main)
        pen.oval(50 + side * 19, 24, 10, 10, main)
    pen.body(
        smooth([(50, 24), (78, 32), (82, 50), (72, 72), (50, 80), (28, 72), (18, 50), (22, 32)])
    )
    pen.blob([(36, 60), (50, 55), (64, 60), (62, 76), (50, 80), (38, 76)], mixed(main, WHITE, 0.7))
    pen.eye(31, 23, 6)
    pen.eye(69, 23, 6)
    pen.curve([(28, 42), (40, 51), (60, 51), (72, 42)], INK, 2)
    for x in (40, 60):
        pen.blob([(x - 5, 72), (x - 8, 90), (x + 8, 90), (x + 5, 72)], main)


def duck(pen: Pen) -> None:
    main = pen.look.main
    pen.blob([(82, 26), (98, 28), (98, 35), (82, 38)], ORANGE)
    pen.body(
        smooth(
            [
                (4, 46),
                (26, 56),
                (50, 52),
                (58, 42),
                (54, 24),
                (66, 12),
                (82, 18),
                (84, 36),
                (76, 48),
                (82, 64),
                (70, 82),
                (34, 84),
                (12, 70),
            ]
        )
    )
    pen.blob([(62, 58), (40, 56), (18, 64), (34, 76), (56, 74)], mixed(pen.look.second, main, 0.3))
    pen.eye(73, 25, 3)


def penguin(pen: Pen) -> None:
    coat = mixed(pen.look.main, INK, 0.5)
    for x in (38, 62):
        pen.oval(x, 92, 10, 4.5, ORANGE)
    for side in (-1, 1):
        pen.blob([(50 + side * x, y) for x, y in ((22, 38), (40, 56), (38, 70), (24, 60))], coat)
    pen.blob(
        [(50, 5), (68, 12), (74, 34), (78, 66), (66, 90), (34, 90), (22, 66), (26, 34), (32, 12)],
        coat,
    )
    pen.blob(
        [(50, 30), (62, 24), (68, 40), (70, 66), (60, 86), (40, 86), (30, 66), (32, 40), (38, 24)],
        WHITE,
    )
    pen.shape([(44, 33), (56, 33), (50, 42)], ORANGE)
    pen.eye(41, 25, 3.6)
    pen.eye(59, 25, 3.6)
    if pen.look.pattern != "plain":
        pen.box(30, 44, 70, 51, pen.look.second, 3)
        pen.box(56, 46, 64, 68, pen.look.second, 3)
