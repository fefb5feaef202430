"""Fetching weights from a real server on this machine: resuming, verifying, and plain words
when it fails.
"""

import hashlib
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from duetml.vision.fetch import FetchError, fetch

CONTENT = bytes(range(256)) * 4000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Site:
    """A server of one file: it can drop the connection, ignore ranges or fail, and remembers
    what was asked.
    """

    url: str = ""
    closes_after: int | None = None
    knows_ranges: bool = True
    status: int = 200
    ranges: list[str | None] = field(default_factory=list)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        if self.status != 200:
            request.send_error(self.status)
            return
        found = re.fullmatch(r"bytes=(\d+)-", asked or "") if self.knows_ranges else None
        start = int(found[1]) if found else 0
        if start >= len(CONTENT):
            request.send_error(416)
            return
        request.send_response(206 if found else 200)
        if found:
            request.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        request.send_header("Content-Length", str(len(CONTENT) - start))
        request.end_headers()
        body = CONTENT[start:]
        request.wfile.write(body if self.closes_after is None else body[: self.closes_after])


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}/weights.pth"
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def quiet(done: int, total: int | None) -> None:
    pass


def test_the_file_arrives_with_its_full_hash_beside_it(site: Site, tmp_path: Path) -> None:
    target = tmp_path / "models" / "w.pth"
    steps: list[tuple[int, int | None]] = []
    assert (
        fetch(site.url, target, DIGEST[:8], lambda done, total: steps.append((done, total)))
        == DIGEST
    )
    assert target.read_bytes() == CONTENT
    assert (tmp_path / "models" / "w.pth.sha256").read_text() == f"{DIGEST}  w.pth\n"
    assert steps[-1] == (len(CONTENT), len(CONTENT))


def test_a_dropped_connection_is_explained_and_then_resumed(site: Site, tmp_path: Path) -> None:
    site.closes_after = 300_000
    with pytest.raises(FetchError, match="Run this again"):
        fetch(site.url, tmp_path / "w.pth", DIGEST[:8], quiet)
    assert not (tmp_path / "w.pth").exists()
    site.closes_after = None
    fetch(site.url, tmp_path / "w.pth", DIGEST[:8], quiet)
    assert (tmp_path / "w.pth").read_bytes() == CONTENT
    assert site.ranges == [None, "bytes=300000-"]


def test_a_server_without_ranges_sends_the_whole_file_again(site: Site, tmp_path: Path) -> None:
    (tmp_path / "w.pth.part").write_bytes(CONTENT[:1000])
    site.knows_ranges = False
    fetch(site.url, tmp_path / "w.pth", DIGEST[:8], quiet)
    assert (tmp_path / "w.pth").read_bytes() == CONTENT


def test_a_part_that_was_already_whole_is_taken(site: Site, tmp_path: Path) -> None:
    (tmp_path / "w.pth.part").write_bytes(CONTENT)
    assert fetch(site.url, tmp_path / "w.pth", DIGEST[:8], quiet) == DIGEST


def test_a_file_of_the_wrong_hash_is_removed(site: Site, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="not the expected file"):
        fetch(site.url, tmp_path / "w.pth", "00000000", quiet)
    assert list(tmp_path.iterdir()) == []


def test_a_good_file_is_not_fetched_again(site: Site, tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(CONTENT)
    fetch(site.url, tmp_path / "w.pth", DIGEST[:8], quiet)
    assert site.ranges == []


def test_a_server_error_is_named(site: Site, tmp_path: Path) -> None:
    site.status = 503
    with pytest.raises(FetchError, match="503"):
        fetch(site.url, tmp_path / "w.pth", DIGEST[:8], quiet)


def test_no_network_is_said_plainly(tmp_path: Path) -> None:
    with socket.socket() as reserved:  # bound but not listening: every connection is refused
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/w.pth"
        with pytest.raises(FetchError, match="network connection"):
            fetch(url, tmp_path / "w.pth", DIGEST[:8], quiet, timeout_seconds=2)


def test_a_silent_server_is_given_up_on(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/w.pth"
        with pytest.raises(FetchError, match="network connection"):
            fetch(url, tmp_path / "w.pth", DIGEST[:8], quiet, timeout_seconds=0.2)


def test_only_web_addresses_are_fetched(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="https://"):
        fetch("file:///etc/hostname", tmp_path / "w.pth", "", quiet)
