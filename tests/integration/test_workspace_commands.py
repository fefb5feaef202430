"""The commands that fill the pools and fetch the weights."""

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from duetml.workspace.models import Pool
from duetml.workspace.work import importing
from tests.people import a_picture

pytestmark = pytest.mark.django_db


def import_images(source: Path, pool: str = "mine") -> str:
    out = StringIO()
    call_command("import_images", str(source), "--pool", pool, stdout=out)
    return out.getvalue()


def sources(pool: str = "mine") -> list[str]:
    return [entry.source for entry in Pool.objects.get(name=pool).entries.order_by("position")]


def test_a_folder_becomes_a_pool_and_bad_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "one.jpg").write_bytes(a_picture(1))
    (tmp_path / "cats" / "two.png").write_bytes(a_picture(2, kind="PNG"))
    (tmp_path / "copy.jpg").write_bytes(a_picture(1))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.jpg").write_bytes(a_picture(3))
    (tmp_path / "link.jpg").symlink_to(tmp_path / "cats" / "one.jpg")
    told = import_images(tmp_path)
    assert sources() == ["cats/one.jpg", "cats/two.png"]
    assert "1 pictures were in the pool already:\n  copy.jpg" in told
    assert "notes.txt: “notes.txt” is not an image." in told
    assert "link.jpg: “link.jpg” is a link." in told
    assert "2 pictures added; pool “mine” now holds 2." in told


def test_importing_again_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "one.jpg").write_bytes(a_picture(1))
    import_images(tmp_path)
    assert "0 pictures added; pool “mine” now holds 1." in import_images(tmp_path)


def test_a_hostile_zip_file_gives_its_good_pictures_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "pictures.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("animals/cat.jpg", a_picture(1))
        archive.writestr("../escape.jpg", a_picture(2))
        archive.writestr("/etc/absolute.jpg", a_picture(3))
        archive.writestr("C:\\windows.jpg", a_picture(4))
        archive.writestr("bomb.jpg", b"\0" * 50_000_000)
        archive.writestr("__MACOSX/cat.jpg", b"x")
    told = import_images(path)
    assert sources() == ["animals/cat.jpg"]
    assert told.count("leads out of the zip file") == 3
    assert "“bomb.jpg” is larger than 10 MB." in told
    assert not list(tmp_path.parent.rglob("escape.jpg"))


def test_a_member_that_lies_about_its_size_is_read_no_further_than_the_limit(
    tmp_path: Path,
) -> None:
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cat.jpg", a_picture(1))
        archive.writestr("liar.jpg", b"\0" * 30_000_000)
    data = path.read_bytes().replace(struct.pack("<L", 30_000_000), struct.pack("<L", 100))
    path.write_bytes(data)
    told = import_images(path)
    assert sources() == ["cat.jpg"]
    assert "liar.jpg: " in told


def test_too_many_files_are_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MOST_FILES", 2)
    for number in range(3):
        (tmp_path / f"{number}.jpg").write_bytes(a_picture(number))
    with pytest.raises(CommandError, match="more than 2 files"):
        import_images(tmp_path)
    assert not Pool.objects.exists()


@pytest.mark.parametrize("name", ["missing", "broken.zip", "empty"])
def test_a_source_of_no_use_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError) as caught:
        import_images(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert not Pool.objects.exists()


def test_a_pool_of_nothing_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(CommandError, match="No file could be used"):
        import_images(tmp_path)
    assert not Pool.objects.exists()


def test_drawing_a_pool_leaves_one_that_exists_alone() -> None:
    out = StringIO()
    call_command("draw_pools", "--only", "practice", "--seed", "3", stdout=out)
    count = Pool.objects.get().entries.count()
    assert count >= 20
    call_command("draw_pools", "--only", "practice", "--seed", "4", stdout=out)
    assert "is left as it is" in out.getvalue()
    assert Pool.objects.get().entries.count() == count


def test_fetching_without_a_network_says_so_in_one_sentence(
    settings: Settings, tmp_path: Path
) -> None:
    settings.BACKBONE_FETCHED = tmp_path / "weights.pth"
    with pytest.raises(CommandError, match="could not be reached"):
        call_command("fetch_backbone", "--url", "http://127.0.0.1:1/weights.pth")
    assert not settings.BACKBONE_FETCHED.exists()


def test_what_is_not_the_expected_file_is_not_kept(settings: Settings, tmp_path: Path) -> None:
    settings.BACKBONE_FETCHED = tmp_path / "weights.pth"
    with _server() as url, pytest.raises(CommandError, match="not the expected file"):
        call_command("fetch_backbone", "--url", url)
    assert not settings.BACKBONE_FETCHED.exists()


class _Wrong(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"not the weights")

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def _server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Wrong) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/weights.pth"
        finally:
            server.shutdown()
            thread.join()
