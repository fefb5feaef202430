"""A study's results as one document, and the figures it names, in one language."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from matplotlib.figure import Figure

from evaluation.figures import canvas, consort, diverging, dots, effects, timeline
from evaluation.report.document import Document
from evaluation.report.facts.flow import Arm
from evaluation.report.numbers import fixed, interval
from evaluation.report.sections import (
    activity,
    agreement,
    blinding,
    course,
    methods,
    questionnaires,
    ratings,
    references,
    sample,
    sensitivity,
)
from evaluation.report.telling import BOUNDS, Telling
from evaluation.work.results import Results
from study.models import Study

LANGUAGES = ("en", "ja")
SECTIONS = (
    sample.flow_section,
    sample.background_section,
    ratings.section,
    agreement.section,
    sensitivity.section,
    questionnaires.scales_section,
    questionnaires.items_section,
    activity.section,
    blinding.section,
    course.timeline_section,
    course.deviations_section,
)


def document(
    study: Study, found: Results, remarks: list[str], digest: str, now: datetime, language: str
) -> Document:
    """`remarks`: in the same language. To be called under that translation."""
    telling = Telling(study, study.protocol.read(), found, language)
    if not canvas.can_draw(language):
        remarks = [*remarks, _("No Japanese font is installed: words in figures are English.")]
    return Document(
        title=study.title,
        language=language,
        digest=digest,
        made_at=now.strftime("%Y-%m-%d %H:%M UTC"),
        remarks=remarks,
        sections=[section(telling) for section in SECTIONS],
        method=[*methods.sections(telling), references.section()],
    )


def drawings(study: Study, found: Results, language: str) -> Mapping[str, Callable[[], Figure]]:
    """Figure's name → how it is drawn; only those that have something to show."""
    telling = Telling(study, study.protocol.read(), found, language)
    kept: dict[str, Callable[[], Figure]] = {"flow": lambda: _flow(telling)}
    if any(bar.total for bar in found.criteria):
        kept["criteria"] = lambda: _criteria(telling)
        kept["means"] = lambda: _means(telling)
        kept["effects"] = lambda: _effects(telling)
    else:
        kept |= dict.fromkeys(("criteria", "means", "effects"), _nothing)
    if any(bar.total for bar in found.answers):
        kept["answers"] = lambda: _answers(telling)
    if found.scales:
        kept["scales"] = lambda: _scales(telling)
    if any(values for one in found.measures for values in one.values.values()):
        kept["measures"] = lambda: _measures(telling)
    if found.stays:
        kept["timeline"] = lambda: _timeline(telling)
    return kept


def drawn(draw: Callable[[], Figure], language: str) -> Mapping[str, bytes]:
    """The files of one figure; in English where no font has the language's characters."""
    can = canvas.can_draw(language)
    with canvas.style(language), nullcontext() if can else translation.override("en"):
        return canvas.files(draw())


def _nothing() -> Figure:
    figure, axes = canvas.blank(0.8)
    axes.axis("off")
    axes.text(0.5, 0.5, _("There are no scores."), ha="center", va="center")
    return figure


def _flow(telling: Telling) -> Figure:
    flow = telling.found.flow
    before = flow.screened_out + flow.turned_away + flow.left
    return consort.consort(
        consort.Chart(
            enrolled=consort.Box((_n(_("Enrolled"), flow.enrolled),)),
            left=consort.Box(
                (
                    _n(_("Not assigned"), before),
                    _n(_("did not meet the criteria"), flow.screened_out),
                    _n(_("found no place left"), flow.turned_away),
                    _n(_("left before the assignment"), flow.left),
                )
            ),
            assigned=consort.Box((_n(_("Assigned at random"), flow.assigned),)),
            arms=tuple(_arm(telling, arm) for arm in flow.arms),
        )
    )


