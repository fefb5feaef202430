"""Hostile bytes either become a clean picture or are refused with a reason, and nothing else
ever happens.
"""

import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Lock
from time import sleep

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from duetml.vision.intake import Limits, Picture, Reason, Refused, read_picture
from duetml.vision.room import Room

SUFFIX = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}


def encoded(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    picture = image or Image.effect_mandelbrot((90, 60), (-2, -1.5, 1, 1.5), 40).convert("RGB")
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def refusal(data: bytes, name: str, limits: Limits | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        read_picture(data, name, limits or Limits())
    return caught.value


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(BytesIO(jpeg), formats=("JPEG",))


def largest_difference(one: Image.Image, other: Image.Image) -> int:
    histogram = ImageChops.difference(one, other).convert("L").histogram()
    return max(value for value, count in enumerate(histogram) if count)


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises any size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


@pytest.mark.parametrize("kind", SUFFIX)
def test_every_allowed_format_becomes_two_jpegs(kind: str) -> None:
    large = Image.new("RGB", (3000, 1500), "teal")
    picture = read_picture(encoded(kind, large), "photo" + SUFFIX[kind].upper())
    assert (picture.width, picture.height) == opened(picture.full_jpeg).size == (1024, 512)
    assert opened(picture.thumb_jpeg).size == (256, 128)


def test_a_small_picture_is_not_enlarged() -> None:
    picture = read_picture(encoded("PNG"), "a.png")
    assert (picture.width, picture.height) == opened(picture.thumb_jpeg).size == (90, 60)


def test_the_same_bytes_always_give_the_same_picture() -> None:
    data = encoded("WEBP")
    assert read_picture(data, "a.webp") == read_picture(data, "other name.webp")


def test_pictures_are_turned_upright_and_lose_their_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    exif[0x010F] = "Secret camera"
    left_red = Image.new("RGB", (80, 40), "blue")
    left_red.paste("red", (0, 0, 40, 40))
    picture = read_picture(encoded("JPEG", left_red, exif=exif, quality=95), "a.jpg")
    result = opened(picture.full_jpeg)
    top, bottom = result.getpixel((20, 10)), result.getpixel((20, 70))
    assert result.size == (40, 80)
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]
    assert not result.getexif()
    assert b"Secret" not in picture.full_jpeg


def test_transparency_becomes_white() -> None:
    picture = read_picture(encoded("PNG", Image.new("RGBA", (20, 20), (0, 0, 0, 0))), "a.png")
    assert opened(picture.full_jpeg).getpixel((10, 10)) == (255, 255, 255)


def test_sixteen_bit_greys_keep_their_shades() -> None:
    grey = Image.new("I;16", (20, 20), 32_768)
    shade = opened(read_picture(encoded("PNG", grey), "a.png").full_jpeg).getpixel((5, 5))
    assert isinstance(shade, tuple)
    assert 120 < shade[0] < 136


def test_an_animation_becomes_its_first_frame() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    data = encoded("GIF", frames[0], save_all=True, append_images=frames[1:])
    pixel = opened(read_picture(data, "a.gif").full_jpeg).getpixel((10, 10))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200 > 60 > pixel[2]


def test_a_file_without_bytes_is_empty() -> None:
    assert refusal(b"", "a.jpg").reason is Reason.EMPTY


def test_too_many_bytes_names_the_limit() -> None:
    caught = refusal(b"x" * 10_000_001, "a.jpg")
    assert (caught.reason, caught.limit) == (Reason.TOO_MANY_BYTES, "10 MB")


@pytest.mark.parametrize("side", [6_500, 12_000, 60_000])
def test_a_bomb_is_refused_from_its_header_alone(side: int) -> None:
    caught = refusal(png_claiming(side, side), "a.png")
    assert (caught.reason, caught.limit) == (Reason.TOO_MANY_PIXELS, "40 MP")


def test_text_is_not_an_image() -> None:
    assert refusal(b"Dear sir, please find attached", "a.jpg").reason is Reason.NOT_AN_IMAGE


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "AVIF"])
def test_other_picture_formats_are_named_as_unsupported(kind: str) -> None:
    caught = refusal(encoded(kind), "a.jpg")
    assert (caught.reason, caught.limit) == (Reason.UNSUPPORTED_FORMAT, "JPEG, PNG, WebP, GIF")


