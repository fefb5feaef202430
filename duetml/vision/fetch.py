"""Fetching the weights: resumable, verified, and quick to say that there is no network."""

import hashlib
import os
import re
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import cast
from urllib.error import HTTPError, URLError

CHUNK_BYTES = 1 << 18
RANGE_NOT_SATISFIABLE = 416

Progress = Callable[[int, int | None], None]


class FetchError(Exception):
    """The file could not be fetched; the message is one plain sentence or two for a person."""


def fetch(
    url: str,
    target: Path,
    sha256_prefix: str,
    on_progress: Progress,
    timeout_seconds: float = 10,
) -> str:
    """Bring `url` to `target` and return the full sha256, which is also kept in `<target>.sha256`.

    Bytes gather in `<target>.part`; a later call goes on where this one stopped. `target` appears
    only when whole and of the right hash. `on_progress(done_bytes, total_bytes or None)` is called
    after every chunk. `timeout_seconds` bounds the connecting and each wait for data, not the
    whole. Raises FetchError.
    """
    if not url.startswith(("https://", "http://")):
        raise FetchError(f"{url} is not a web address: it must begin with https:// or http://.")
    if target.exists() and (digest := _sha256(target)).startswith(sha256_prefix):
        _note_digest(target, digest)
        return digest
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _download(url, part, on_progress, timeout_seconds)
        digest = _verified(part, sha256_prefix)
        os.replace(part, target)
        _note_digest(target, digest)
    except HTTPError as error:
        raise FetchError(f"The server answered {error.code} ({error.reason}) for {url}.") from error
    except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise FetchError(
            f"{url} could not be reached ({reason}). Check the network connection, then run"
            " this again: what has arrived is kept."
        ) from error
    except OSError as error:
        raise FetchError(f"{target} could not be written: {error}.") from error
    return digest


def _download(url: str, part: Path, on_progress: Progress, timeout_seconds: float) -> None:
    have = part.stat().st_size if part.exists() else 0
    opener = urllib.request.build_opener()
    opener.addheaders = [("User-Agent", "duetml"), ("Accept-Encoding", "identity")]
    if have:
        opener.addheaders.append(("Range", f"bytes={have}-"))
    try:
        answer = cast(HTTPResponse, opener.open(url, timeout=timeout_seconds))
    except HTTPError as error:
        if have and error.code == RANGE_NOT_SATISFIABLE:
            return  # nothing is left to send: the hash decides whether what we have is the file
        raise
    with answer:
        start = _start_of(answer, have)
        length = answer.headers.get("Content-Length")
        total = start + int(length) if length is not None and length.isdigit() else None
        done = start
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            while chunk := answer.read(CHUNK_BYTES):
                file.write(chunk)
                done += len(chunk)
                on_progress(done, total)
    if total is not None and done < total:
        raise FetchError(
            f"The connection ended after {done:,} of {total:,} bytes."
            " Run this again: it goes on from there."
        )


def _start_of(answer: HTTPResponse, have: int) -> int:
    """Where the server's bytes belong: it may ignore the wish to resume and begin anew."""
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range") or "")
    if answer.status == 206 and found and int(found[1]) == have:
        return have
    if answer.status == 206:
        raise FetchError(
            "The server sent another piece of the file than was asked for. Try again later."
        )
    return 0


def _verified(part: Path, sha256_prefix: str) -> str:
    digest = _sha256(part)
    if digest.startswith(sha256_prefix):
        return digest
    part.unlink()
    raise FetchError(
        f"What arrived is not the expected file: its sha256 begins with {digest[:8]},"
        f" not {sha256_prefix}. It was removed. Try again, or ask whether a proxy changes"
        " downloads."
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _note_digest(path: Path, digest: str) -> None:
    """Keep the full hash beside the file, in the form `sha256sum --check` reads."""
    note = path.with_name(path.name + ".sha256")
    partial = note.with_name(note.name + ".part")
    partial.write_text(f"{digest}  {path.name}\n", encoding="ascii")
    os.replace(partial, note)
