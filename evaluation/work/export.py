"""A study as a folder of files.

Two things are left out until their time, whoever asks. Conditions, while the study is open: who
knows the allocation so far can guess the next place. Scores, until the results are unlocked: the
analysis is looked at once, after the last rating.
"""

import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from duetml.vision.weights import BackboneError
from duetml.workspace.models import TrainingRun
from duetml.workspace.queries import backbone_info
from duetml.workspace.services.refusal import Refused
from evaluation.exports import schema
from evaluation.exports.codebook import readme
from evaluation.exports.comparison import result_rows
from evaluation.exports.files import FolderNotEmptyError, Row, appearing, as_json, write_folder
from evaluation.exports.schema import Table
from evaluation.services.exporting import exported
from evaluation.work import rows
from evaluation.work.results import Results, results
from study import queries
from study.models import Study

LIBRARIES = (
    "Django",
    "channels",
    "celery",
    "openai",
    "torch",
    "onnxruntime",
    "scikit-learn",
    "numpy",
    "scipy",
)
NO_CONDITIONS = (
    "Conditions, places, the allocation seed and what each participant's agents used: the study is"
    " open. Who knows the allocation so far can guess the next place, and choose whom to invite to"
    " it. This is no blinding: agent calls, and items that only one condition is asked, still tell"
    " the conditions apart."
)
NO_SCORES = (
    "Scores, raters' comments and results: the results are locked, so that nobody looks at them"
    " before the last rating is in. They are exported once the results are unlocked on the study's"
    " page."
)


@dataclass(frozen=True)
class Export:
    folder: Path
    rows: dict[str, int]
    withheld: list[str]
    results: Results | None


def export(
    study: Study, folder: Path, *, by: str, now: datetime, while_open: bool = False
) -> Export:
    """Write everything into a new folder, which appears when it is complete.

    Raises Refused for a study that is not closed (unless `while_open`) and for a folder that holds
    something already.
    """
    closed, unlocked = study.state == Study.State.CLOSED, study.unlocked_at is not None
    if not (closed or while_open):
        raise Refused(
            "open",
            _("The study is not closed yet. Close it first, or export without the conditions."),
        )
    withheld = [*([] if closed else [NO_CONDITIONS]), *([] if unlocked else [NO_SCORES])]
    found = results(study) if unlocked else None
    tables = _tables(study, closed, found)
    texts = {
        "submissions.json": as_json(rows.submissions(study), indent=1),
        "study.json": as_json(facts(study), indent=1),
        "README.txt": readme(
            study.slug, now.isoformat(), [table for table, _r in tables], withheld
        ),
    }
    try:
        with appearing(folder) as draft:
            written = write_folder(draft, tables, texts)
    except FolderNotEmptyError:
        raise Refused(
            "folder", _("%s is not empty. Choose a new folder; nothing was written.") % folder
        ) from None
    exported(study, by, "everything", now)
    return Export(folder, written, withheld, found)


def _tables(
    study: Study, closed: bool, found: Results | None
) -> Sequence[tuple[Table, Iterable[Row]]]:
    tables: list[tuple[Table, Iterable[Row]]] = [
        (schema.PARTICIPANTS, rows.participants(study, with_conditions=closed)),
        (schema.STEPS, rows.steps(study)),
        (schema.RESPONSES, rows.responses(study)),
        (
            schema.EVENTS,
            rows.events(study, with_conditions=closed, with_scores=found is not None),
        ),
        (schema.AGENT_CALLS, rows.agent_calls(study)),
        (schema.AGENT_SKIPS, rows.agent_skips(study)),
        (schema.TRAINING_RUNS, rows.training_runs(study)),
        (schema.TEST_RUNS, rows.test_runs(study)),
        (schema.IMAGES, rows.images(study)),
    ]
    if found is not None:
        tables += [
            (schema.RATINGS, rows.ratings(study)),
            (schema.COMMENTS, rows.comments(study)),
            (schema.RESULTS, result_rows(found.participant, found.pooled)),
        ]
    return tables


def facts(study: Study) -> dict[str, Any]:
    """study.json. Seeds and the allocation sequence only once the study is closed."""
    protocol = study.protocol.read()
    closed = study.state == Study.State.CLOSED
    times = ("created_at", "opened_at", "closed_at", "unlocked_at")
    return {
        "slug": study.slug,
        "title": study.title,
        "state": study.state,
        "simulated": study.simulated,
        "overrides": study.overrides,
        "times": {name: _iso(getattr(study, name)) for name in times},
        "protocol": {
            "name": protocol.name,
            "version": protocol.version,
            "digest": study.protocol.digest,
            "derived": protocol.derived and protocol.derived.model_dump(mode="json"),
            "source": study.protocol.source,
        },
        "allocation": {
            "seed_digest": study.seed_digest,
            "seed": study.seed if closed else None,
            "sequence": _sequence(study) if closed else None,
        },
        "raters": list(study.raters.order_by("code").values("code", "seed", "order")),
        "backbone": {"installed": _installed_backbone(), "used": _used_backbones(study)},
        "versions": {"python": platform.python_version()} | _versions(),
    }


def _sequence(study: Study) -> list[dict[str, Any]]:
    slots = study.slots.order_by("position")
    return [
        {"position": position, "block": block, "condition": condition, "participant": code}
        for position, block, condition, code in slots.values_list(
            "position", "block", "condition", "participant__code"
        )
    ]


def _installed_backbone() -> dict[str, Any] | None:
    try:
        return asdict(backbone_info())
    except BackboneError:
        return None


def _used_backbones(study: Study) -> list[dict[str, Any]]:
    """Backbones of the training runs that ended, with how many runs stand on each."""
    runs = TrainingRun.objects.filter(
        state="done", workspace__steprun__participant__in=queries.participants(study).order_by()
    )
    groups = runs.values_list("report__backbone", "report__digest", "report__trained")
    return [
        {"name": name, "digest": digest, "trained": trained, "runs": number}
        for name, digest, trained, number in groups.annotate(n=Count("pk")).order_by(
            "report__digest"
        )
    ]


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