@pytest.mark.parametrize("kind", SUFFIX)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_half_a_file_is_truncated(kind: str, share: float) -> None:
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    data = encoded(kind, noise)
    caught = refusal(data[: int(len(data) * share)], "a" + SUFFIX[kind])
    assert caught.reason is Reason.TRUNCATED


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.png.exe", "png", ""])
def test_the_extension_must_say_what_is_inside(name: str) -> None:
    caught = refusal(encoded("PNG"), name)
    assert (caught.reason, caught.limit) == (Reason.WRONG_EXTENSION, "PNG")


@pytest.mark.parametrize("size", [(21, 1), (1, 21), (9000, 400)])
def test_a_picture_that_would_become_a_line_is_refused(size: tuple[int, int]) -> None:
    caught = refusal(encoded("PNG", Image.new("RGB", size)), "a.png")
    assert (caught.reason, caught.limit) == (Reason.TOO_NARROW, "20")


def test_a_long_panorama_and_a_single_pixel_are_pictures() -> None:
    long = read_picture(encoded("PNG", Image.new("RGB", (8000, 400))), "a.png")
    assert (long.width, long.height) == (1024, 51)
    single = read_picture(encoded("GIF", Image.new("RGB", (1, 1))), "a.gif")
    assert (single.width, single.height) == (1, 1)


def test_a_webp_may_have_fewer_pixels_than_a_jpeg() -> None:
    limits = Limits(fewer_pixels={"WEBP": 5000})
    assert refusal(encoded("WEBP"), "a.webp", limits).reason is Reason.TOO_MANY_PIXELS
    assert read_picture(encoded("JPEG"), "a.jpg", limits).width == 90


def test_a_picture_in_strips_is_the_picture() -> None:
    """Large pictures are made small strip by strip; nothing may be shifted or lost at the seams."""
    large = Image.linear_gradient("L").resize((3333, 2777)).convert("RGBA")
    stored = opened(read_picture(encoded("PNG", large), "a.png").full_jpeg)
    whole = large.convert("RGB").resize(stored.size, Image.Resampling.LANCZOS)
    assert stored.size == (1024, 853)
    assert largest_difference(stored, whole) <= 4


def test_the_same_pixels_are_the_same_picture_whatever_is_written_around_them() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Another camera"
    quick = encoded("PNG", compress_level=1)
    slow = encoded("PNG", compress_level=9, exif=exif, dpi=(300, 300))
    first, second = read_picture(quick, "a.png"), read_picture(slow, "b.png")
    assert first.sha256 == second.sha256
    assert first.source_sha256 != second.source_sha256


def test_a_jpeg_with_more_scans_than_any_camera_writes_is_refused() -> None:
    data = encoded("JPEG") + b"\xff\xda" * 100
    assert refusal(data, "a.jpg").reason is Reason.NOT_AN_IMAGE


def test_what_is_decoded_at_one_time_is_bounded() -> None:
    room, most, lock = Room(10), [0, 0], Lock()

    def work(amount: int) -> None:
        with room.taken(amount):
            with lock:
                most[0] += min(amount, 10)
                most[1] = max(most)
            sleep(0.01)
            with lock:
                most[0] -= min(amount, 10)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(work, [3, 4, 25, 5, 1, 10, 2, 3, 6, 1, 4, 9]))
    assert most == [0, 10]


def either(data: bytes, name: str) -> Picture | Refused:
    try:
        return read_picture(data, name)
    except Refused as refused:
        return refused


@given(st.binary(max_size=400), st.sampled_from(list(SUFFIX.values())))
def test_any_bytes_are_a_picture_or_refused(data: bytes, suffix: str) -> None:
    assert isinstance(either(data, "a" + suffix), Picture | Refused)


VALID = {kind: encoded(kind) for kind in SUFFIX}
EDITS = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=12)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(list(SUFFIX)), EDITS, st.integers(0, 100))
def test_damaged_pictures_are_a_picture_or_refused(
    kind: str, edits: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(VALID[kind])
    for position, value in edits:
        # Headers are where parsers go wrong: half of the edits fall into the first 64 bytes.
        data[position % (64 if position % 2 else len(data))] = value
    assert isinstance(either(bytes(data[: len(data) - cut]), "a" + SUFFIX[kind]), Picture | Refused)


def test_the_web_process_loads_neither_torch_nor_scikit_learn() -> None:
    code = (
        "import sys, duetml.vision.intake, duetml.vision.weights, duetml.vision.fetch,"
        " duetml.vision.similarity; print([m for m in ('torch', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
