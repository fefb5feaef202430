"""Things people make and use."""

from math import cos, pi, sin

from duetml.drawings.canvas import (
    BROWN,
    INK,
    RED,
    SKY,
    STEEL,
    WHITE,
    WOOD,
    YELLOW,
    Pen,
    ellipse,
    mixed,
    rounded,
    smooth,
)


def cup(pen: Pen) -> None:
    dark = mixed(pen.look.main, INK, 0.6)
    for width, colour in ((8.6, dark), (6, pen.look.main)):
        pen.curve([(70, 44), (90, 44), (90, 68), (66, 72)], colour, width)
    pen.body([(16, 32), (74, 32), (68, 84), (62, 90), (28, 90), (22, 84)])
    pen.oval(45, 32, 29, 7, mixed(pen.look.main, WHITE, 0.5))
    pen.oval(45, 33, 24, 4.6, (110, 72, 48))
    for x in (38, 52):
        pen.curve([(x, 24), (x - 4, 17), (x + 3, 11), (x, 4)], (240, 240, 240), 2)


def chair(pen: Pen) -> None:
    frame = mixed(pen.look.main, INK, 0.15)
    for x, bottom in ((34, 84), (80, 84)):
        pen.box(x - 2.8, 56, x + 2.8, bottom, mixed(frame, INK, 0.25))
    for x in (24, 72):
        pen.box(x - 3, 58, x + 3, 97, frame)
    for x in (26, 70):
        pen.box(x - 3, 6, x + 3, 60, frame)
    pen.body(rounded(22, 8, 74, 24, 4))
    pen.body(rounded(24, 30, 72, 42, 3))
    pen.body([(20, 64), (32, 53), (86, 53), (78, 64)])


def guitar(pen: Pen) -> None:
    pen.box(46, 4, 54, 54, mixed(BROWN, INK, 0.3), 1)
    pen.box(43, 1, 57, 14, BROWN, 2)
    for y in (4, 10):
        pen.dot(41, y, 2, STEEL)
        pen.dot(59, y, 2, STEEL)
    outline = [
        (50, 46),
        (66, 48),
        (68, 60),
        (64, 66),
        (76, 80),
        (66, 96),
        (50, 98),
        (34, 96),
        (24, 80),
        (36, 66),
        (32, 60),
        (34, 48),
    ]
    pen.body(smooth(outline))
    pen.oval(50, 66, 8, 8, INK)
    pen.box(40, 84, 60, 88, BROWN, 1)
    for x in (47.5, 49.2, 50.8, 52.5):
        pen.line([(x, 8), (x, 85)], (240, 236, 220), 0.5)


def drum(pen: Pen) -> None:
    pen.body([(14, 40), (86, 40), (86, 78), (74, 86), (50, 89), (26, 86), (14, 78)])
    for x in (14, 32, 50, 68):
        pen.line([(x, 42), (x + 9, 84), (x + 18, 42)], WHITE, 1.6)
    pen.shape(smooth([(14, 76), (50, 86), (86, 76), (86, 82), (50, 92), (14, 82)]), YELLOW)
    pen.oval(50, 40, 36, 11, (250, 244, 230))
    for x0, y0, x1, y1 in ((40, 38, 10, 10), (60, 38, 90, 10)):
        pen.line([(x0, y0), (x1, y1)], WOOD, 3.2)
        pen.dot(x0, y0, 4, BROWN)


def scissors(pen: Pen) -> None:
    for side in (-1, 1):
        blade = [(50 - side * 2, 56), (50 + side * 6, 54), (50 + side * 20, 4), (50 + side * 13, 8)]
        pen.shape([(100 - x, y) for x, y in blade], STEEL)
    for side in (-1, 1):
        pen.line([(50 - side * 3, 52), (50 + side * 13, 68)], mixed(pen.look.main, INK, 0.3), 6)
        ring = ellipse(50 + side * 20, 80, 13, 16, -side * 22)
        pen.line([*ring, ring[0]], mixed(pen.look.main, INK, 0.6), 8.4)
        pen.line([*ring, ring[0]], pen.look.main, 5.6)
    pen.oval(50, 53, 3, 3, mixed(STEEL, INK, 0.2))


def hammer(pen: Pen) -> None:
    pen.body(rounded(44, 28, 56, 97, 4))
    pen.box(26, 12, 72, 32, STEEL, 3)
    pen.box(14, 9, 28, 35, mixed(STEEL, INK, 0.2), 3)
    pen.shape(smooth([(70, 13), (84, 14), (95, 30), (84, 24), (70, 31)]), STEEL)


