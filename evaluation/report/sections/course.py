"""How the study went: each participant's time, and what was not as planned."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation.report import words
from evaluation.report.document import Cell, Picture, Section, Sentence, Table, behind, number
from evaluation.report.facts.deviations import Deviation
from evaluation.report.numbers import fixed
from evaluation.report.telling import Telling
from evaluation.report.words import Words
from study.services.exclusion import BY_RULE

KINDS: dict[str, Words] = {
    "override": gettext_lazy("A warning of the pre-flight was overridden"),
    "amended": gettext_lazy("The protocol was amended"),
    "reported": gettext_lazy("Words for the report were added to the protocol or changed"),
    "excluded": gettext_lazy("A participant was excluded"),
    "deleted": gettext_lazy("A participant had their data deleted"),
    "flagged": gettext_lazy("A step is flagged"),
    "restarted": gettext_lazy("A task was begun anew"),
    "late": gettext_lazy("Work came after a step had closed; it was recorded and not applied"),
    "agent_failed": gettext_lazy("An agent did not answer, or the stand-in did"),
    "other_protocol": gettext_lazy("A participant had another version of the protocol"),
    "paused": gettext_lazy("The study was paused"),
}


def timeline_section(telling: Telling) -> Section:
    return Section(
        key="timeline",
        title=_("Time of every participant"),
        pictures=(
            Picture(
                "timeline",
                _("Each participant's steps, from their enrolment on."),
                _("One line per participant; durations are in the table below."),
            ),
        )
        if telling.found.stays
        else (),
        tables=(
            Table(
                _("Minutes per step, of those who closed it"),
                (_("Step"), "n", _("median"), _("shortest"), _("longest"), _("ended by the clock")),
                [
                    (
                        Cell(telling.step_title(one.step), behind("steps", step=one.step)),
                        number(str(one.people), behind("steps", step=one.step)),
                        number(fixed(one.median, 1), behind("steps", step=one.step)),
                        number(fixed(one.shortest, 1), behind("steps", step=one.step)),
                        number(fixed(one.longest, 1), behind("steps", step=one.step)),
                        number(str(one.by_clock), behind("steps", step=one.step, ended_by="clock")),
                    )
                    for one in telling.found.method.durations
                ],
            ),
        ),
        computed=(_("By the server's clock. Steps that were never closed are left out."),),
    )


def deviations_section(telling: Telling) -> Section:
    found = telling.found.deviations
    title = _("Deviations from the plan")
    if not found:
        return Section("deviations", title, [Sentence(_("The record shows no deviation."))])
    return Section(
        key="deviations",
        title=title,
        tables=(
            Table(
                _("From the record"),
                (_("What"), _("Participant"), _("Details"), _("Reason"), _("By"), _("When (UTC)")),
                [_row(telling, one) for one in found],
            ),
        ),
        computed=(
            _(
                "Flags of a step: `early` – somebody tried to leave before its minimum, and could"
                " not; `late` – something came after its maximum: within the protocol's grace it"
                " was applied, after it only recorded; `paused`, `extended` – by staff; `restarted`"
                " – begun anew after a time away, as the protocol says."
            ),
        ),
    )


def _row(telling: Telling, one: Deviation) -> tuple[Cell, ...]:
    what = "; ".join(filter(None, (telling.step_title(one.step), *_what(one))))
    details = f"{what} (× {one.times})" if one.times > 1 else what
    return (
        Cell(str(KINDS[one.kind])),
        Cell(one.who, behind("people", participant=one.who) if one.who else ""),
        Cell(details),
        Cell(telling.reason(one.why) if one.kind == "excluded" else one.why),
        Cell(_by(one)),
        Cell(one.at.strftime("%Y-%m-%d %H:%M") if one.at else ""),
    )


def _what(one: Deviation) -> Sequence[str]:
    """The codes in words."""
    known = {"override": words.WARNINGS, "flagged": words.FLAGS, "agent_failed": words.OUTCOMES}
    if one.kind in known:
        return [words.named(known[one.kind], code) for code in one.what.split(",") if code]
    return [words.coded(one.what)] if one.what else []


def _by(one: Deviation) -> str:
    if one.kind == "excluded" and one.by == BY_RULE:
        return _("a rule of the plan")
    return one.by
