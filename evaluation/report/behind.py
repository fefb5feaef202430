"""The rows behind a number of the results page: one table per kind of row, filtered by name.

For the web process: nothing here computes. Means, scores and measures are those the report was made
with (`values`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from duetml.live.log import workspace_stream
from duetml.live.models import Event
from duetml.workspace.models import AgentCall
from evaluation.models import Guess, Rating, SideRating
from evaluation.report.document import Cell, behind, number
from evaluation.report.numbers import fixed
from study.models import Participant, Response, StepRun, Study

PER_PAGE = 200
Filters = Mapping[str, str]
Values = Mapping[str, Any]  # kind → key → condition → participant → number
Row = Sequence[Cell]
NOT_COUNTED = (Participant.Kind.PREVIEW, Participant.Kind.PILOT)


@dataclass(frozen=True, slots=True)
class Listing:
    title: str
    head: Sequence[str]
    rows: Sequence[Row]
    total: int


def listing(study: Study, table: str, filters: Filters, values: Values, page: int) -> Listing:
    """One page, from 0. Raises KeyError for a table that is not there."""
    return TABLES[table](study, filters, values, page)


def _filtered(rows: QuerySet[Any], filters: Filters, fields: Mapping[str, str]) -> QuerySet[Any]:
    """`fields`: name of a filter → lookup."""
    wanted = {fields[name]: value for name, value in filters.items() if name in fields}
    return rows.filter(**wanted)


def _page(rows: QuerySet[Any], fields: Sequence[str], page: int) -> tuple[list[Any], int]:
    start = page * PER_PAGE
    return list(rows.values_list(*fields)[start : start + PER_PAGE]), rows.count()


def _people(study: Study, filters: Filters, values: Values, page: int) -> Listing:
    lookups = {"participant": "code", "condition": "condition", "state": "state"}
    rows = _filtered(_counted(study), filters, lookups)
    if "excluded" in filters:
        rows = rows.exclude(excluded_at=None)
    if "handed_in" in filters:
        rows = rows.exclude(submission=None)
    fields = ("code", "condition", "state", "stratum", "slot__block", "language", "enrolled_at",
              "ended_at", "excluded_at", "exclusion_reason")  # fmt: skip
    found, total = _page(rows.order_by("code"), fields, page)
    head = (_("Participant"), _("Condition"), _("State"), _("Stratum"), _("Block"), _("Language"),
            _("Enrolled"), _("Ended"), _("Excluded"), _("Reason"))  # fmt: skip
    cells = [(_who(row[0]), *map(_plain, row[1:])) for row in found]
    return Listing(_("Participants"), head, cells, total)


def _ratings(study: Study, filters: Filters, values: Values, page: int) -> Listing:
    lookups = {
        "participant": "submission__participant__code",
        "condition": "submission__participant__condition",
        "rater": "rater__code",
        "criterion": "criterion",
    }
    rows = Rating.objects.filter(rater__study=study)
    rows = rows.exclude(submission__participant__kind__in=NOT_COUNTED)
    rows = _scored(_filtered(rows, filters, lookups), filters)
    fields = (*lookups.values(), "score", "reason", "version", "at")
    found, total = _page(rows.order_by(*lookups.values()), fields, page)
    head = (_("Participant"), _("Condition"), _("Rater"), _("Criterion"), _("Score"),
            _("Reason"), _("Version"), _("When (UTC)"))  # fmt: skip
    return Listing(
        _("Ratings"), head, [(_who(row[0]), *map(_plain, row[1:])) for row in found], total
    )


def _scored(rows: QuerySet[Any], filters: Filters) -> QuerySet[Any]:
    score = filters.get("score")
    if score is None:
        return rows
    if not score:
        return rows.filter(score=None)
    return rows.filter(score=int(score)) if score.isdigit() else rows.none()


def _repeats(study: Study, filters: Filters, values: Values, page: int) -> Listing:
    rows = SideRating.objects.filter(showing__rater__study=study, showing__kind="repeat")
    rows = _filtered(rows, filters, {"rater": "showing__rater__code", "criterion": "criterion"})
    fields = ("showing__rater__code", "showing__submission__participant__code", "criterion",
              "score", "reason", "at")  # fmt: skip
    found, total = _page(rows.order_by(*fields[:3]), fields, page)
    head = (_("Rater"), _("Participant"), _("Criterion"), _("second score"), _("Reason"),
            _("When (UTC)"))  # fmt: skip
    return Listing(
        _("Scores of what was shown again"), head, [tuple(map(_plain, row)) for row in found], total
    )


def _answers(study: Study, filters: Filters, values: Values, page: int) -> Listing:
    lookups = {
        "participant": "step__participant__code",
        "condition": "step__participant__condition",
        "step": "step__key",
        "item": "item",
    }
    rows = Response.objects.filter(step__participant__in=_counted(study).values("pk"))
    rows = _filtered(rows, filters, lookups)
    if "value" in filters:
        value = filters["value"]
        truths = {"True": True, "False": False}
        wanted = int(value) if value.isdigit() else truths.get(value, value)
        rows = rows.filter(value=wanted)
    fields = (*lookups.values(), "value", "at")
    found, total = _page(rows.order_by(*lookups.values()), fields, page)
    head = (_("Participant"), _("Condition"), _("Step"), _("Item"), _("Answer"), _("When (UTC)"))
    return Listing(
        _("Answers"), head, [(_who(row[0]), *map(_plain, row[1:])) for row in found], total
    )


def _steps(study: Study, filters: Filters, values: Values, page: int) -> Listing:
    lookups = {
        "participant": "participant__code",
        "condition": "participant__condition",
        "step": "key",
        "ended_by": "closed_by",
    }
    rows = StepRun.objects.filter(participant__in=_counted(study).values("pk"))
    rows = _filtered(rows, filters, lookups)
    fields = ("participant__code", "participant__condition", "key", "opened_at", "minimum_at",
              "closes_at", "closed_at", "closed_by", "flags")  # fmt: skip
    found, total = _page(rows.order_by("participant__code", "index"), fields, page)
    head = (_("Participant"), _("Condition"), _("Step"), _("Opened"), _("May end from"),
            _("Closes"), _("Closed"), _("Ended by"), _("Flags"))  # fmt: skip
    return Listing(
        _("Steps"), head, [(_who(row[0]), *map(_plain, row[1:])) for row in found], total
    )


def _guesses(study: Study, filters: Filters, values: Values, page: int) -> Listing:
    lookups = {"condition": "submission__participant__condition", "guess": "condition",
               "rater": "rater__code"}  # fmt: skip
    rows = _filtered(Guess.objects.filter(rater__study=study), filters, lookups)
    fields = ("rater__code", "submission__participant__code",
              "submission__participant__condition", "condition", "confidence", "at")  # fmt: skip
    found, total = _page(rows.order_by(*fields[:2]), fields, page)
    head = (_("Rater"), _("Participant"), _("Condition"), _("Guess"), _("Confidence"),
            _("When (UTC)"))  # fmt: skip
    return Listing(_("Guesses"), head, [tuple(map(_plain, row)) for row in found], total)


def _calls(study: Study, filters: Filters, values: Values, page: int) -> Listing:
    people = _counted(study).values("pk")
    rows = AgentCall.objects.filter(workspace__steprun__participant__in=people)
    lookups = {"participant": "workspace__steprun__participant__code", "provider": "provider",
               "model": "model"}  # fmt: skip
    rows = _filtered(rows, filters, lookups)
    fields = (lookups["participant"], "workspace__steprun__key", "agent", "trigger", "provider",
              "model", "outcome", "seconds", "queued_at")  # fmt: skip
    found, total = _page(rows.order_by("queued_at", "pk"), fields, page)
    head = (_("Participant"), _("Step"), _("Agent"), _("Trigger"), _("Provider"), _("Model"),
            _("Outcome"), _("Seconds"), _("When (UTC)"))  # fmt: skip
    return Listing(
        _("Calls of agents"), head, [(_who(row[0]), *map(_plain, row[1:])) for row in found], total
    )


def _events(study: Study, filters: Filters, values: Values, page: int) -> Listing:
    """Of one participant's workspaces."""
    code = filters.get("participant", "")
    runs = StepRun.objects.filter(participant__in=_counted(study).filter(code=code).values("pk"))
    spaces = runs.exclude(workspace=None).values_list("workspace_id", flat=True)
    keys = [workspace_stream(str(pk)) for pk in spaces]
    rows = Event.objects.filter(stream__key__in=keys).order_by("stream_id", "seq")
    found, total = _page(rows, ("seq", "kind", "payload", "at"), page)
    head = ("", _("Event"), _("Details"), _("When (UTC)"))
    cells = [
        (_plain(seq), _plain(kind), Cell(str(payload)[:200]), _plain(at))
        for seq, kind, payload, at in found
    ]
    return Listing(_("Events of %s") % code, head, cells, total)


