"""Design and sample, as part of the methods: who was let in, how many, and what they can show."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluation.report import words
from evaluation.report.document import Cell, Section, Sentence, Table, number
from evaluation.report.facts.foresight import Foresight
from evaluation.report.numbers import p_value, short, spread
from evaluation.report.sections import stated
from evaluation.report.telling import Telling, day
from study.rules.protocol import Step

FEATURES = ("chat", "ask_data", "ask_test", "proactive", "upload")


def section(telling: Telling) -> Section:
    found, method = telling.found, telling.found.method
    languages = ", ".join(
        f"{words.language(name)} ({n})" for name, n in sorted(method.languages.items())
    )
    told = (
        _design(telling),
        *stated.of_the_sample(telling),
        _("Languages in which participants took part: %s.") % languages if languages else "",
        _whole(method.whole),
        _pilots(method.pilots),
        _recruitment(method.came_by),
        _recruiter(telling),
        _criteria_of_entry(telling),
        _window(telling),
        _attention(telling),
        _ethics(telling),
        _stopping(telling),
    )
    tables = [_conditions(telling)]
    if found.foresight:
        tables.append(_power(found.foresight))
    return Section(
        key="design",
        title=_("Design and sample"),
        sentences=[Sentence(text) for text in told if text],
        tables=tables,
    )


def _design(telling: Telling) -> str:
    found, method = telling.found, telling.found.method
    return _(
        "A randomised controlled experiment between participants with two conditions,"
        " %(treatment)s and %(control)s, by protocol %(protocol)s (sha256 %(digest)s)."
        " People enrolled from %(first)s to %(last)s; the study opened on %(opened)s and closed on"
        " %(closed)s. The sample was planned as %(planned)d per condition: %(enrolled)d people"
        " enrolled, %(assigned)d were assigned, and the ratings of %(analysed)d are analysed."
    ) % {
        **telling.versus,
        "protocol": method.protocol,
        "digest": method.protocol_digest,
        "first": day(method.first_at),
        "last": day(method.last_at),
        "opened": day(method.opened_at),
        "closed": day(method.closed_at),
        "planned": method.allocation.per_condition,
        "enrolled": found.flow.enrolled,
        "assigned": found.flow.assigned,
        "analysed": sum(arm.rated for arm in found.flow.arms),
    }


def _whole(minutes: Sequence[float]) -> str:
    if not minutes:
        return ""
    return _(
        "From the enrolment to the end, those who completed the study took %(minutes)s minutes"
        " (median [quartiles], n = %(n)d), breaks included."
    ) % {"minutes": spread(minutes), "n": len(minutes)}


def _pilots(pilots: int) -> str:
    if not pilots:
        return ""
    return ngettext(
        "%(n)d pilot participant, with a sequence of their own, counts nowhere.",
        "%(n)d pilot participants, with a sequence of their own, count nowhere.",
        pilots,
    ) % {"n": pilots}


def _recruitment(came_by: Mapping[str, int]) -> str:
    names = {
        "general": _("a link for everybody who has it"),
        "personal": _("a link for one person, once"),
        "listed": _("a link for one person of a list"),
        "": _("the study's own page"),
    }
    told = ", ".join(f"{names.get(kind, kind)}: {n}" for kind, n in came_by.items())
    return _("Participants came by %s.") % told if told else ""


def _recruiter(telling: Telling) -> str:
    return (
        _("The study's page takes the ids of Prolific.")
        if telling.protocol.recruitment.prolific
        else ""
    )


def _ethics(telling: Telling) -> str:
    """Approval and consent, as the protocol has them."""
    ethics = telling.protocol.ethics
    told = (
        _("Ethics approval: %(approval)s (%(board)s).")
        % {"approval": ethics.approval, "board": ethics.board}
        if ethics
        else _("The protocol names no ethics approval.")
    )
    consent = next(step for step in telling.protocol.steps if step.kind == "consent")
    items = "; ".join(f"“{telling.text(item.text)}”" for item in consent.items)
    named = _("Consent form")
    if consent.version:
        named = _("Consent form, version %s") % consent.version
    return f"{told} {named}: {items}"


def _criteria_of_entry(telling: Telling) -> str:
    asked = [
        f"“{telling.text(item.text)}” → {_answers(telling, step, item.key, item.admits)}"
        for step in telling.protocol.steps
        if step.kind == "screening"
        for item in step.items
        if item.admits is not None
    ]
    return (
        _("Who may take part was asked before the assignment: %s.") % "; ".join(asked)
        if asked
        else ""
    )


def _answers(telling: Telling, step: Step, item: str, values: Sequence[str]) -> str:
    return " / ".join(telling.choice_text(step.key, item, value) for value in values)


def _window(telling: Telling) -> str:
    width = telling.protocol.minimum_width
    if width is None:
        return _("Any device with a browser could be used; none was asked for.")
    return _("A browser window at least %d pixels wide was asked for.") % width


def _attention(telling: Telling) -> str:
    asked = [
        f"“{telling.text(item.text)}”"
        for step in telling.protocol.steps
        for item in step.items
        if item.attention
    ]
    if not asked:
        return _("There was no attention check.")
    return _("Attention checks: %s.") % "; ".join(asked)


def _stopping(telling: Telling) -> str:
    rule = telling.protocol.stopping
    text = telling.text(rule.text) if rule else ""
    if rule and rule.until:
        text += f" ({rule.until.isoformat()})"
    return (
        _("Stopping rule: %s") % text if text else _("No stopping rule beyond the number planned.")
    )


def _conditions(telling: Telling) -> Table:
    features = {
        c: telling.protocol.condition(c).features.model_dump() for c in telling.found.conditions
    }
    return Table(
        _("What each condition had beyond the plain tool"),
        ("", *telling.found.conditions),
        [
            (
                Cell(name),
                *(
                    Cell(_("yes") if features[c].get(one) else _("no"))
                    for c in telling.found.conditions
                ),
            )
            for one, name in _features(features)
        ],
    )


def _features(of: Mapping[str, Mapping[str, bool]]) -> Iterator[tuple[str, str]]:
    """Those of the paper always, those of the studio where a condition had them."""
    names = {
        "chat": _("chat with an agent"),
        "ask_data": _("questions about the data by button"),
        "ask_test": _("questions about a test by button"),
        "proactive": _("an agent that speaks by itself"),
        "upload": _("own pictures"),
        "arrange": _("categories reordered and merged"),
        "copies": _("a picture in several categories"),
        "folders": _("whole folders and zip files"),
        "similar": _("pictures like a picture"),
        "history": _("earlier trainings, which can be restored"),
        "quality": _("how good the classifier is on pictures it had not seen"),
        "nearest": _("the nearest training pictures of a result"),
        "map": _("a map of all pictures"),
        "take_home": _("the classifier to take home"),
    }
    for one, name in names.items():
        if one in FEATURES or any(features.get(one) for features in of.values()):
            yield one, name


def _power(found: Foresight) -> Table:
    note = _(
        "Power of the test of one criterion, simulated for %(x)d against %(y)d analysed"
        " participants and %(raters)d raters, at p ≤ %(level)s, which Holm's correction asks of the"
        " smallest of %(tests)d. The difference is assumed, in standard deviations of one rater's"
        " judgement, and so is the agreement of one rater with another (%(agreement)s); nothing"
        " that was found goes into it."
    ) % {
        "x": found.n_x,
        "y": found.n_y,
        "raters": found.raters,
        "level": p_value(found.level),
        "tests": found.tests,
        "agreement": short(found.agreement),
    }
    return Table(
        _("What a sample of this size can show"),
        (_("Assumed difference, in standard deviations"), _("Power")),
        [(Cell(short(shift)), number(f"{100 * power:.0f} %")) for shift, power in found.power],
        notes=(note,),
    )
