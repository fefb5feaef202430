"""Workload and usability compared, and the questions that only describe."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from evaluation.report.document import Cell, Picture, Section, Sentence, Table, behind, number
from evaluation.report.facts.answers import Scale, key_of
from evaluation.report.numbers import fixed, interval, short
from evaluation.report.sections.comparing import compared_alike, head, row, sentence
from evaluation.report.telling import SCALES, Telling, interval_or_why, or_why
from evaluation.stats.scales import Consistency


def scales_section(telling: Telling) -> Section:
    found = telling.found
    if not found.scales:
        return Section("scales", _("Workload and usability"), [Sentence(_("None was asked."))])
    return Section(
        key="scales",
        title=_("Workload and usability"),
        sentences=[
            sentence(telling, name(one), one.contrast, behind("scales", step=one.key))
            for one in found.scales
        ],
        pictures=(
            Picture(
                "scales",
                _("Questionnaire scores, one dot per participant; the bar is the median."),
                _("The values are in the table below."),
            ),
        ),
        tables=(_scores(telling), _consistency(telling), _wording(telling)),
        computed=(
            _(
                "SUS after Brooke (1996): 2.5 times the sum of the ten items, even ones turned. Raw"
                " NASA-TLX after Hart (2006): the unweighted mean of the six scales from 0 to 100."
                " Who left an item out has no score. Cronbach's α (1951) is of the items, turned"
                " ones turned back, with Feldt's interval (1965), over both conditions."
            ),
            *_of_the_short_ueq(found.scales),
            compared_alike(),
        ),
    )


def _of_the_short_ueq(scales: Sequence[Scale]) -> Sequence[str]:
    if not any(one.scoring == "ueq_s" for one in scales):
        return ()
    told = _(
        "UEQ-S after Schrepp, Hinderks and Thomaschewski (2017): the means of the eight items from"
        " −3 to 3, and of its pragmatic (1–4) and hedonic (5–8) halves. All three are rows of the"
        " family, although they depend on each other."
    )
    return (told,)


def name(scale: Scale) -> str:
    key = key_of(scale.scoring, scale.part)
    return str(SCALES.get(key, key))


def _scores(telling: Telling) -> Table:
    found = telling.found
    return Table(
        _("Workload and usability, one score per participant"),
        head(telling, _("Scale")),
        [
            row(
                name(one),
                one.contrast,
                (one.treatment, one.control),
                behind("scales", step=one.key),
                (
                    behind("scales", step=one.key, condition=found.treatment),
                    behind("scales", step=one.key, condition=found.control),
                ),
            )
            for one in found.scales
        ],
    )


def _consistency(telling: Telling) -> Table:
    return Table(
        _("Internal consistency"),
        (_("Scale"), _("Cronbach's α [95 % CI]"), _("items"), _("participants")),
        [
            (
                Cell(name(scale)),
                number(
                    or_why(_alpha(one), one.undefined),
                    behind("answers", step=scale.step),
                ),
                number(str(one.items)),
                number(str(one.people)),
            )
            for scale in telling.found.scales
            for one in (scale.consistency,)
        ],
    )


def _wording(telling: Telling) -> Table:
    """As people were asked, with the ends of each scale: translations of a questionnaire differ."""
    asked = {scale.step for scale in telling.found.scales}
    return Table(
        _("The questions as they were asked"),
        (_("Step"), _("Question"), _("from"), _("to"), _("turned")),
        [
            (
                Cell(telling.text(step.title)),
                Cell(telling.text(item.text)),
                Cell(telling.text(item.low) if item.low else "–"),
                Cell(telling.text(item.high) if item.high else "–"),
                Cell(_("yes") if item.reverse else _("no")),
            )
            for step in telling.protocol.steps
            if step.key in asked
            for item in step.items
        ],
        notes=(
            _(
                "Shown in the language of this report; participants answered in their own (see"
                " “Design and sample”)."
            ),
        ),
    )


def _alpha(one: Consistency) -> str:
    return f"{fixed(one.value)} {interval_or_why(one.interval, interval(one.interval))}"


def items_section(telling: Telling) -> Section:
    items = telling.found.items
    if not items:
        return Section("items", _("Other questions"), [Sentence(_("None was asked."))])
    pictures = [
        Picture(
            "answers",
            _("Answers per item, around the middle answer."),
            _("Stacked bars; the numbers are in the table below."),
        )
    ]
    drawn = any(bar.total for bar in telling.found.answers)
    return Section(
        key="items",
        title=_("Other questions (described, not tested)"),
        pictures=pictures if drawn else (),
        tables=[_items(telling, points) for points in sorted({one.points for one in items})],
        computed=(
            _("Counts of the answers from 1 (lowest) up; median [quartiles]. Nothing is tested."),
        ),
    )


def _items(telling: Telling, points: int) -> Table:
    rows: list[Sequence[Cell]] = []
    for one in telling.found.items:
        if one.points != points:
            continue
        described = one.description
        of = {"step": one.step, "item": one.item, "condition": one.condition}
        middle = "–"
        if described.median is not None:
            spread = f"[{short(described.q1)}–{short(described.q3)}]"
            middle = f"{short(described.median)} {spread}"
        rows.append(
            (
                Cell(f"{one.item.upper()} {telling.item_text(one.step, one.item)}"),
                Cell(one.condition),
                *(
                    number(str(times), behind("answers", **of, value=value))
                    for value, times in enumerate(described.counts, start=1)
                ),
                number(str(described.n), behind("answers", **of)),
                number(middle, behind("answers", **of)),
            )
        )
    counted = [str(point) for point in range(1, points + 1)]
    columns = (_("Item"), _("Condition"), *counted, "n", _("median [IQR]"))
    return Table(_("Answers"), columns, rows)
