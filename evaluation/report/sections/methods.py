"""The methods section, told from what really happened."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluation.report import words
from evaluation.report.document import Cell, Section, Sentence, Table, behind, number
from evaluation.report.facts.method import Allocation
from evaluation.report.numbers import fixed, short
from evaluation.report.sections import apparatus, design, rated, stated
from evaluation.report.sections.comparing import how_compared
from evaluation.report.sections.ratings import counted
from evaluation.report.telling import Telling, day


def sections(telling: Telling) -> Sequence[Section]:
    return (
        design.section(telling),
        _randomisation(telling),
        _procedure(telling),
        apparatus.section(telling),
        rated.section(telling),
        _analysis(telling),
        stated.statements(telling),
        stated.unstated(telling),
    )


def _said(*texts: str) -> Sequence[Sentence]:
    return [Sentence(text) for text in texts if text]


def _randomisation(telling: Telling) -> Section:
    drawn = telling.found.method.allocation
    return Section(
        key="randomisation",
        title=_("Randomisation and concealment"),
        sentences=_said(_sequence(drawn), _seed(drawn), _concealment(), _participants_knew()),
    )


def _sequence(drawn: Allocation) -> str:
    if drawn.method == "table":
        told = _(
            "The sequence was a statistician's table of %(places)d places; %(taken)d were taken."
        )
        return told % {"places": drawn.places, "taken": drawn.taken}
    blocks = ", ".join(f"{n} × {size}" for size, n in drawn.blocks.items())
    told = _(
        "Permuted blocks with sizes drawn at random from %(sizes)s (drawn: %(blocks)s), cut so that"
        " each condition has its number exactly; %(places)d places, %(taken)d taken, %(extra)d"
        " added in place of participants who were lost."
    ) % {
        "sizes": ", ".join(map(str, drawn.block_sizes)),
        "blocks": blocks or "–",
        "places": drawn.places,
        "taken": drawn.taken,
        "extra": drawn.extra,
    }
    if drawn.strata:
        told += " " + _("Stratified by: %s.") % ", ".join(drawn.strata)
    return told


def _seed(drawn: Allocation) -> str:
    told = _("The seed was committed to by its sha256 before the first participant: %s.")
    said = told % drawn.seed_digest
    if drawn.seed:
        said += " " + _("It is revealed since the closing: %s.") % drawn.seed
    return said


def _concealment() -> str:
    return _(
        "A participant takes the next place of the sequence in one database transaction, after"
        " consent and screening; nobody can see or choose it before. While the study was open no"
        " page, command or export showed who was in which condition, to staff neither. Texts of"
        " steps that both conditions get are the same."
    )


def _participants_knew() -> str:
    return _(
        "Participants saw what their own tool had, such as an assistant, and could not be blind to"
        " it."
    )


def _procedure(telling: Telling) -> Section:
    rows = []
    took = {one.step: one for one in telling.found.method.durations}
    for step in telling.protocol.steps:
        minutes = step.minutes
        own = took.get(step.key)
        rows.append(
            (
                Cell(telling.text(step.title), behind("steps", step=step.key)),
                Cell(", ".join(step.only) or _("all")),
                number(f"{short(minutes.minimum)}–{short(minutes.maximum)}" if minutes else "–"),
                number(fixed(own.median, 1) if own else "–", behind("steps", step=step.key)),
                number(str(own.people) if own else "0", behind("steps", step=step.key)),
            )
        )
    rated = next((step for step in telling.protocol.steps if step.rated and step.task), None)
    task = _("The rated task was: “%s”") % telling.text(rated.task or {}) if rated else ""
    return Section(
        key="procedure",
        title=_("Procedure"),
        sentences=_said(
            task,
            _(
                "Times are kept by the server: a task cannot be finished before its minimum and"
                " closes by itself at its maximum; what arrives later is recorded and not applied."
            ),
            _grace(telling),
            *_returning(telling),
            *_interviews(telling),
            stated.of_the_interviews(telling),
        ),
        tables=(
            Table(
                _("Steps in order, minutes allowed and minutes taken"),
                (_("Step"), _("Conditions"), _("allowed"), _("median"), "n"),
                rows,
            ),
        ),
    )


def _grace(telling: Telling) -> str:
    rules = telling.protocol.time
    if not rules.grace_seconds:
        return ""
    late = (
        _("whoever was later stays in the analysis")
        if rules.late == "keep"
        else _("whoever was later is left out of the analysis")
    )
    return _(
        "What came within %(seconds)d seconds after the end of a step was applied, with a flag;"
        " %(late)s."
    ) % {"seconds": rules.grace_seconds, "late": late}


def _returning(telling: Telling) -> Iterator[str]:
    """What a task did with somebody who came back after a time away."""
    names = {
        "restart": _("had to begin it anew, with its whole time"),
        "block": _("could not go on with the study"),
    }
    for step in telling.protocol.steps:
        if step.resume in names:
            told = _("Whoever was away from “%(step)s” for more than %(minutes)s minutes %(what)s.")
            yield told % {
                "step": telling.text(step.title),
                "minutes": short(step.away_minutes),
                "what": names[step.resume],
            }


def _interviews(telling: Telling) -> Iterator[str]:
    for step in telling.protocol.steps:
        if step.kind == "interview" and step.guide:
            asked = " / ".join(f"“{telling.text(one)}”" for one in step.guide)
            yield _("Questions of the interview “%(step)s”: %(asked)s") % {
                "step": telling.text(step.title),
                "asked": asked,
            }


def _analysis(telling: Telling) -> Section:
    method = telling.found.method
    libraries = ", ".join(f"{name} {number}" for name, number in method.libraries.items())
    unlocked = _("The results were unlocked on %(at)s by %(by)s.") % {
        "at": day(method.unlocked_at),
        "by": method.unlocked_by or "–",
    }
    if method.unlock_reason:
        unlocked += " " + _("Reason: %s") % method.unlock_reason
    return Section(
        key="analysis",
        title=_("Analysis"),
        sentences=_said(
            _plan(telling),
            counted(telling),
            unlocked,
            _looks(method.taken_out),
            *how_compared(),
            _("Computed with %s.") % libraries,
            _program(*method.program),
        ),
    )


def _program(version: str, commit: str) -> str:
    name = f"duetml {version}".strip()
    if not commit:
        return _("This report was made by %s; its commit is not known.") % name
    return _("This report was made by %(name)s, commit %(commit)s.") % {
        "name": name,
        "commit": words.coded(commit),
    }


def _looks(taken_out: int) -> str:
    if not taken_out:
        return _("No data were taken out before that.")
    return ngettext(
        "Data were taken out %(n)d time before that, without conditions and scores.",
        "Data were taken out %(n)d times before that, without conditions and scores.",
        taken_out,
    ) % {"n": taken_out}


def _plan(telling: Telling) -> str:
    plan = telling.protocol.analysis
    primary = ", ".join(key.upper() for key in telling.found.primary)
    told = _("Primary criteria, one family for Holm's correction: %s.") % primary
    hypotheses = [telling.text(one) for one in plan.hypotheses] if plan else []
    if hypotheses:
        told += " " + _("Hypotheses stated in the protocol: %s") % " / ".join(hypotheses)
    else:
        told += " " + _("The protocol states no directed hypothesis.")
    if plan and plan.tests:
        told += " " + _("Tests stated in the protocol: %s") % plan.tests
    rules = [
        f"{words.coded(one.rule)} ({telling.text(one.text)})"
        for one in (plan.exclusions if plan else ())
    ]
    if rules:
        told += " " + _("Rules for exclusion stated in the protocol: %s.") % "; ".join(rules)
    return told