def car(pen: Pen) -> None:
    pen.body(
        smooth(
            [(4, 70), (5, 54), (20, 49), (32, 31), (62, 30), (76, 48), (92, 53), (96, 70), (50, 72)]
        )
    )
    pen.shape(smooth([(27, 49), (35, 36), (47, 35), (47, 49)]), SKY)
    pen.shape(smooth([(51, 49), (51, 35), (60, 36), (69, 49)]), SKY)
    pen.oval(92, 58, 3, 4, YELLOW)
    pen.oval(7, 58, 2.5, 4, RED)
    for x in (26, 75):
        pen.oval(x, 72, 12, 12, INK)
        pen.oval(x, 72, 5.5, 5.5, STEEL)
    pen.line([(49, 52), (49, 66)], mixed(pen.look.main, INK, 0.5), 1)


def boat(pen: Pen) -> None:
    pen.line([(48, 6), (48, 70)], BROWN, 3.2)
    pen.body([(52, 8), (88, 60), (52, 62)])
    pen.shape([(44, 16), (44, 62), (14, 60)], mixed(pen.look.main, WHITE, 0.7))
    pen.shape(
        smooth([(4, 68), (50, 71), (97, 68), (86, 88), (50, 92), (16, 88)]),
        mixed(pen.look.second, INK, 0.1),
    )
    pen.curve([(12, 77), (50, 80), (90, 77)], WHITE, 2)


def plane(pen: Pen) -> None:
    wing = mixed(pen.look.second, WHITE, 0.2)
    pen.shape([(46, 46), (30, 14), (40, 14), (64, 44)], wing)
    pen.shape([(10, 48), (2, 22), (12, 22), (26, 44)], wing)
    pen.body(
        smooth([(4, 48), (28, 42), (76, 40), (94, 48), (97, 54), (90, 60), (70, 63), (28, 58)])
    )
    pen.shape([(40, 54), (18, 86), (30, 86), (62, 56)], wing)
    pen.shape(smooth([(82, 43), (92, 48), (88, 51), (80, 50)]), SKY)
    for x in (36, 46, 56, 66):
        pen.oval(x, 49, 2.6, 2.8, SKY)


def hat(pen: Pen) -> None:
    brim = mixed(pen.look.main, INK, 0.12)
    pen.oval(50, 76, 46, 14, brim)
    pen.body(
        smooth([(24, 74), (26, 40), (36, 24), (50, 30), (64, 24), (74, 40), (76, 74), (50, 80)])
    )
    pen.shape(smooth([(24, 64), (50, 70), (76, 64), (76, 75), (50, 81), (24, 75)]), pen.look.second)


def book(pen: Pen) -> None:
    cover = mixed(pen.look.main, INK, 0.1)
    pen.shape([(2, 28), (50, 34), (98, 28), (98, 82), (50, 90), (2, 82)], cover)
    for side in (-1, 1):
        page = [(0, 30), (12, 23), (30, 21), (44, 24), (44, 77), (30, 75), (12, 77), (0, 84)]
        pen.shape([(50 + side * x, y) for x, y in page], (250, 246, 234))
        for y in (36, 45, 54, 63):
            pen.line([(50 + side * 8, y), (50 + side * 37, y - 4)], mixed(STEEL, WHITE, 0.2), 1.6)
    pen.shape([(58, 25), (66, 23), (66, 50), (62, 45), (58, 51)], pen.look.second)


def lamp(pen: Pen) -> None:
    pen.dot(50, 42, 40, (255, 244, 190))
    pen.box(47, 44, 53, 88, mixed(BROWN, YELLOW, 0.3), 1)
    pen.oval(50, 90, 22, 6, mixed(BROWN, YELLOW, 0.3))
    pen.body([(34, 12), (66, 12), (84, 52), (16, 52)])
    pen.curve([(66, 52), (67, 60), (66, 66)], STEEL, 1.4)
    pen.dot(66, 67, 2.4, mixed(BROWN, YELLOW, 0.3))


