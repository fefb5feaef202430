"""Who took part: the flow, and what the groups were like at the start."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from evaluation.report.document import Cell, Picture, Section, Sentence, Table, behind, number
from evaluation.report.facts.answers import Background
from evaluation.report.facts.flow import Arm
from evaluation.report.numbers import share, short, spread
from evaluation.report.telling import Telling
from study.models import Participant


def flow_section(telling: Telling) -> Section:
    flow = telling.found.flow
    told = _(
        "%(enrolled)d people enrolled; %(assigned)d were assigned at random. Before that,"
        " %(screened)d did not meet the criteria, %(turned)d found no place left, and %(left)d"
        " left or were still on their way."
    ) % {
        "enrolled": flow.enrolled,
        "assigned": flow.assigned,
        "screened": flow.screened_out,
        "turned": flow.turned_away,
        "left": flow.left,
    }
    return Section(
        key="flow",
        title=_("Flow of participants"),
        sentences=(
            Sentence(told, behind("people")),
            *(_of_arm(arm) for arm in flow.arms),
        ),
        pictures=(
            Picture(
                "flow",
                _("The flow of participants, after CONSORT 2010."),
                _("Boxes from enrolment to analysis; the numbers are in the table below."),
            ),
        ),
        tables=(_flow_table(telling, flow.arms),),
        computed=(
            _(
                "Pilots and previews count nowhere. “Analysed” are those whose submission has at"
                " least one score that counts. Questionnaires and logs count of everybody who was"
                " assigned, not excluded, and whose data were not deleted; in each comparison n is"
                " how many of them have a value. Everybody is analysed in the condition they were"
                " assigned to."
            ),
        ),
    )


def _of_arm(arm: Arm) -> Sentence:
    told = _(
        "%(condition)s: %(assigned)d assigned, %(completed)d completed, %(handed_in)d handed in a"
        " submission, %(excluded)d excluded, %(rated)d analysed."
    ) % {
        "condition": arm.condition,
        "assigned": arm.assigned,
        "completed": arm.completed,
        "handed_in": arm.handed_in,
        "excluded": sum(arm.excluded.values()),
        "rated": arm.rated,
    }
    return Sentence(told, behind("people", condition=arm.condition))


def state_name(state: str) -> str:
    return str(Participant.State(state).label) if state in Participant.State else state


def _flow_table(telling: Telling, arms: Sequence[Arm]) -> Table:
    def line(name: str, of: Sequence[int], **filters: str) -> Sequence[Cell]:
        cells = (
            number(str(n), behind("people", condition=arm.condition, **filters))
            for n, arm in zip(of, arms, strict=True)
        )
        return (Cell(name), *cells)

    states = sorted({state for arm in arms for state in arm.lost})
    reasons = sorted({reason for arm in arms for reason in arm.excluded})
    completed = Participant.State.COMPLETED.value
    return Table(
        _("Participants per condition"),
        ("", *(arm.condition for arm in arms)),
        [
            line(_("assigned"), [arm.assigned for arm in arms]),
            line(_("completed"), [arm.completed for arm in arms], state=completed),
            *(
                line(state_name(one), [arm.lost.get(one, 0) for arm in arms], state=one)
                for one in states
            ),
            line(_("handed in a submission"), [arm.handed_in for arm in arms], handed_in="1"),
            line(_("had their data deleted"), [arm.deleted for arm in arms]),
            *(
                line(
                    _("excluded: %s") % telling.reason(one),
                    [arm.excluded.get(one, 0) for arm in arms],
                    excluded="1",
                )
                for one in reasons
            ),
            line(_("ratings analysed"), [arm.rated for arm in arms]),
            line(_("questionnaires and logs that count"), [arm.compared for arm in arms]),
        ],
    )


def background_section(telling: Telling) -> Section:
    return Section(
        key="background",
        title=_("Participants at the start"),
        tables=(_background_table(telling),),
        computed=(
            _(
                "Of everybody who was assigned and whose data are there. Numbers: median"
                " [quartiles], smallest–largest. No test is made: differences between randomised"
                " groups at the start are chance by construction."
            ),
        ),
    )


def _background_table(telling: Telling) -> Table:
    conditions = telling.found.conditions
    return Table(
        _("Background per condition"),
        ("", *conditions),
        [row for one in telling.found.background for row in _lines(telling, one)],
    )


def _lines(telling: Telling, one: Background) -> Iterator[Sequence[Cell]]:
    title = telling.item_text(one.step, one.item)
    conditions = telling.found.conditions

    def cell(text: str, condition: str, **filters: str) -> Cell:
        rows = behind("answers", step=one.step, item=one.item, condition=condition, **filters)
        return number(text, rows)

    if one.numbers:
        yield (Cell(title), *(cell(_numbers(one.numbers[c]), c) for c in conditions))
    else:
        yield (
            Cell(title),
            *(cell(f"n = {sum(one.counts[c].values())}", c) for c in conditions),
        )
        values = sorted({value for counts in one.counts.values() for value in counts})
        for value in values:
            name = telling.choice_text(one.step, one.item, value)
            name = {"True": _("ticked"), "False": _("not ticked")}.get(name, name)
            yield (
                Cell(f"— {name}"),
                *(
                    cell(
                        share(one.counts[c].get(value, 0), sum(one.counts[c].values())),
                        c,
                        value=value,
                    )
                    for c in conditions
                ),
            )
    if any(one.missing.values()):
        yield (Cell("— " + _("no answer")), *(cell(str(one.missing[c]), c) for c in conditions))


def _numbers(values: Sequence[float]) -> str:
    if not values:
        return "–"
    return f"{spread(values)}, {short(min(values))}–{short(max(values))} (n = {len(values)})"
