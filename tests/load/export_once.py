"""The tables of a study as CSV, once, in a process of its own; for bench_export.

python -m tests.load.export_once SLUG FOLDER      (with DATABASE_URL)

Prints {"rows", "seconds", "cpu_seconds", "mb", "all_mb", "copied", "copy_seconds"} as JSON:
`cpu_seconds` are the process's own (on a busy machine the rest is waiting), `mb` is the most it
held while it wrote CSV, `all_mb` with Parquet and XLSX; `copied` are the same events and
scores as PostgreSQL's own COPY … TO writes them.
"""

import json
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duetml.config.settings")
django.setup()

from django.db import connection  # noqa: E402 - set up first

from evaluation.exports.options import Options  # noqa: E402
from evaluation.work.export_ledger import opened  # noqa: E402
from evaluation.work.export_progress import Progress  # noqa: E402
from evaluation.work.export_read import read_tables  # noqa: E402
from evaluation.work.export_write import write_others  # noqa: E402
from study.models import Study  # noqa: E402

EVENTS = """COPY (SELECT s.key, e.seq, e.kind, e.payload, e.at, e.client_id, e.client_at, e.digest
FROM live_event e JOIN live_stream s ON s.id = e.stream_id ORDER BY e.stream_id, e.seq)
TO STDOUT (FORMAT csv)"""
RATINGS = """COPY (SELECT r.code, p.code, p.condition, s.id, g.criterion, g.score, g.reason, g.at
FROM evaluation_rating g JOIN evaluation_rater r ON r.id = g.rater_id
JOIN study_submission s ON s.id = g.submission_id
JOIN study_participant p ON p.id = s.participant_id
ORDER BY r.code, p.code, g.criterion) TO STDOUT (FORMAT csv)"""


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def copied(target: Path) -> tuple[int, float]:
    """Rows and seconds of both statements, into a file."""
    began, rows = time.perf_counter(), 0
    with connection.cursor() as cursor, target.open("wb") as file:
        for statement in (EVENTS, RATINGS):
            with cursor.copy(statement) as out:
                for piece in out:
                    file.write(piece)
            rows += cursor.rowcount
    return rows, time.perf_counter() - began


def main(slug: str, folder: Path) -> dict[str, float]:
    study = Study.objects.get(slug=slug)
    ledger, progress = opened(folder / "job"), Progress()
    began, used = time.perf_counter(), time.process_time()
    read = read_tables(study, Options(formats=("csv",)), ledger, progress)
    seconds = time.perf_counter() - began
    cpu = time.process_time() - used
    rows = sum(ledger.rows.values())
    found = {"rows": rows, "seconds": seconds, "cpu_seconds": cpu, "mb": megabytes()}
    same, copy_seconds = copied(folder / "copied.csv")
    write_others(replace(read.told, options=Options()), ledger, progress)
    return found | {"all_mb": megabytes(), "copied": same, "copy_seconds": copy_seconds}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]))) + "\n")