def _valued(kind: str, key: str, table: str, title: Promise) -> Callable[..., Listing]:
    """A table of what was computed: one number per participant."""

    def listed(study: Study, filters: Filters, values: Values, page: int) -> Listing:
        rows = list(_numbers(values.get(kind, {}), key, filters, table))
        start = page * PER_PAGE
        head = ("", _("Condition"), _("Participant"), _("Value"))
        return Listing(str(title), head, rows[start : start + PER_PAGE], len(rows))

    return listed


def _numbers(values: Values, key: str, filters: Filters, table: str) -> Iterator[Row]:
    for name, groups in values.items():
        if filters.get(key, name) != name:
            continue
        for condition, people in groups.items():
            if filters.get("condition", condition) != condition:
                continue
            for code, value in sorted(people.items()):
                of = name.partition(".")[0]  # a part of a score: of the same step
                further = {"participant": code} | ({} if table == "events" else {key: of})
                rows = behind(table, **further)
                yield (Cell(name), Cell(condition), Cell(code, rows), number(fixed(value, 3), rows))


def _counted(study: Study) -> QuerySet[Participant]:
    return study.participants.exclude(kind__in=NOT_COUNTED)


def _who(code: object) -> Cell:
    return Cell(str(code), behind("people", participant=code))


def _plain(value: object) -> Cell:
    if value is None or value == []:
        return Cell("")
    if hasattr(value, "strftime"):
        return Cell(value.strftime("%Y-%m-%d %H:%M:%S"))
    return Cell(str(value), is_number=isinstance(value, int | float))


TABLES: Mapping[str, Callable[[Study, Filters, Values, int], Listing]] = {
    "people": _people,
    "ratings": _ratings,
    "repeats": _repeats,
    "answers": _answers,
    "steps": _steps,
    "guesses": _guesses,
    "calls": _calls,
    "events": _events,
    "means": _valued("means", "criterion", "ratings", gettext_lazy("Participants' means")),
    "scales": _valued("scales", "step", "answers", gettext_lazy("Questionnaire scores")),
    "measures": _valued("measures", "measure", "events", gettext_lazy("Measures")),
}
COMPUTED = ("means", "scales", "measures")  # they need `values`
