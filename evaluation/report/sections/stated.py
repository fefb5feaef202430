"""What the protocol says of what only the researcher knows, and what it does not say."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluation.report.document import Cell, Section, Sentence, Table
from evaluation.report.telling import Telling
from evaluation.report.words import SETTINGS, Words, coded
from study.rules.protocol import ProtocolFile
from study.rules.reporting import RatersTold, Reporting
from study.rules.terms import Text

REPORTING = "reporting:"
Gap = tuple[Words, str, str]  # what is not stated, where it belongs, the line to add


def reporting(telling: Telling) -> Reporting:
    return telling.protocol.reporting or Reporting()


def of_the_sample(telling: Telling) -> Sequence[str]:
    """Where it was, who was asked and how, what they were given, why so many, where it was
    registered."""
    told = reporting(telling)
    return (
        _setting(telling, told),
        _said(telling, _("Recruitment of the participants: %s"), told.recruitment),
        _said(telling, _("Compensation of the participants: %s"), told.compensation),
        _said(telling, _("Why so many per condition: %s"), told.sample_size),
        _registration(told),
    )


def of_the_raters(telling: Telling) -> Sequence[str]:
    told = reporting(telling).raters or RatersTold()
    return (
        _said(telling, _("Recruitment and expertise of the raters: %s"), told.recruitment),
        _said(telling, _("Compensation of the raters: %s"), told.compensation),
    )


def of_the_interviews(telling: Telling) -> str:
    return _said(telling, _("Analysis of the interviews: %s"), reporting(telling).interviews)


def statements(telling: Telling) -> Section:
    told, retention = reporting(telling), telling.protocol.retention
    kept = (
        _("What can be told apart by person is purged %(n)d months after the closing.")
        % {"n": retention.months}
        if retention
        else ""
    )
    said = (
        _said(telling, _("Data and materials: %s"), told.availability),
        _(
            "The export of the study holds the protocol with the wording of every step, question"
            " and anchor, the data by pseudonym, a code book, and two programs, %(py)s and %(r)s,"
            " that compute the numbers of this report again from the data alone."
        )
        % {"py": coded("analysis.py"), "r": coded("analysis.R")},
        kept,
        _said(telling, _("Funding: %s"), told.funding),
        _said(telling, _("Competing interests: %s"), told.interests),
    )
    sentences = [Sentence(one) for one in said if one]
    return Section("statements", _("Data, funding, interests"), sentences)


def unstated(telling: Telling) -> Section:
    """Every question that stays open, with the line that would answer it."""
    found = list(gaps(telling))
    title = _("What the protocol does not state")
    if not found:
        return Section("unstated", title, [Sentence(_("Nothing that this report asks for."))])
    warning = ngettext(
        "%(n)d thing that readers of a methods section ask for is not stated.",
        "%(n)d things that readers of a methods section ask for are not stated.",
        len(found),
    ) % {"n": len(found)}
    how = _(
        "Lines below %(reporting)s can be added at any time, after the closing as well, with a"
        " reason and a date on record: %(command)s. The others can be added until the closing."
    ) % {
        "reporting": coded(REPORTING),
        "command": coded(f"manage.py study_amend {telling.study.slug} FILE --reason …"),
    }
    head = (_("Not stated"), _("Where in the protocol"), _("Line to add"))
    rows = [(Cell(str(what)), Cell(where), Cell(line)) for what, where, line in found]
    return Section(
        "unstated",
        title,
        [Sentence(how)],
        warning=warning,
        tables=(Table(_("Not stated, and the line to add"), head, rows),),
    )


def gaps(telling: Telling) -> Iterator[Gap]:
    protocol = telling.protocol
    words = "{" + ", ".join(f'{language}: "…"' for language in protocol.languages) + "}"
    lines = (
        *_of_reporting(reporting(telling), protocol, words),
        *_of_the_raters(reporting(telling).raters or RatersTold(), words),
        *_of_the_plan(protocol, words),
    )
    yield from ((what, coded(where), coded(line)) for what, where, line in lines)
    yield from _of_the_pools(telling)


def _of_reporting(told: Reporting, protocol: ProtocolFile, words: str) -> Iterator[Gap]:
    if told.setting is None:
        line = f"setting: {{kind: online, text: {words}}}"
        yield _("where people took part: online, in a laboratory, or both"), REPORTING, line
    questions: dict[str, Words] = {
        "recruitment": _("where and how participants were asked, and who could answer"),
        "compensation": _("what participants were given for taking part"),
        "sample_size": _("why so many participants per condition"),
        "availability": _("where data and materials are to be had"),
        "funding": _("who paid for the study"),
        "interests": _("whether the authors have competing interests"),
    }
    if any("interview" in (step.kind, step.key) for step in protocol.steps):
        questions["interviews"] = _("how the interviews were coded, and by whom")
    for name, question in questions.items():
        if getattr(told, name) is None:
            yield question, REPORTING, f"{name}: {words}"
    if told.registration is None:
        line = 'registration: {where: "https://…", day: 2026-05-31}'
        yield _("where and when the plan was registered"), REPORTING, line


def _of_the_raters(told: RatersTold, words: str) -> Iterator[Gap]:
    questions: dict[str, Words] = {
        "recruitment": _("how the raters were found, and what makes them experts"),
        "compensation": _("what the raters were given"),
    }
    for name, question in questions.items():
        if getattr(told, name) is None:
            yield question, f"{REPORTING} raters:", f"{name}: {words}"


def _of_the_plan(protocol: ProtocolFile, words: str) -> Iterator[Gap]:
    plan = protocol.analysis
    consent = next(step for step in protocol.steps if step.kind == "consent")
    if protocol.ethics is None:
        line = 'ethics: {approval: "…", board: "…"}'
        yield _("the approval of an ethics board"), "ethics:", line
    if not consent.version:
        yield _("the version of the consent form"), f"steps: {consent.key}", 'version: "1"'
    if not (plan and plan.hypotheses):
        yield _("the hypotheses"), "analysis:", f"hypotheses: [{words}]"
    if not (plan and plan.exclusions):
        line = f"exclusions: [{{rule: late, text: {words}}}]"
        yield _("rules for leaving participants out of the analysis"), "analysis:", line
    if protocol.stopping is None:
        yield _("when enrolment was to stop"), "stopping:", f"stopping: {{text: {words}}}"
    if protocol.retention is None:
        yield _("how long the data are kept"), "retention:", "retention: {months: 12}"


def _of_the_pools(telling: Telling) -> Iterator[Gap]:
    for pool in telling.found.method.apparatus.pools:
        if not pool.licence.strip():
            asked = _("where the pictures of the pool “%s” come from, and under which licence")
            yield asked % pool.name, coded("/pools/"), _("licence note")


def _setting(telling: Telling, told: Reporting) -> str:
    if told.setting is None:
        return ""
    where = str(SETTINGS[told.setting.kind])
    said = _("Setting: %s.") % where
    return f"{said} {telling.text(told.setting.text)}" if told.setting.text else said


def _registration(told: Reporting) -> str:
    if told.registration is None:
        return ""
    if told.registration.day is None:
        return _("The plan was registered: %s.") % told.registration.where
    return _("The plan was registered on %(day)s: %(where)s.") % {
        "day": told.registration.day.isoformat(),
        "where": told.registration.where,
    }


def _said(telling: Telling, sentence: str, text: Text | None) -> str:
    return sentence % telling.text(text) if text else ""