def umbrella(pen: Pen) -> None:
    pen.line([(50, 6), (50, 84)], BROWN, 3)
    pen.curve([(50, 82), (53, 93), (62, 94), (66, 84)], BROWN, 3.4)
    rim = [
        (94, 52),
        (87, 46),
        (79, 46),
        (72, 52),
        (65, 46),
        (57, 46),
        (50, 52),
        (43, 46),
        (35, 46),
        (28, 52),
        (21, 46),
        (13, 46),
        (6, 52),
    ]
    dome = [(50 - 44 * cos(pi * i / 24), 52 - 42 * sin(pi * i / 24)) for i in range(25)]
    pen.body([*dome, *rim])
    for x in (28, 72):
        pen.curve(
            [(x, 52), (x + (50 - x) * 0.3, 26), (50, 10)], mixed(pen.look.main, INK, 0.45), 1.2
        )


def ball(pen: Pen) -> None:
    pen.body(ellipse(50, 50, 40, 40))
    dark = mixed(pen.look.main, INK, 0.45)
    if pen.look.pattern == "plain":
        pen.shape(
            smooth([(50, 10), (64, 30), (64, 70), (50, 90), (36, 70), (36, 30)]), pen.look.second
        )
        pen.oval(50, 11, 6, 3, WHITE)
    else:
        pen.curve([(12, 40), (50, 54), (88, 40)], dark, 1.4)
    pen.curve([(22, 38), (28, 27), (38, 21)], mixed(pen.look.main, WHITE, 0.75), 3)


def clock(pen: Pen) -> None:
    for side in (-1, 1):
        pen.oval(50 + side * 20, 16, 13, 10, mixed(pen.look.second, INK, 0.1), side * 35)
        pen.line([(50 + side * 20, 84), (50 + side * 26, 96)], INK, 4)
    pen.body(ellipse(50, 54, 38, 38))
    pen.oval(50, 54, 30, 30, WHITE)
    for i in range(12):
        x, y = ellipse(50, 54, 25, 25)[i * 6]
        pen.dot(x, y, 2.2 if i % 3 == 0 else 1.2, INK)
    hour = pen.rng.choice(((38, 46), (62, 48), (50, 70), (40, 64)))
    pen.line([(50, 54), hour], INK, 3)
    pen.line([(50, 54), (50, 33)], INK, 2)
    pen.dot(50, 54, 2.6, RED)


def kite(pen: Pen) -> None:
    tail = [(44, 72), (36, 82), (46, 88), (36, 97)]
    pen.curve(tail, INK, 1.4)
    for x, y in ((37, 83), (44, 89)):
        for reach in (-7, 7):
            pen.shape([(x, y), (x + reach, y - 4), (x + reach, y + 4)], pen.look.second)
    pen.body([(58, 4), (86, 34), (44, 74), (24, 30)])
    pen.line([(58, 4), (44, 74)], mixed(pen.look.main, INK, 0.5), 1.5)
    pen.line([(86, 34), (24, 30)], mixed(pen.look.main, INK, 0.5), 1.5)


def teddy(pen: Pen) -> None:
    main, pale = pen.look.main, mixed(pen.look.main, WHITE, 0.55)
    for side in (-1, 1):
        pen.oval(50 + side * 20, 12, 10, 10, main)
        pen.oval(50 + side * 20, 12, 5, 5, pale)
        pen.oval(50 + side * 28, 58, 9, 15, main, side * -38)
        pen.oval(50 + side * 20, 88, 13, 10, main)
        pen.oval(50 + side * 22, 89, 6.5, 5.5, pale)
    pen.body(ellipse(50, 68, 25, 24))
    pen.oval(50, 70, 14, 14, pale)
    pen.oval(50, 30, 26, 23, main)
    pen.oval(50, 39, 11, 9, pale)
    for x in (40, 60):
        pen.dot(x, 27, 3, INK)
    pen.oval(50, 35, 4, 3, INK)
    pen.curve([(45, 42), (50, 45), (55, 42)], INK, 1.4)


def star(pen: Pen) -> None:
    points = []
    for i in range(10):
        radius = 46.0 if i % 2 == 0 else 20.0
        points.append((50 + radius * sin(pi * i / 5), 53 - radius * cos(pi * i / 5)))
    pen.body(points)


def heart(pen: Pen) -> None:
    steps = [2 * pi * i / 90 for i in range(90)]
    xs = [50 + 2.7 * 16 * sin(t) ** 3 for t in steps]
    ys = [47 - 2.7 * (13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)) for t in steps]
    pen.body(list(zip(xs, ys, strict=True)))
