"""What the texts of an export say of the study: study.json, allocation.json, the chains' ends."""

import hashlib
import platform
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum

from duetml import program
from duetml.live.models import Event, Stream
from duetml.vision.weights import BackboneError
from duetml.workspace.models import TrainingRun
from duetml.workspace.queries import backbone_info
from evaluation.exports.codebook import ItemWords
from evaluation.exports.described import About
from evaluation.exports.readme import FEWEST
from evaluation.exports.wide import score_of, steps_of
from evaluation.models import Rating
from evaluation.work.export_outcomes import families
from evaluation.work.export_scope import Scope, present
from evaluation.work.export_streams import Named, streams
from evaluation.work.export_tries import spaces_of
from study.models import Response, Study
from study.rules.protocol import Item, words
from study.rules.scoring import parts_of

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
LANGUAGE = "en"  # of the files' texts; a protocol without it speaks its first one
DECADE = 10
MOST_STREAMS = 500


def about(study: Study) -> About:
    protocol = study.protocol.read()
    contact = getattr(protocol, "contact", None)
    return About(
        slug=study.slug,
        title=study.title,
        summary=" ".join(words(protocol.summary, LANGUAGE).split()),
        version=protocol.version,
        protocol_digest=study.protocol.digest,
        contact=getattr(contact, "name", "") or "",
        email=getattr(contact, "email", "") or "",
    )


def study_facts(scope: Scope) -> dict[str, Any]:
    """study.json, but for the paths of files."""
    study = scope.study
    protocol = study.protocol.read()
    times = ("created_at", "opened_at", "closed_at", "unlocked_at")
    absolute = scope.options.absolute_times
    return {
        "slug": study.slug,
        "title": study.title,
        "state": study.state,
        "simulated": study.simulated,
        "overrides": study.overrides,
        "override_reason": study.override_reason if scope.options.free_text else "",
        "times": {name: _iso(study, name) for name in times} if absolute else {},
        "people": {"here": len(scope.people), "data_deleted": scope.deleted},
        "protocol": {
            "name": protocol.name,
            "version": protocol.version,
            "digest": study.protocol.digest,
            "derived": protocol.derived and protocol.derived.model_dump(mode="json"),
            "source": study.protocol.source,
        },
        "versions_of_the_protocol": [
            {"number": number, "digest": digest}
            for number, digest in study.versions.values_list("number", "protocol__digest")
        ],
        "analysis": {
            "treatment": protocol.rating.treatment,
            "control": protocol.rating.control,
            "families": families(protocol),
            "scales": [
                score_of(step.key, part)
                for step in protocol.steps
                if not step.only
                for part in parts_of(step)
            ],
        },
        "raters": _raters(scope),
        "backbone": {"installed": _installed_backbone(), "used": _used_backbones(study)},
        "versions": {"python": platform.python_version()} | _versions(),
        "program": {"name": "duetml", "version": program.version(), "commit": program.commit()},
    }


def allocation_facts(scope: Scope) -> dict[str, Any]:
    """allocation.json: how the sequence was drawn. The seed gives every place away: it is there
    once the study is closed and its results are unlocked."""
    study = scope.study
    is_told = scope.unlocked and study.state == Study.State.CLOSED
    protocol = study.protocol.read()
    rules = protocol.allocation.model_dump(mode="json")
    table = study.allocation_table
    return {
        "method": rules.pop("method", "blocks"),
        "conditions": [one.key for one in protocol.conditions],
        **rules,
        "seed_digest": study.seed_digest,
        "seed": study.seed if is_told else None,
        "pilot_seed_digest": study.pilot_seed_digest,
        "pilot_seed": study.pilot_seed if is_told and study.pilot_seed_digest else None,
        "table_sha256": hashlib.sha256(table.encode()).hexdigest() if table else None,
        "table": table if is_told else None,
    }


def chains(scope: Scope) -> list[dict[str, Any]]:
    """The last digest of every stream; of the study's, the last that is no export."""
    found = []
    for one, head in heads(scope):
        found.append({"stream": one.kind, "code": one.code, "step": one.step, "head": head})
    return found


def heads(scope: Scope) -> Iterator[tuple[Named, str]]:
    listed = streams(scope)
    while part := list(islice(listed, MOST_STREAMS)):
        keys = [one.key for one in part]
        known = dict(Stream.objects.filter(key__in=keys).values_list("key", "head"))
        for one in part:
            head = _of_study(one.key) if one.kind == "study" else known.get(one.key, "")
            yield one, head


