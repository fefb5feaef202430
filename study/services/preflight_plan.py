"""Whether a protocol says all that a study with real participants has to say, and can show
something."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from study.rules.protocol import ProtocolFile
from study.services import preflight_registry
from study.services.preflight_registry import Forecast
from study.services.preflight_state import Check, judged

LEVEL, WANTED_POWER = 0.05, 0.8


def checks(protocol: ProtocolFile) -> Iterator[Check]:
    yield from _named(protocol)
    yield _consent(protocol)
    yield _advisor(protocol)
    yield _codes(protocol)
    # Without a word in one of its languages a protocol is not read at all.
    languages = ", ".join(protocol.languages)
    text = _("All words are there in %(languages)s.") % {"languages": languages}
    yield Check("translations", judged(True), text)
    for foresee in preflight_registry.forecasts:
        yield from _sample(foresee(protocol))


def _named(protocol: ProtocolFile) -> Iterator[Check]:
    given = {
        "ethics": (
            protocol.ethics,
            _("The approval of the ethics board is named."),
            _("No approval of an ethics board is named: give `ethics` (approval, board)."),
        ),
        "contact": (
            protocol.contact,
            _("Participants are told whom to ask."),
            _("Participants are not told whom to ask: give `contact` (name, email)."),
        ),
        "retention": (
            protocol.retention,
            _("It is said when the data are purged."),
            _("It is not said when the data are purged: give `retention` (months)."),
        ),
    }
    for code, (there, well, lacking) in given.items():
        yield Check(code, judged(there is not None), well if there is not None else lacking)


def _consent(protocol: ProtocolFile) -> Check:
    version = next((step.version for step in protocol.steps if step.kind == "consent"), None)
    if version:
        text = _(
            "The consent is version %(version)s; participants can download a copy that says so,"
            " with the day they agreed."
        ) % {"version": version}
        return Check("consent", judged(True), text)
    text = _(
        "The consent has no version, so neither its downloadable copy nor the records say who"
        " agreed to what: give the consent's step a `version`."
    )
    return Check("consent", judged(False), text)


def _advisor(protocol: ProtocolFile) -> Check:
    talks = [one.key for one in protocol.conditions if one.features.chat]
    offline = [key for key in talks if protocol.agents_of(key).provider == "offline"]
    if not offline:
        return Check("advisor", judged(True), _("No condition has the offline advisor."))
    text = _(
        "The agents of %(conditions)s are the offline advisor, made for trials: name a model vendor"
        " as `provider`."
    )
    return Check("advisor", judged(False), text % {"conditions": ", ".join(offline)})


def _codes(protocol: ProtocolFile) -> Check:
    """Codes that are the same for two outcomes are refused with the protocol."""
    codes = protocol.completion.codes if protocol.completion else {}
    if protocol.recruitment.prolific and not codes:
        text = _("Prolific needs a completion code for each outcome: give `completion.codes`.")
        return Check("codes", judged(False), text)
    return Check("codes", judged(True), _("Completion codes differ between outcomes or persons."))


def _sample(told: Forecast) -> Iterator[Check]:
    facts = {
        "each": told.each,
        "tests": told.tests,
        "p": f"{told.reachable_p:.2g}",
        "power": f"{told.power:.0%}",
        "shift": f"{told.shift:g}",
        "raters": told.raters,
    }
    text = _(
        "With %(each)d in each condition and %(tests)d criteria the smallest p there can be is"
        " %(p)s."
    )
    yield Check("reachable_p", judged(told.reachable_p <= LEVEL), text % facts)
    text = _(
        "The power for one criterion is %(power)s, simulated for a difference of %(shift)s standard"
        " deviations and %(raters)d raters; plan more participants where it is under 80%%."
    )
    yield Check("power", judged(told.power >= WANTED_POWER), text % facts)
