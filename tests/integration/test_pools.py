"""Image pools in the browser: made, filled from zip files and folders, looked through, by staff."""

import asyncio
import io
import json
import stat
import struct
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings as current
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from duetml.config.body_limit import LARGEST_BODY_BYTES, largest_body, limited
from duetml.config.threads import threaded
from duetml.live.log import everything, pool_stream
from duetml.workspace.models import Image, LeaseLostError, Pool, PoolImport, State
from duetml.workspace.services import files, imports, pools
from duetml.workspace.work import importing, sweep
from tests.people import a_picture, a_pool, a_workspace

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # files go when a transaction has ended
COMMUNICATOR: Any = ApplicationCommunicator  # asgiref gives it no types
NASTY = "=cmd()\u202egpj.\u0007evil/１２３.jpg"


@pytest.fixture(autouse=True)
def _own_storage(settings: Settings, tmp_path: Path) -> None:
    """Pictures of other tests would be found again, and debris of this one seen nowhere."""
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(incoming)
    options = {"location": str(tmp_path / "media")}
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": options,
        }
    }


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client


@pytest.fixture
def pool() -> Pool:
    return pools.create("birds", "", "ann", timezone.now())


def a_zip(members: Mapping[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def begin(pool: Pool, data: bytes, language: str = "en") -> PoolImport:
    """A zip file that has arrived and waits for the worker."""
    file = SimpleUploadedFile("holiday.zip", data)
    return imports.begin(pool, file, "holiday.zip", "ann", language, timezone.now())


def read(pool: Pool, data: bytes, language: str = "en") -> PoolImport:
    row = begin(pool, data, language)
    importing.import_archive(str(row.pk))
    row.refresh_from_db()
    return row


def sources(pool: Pool) -> list[str]:
    return list(pool.entries.order_by("position").values_list("source", flat=True))


def kinds(name: str = "birds") -> list[str]:
    return [event.kind for event in everything(pool_stream(name))]


def leftovers() -> list[str]:
    """Files that are neither a picture nor a thumbnail."""
    roots = [Path(default_storage.path(".")), Path(current.FILE_UPLOAD_TEMP_DIR)]
    found = [path for root in roots for path in root.rglob("*") if path.is_file()]
    return [path.name for path in found if not path.name.endswith(".jpg")]


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


# Making


def test_a_pool_is_made_by_its_name_and_recorded(staff: Client) -> None:
    reply = staff.post("/pools/", {"name": "birds", "licence": "  mine \n"})
    assert reply.headers["Location"] == "/pools/birds/"
    assert Pool.objects.get().licence == "mine"
    assert [event.payload for event in everything(pool_stream("birds"))] == [
        {"by": "ann", "licence": "mine"}
    ]


@pytest.mark.parametrize("name", ["", "two words", "鳥", "../etc", "-x", "x" * 61, "a/b", "a\0b"])
def test_a_name_that_fits_no_address_is_refused_with_what_was_typed(
    staff: Client, name: str
) -> None:
    reply = staff.post("/pools/", {"name": name, "licence": "keep me"})
    assert reply.status_code == 422
    assert "keep me" in reply.content.decode()
    assert not Pool.objects.exists()


def test_a_name_is_there_once_whatever_its_capitals(staff: Client, pool: Pool) -> None:
    assert staff.post("/pools/", {"name": "Birds"}).status_code == 422
    assert Pool.objects.count() == 1


# Zip files


@committed
def test_a_zip_file_is_sent_read_and_reported(staff: Client, pool: Pool) -> None:
    data = a_zip(
        {
            "cats/one.jpg": a_picture(1),
            "copy.jpg": a_picture(1),
            "two.png": a_picture(2, kind="PNG"),
            "notes.txt": b"no picture",
        }
    )
    reply = staff.post("/pools/birds/archive/", {"archive": SimpleUploadedFile("a.zip", data)})
    report = reply.headers["Location"]
    assert "waits to be read" in page(staff, report)
    assert 'http-equiv="refresh"' in page(staff, report)

    importing.import_archive(str(PoolImport.objects.get().pk))

    told = page(staff, report)
    assert sources(pool) == ["cats/one.jpg", "two.png"]
    assert "“notes.txt” is not an image." in told
    assert "copy.jpg" in told
    assert 'http-equiv="refresh"' not in told
    assert [event.payload for event in everything(pool_stream("birds"))][-1] == {
        "by": "ann",
        "import": str(PoolImport.objects.get().pk),
        "file": "a.zip",
        "added": 2,
        "duplicates": 1,
        "refused": 1,
    }
    assert leftovers() == []


def test_a_script_is_told_where_the_report_is(staff: Client, pool: Pool) -> None:
    file = SimpleUploadedFile("a.zip", a_zip({"one.jpg": a_picture(1)}))
    told = staff.post("/pools/birds/archive/", {"archive": file}, headers={"X-CSRFToken": "x"})
    assert told.json() == {"report": f"/pools/birds/archive/{PoolImport.objects.get().pk}/"}


def test_reasons_are_told_in_the_language_of_whoever_sent_the_file(pool: Pool) -> None:
    row = read(pool, a_zip({"notes.txt": b"no picture"}), language="ja")
    assert row.refused == [["notes.txt", "「notes.txt」は画像ではありません。"]]


def hostile() -> Iterator[tuple[zipfile.ZipInfo | str, bytes, str]]:
    """(name, content, words of the refusal)"""
    yield "../escape.jpg", a_picture(11), "leads out of the zip file"
    yield "/etc/absolute.jpg", a_picture(12), "leads out of the zip file"
    yield "C:\\windows.jpg", a_picture(13), "leads out of the zip file"
    yield "a/../../b.jpg", a_picture(14), "leads out of the zip file"
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    yield link, b"/etc/passwd", "is a link"
    yield "inner.zip", a_zip({"deep.jpg": a_picture(15)}), "unpack it first"
    bomb = zipfile.ZipInfo("bomb.jpg")
    bomb.compress_type = zipfile.ZIP_DEFLATED
    yield bomb, b"\0" * 20_000_000, "larger than 10 MB"
    for name, kind in (("b.jpg", zipfile.ZIP_BZIP2), ("l.jpg", zipfile.ZIP_LZMA)):
        info = zipfile.ZipInfo(name)
        info.compress_type = kind
        yield info, b"\0" * 5_000_000, "packed in an unusual way"
    yield "page.jpg", b"<script>alert(1)</script>", "not an image"
    yield "empty.jpg", b"", "is empty"


def test_a_hostile_zip_file_gives_its_good_pictures_and_says_why_not_the_others(
    pool: Pool, tmp_path: Path
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("good.jpg", a_picture(1))
        archive.writestr(NASTY, a_picture(2))
        for member, data, _why in hostile():
            archive.writestr(member, data)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("good.jpg", a_picture(3))

    row = read(pool, out.getvalue())

    told = dict(row.refused)
    for member, _data, why in hostile():
        name = member if isinstance(member, str) else member.filename
        assert why in told[name], name
    assert len(told) == len(list(hostile()))
    assert sorted(sources(pool)) == ["=cmd()gpj.evil/１２３.jpg", "good.jpg", "good.jpg"]
    assert not list(tmp_path.parent.rglob("escape.jpg"))


def test_an_encrypted_member_is_refused(pool: Pool) -> None:
    data = bytearray(a_zip({"secret.jpg": a_picture(1), "open.jpg": a_picture(2)}))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    data[6] |= 1
    assert read(pool, bytes(data)).refused == [["secret.jpg", "“secret.jpg” is encrypted."]]
    assert sources(pool) == ["open.jpg"]


def test_a_member_that_lies_about_its_size_is_refused_and_the_others_stay(pool: Pool) -> None:
    data = a_zip({"a.jpg": a_picture(1), "liar.jpg": b"\0" * 9_000_000}, zipfile.ZIP_DEFLATED)
    data = data.replace(struct.pack("<L", 9_000_000), struct.pack("<L", 100))
    row = read(pool, data)
    assert [name for name, _why in row.refused] == ["liar.jpg"]
    assert sources(pool) == ["a.jpg"]


@committed
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not a zip file", "“holiday.zip” is not a whole zip file"),
        (a_zip({"one.jpg": a_picture(1)})[:-30], "“holiday.zip” is not a whole zip file"),
        (a_zip({}), "“holiday.zip” holds no files."),
        (a_picture(1), "“holiday.zip” is not a whole zip file"),
    ],
    ids=["text", "truncated", "nothing in it", "a picture"],
)
def test_what_is_no_whole_zip_file_fails_with_a_sentence_and_leaves_nothing(
    staff: Client, pool: Pool, data: bytes, words: str
) -> None:
    row = read(pool, data)
    assert row.state == State.FAILED
    assert row.error.startswith(words)
    assert words in page(staff, f"/pools/birds/archive/{row.pk}/")
    assert kinds()[-1] == "pool.import_failed"
    assert leftovers() == []
    assert sources(pool) == []


def test_more_files_than_the_limit_are_not_begun(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = a_zip({f"{number}.jpg": b"x" for number in range(importing.MOST_FILES + 1)})
    row = read(pool, data)
    assert row.error == "There are more than 20,000 files. Import them in parts."


def test_a_list_of_files_too_long_for_the_memory_is_never_read(tmp_path: Path) -> None:
    data = bytearray(a_zip({"one.jpg": a_picture(1)}))
    end = data.index(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<L", 100_000_000)
    path = tmp_path / "long.zip"
    with path.open("wb") as file:
        file.truncate(101_000_000)  # so that the size is credible
        file.seek(0, io.SEEK_END)
        file.write(data)
    tracemalloc.start()
    with pytest.raises(importing.ImportingError, match="list of files is too long"):
        importing.found_in(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


# Killed workers


class Killed(BaseException):
    """Nothing catches it, as nothing catches a kill."""


@committed
def test_a_killed_worker_leaves_nothing_halved_and_the_next_goes_on(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = {f"{number:02}.jpg": a_picture(number) for number in range(9)} | {"10.txt": b"x"}
    row = begin(pool, a_zip(members | {"11.jpg": a_picture(0)}))
    monkeypatch.setattr(importing, "AT_ONCE", 4)
    take_in = imports.take_in

    def dying(row: PoolImport, batch: Any, now: Any) -> None:
        take_in(row, batch, now)
        if row.done == 8:
            raise Killed

    monkeypatch.setattr(imports, "take_in", dying)
    with pytest.raises(Killed):
        importing.import_archive(str(row.pk))
    monkeypatch.setattr(imports, "take_in", take_in)
    importing.import_archive(str(row.pk))
    assert PoolImport.objects.get().state == State.RUNNING  # the lease is not over

    PoolImport.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep.sweep()
    importing.import_archive(str(row.pk))
    importing.import_archive(str(row.pk))

    row.refresh_from_db()
    assert (row.state, row.attempt) == (State.DONE, 2)
    assert (row.added, row.duplicates, len(row.refused)) == (9, ["11.jpg"], 1)
    assert sources(pool) == [f"{number:02}.jpg" for number in range(9)]
    assert kinds() == ["pool.created", "pool.imported"]
    assert leftovers() == []


def test_a_batch_is_taken_in_whole_or_not_at_all(pool: Pool) -> None:
    row = begin(pool, a_zip({"one.jpg": a_picture(1)}))
    claimed = PoolImport.claim(row.pk, timezone.now())
    assert claimed is not None
    PoolImport.objects.update(attempt=2)  # another worker has it by now
    picture = files.read(a_picture(1), "one.jpg")
    with pytest.raises(LeaseLostError):
        imports.take_in(claimed, [imports.Taken("one.jpg", picture)], timezone.now())
    assert sources(pool) == []


@committed
def test_an_import_that_kills_every_worker_is_given_up_with_a_sentence(
    staff: Client, pool: Pool
) -> None:
    row = begin(pool, a_zip({"one.jpg": a_picture(1)}))
    PoolImport.objects.update(
        state=State.RUNNING, attempt=3, lease_until=timezone.now() - timedelta(seconds=1)
    )
    sweep.sweep()
    assert "was given up" in page(staff, f"/pools/birds/archive/{row.pk}/")
    assert leftovers() == []


def test_imports_are_read_one_after_the_other(pool: Pool) -> None:
    first, second = (begin(pool, a_zip({"one.jpg": a_picture(n)})) for n in (1, 2))
    assert PoolImport.claim(first.pk, timezone.now())
    importing.import_archive(str(second.pk))
    second.refresh_from_db()
    assert second.state == State.QUEUED


def test_what_a_killed_web_process_left_is_cleared_away_after_a_day(pool: Pool) -> None:
    kept = begin(pool, a_zip({"one.jpg": a_picture(1)}))
    orphan = Path(default_storage.path("imports/orphan.zip"))
    half = Path(current.FILE_UPLOAD_TEMP_DIR) / "tmp123.upload.zip"
    for path in (orphan, half):
        path.write_bytes(b"x")
    imports.clear_away(timezone.now())
    assert orphan.exists()
    assert half.exists()

    imports.clear_away(timezone.now() + timedelta(days=2))

    assert leftovers() == [Path(kept.archive).name]


# Folders, picture by picture


def send(client: Client, data: bytes, source: str = "cats/one.jpg") -> Any:
    file = SimpleUploadedFile("one.jpg", data)
    return client.post("/pools/birds/add/", {"file": file, "source": source})


def test_a_picture_of_a_folder_is_added_once_and_recorded(staff: Client, pool: Pool) -> None:
    assert [send(staff, a_picture(1)).json() for _ in range(2)] == [
        {"added": True},
        {"added": False},
    ]
    assert sources(pool) == ["cats/one.jpg"]
    assert kinds() == ["pool.created", "pool.picture_added"]


@pytest.mark.parametrize(
    ("data", "words"), [(b"text", "is not an image"), (b"x" * 10_000_001, "is larger than 10 MB")]
)
def test_a_file_of_a_folder_that_cannot_be_used_is_refused_by_its_name(
    staff: Client, pool: Pool, data: bytes, words: str
) -> None:
    reply = send(staff, data)
    assert reply.status_code == 422
    assert words in reply.json()["refused"]["message"]
    assert leftovers() == []


def test_nothing_is_added_to_a_disk_that_is_nearly_full(
    staff: Client, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "free_bytes", lambda: 1_000)
    assert "disk is nearly full" in send(staff, a_picture(1)).json()["refused"]["message"]
    assert "disk is nearly full" in read(pool, a_zip({"one.jpg": a_picture(1)})).error
    assert imports.largest_archive(2_000) == 0


# Looking through


def test_pictures_are_paged_and_found_by_words_of_their_file_names(
    staff: Client, pool: Pool
) -> None:
    for number in range(61):
        picture = files.read(a_picture(number), "x.jpg")
        pools.add(pool, picture, f"{'cat' if number % 2 else 'dog'}/{number}.jpg", timezone.now())
    assert page(staff, "/pools/birds/").count("<img src") == 60
    assert page(staff, "/pools/birds/?page=2").count('loading="lazy"') == 1
    assert "1 picture found" in page(staff, "/pools/birds/?q=60+dog")
    assert "0 pictures found" in page(staff, "/pools/birds/?q=60%00zebra&page=nonsense")


def test_staff_see_pictures_that_no_workspace_offers(staff: Client) -> None:
    image = a_pool("birds").entries.earliest("position").image
    for size in ("thumb", "full"):
        reply = staff.get(f"/pools/birds/{image.pk}/{size}.jpg")
        assert reply.headers["Content-Type"] == "image/jpeg"
    assert staff.get(f"/pools/birds/{image.pk}/huge.jpg").status_code == 404
    pools.create("cats", "", "ann", timezone.now())
    assert staff.get(f"/pools/cats/{image.pk}/thumb.jpg").status_code == 404


def test_a_removed_picture_is_gone_from_the_disk_unless_something_else_has_it(
    staff: Client,
) -> None:
    first, second = a_pool("birds", 3), a_pool("cats", 1)
    shared, alone = (entry.image for entry in first.entries.order_by("position")[:2])
    for image in (shared, alone):
        staff.post("/pools/birds/remove/", {"image": str(image.pk)})
    assert sources(first) == ["kind/2.jpg"]
    assert default_storage.exists(shared.full_path)
    assert second.entries.get().image == shared
    assert not default_storage.exists(alone.full_path)
    assert not default_storage.exists(alone.thumb_path)
    assert not Image.objects.filter(pk=alone.pk).exists()
    assert kinds()[-2:] == ["pool.picture_removed"] * 2


def test_a_picture_that_was_offered_stays(staff: Client) -> None:
    workspace = a_workspace(pictures=2)
    assert workspace.pool is not None
    name, image = workspace.pool.name, workspace.offered.earliest("position").image_id
    reply = staff.post(f"/pools/{name}/remove/", {"image": str(image)}, follow=True)
    assert "was offered in a workspace" in reply.content.decode()
    assert workspace.pool.entries.count() == 2
    assert "Remove" not in page(staff, f"/pools/{name}/")


@pytest.mark.parametrize("image", ["", "x", "b9567560-2d26-486f-80fc-c445ca74f250"])
def test_removing_what_is_not_there_changes_nothing(staff: Client, pool: Pool, image: str) -> None:
    assert staff.post("/pools/birds/remove/", {"image": image}).status_code in (302, 404)
    assert kinds() == ["pool.created"]


def test_a_licence_note_is_changed_and_its_former_words_are_kept(staff: Client, pool: Pool) -> None:
    for licence in ("CC0", "CC0", "CC BY"):
        staff.post("/pools/birds/licence/", {"licence": licence})
    changes = [event.payload for event in everything(pool_stream("birds"))][1:]
    assert [(one["was"], one["licence"]) for one in changes] == [("", "CC0"), ("CC0", "CC BY")]


def test_a_pool_nobody_drew_from_is_deleted_when_its_name_was_typed(staff: Client) -> None:
    a_pool("birds", 2)
    staff.post("/pools/birds/delete/", {"confirm": "bird"})
    assert Pool.objects.exists()
    staff.post("/pools/birds/delete/", {"confirm": "birds"})
    assert not Pool.objects.exists()
    assert not Image.objects.exists()
    assert kinds()[-1] == "pool.deleted"


def test_a_pool_that_a_workspace_drew_from_or_that_is_being_filled_stays(
    staff: Client, pool: Pool
) -> None:
    used = a_workspace(pictures=1).pool
    assert used is not None
    begin(pool, a_zip({"one.jpg": a_picture(1)}))
    for name in (used.name, "birds"):
        staff.post(f"/pools/{name}/delete/", {"confirm": name})
    assert Pool.objects.count() == 2


def test_the_list_takes_the_same_queries_for_any_number_of_pools(
    staff: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        a_pool(f"pool-{number}", 2)
    with django_assert_max_num_queries(4):
        told = page(staff, "/pools/")
    assert told.count("0 / 2") == 6


# What may be sent


def request_of(client: Client, length: int, path: str = "/pools/birds/archive/") -> dict[str, Any]:
    cookies = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
    headers = [(b"cookie", cookies.encode()), (b"content-length", str(length).encode())]
    return {"type": "http", "path": path, "method": "POST", "headers": headers}


@pytest.mark.django_db(transaction=True)
def test_only_staff_may_send_large_bodies_and_only_there(settings: Settings) -> None:
    settings.POOL_UPLOAD_BYTES = 50_000_000
    person, other = Client(), Client()
    person.force_login(User.objects.create_user("ann", is_staff=True))
    other.force_login(User.objects.create_user("rater"))
    requests = [
        request_of(person, 1),
        request_of(other, 1),
        request_of(Client(), 1),
        request_of(person, 1, "/pools/birds/add/"),
        {**request_of(person, 1), "headers": [(b"cookie", b"sessionid=\xff; ;=")]},
    ]
    small = LARGEST_BODY_BYTES
    found = [asyncio.run(largest_body(one)) for one in requests]
    assert found == [50_000_000, small, small, small, small]


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The whole web process: HTTP as uvicorn hands it over."""
    monkeypatch.setattr(tempfile, "tempdir", current.FILE_UPLOAD_TEMP_DIR)
    return limited(threaded(get_wsgi_application(), 2), largest_body)


def at_the_door(length: int) -> tuple[Client, dict[str, Any]]:
    """A member of staff about to send a body of that length to the pool."""
    pools.create("birds", "", "ann", timezone.now())
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    scope = request_of(client, length) | {"query_string": b"", "http_version": "1.1"}
    script = [(b"host", b"localhost"), (b"x-csrftoken", b"x"), (b"accept", b"*/*")]
    return client, scope | {"headers": scope["headers"] + script}


@committed
def test_too_large_a_file_is_dropped_unread_and_its_sender_reads_why(
    settings: Settings, web: Any
) -> None:
    settings.POOL_UPLOAD_BYTES = 20_000_000
    _client, scope = at_the_door(25_000_000)

    async def send_all() -> tuple[int, Any]:
        line = COMMUNICATOR(web, scope)
        for number in range(25):
            await line.send_input(
                {"type": "http.request", "body": b"x" * 1_000_000, "more_body": number < 24}
            )
        status = (await line.receive_output(timeout=20))["status"]
        body = (await line.receive_output(timeout=20))["body"]
        await line.send_input({"type": "http.disconnect"})
        return status, json.loads(body)

    status, told = asyncio.run(send_all())
    assert status == 413
    assert "up to 20 MB fit here now" in told["refused"]["message"]
    assert leftovers() == []


@committed
def test_a_connection_that_breaks_in_the_middle_leaves_nothing(web: Any) -> None:
    _client, scope = at_the_door(40_000_000)

    async def break_off() -> None:
        line = COMMUNICATOR(web, scope)
        for _ in range(20):
            await line.send_input(
                {"type": "http.request", "body": b"x" * 1_000_000, "more_body": True}
            )
        await line.send_input({"type": "http.disconnect"})
        await line.wait(timeout=20)

    asyncio.run(break_off())
    assert leftovers() == []
    assert not PoolImport.objects.exists()


@committed
def test_the_memory_of_the_web_process_stays_flat_while_a_large_file_arrives(
    settings: Settings, web: Any
) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="archive"; filename="a.zip"\r\n\r\n'
    piece, pieces, tail = b"z" * 1_000_000, 80, b"\r\n--x--\r\n"
    length = len(head) + pieces * len(piece) + len(tail)
    settings.POOL_UPLOAD_BYTES = 2 * length
    _client, scope = at_the_door(length)
    token = b"t" * 32
    cookies = dict(scope["headers"])[b"cookie"] + b"; csrftoken=" + token
    ours = (b"cookie", b"x-csrftoken")
    headers = [one for one in scope["headers"] if one[0] not in ours]
    headers += [(b"cookie", cookies), (b"x-csrftoken", token)]
    scope["headers"] = [*headers, (b"content-type", b"multipart/form-data; boundary=x")]

    async def send_all() -> int:
        line = COMMUNICATOR(web, scope)
        for body in [head, *[piece] * pieces]:
            await line.send_input({"type": "http.request", "body": body, "more_body": True})
        await line.send_input({"type": "http.request", "body": tail, "more_body": False})
        status: int = (await line.receive_output(timeout=60))["status"]
        await line.receive_output(timeout=60)
        await line.wait(timeout=60)
        return status

    tracemalloc.start()
    status = asyncio.run(send_all())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert status == 200
    assert default_storage.size(PoolImport.objects.get().archive) == pieces * len(piece)
    assert peak < length / 2
    assert len(leftovers()) == 1


def test_no_picture_of_a_folder_is_sent_by_a_form_of_another_site(pool: Pool) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("ann", is_staff=True))
    assert send(client, a_picture(1)).status_code == 403
    archive = SimpleUploadedFile("a.zip", a_zip({"one.jpg": a_picture(1)}))
    reply = client.post("/pools/birds/archive/", {"archive": archive})
    assert reply.status_code == 403
    assert not PoolImport.objects.exists()
