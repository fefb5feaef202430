"""The second half of an export: everything that is made from its CSV files."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from duetml.workspace.models import Image
from evaluation.exports import codebook, described, schema
from evaluation.exports.described import Written
from evaluation.exports.files import as_json, write_text, written
from evaluation.exports.names import ALLOCATION, IMAGES, WORKBOOK, data_file, parquet_file
from evaluation.exports.parquet import write_parquet
from evaluation.exports.readme import Told as ReadmeTold
from evaluation.exports.readme import readme
from evaluation.exports.scripts import python_script, r_script
from evaluation.exports.workbook import LONGEST_CELL, ROWS_OF_A_SHEET, write_workbook
from evaluation.work.export_ledger import Ledger
from evaluation.work.export_progress import Progress
from evaluation.work.export_told import Told

MANIFEST = "manifest.json"
PIECE = 1 << 20


def write_others(told: Told, ledger: Ledger, progress: Progress) -> None:
    """Other formats, pictures and texts into the draft; what is there already stays. The last one
    is the manifest."""
    draft = ledger.draft
    listed = [
        (one, draft / data_file(told.about.slug, one.name), _rows(told, ledger, one.name))
        for one in told.tables
    ]
    if "parquet" in told.options.formats:
        for table, source, rows in listed:
            target = draft / parquet_file(table.name)
            if not target.exists():
                with written(target) as part:
                    write_parquet(source, part, table, absolute_times=told.options.absolute_times)
            progress.tick(rows)
    if "xlsx" in told.options.formats:
        if not (draft / WORKBOOK).exists():
            with written(draft / WORKBOOK) as part:
                write_workbook(part, [(table, source) for table, source, _rows in listed])
        progress.tick(sum(rows for _table, _source, rows in listed))
    if told.unlocked:
        source = draft / data_file(told.about.slug, schema.ALLOCATION.name)
        shutil.copyfile(source, draft / ALLOCATION)  # manage.py allocation verify asks for it
    for sha256 in told.images:
        _copy_picture(draft, sha256)
    files = [
        Written(table, data_file(told.about.slug, table.name), rows, *file_facts(source))
        for table, source, rows in listed
    ]
    for name, text in _texts(told, files).items():
        write_text(draft / name, text)
    write_text(draft / MANIFEST, as_json(_manifest(told, draft)))


def _rows(told: Told, ledger: Ledger, table: str) -> int:
    return ledger.rows[data_file(told.about.slug, table)]


def _texts(told: Told, files: Sequence[Written]) -> dict[str, str]:
    about, absolute = told.about, told.options.absolute_times
    paths = {one.table.name: one.path for one in files}
    texts = {
        "study.json": as_json(told.study | {"files": paths}),
        "allocation.json": as_json(told.allocation),
        "codebook.csv": codebook.codebook_csv(told.tables, told.items, absolute_times=absolute),
        "codebook.html": codebook.codebook_html(
            about.title, told.tables, told.items, absolute_times=absolute
        ),
        "datapackage.json": as_json(described.datapackage(about, files, absolute_times=absolute)),
        "dataset_description.json": as_json(described.dataset_description(about, told.tables)),
        "CITATION.cff": described.citation(about),
        "README.md": readme(about, files, _readme(told, files)),
    }
    if told.unlocked:
        plan = told.study["analysis"]
        settings = {"outcomes_file": paths["outcomes"], "wide_file": paths["wide"], **plan}
        texts |= {"analysis.py": python_script(), "analysis.R": r_script(settings)}
    return texts


def _readme(told: Told, files: Sequence[Written]) -> ReadmeTold:
    notes = []
    if "xlsx" in told.options.formats:
        notes.append(
            f"`{WORKBOOK}` holds every table as a sheet; a cell takes {LONGEST_CELL:,} characters,"
            " longer ones are cut and say so."
        )
        notes += [
            f"{one.table.name} has {one.rows:,} rows and goes on in further sheets: one takes"
            f" {ROWS_OF_A_SHEET:,}."
            for one in files
            if one.rows >= ROWS_OF_A_SHEET
        ]
    if "parquet" in told.options.formats:
        notes.append("`parquet/` holds the same tables with their types.")
    if told.images:
        notes.append("`images/` holds pictures that participants added and agreed to pass on.")
    return ReadmeTold(
        withheld=told.withheld,
        notes=notes,
        small_cells=told.small_cells,
        only_counted=told.deleted,
        absolute_times=told.options.absolute_times,
        has_analysis=told.unlocked,
        flags=told.options.flags(),
    )


def _manifest(told: Told, draft: Path) -> dict[str, Any]:
    files = []
    for path in sorted(one for one in draft.rglob("*") if one.is_file()):
        name = path.relative_to(draft).as_posix()
        if name != MANIFEST:
            size, sha256 = file_facts(path)
            files.append({"path": name, "bytes": size, "sha256": sha256})
    options = told.options.as_json()
    return described.manifest(files, told.chains, told.withheld, told.small_cells, options)


def _copy_picture(draft: Path, sha256: str) -> None:
    target = draft / IMAGES / f"{sha256}.jpg"
    if target.exists():
        return
    with (
        default_storage.open(Image(sha256=sha256).full_path) as source,
        written(target) as part,
        part.open("wb") as file,
    ):
        shutil.copyfileobj(source, file)


def file_facts(path: Path) -> tuple[int, str]:
    """Bytes and sha256."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return path.stat().st_size, digest.hexdigest()
