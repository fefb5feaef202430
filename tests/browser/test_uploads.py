"""Pictures of one's own in a real browser: nothing chosen is lost, nothing is stored twice."""

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from PIL import Image
from playwright.sync_api import Dialog, FilePayload, Locator, Page, Route, expect

from tests.browser.conftest import OpenWorkspace
from tests.browser.test_workspace import LATE_FRAMES, add_category, card, pictures_in

pytestmark = pytest.mark.browser

UPLOAD = "**/upload/"


def jpegs(count: int) -> list[FilePayload]:
    """Pictures that are all different."""
    return [
        {"name": f"own {number}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(number)}
        for number in range(count)
    ]


def jpeg(number: int) -> bytes:
    out = BytesIO()
    Image.effect_noise((60, 40), 10 + number).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def choose(page: Page, files: list[FilePayload]) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add pictures").click()
    chooser.value.set_files(files)


def images(page: Page) -> int:
    return int(page.locator("[data-used]").first.inner_text().split(" of ")[1].split()[0])


def expect_images(page: Page, count: int) -> None:
    """Waits: the event of an upload may come after its answer."""
    expect(page.locator("[data-used]").first).to_contain_text(re.compile(rf"of {count}\b"))


class Line:
    """The upload's connection: counts what goes through, and can be cut."""

    def __init__(self, page: Page) -> None:
        self.is_cut = False
        self.ids: list[str] = []
        page.route(UPLOAD, self.serve)

    def serve(self, route: Route) -> None:
        body = route.request.post_data_buffer or b""
        if self.is_cut:
            route.abort("internetdisconnected")
            return
        self.ids.append(body.split(b'name="id"\r\n\r\n')[1][:36].decode())
        route.continue_()


def test_files_that_wait_survive_a_reload_and_are_sent_once(open_workspace: OpenWorkspace) -> None:
    page = open_workspace()
    before = images(page)
    line = Line(page)
    line.is_cut = True
    choose(page, jpegs(5))
    expect(page.locator("#saved")).to_contain_text("saving")
    wait_until_kept(page, 5)
    page.reload()
    line.is_cut = False
    expect(page.locator("#uploads-summary")).to_have_text("5 of 5 pictures added.")
    expect_images(page, before + 5)
    assert sorted(line.ids) == sorted(set(line.ids))
    wait_until_kept(page, 0)


def wait_until_kept(page: Page, count: int) -> None:
    """As many files on the device's disk."""
    page.wait_for_function(
        """(count) => new Promise((resolve) => {
          const request = indexedDB.open("duetml-files", 1);
          request.onsuccess = () => {
            const rows = request.result.transaction("files").objectStore("files").count();
            rows.onsuccess = () => { request.result.close(); resolve(rows.result === count); };
          };
        })""",
        arg=count,
    )


def questions(page: Page) -> list[str]:
    """The kinds of what the page asks; every question is answered with yes."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    return asked


def test_no_question_is_asked_on_leaving_while_the_files_are_kept(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace()
    asked = questions(page)
    Line(page).is_cut = True
    choose(page, jpegs(2))
    wait_until_kept(page, 2)
    page.reload()
    page.wait_for_selector("#workspace.ready")
    assert asked == []


def test_where_nothing_can_be_kept_the_page_says_so_and_asks_before_it_is_left(
    open_workspace: OpenWorkspace,
) -> None:
    full = (
        "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError') }"
    )
    page = open_workspace(lambda page: page.add_init_script(full))
    asked = questions(page)
    line = Line(page)
    line.is_cut = True
    choose(page, jpegs(2))
    expect(page.locator("#uploads-summary")).to_contain_text("Leave this page open")
    page.reload()
    assert asked == ["beforeunload"]


def test_what_is_chosen_without_a_line_is_sent_when_it_is_back(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace()
    before = images(page)
    line = Line(page)
    line.is_cut = True
    choose(page, jpegs(3))
    expect(page.get_by_text("No connection: waiting").first).to_be_visible()
    line.is_cut = False
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#uploads-summary")).to_have_text("3 of 3 pictures added.")
    expect_images(page, before + 3)
    assert len(line.ids) == 3


def test_a_second_tab_leaves_the_files_of_the_first_alone_and_takes_over_when_it_closes(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace()
    before = images(page)
    Line(page).is_cut = True
    choose(page, jpegs(3))
    wait_until_kept(page, 3)
    other = page.context.new_page()
    line = Line(other)
    other.goto(page.url)
    other.wait_for_selector("#workspace.ready")
    other.wait_for_timeout(500)
    assert line.ids == []
    page.close()
    expect(other.locator("#uploads-summary")).to_have_text("3 of 3 pictures added.")
    expect_images(other, before + 3)
    assert len(set(line.ids)) == len(line.ids) == 3


def test_what_arrives_after_the_end_is_told(open_workspace: OpenWorkspace) -> None:
    page = open_workspace(seconds=15)  # a busy machine takes some of them to open it
    line = Line(page)
    line.is_cut = True
    choose(page, jpegs(1))
    wait_until_kept(page, 1)
    page.wait_for_timeout(15_000)
    line.is_cut = False
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#uploads .refused")).to_contain_text("after the end")


def test_pictures_for_a_category_that_is_gone_come_into_the_pool(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace()
    add_category(page, "Toys")
    before = images(page)
    line = Line(page)
    line.is_cut = True
    with page.expect_file_chooser() as chooser:
        card(page, "Toys").get_by_role("button", name="Add from this device").click()
    chooser.value.set_files(jpegs(1))
    wait_until_kept(page, 1)
    page.get_by_role("button", name="Delete Toys").click()
    expect(page.locator("#cards article")).to_have_count(0)
    line.is_cut = False
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#uploads-summary")).to_have_text("1 of 1 picture added.")
    expect_images(page, before + 1)


def test_a_category_that_was_just_made_gets_its_pictures_even_after_a_reload(
    open_workspace: OpenWorkspace,
) -> None:
    page = open_workspace()
    line = Line(page)
    line.is_cut = True
    page.locator("#category-name").fill("Toys")
    page.keyboard.press("Enter")
    with page.expect_file_chooser() as chooser:
        card(page, "Toys").get_by_role("button", name="Add from this device").click()
    chooser.value.set_files(jpegs(2))
    wait_until_kept(page, 2)
    page.reload()
    line.is_cut = False
    expect(pictures_in(page, "Toys")).to_have_count(2)


STUDIO = {"folders": True}


def zipped(names: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return out.getvalue()


def drop_from_disk(page: Page, target: Locator, path: Path) -> None:
    """A real drop of a file or folder: pages cannot make folders up."""
    box = target.bounding_box()
    assert box is not None
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20}
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "data": data, **place})


def a_folder(parent: Path) -> Path:
    folder = parent / "Pets"
    for number, name in enumerate(("cats/1.jpg", "cats/2.jpg", "Dogs/deep/3.jpg", "beside.jpg")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(jpeg(20 + number))
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".DS_Store").write_bytes(b"hidden")
    return folder


def test_a_dropped_folder_says_what_will_happen_and_becomes_categories(
    open_workspace: OpenWorkspace, tmp_path: Path
) -> None:
    page = open_workspace(features=STUDIO)
    before = images(page)
    add_category(page, "dogs")
    drop_from_disk(page, page.locator("#pool"), a_folder(tmp_path))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Add 4 pictures?")
    expect(dialog).to_contain_text("1 new category: cats (2)")
    expect(dialog).to_contain_text("1 category that is there already: dogs (1)")
    expect(dialog).to_contain_text("1 picture goes to the image pool.")
    expect(dialog).to_contain_text("1 file is no picture and is left out.")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#uploads-summary")).to_have_text("4 of 4 pictures added.")
    expect(pictures_in(page, "cats")).to_have_count(2)
    expect(pictures_in(page, "dogs")).to_have_count(1)
    expect_images(page, before + 4)


# Actions are late, uploads are not.
LATE_ACTIONS = """(() => {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (frame) { setTimeout(() => send.call(this, frame), 1000); };
})()"""


def test_pictures_wait_until_their_new_category_is_known_to_the_server(
    open_workspace: OpenWorkspace, tmp_path: Path
) -> None:
    page = open_workspace(
        lambda page: page.add_init_script(LATE_FRAMES + ";" + LATE_ACTIONS), features=STUDIO
    )
    drop_from_disk(page, page.locator("#pool"), a_folder(tmp_path))
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#uploads-summary")).to_have_text("4 of 4 pictures added.")
    expect(pictures_in(page, "cats")).to_have_count(2)
    expect(pictures_in(page, "Dogs")).to_have_count(1)


def test_a_zip_dropped_on_a_category_goes_there_and_what_is_damaged_is_told(
    open_workspace: OpenWorkspace, tmp_path: Path
) -> None:
    page = open_workspace(features=STUDIO)
    add_category(page, "Toys")
    archive = tmp_path / "toys.zip"
    archive.write_bytes(
        zipped({"a/1.jpg": jpeg(31), "b/2.jpg": jpeg(32), "b/bad.jpg": b"no", "c.zip": zipped({})})
    )
    drop_from_disk(page, card(page, "Toys"), archive)
    expect(page.get_by_role("dialog")).to_contain_text("Add 3 pictures to “Toys”?")
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(pictures_in(page, "Toys")).to_have_count(2)
    expect(page.locator("#uploads .refused")).to_have_text(re.compile("“bad.jpg” is not an image"))
    expect(page.locator("#cards article")).to_have_count(1)


def test_a_folder_that_was_looked_at_and_not_wanted_changes_nothing(
    open_workspace: OpenWorkspace, tmp_path: Path
) -> None:
    page = open_workspace(features=STUDIO)
    before = images(page)
    drop_from_disk(page, page.locator("#pool"), a_folder(tmp_path))
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#cards article")).to_have_count(0)
    expect_images(page, before)


def test_what_is_no_zip_is_told_by_name(open_workspace: OpenWorkspace, tmp_path: Path) -> None:
    page = open_workspace(features=STUDIO)
    archive = tmp_path / "broken.zip"
    archive.write_bytes(zipped({"a/1.jpg": jpeg(31)})[:-30])
    drop_from_disk(page, page.locator("#pool"), archive)
    expect(page.get_by_role("dialog")).to_contain_text("There is no picture in it")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator("#uploads .refused")).to_contain_text("“broken.zip” cannot be read")


def test_without_the_feature_a_folder_gets_a_plain_sentence(
    open_workspace: OpenWorkspace, tmp_path: Path
) -> None:
    page = open_workspace()
    drop_from_disk(page, page.locator("#pool"), a_folder(tmp_path))
    expect(page.locator("#uploads .refused")).to_contain_text("“Pets” is a folder.")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_photo_taken_upright_is_shown_upright(open_workspace: OpenWorkspace) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a phone held upright: the stored pixels lie on their left side
    lying = Image.new("RGB", (400, 300), (40, 40, 200))
    lying.paste((220, 30, 30), (0, 0, 100, 300))  # will be the top
    out = BytesIO()
    lying.save(out, "JPEG", exif=exif)
    page = open_workspace()
    with page.expect_response(UPLOAD) as answer:
        choose(page, [{"name": "IMG_1.JPG", "mimeType": "image/jpeg", "buffer": out.getvalue()}])
    seen = """(id) => new Promise((resolve) => {
      const image = new Image();
      image.src = `${document.getElementById("workspace").dataset.images}${id}/thumb.jpg`;
      image.onload = () => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [image.width, image.height];
        const brush = canvas.getContext("2d");
        brush.drawImage(image, 0, 0);
        const red = (y) => brush.getImageData(canvas.width / 2, y, 1, 1).data[0];
        resolve([image.width, image.height, red(5) > 180, red(image.height - 5) < 80]);
      };
    })"""
    assert page.evaluate(seen, answer.value.json()["image"]["id"]) == [192, 256, True, True]


def test_a_folder_is_chosen_by_a_button_too(open_workspace: OpenWorkspace, tmp_path: Path) -> None:
    page = open_workspace(features=STUDIO)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a folder").click()
    chooser.value.set_files(a_folder(tmp_path))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Add 4 pictures?")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(pictures_in(page, "cats")).to_have_count(2)
    expect(pictures_in(page, "Dogs")).to_have_count(1)


def test_pictures_of_a_zip_that_were_not_sent_yet_survive_a_reload_in_their_categories(
    open_workspace: OpenWorkspace, tmp_path: Path
) -> None:
    page = open_workspace(features=STUDIO)
    line = Line(page)
    line.is_cut = True
    archive = tmp_path / "pets.zip"
    archive.write_bytes(zipped({"cats/1.jpg": jpeg(41), "dogs/2.jpg": jpeg(42)}))
    drop_from_disk(page, page.locator("#pool"), archive)
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(card(page, "dogs")).to_be_visible()
    wait_until_kept(page, 2)
    page.reload()
    line.is_cut = False
    expect(pictures_in(page, "cats")).to_have_count(1)
    expect(pictures_in(page, "dogs")).to_have_count(1)
