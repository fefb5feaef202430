"""Names: endings that do not fit, and words that mean something to some program."""

from collections.abc import Iterator
from unicodedata import normalize

from duetml.vision.intake import Reason
from tests.corpus.case import Case, file, refused, stored


def cases() -> Iterator[Case]:
    yield from _endings()
    yield from _words()


def _endings() -> Iterator[Case]:
    for what, name in (
        ("a PNG that calls itself JPEG", "cat.jpg"),
        ("no ending", "cat"),
        ("an ending behind the ending", "cat.png.exe"),
        ("a dot at the end", "cat."),
        ("only an ending", ".png"),
        ("only spaces before the ending", "   .png"),
    ):
        yield refused(what, name, lambda: file("PNG"), Reason.WRONG_EXTENSION)
    for what, name in (
        ("an ending before the ending", "cat.php.png"),
        ("an ending in capitals", "CAT.PNG"),
        ("a space behind the ending", "cat.png "),
    ):
        yield stored(what, name, lambda: file("PNG"))


def _words() -> Iterator[Case]:
    """Each once around a picture, and once around a text, so that a sentence has to show it."""
    long = "x" * 300
    japanese = normalize("NFD", "がぞうデータ")
    for what, stem, shown in (
        ("a way out of the folder", "../../../etc/passwd", "passwd.jpg"),
        ("a way out on Windows", "..\\..\\boot", "boot.jpg"),
        ("control characters", "a\x07\x1bb\x7f", "ab.jpg"),
        ("a line break", "a\r\nX-Evil: 1", ""),
        ("letters that turn round", "cat\u202egpj", "catgpj.jpg"),
        ("three hundred characters", long, "x" * 59 + "…"),
        ("emoji", "🦊👨\u200d👩\u200d👧", ""),
        ("Japanese in pieces", japanese, normalize("NFC", japanese) + ".jpg"),
        ("a formula", "=cmd|'calc'!A1", "=cmd|'calc'!A1.jpg"),
        ("a NUL", "a\0b", "ab.jpg"),
        ("a tag", "<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>.jpg"),
        ("quotation marks", "a'b“c”", "a'b“c”.jpg"),
    ):
        name = f"{stem}.jpg"
        yield stored(f"{what} in a name", name, lambda: file("JPEG"))
        yield refused(
            f"{what} in the name of a text", name, lambda: b"a text", Reason.NOT_AN_IMAGE, shown
        )
