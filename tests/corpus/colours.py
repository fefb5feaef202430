"""Colours: other spaces, other depths, transparency. What is stored is sRGB on white."""

from collections.abc import Iterator

from PIL import Image

from tests.corpus import jpegs, pngs, profiles
from tests.corpus.case import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    Case,
    Colour,
    Quarters,
    file,
    quarters,
    stored,
)

WHITE: Colour = (255, 255, 255)
PURE: Quarters = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))
IN_P3: Quarters = ((234, 51, 35), (117, 251, 76), (0, 0, 245), (255, 255, 84))
IN_ADOBE_RGB: Quarters = ((219, 0, 0), (144, 255, 60), (0, 0, 250), (255, 255, 60))


def cases() -> Iterator[Case]:
    yield from _depths()
    yield from _transparent()
    yield from _profiles()
    yield from _unfitting_profiles()


def _depths() -> Iterator[Case]:
    yield stored("a CMYK JPEG of Adobe", "a.jpg", lambda: file("JPEG", quarters().convert("CMYK")))
    yield stored("a YCCK JPEG of Adobe", "a.jpg", jpegs.ycck)
    yield stored("16-bit colours", "a.png", lambda: pngs.sixteen_bit(quarters(), pngs.RGB))
    yield stored(
        "16-bit colours with transparency", "a.png", lambda: pngs.sixteen_bit(quarters(), pngs.RGBA)
    )
    yield stored(
        "16-bit greys",
        "a.png",
        lambda: pngs.sixteen_bit(_greys(), pngs.GREY),
        quarters=_grey_quarters(),
    )
    yield stored("a grey JPEG", "a.jpg", lambda: file("JPEG", _greys()), quarters=_grey_quarters())
    yield stored("a palette", "a.png", lambda: file("PNG", quarters().quantize(16)))
    black, white = (0, 0, 0), WHITE
    yield stored(
        "one bit a pixel",
        "a.png",
        lambda: file("PNG", quarters(colours=(black, white, white, black)).convert("1")),
        quarters=(black, white, white, black),
    )


def _transparent() -> Iterator[Case]:
    on_white: Quarters = (WHITE, GREEN, BLUE, YELLOW)
    yield stored(
        "a palette with a transparent colour",
        "a.png",
        lambda: file("PNG", _first_is_clear(), transparency=0),
        quarters=on_white,
    )
    yield stored(
        "a GIF with a transparent colour",
        "a.gif",
        lambda: file("GIF", _first_is_clear(), transparency=0),
        quarters=on_white,
    )
    yield stored(
        "colours with transparency", "a.png", lambda: file("PNG", _clear()), quarters=on_white
    )
    yield stored(
        "a WebP with transparency",
        "a.webp",
        lambda: file("WEBP", _clear(), exact=True),
        quarters=on_white,
    )
    yield stored(
        "greys with transparency",
        "a.png",
        lambda: file("PNG", _clear().convert("LA")),
        quarters=(WHITE, *_grey_quarters()[1:]),
    )
    yield stored(
        "a colour that counts as transparent",
        "a.png",
        lambda: file("PNG", quarters(), transparency=RED),
        quarters=on_white,
    )


def _profiles() -> Iterator[Case]:
    for kind, name in (("JPEG", "phone.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp")):
        yield stored(
            f"a {kind} in Display P3",
            name,
            lambda kind=kind: file(  # type: ignore[misc]
                kind, quarters(colours=IN_P3), icc_profile=profiles.display_p3()
            ),
            quarters=PURE,
            tolerance=16,
        )
    yield stored(
        "a JPEG in Adobe RGB",
        "a.jpg",
        lambda: file("JPEG", quarters(colours=IN_ADOBE_RGB), icc_profile=profiles.adobe_rgb()),
        quarters=PURE,
        tolerance=16,
    )
    yield stored(
        "a JPEG with a profile of two megabytes",
        "a.jpg",
        lambda: file(
            "JPEG", quarters(colours=IN_ADOBE_RGB), icc_profile=profiles.adobe_rgb(2_000_000)
        ),
        quarters=PURE,
        tolerance=16,
    )
    yield stored(
        "a palette in Display P3",
        "a.png",
        lambda: file("PNG", quarters(colours=IN_P3).quantize(8), icc_profile=profiles.display_p3()),
        quarters=PURE,
        tolerance=16,
    )
    shade = (128, 128, 128)
    yield stored(
        "greys with a linear profile",
        "a.png",
        lambda: file(
            "PNG",
            Image.new("L", (64, 48), 55),
            icc_profile=profiles.grey("linear", profiles.gamma(1.0)),
        ),
        quarters=(shade, shade, shade, shade),
    )


def _unfitting_profiles() -> Iterator[Case]:
    """Ignored, as browsers do."""
    linear_grey = profiles.grey("linear", profiles.gamma(1.0))
    whole = profiles.display_p3()
    for what, profile in (
        ("a profile of greys on colours", linear_grey),
        ("a profile that is no profile", b"no profile at all " * 40),
        ("a profile cut short", whole[: len(whole) // 2]),
        ("an empty profile", b"\0" * 128),
        ("a profile of six megabytes", profiles.adobe_rgb(6_000_000)),
    ):
        yield stored(what, "a.jpg", lambda profile=profile: file("JPEG", icc_profile=profile))  # type: ignore[misc]


def _greys() -> Image.Image:
    return quarters().convert("L")


def _grey_quarters() -> Quarters:
    def grey(colour: Colour) -> Colour:
        shade = round(0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2])
        return (shade, shade, shade)

    return (grey(RED), grey(GREEN), grey(BLUE), grey(YELLOW))


def _clear() -> Image.Image:
    """The first quarter is transparent."""
    image = quarters().convert("RGBA")
    image.paste((220, 30, 30, 0), (0, 0, 32, 24))
    return image


def _first_is_clear() -> Image.Image:
    """A palette whose first colour is that of the first quarter."""
    image = Image.new("P", (64, 48))
    image.putpalette([part for colour in (RED, GREEN, BLUE, YELLOW) for part in colour])
    for number in range(4):
        image.paste(number, (32 * (number % 2), 24 * (number // 2), 64, 24 + 24 * (number // 2)))
    return image
