"""One parcel: the classifier as a file, its pictures, and a card that says what it is."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryFile
from threading import Event
from typing import IO
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from duetml.vision.classifier import Classifier
from duetml.vision.onnx_file import onnx_file
from duetml.vision.weights import BackboneError
from duetml.workspace.models import Image, LeaseLostError, Parcel, TrainingRun, WorkspaceImage
from duetml.workspace.queries import live_categories
from duetml.workspace.rules.folders import folder_names, unique
from duetml.workspace.services import parcels
from duetml.workspace.services.parcels import PackedFile
from duetml.workspace.work import engine
from duetml.workspace.work.failing import failing
from duetml.workspace.work.lease import kept
from duetml.workspace.work.model_card import model_card
from duetml.workspace.work.progress import teller

MODEL, PICTURES, CARD = "classifier.onnx", "pictures.zip", "model-card.md"
# With these a spreadsheet takes the text of a cell for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
READABLE = 0o644 << 16  # as zip files note a file's permissions
TOLD_EVERY = 20  # pictures


@dataclass(frozen=True)
class Packed:
    """A category of the run, as it is called today."""

    id: str
    name: str  # none twice
    folder: str
    images: tuple[str, ...]


def pack(parcel_id: str) -> None:
    """Claim the parcel and do it; nothing happens where it is not to be had."""
    row = Parcel.claim(parcel_id, timezone.now())
    if row is None:
        return
    with failing(row, parcels.fail):
        try:
            with kept(row) as lost:
                files = _files(row, lost)
        except LeaseLostError:
            parcels.fail(row, "gave_up", timezone.now())  # only its own files go
            raise
        parcels.finish(row, files, timezone.now())


def _files(row: Parcel, lost: Event) -> list[PackedFile]:
    run = row.training_run
    backbone = engine.backbone()
    if run.report["digest"] != backbone.digest:
        raise BackboneError(f"run {run.id} was trained with another backbone, which is gone")
    categories = packed(run)
    classifier = Classifier.from_bytes(bytes(run.classifier or b""))
    names = {category.id: category.name for category in categories}
    origins = _origins(run)
    model = _save(row, MODEL, ContentFile(onnx_file(backbone, classifier, names)))
    with TemporaryFile() as draft:
        _zip(draft, run, categories, origins, partial(teller(row, "parcel", lost), "packing"))
        pictures = _save(row, PICTURES, File(draft))
    card = model_card(run, categories, origins, timezone.now())
    return [model, pictures, _save(row, CARD, ContentFile(card.encode()))]


def packed(run: TrainingRun) -> list[Packed]:
    """The categories a run learned, by their present names; a deleted one by the name it had."""
    present = {str(one.id): one.name for one in live_categories(run.workspace_id)}
    names = unique(present.get(one["category"], one["name"]) for one in run.data)
    return [
        Packed(one["category"], name, folder, tuple(one["images"]))
        for one, name, folder in zip(run.data, names, folder_names(names), strict=True)
    ]


def _origins(run: TrainingRun) -> dict[str, str]:
    """Image id → pool or upload."""
    offered = WorkspaceImage.objects.filter(workspace=run.workspace_id)
    return {str(image): origin for image, origin in offered.values_list("image_id", "origin")}


def _zip(
    target: IO[bytes],
    run: TrainingRun,
    categories: list[Packed],
    origins: Mapping[str, str],
    tell: Callable[[int, int], None],
) -> None:
    """pictures/<category>/<number>.jpg and labels.csv."""
    images = {UUID(image) for category in categories for image in category.images}
    rows = Image.objects.in_bulk(list(images))
    total = sum(len(category.images) for category in categories)
    table = io.StringIO()
    lines = csv.writer(table, lineterminator="\r\n")
    lines.writerow(["file", "category", "origin", "image"])
    done = 0
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for category in categories:
            for number, image in enumerate(category.images, start=1):
                name = f"pictures/{category.folder}/{number:04}.jpg"
                with default_storage.open(rows[UUID(image)].full_path) as file:
                    archive.writestr(_entry(name, run), file.read())
                lines.writerow([name, _cell(category.name), origins.get(image, ""), image])
                done += 1
                if done % TOLD_EVERY == 0 or done == total:
                    tell(done, total)
        # With the mark that makes spreadsheets read UTF-8.
        archive.writestr(_entry("labels.csv", run), table.getvalue().encode("utf-8-sig"))


def _entry(name: str, run: TrainingRun) -> ZipInfo:
    """Dated as the run: the same data give the same bytes."""
    entry = ZipInfo(name, (run.finished_at or run.queued_at).timetuple()[:6])
    entry.external_attr = READABLE
    return entry


def _cell(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _save(row: Parcel, name: str, content: "File[bytes]") -> PackedFile:
    path = default_storage.save(f"{parcels.folder_of(row)}/{name}", content)
    return {"name": name, "bytes": default_storage.size(path), "path": path}
