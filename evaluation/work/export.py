"""A study as a folder or a zip file of files (see evaluation/exports/schema.py for what is in it).

While the results are locked it holds no condition and no score, whoever asks.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from duetml.workspace.services.refusal import Refused
from evaluation.exports.files import FolderNotEmptyError, must_be_new
from evaluation.exports.names import data_file
from evaluation.exports.options import Options
from evaluation.exports.zipping import zip_folder
from evaluation.services.exporting import exported
from evaluation.work.export_ledger import opened
from evaluation.work.export_outcomes import Outcomes
from evaluation.work.export_progress import Progress
from evaluation.work.export_read import read_tables
from evaluation.work.export_write import write_others
from study.models import Study

ZIP = ".zip"


@dataclass(frozen=True)
class Export:
    """`target`: the folder or zip file. `rows` of each table, by its name."""

    target: Path
    rows: dict[str, int]
    withheld: Sequence[str]
    small_cells: Sequence[dict[str, Any]]
    results: Outcomes | None


def export(
    study: Study,
    target: Path,
    *,
    by: str,
    now: datetime,
    while_open: bool = False,
    options: Options | None = None,
) -> Export:
    """Write everything into a new folder, or a new file where `target` ends in .zip. It appears
    when it is complete.

    Raises Refused for a study that is not closed (unless `while_open`) and for a target that is
    there already.
    """
    must_be_over(study, while_open=while_open)
    options = options or Options()
    target = target.absolute()
    _must_be_free(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        ledger, progress = opened(draft), Progress()
        read = read_tables(study, options, ledger, progress)
        write_others(read.told, ledger, progress)
        finish(ledger.draft, target, study.slug)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    exported(study, by, options.in_words(), now)
    told = read.told
    rows = {one.name: ledger.rows[data_file(study.slug, one.name)] for one in told.tables}
    return Export(target, rows, told.withheld, told.small_cells, read.results)


def finish(draft: Path, target: Path, slug: str) -> None:
    """The draft becomes the target: moved as it is, or packed."""
    if target.suffix != ZIP:
        os.rename(draft, target)
        return
    packed = draft.with_name(f"{slug}{ZIP}")
    zip_folder(draft, packed, slug)
    os.replace(packed, target)


def must_be_over(study: Study, *, while_open: bool) -> None:
    if study.state != Study.State.CLOSED and not while_open:
        raise Refused(
            "open",
            _("The study is not closed yet. Close it first, or export without the conditions."),
        )


def _must_be_free(target: Path) -> None:
    try:
        must_be_new(target)
    except FolderNotEmptyError:
        raise Refused(
            "folder", _("%s is not empty. Choose a new folder; nothing was written.") % target
        ) from None
