"""One report: all numbers, then in each language its figures, its page, its HTML and its PDF."""

import json
import logging
from collections.abc import Callable
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone, translation

from duetml.workspace.models import LeaseLostError
from duetml.workspace.work.failing import failing
from duetml.workspace.work.lease import kept
from evaluation import queries
from evaluation.models import Report
from evaluation.report import compose, printing
from evaluation.report.digest import state_of
from evaluation.report.remarks import remarks
from evaluation.services import reports
from evaluation.services.lock import is_unlocked
from evaluation.services.reports import ReportFile
from evaluation.work.results import Results, results
from study.models import Participant, Study

LOCKED, MOVED_ON = "locked", "moved_on"
VALUES = "values.json"
NUMBERS = 3  # steps of the progress that the numbers take
PRINTED = 3  # and in each language the page, the HTML and the PDF

log = logging.getLogger(__name__)

Tell = Callable[[], None]
Save = Callable[[str, bytes], None]


def make(report_id: str) -> None:
    """Claim the report and make it; nothing happens where it is not to be had."""
    row = Report.claim(report_id, timezone.now())
    if row is None:
        return
    study = Study.objects.select_related("protocol").get(pk=row.study_id)
    if not is_unlocked(study):
        reports.fail(row, LOCKED, timezone.now())
        return
    if state_of(study) != row.digest:  # the page asks for another one
        reports.fail(row, MOVED_ON, timezone.now())
        return
    with failing(row, reports.fail), kept(row) as lost:
        done, total = 0, 0

        def tell(steps: int = 1) -> None:
            nonlocal done
            if lost.is_set():
                raise LeaseLostError
            done += steps
            reports.tell(row, done, total)

        found = results(study)
        names = [compose.drawings(study, found, language) for language in compose.LANGUAGES]
        total = NUMBERS + sum(map(len, names)) + PRINTED * len(compose.LANGUAGES)
        tell(NUMBERS)
        files = [_values(row, found)]
        for language in compose.LANGUAGES:
            files += _in_language(row, study, found, language, tell)
        reports.finish(row, files, timezone.now())


def _values(row: Report, found: Results) -> ReportFile:
    """One number per participant, for the rows behind the page's numbers."""
    told = {
        "means": found.means,
        "scales": {one.key: one.values for one in found.scales},
        "measures": {one.key: one.values for one in found.measures},
    }
    data = json.dumps(told).encode()
    path = default_storage.save(f"{reports.folder_of(row)}/{VALUES}", ContentFile(data))
    return {"name": VALUES, "bytes": len(data), "path": path}


def _in_language(
    row: Report, study: Study, found: Results, language: str, tell: Tell
) -> list[ReportFile]:
    files: list[ReportFile] = []

    def save(name: str, data: bytes) -> None:
        path = default_storage.save(f"{reports.folder_of(row)}/{name}", ContentFile(data))
        files.append({"name": name, "bytes": len(data), "path": path})

    with translation.override(language):
        drawn: dict[str, bytes] = {}
        for figure, draw in compose.drawings(study, found, language).items():
            for format_, data in compose.drawn(draw, language).items():
                save(f"{figure}.{language}.{format_}", data)
                if format_ == "svg":
                    drawn[figure] = data
            tell()
        _documents(study, found, row.digest, language, drawn, save, tell, timezone.now())
    return files


def _documents(
    study: Study,
    found: Results,
    digest: str,
    language: str,
    drawn: dict[str, bytes],
    save: Save,
    tell: Tell,
    now: datetime,
) -> None:
    document = compose.document(study, found, _remarks(study), digest, now, language)
    told = document.as_json()
    save(f"results.{language}.json", json.dumps(told, ensure_ascii=False).encode())
    tell()
    html = printing.html(told, drawn)
    save(f"report.{language}.html", html.encode())
    tell()
    try:
        save(f"report.{language}.pdf", printing.pdf(html))
    except printing.NoPrinterError as problem:
        log.warning("no PDF of the report: %s", problem)
    tell()


def _remarks(study: Study) -> list[str]:
    robots = study.participants.filter(kind=Participant.Kind.ROBOT).count()
    return remarks(study, study.protocol.read(), robots, queries.untrained_runs(study))