def _of_study(key: str) -> str:
    events = Event.objects.filter(stream__key=key).exclude(kind="study.exported")
    return events.order_by("-seq").values_list("digest", flat=True).first() or ""


def rows_expected(scope: Scope) -> int:
    """About how many rows there are: most are events."""
    listed = streams(scope)
    number = 0
    while part := [one.key for one in islice(listed, MOST_STREAMS)]:
        number += Stream.objects.filter(key__in=part).aggregate(n=Sum("seq"))["n"] or 0
    ratings = Rating.objects.filter(rater__study=scope.study).count() if scope.unlocked else 0
    return (
        number + 2 * ratings + Response.objects.filter(step__participant__study=scope.study).count()
    )


def state_of(scope: Scope) -> str:
    """A digest that is another whenever something of the study was recorded since, or somebody
    else's data count, or something else was asked for."""
    digest = hashlib.sha256(repr((scope.options, scope.unlocked, scope.deleted)).encode())
    for one, head in heads(scope):
        digest.update(f"{one.key} {one.code} {head}\n".encode())
    marks = present(scope.study).values_list("pk", "state", "excluded_at", "condition")
    for row in marks.iterator():
        digest.update(repr(row).encode())
    return digest.hexdigest()


def item_words(scope: Scope) -> list[ItemWords]:
    hidden = scope.scrubbing.hidden_steps
    return [
        ItemWords(
            step.key, item.key, item.kind, words(item.text, LANGUAGE), _answers(item)
        )
        for step in steps_of(scope.protocols)
        if step.key not in hidden
        for item in step.items
    ]  # fmt: skip


def _answers(item: Item) -> str:
    if item.choices:
        return "; ".join(f"{one.value} = {words(one.label, LANGUAGE)}" for one in item.choices)
    if item.low and item.high:
        return f"from {words(item.low, LANGUAGE)} to {words(item.high, LANGUAGE)}"
    return ""


def small_cells(scope: Scope) -> list[dict[str, Any]]:
    """Combinations of answers of forms (choices, and numbers by tens) that fewer than FEWEST share,
    the rarest first."""
    asked = {
        (step.key, item.key): item.kind
        for step in steps_of(scope.protocols)
        if step.kind in ("form", "screening") and not step.only
        for item in step.items
        if item.kind in ("single", "number")
    }
    said: Mapping[UUID, dict[str, str]] = defaultdict(dict)
    rows = Response.objects.filter(step__participant__in=present(scope.study).values("pk"))
    fields = ("step__participant_id", "step__key", "item", "value")
    steps = {step for step, _item in asked}
    for pk, step, item, value in rows.filter(step__key__in=steps).values_list(*fields).iterator():
        if (step, item) in asked and value not in (None, ""):
            said[pk][f"{step}.{item}"] = _coarse(value)
    counted = Counter(tuple(sorted(answers.items())) for answers in said.values())
    few = [(people, cell) for cell, people in counted.items() if people < FEWEST]
    return [{"of": dict(cell), "people": people} for people, cell in sorted(few)]


def _coarse(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        low = int(value // DECADE) * DECADE
        return f"{low}–{low + DECADE - 1}"
    return str(value)


def _raters(scope: Scope) -> list[dict[str, Any]]:
    """The order in which each met the submissions of those whose data are here."""
    kept = scope.scrubbing.submissions
    rows = scope.study.raters.in_bulk(list(scope.raters))
    return [
        {
            "rater": one.name,
            "seed": rows[pk].seed,
            "order": [submission for submission in rows[pk].order if submission in kept],
        }
        for pk, one in scope.raters.items()
    ]


def _installed_backbone() -> dict[str, Any] | None:
    try:
        return asdict(backbone_info())
    except BackboneError:
        return None


def _used_backbones(study: Study) -> list[dict[str, Any]]:
    """Backbones of the training runs that ended, with how many runs stand on each."""
    runs = TrainingRun.objects.filter(
        state="done", workspace__in=spaces_of(present(study)).values("pk")
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


def _iso(study: Study, name: str) -> str | None:
    moment = getattr(study, name)
    return moment.isoformat() if moment else None