def _arm(telling: Telling, arm: Arm) -> tuple[consort.Box, ...]:
    lost = (f"{sample.state_name(state)}: {n}" for state, n in arm.lost.items())
    excluded = (
        _("excluded: %s") % f"{_reason(telling, one)}: {n}" for one, n in arm.excluded.items()
    )
    deleted = (_("had their data deleted") + f": {arm.deleted}",) if arm.deleted else ()
    return (
        consort.Box(
            (_n(arm.condition, arm.assigned), _("completed") + f": {arm.completed}", *lost)
        ),
        consort.Box((_n(_("Handed in a submission"), arm.handed_in), *excluded, *deleted)),
        consort.Box(
            (
                _n(_("Ratings analysed"), arm.rated),
                _n(_("questionnaires and logs that count"), arm.compared),
            )
        ),
    )


def _reason(telling: Telling, told: str) -> str:
    return telling.reason(told).replace("`", "")


def _n(title: str, number: int) -> str:
    return f"{title} (n = {number})"


def _criteria(telling: Telling) -> Figure:
    answers = ["1 " + _("worst"), "2", "3", "4", "5 " + _("best")]
    return diverging.diverging(telling.found.criteria, answers, _("share of the scores (%)"))


def _answers(telling: Telling) -> Figure:
    answers = ["1 " + _("disagree"), "2", "3", "4", "5 " + _("agree")]
    shown = [bar for bar in telling.found.answers if bar.total]
    return diverging.diverging(shown, answers, _("share of the answers (%)"))


def _means(telling: Telling) -> Figure:
    found = telling.found
    panels = [
        dots.Panel(
            criterion.upper(),
            {c: tuple(groups[c].values()) for c in found.conditions},
            (1.0, 5.0),
        )
        for criterion, groups in found.means.items()
    ]
    return dots.dots(panels, _("median"))


def _effects(telling: Telling) -> Figure:
    told = []
    for one in telling.found.analyses:
        a, bounds = one.primary.test.superiority, one.primary.superiority
        shown = f"{fixed(a)} {interval(bounds)}"
        told.append(effects.Effect(one.criterion.upper(), a, bounds.low, bounds.high, shown))
    axis = _("A: chance that %(treatment)s is higher than %(control)s") % telling.versus
    return effects.effects(told, axis)


def _scales(telling: Telling) -> Figure:
    found = telling.found
    panels = [
        dots.Panel(
            questionnaires.name(one),
            {found.treatment: one.treatment, found.control: one.control},
            BOUNDS.get(one.scoring),
        )
        for one in found.scales
    ]
    return dots.dots(panels, _("median"), per_row=2)


def _measures(telling: Telling) -> Figure:
    panels = [
        dots.Panel(short_label(one.key), {c: tuple(v.values()) for c, v in one.values.items()})
        for one in telling.found.measures
        if any(one.values.values())
    ]
    return dots.dots(panels, _("median"), per_row=4)


def short_label(measure: str) -> str:
    """Measures' names that fit over a small plot."""
    names = {
        "seconds_to_first_training": _("s to first training"),
        "trainings": _("trainings"),
        "tests": _("tests"),
        "edits": _("edits"),
        "edits_per_category": _("edits per category"),
        "categories": _("categories"),
        "pictures": _("pictures"),
        "coverage": _("coverage"),
        "balance": _("balance"),
        "overlap": _("overlap"),
        "messages_chat": _("chat messages"),
        "messages_ask_data": _("data questions"),
        "messages_ask_test": _("test questions"),
        "advice_reactive": _("answers"),
        "advice_proactive": _("proactive advice"),
        "advice_taken_up": _("advice taken up"),
        "share_taken_up": _("share taken up"),
    }
    return names.get(measure, measure)


def _timeline(telling: Telling) -> Figure:
    found = telling.found
    condition_of = {one.code: one.condition for one in found.people}
    order = sorted(found.stays, key=lambda code: (condition_of[code], code))
    tasks = [step for step in telling.protocol.steps if step.minutes]
    named = {step.key: telling.text(step.title) for step in tasks}
    rows = {
        f"{code} {condition_of[code]}": [
            timeline.Piece(stay.begin, stay.end, named.get(stay.step, ""), bool(stay.flags))
            for stay in found.stays[code]
        ]
        for code in order
    }
    return timeline.timeline(
        rows,
        list(named.values()),
        _("minutes since the enrolment"),
        _("other steps"),
        _("flagged in the record"),
    )
