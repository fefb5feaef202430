"""The methods section, told from what really happened."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from duetml.features import AGENTS, AgentSettings
from evaluation.report.document import Cell, Section, Sentence, Table, behind, number
from evaluation.report.facts.method import Allocation
from evaluation.report.numbers import fixed, short
from evaluation.report.sections.comparing import how_compared
from evaluation.report.sections.ratings import counted
from evaluation.report.telling import Telling
from study.rules.protocol import ProtocolFile, Step

# Of the agents' settings, what has a sentence.
SAID = {"provider", "model", "temperature", "max_tokens", "preset"} | {
    f"proactive_{one}" for one in ("trigger", "interval_seconds", "gap_seconds")
}
FEATURES = ("chat", "ask_data", "ask_test", "proactive", "upload")


def sections(telling: Telling) -> Sequence[Section]:
    return (
        _design(telling),
        _randomisation(telling),
        _procedure(telling),
        _materials(telling),
        _raters(telling),
        _analysis(telling),
    )


def _said(*texts: str) -> Sequence[Sentence]:
    return [Sentence(text) for text in texts if text]


def _day(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d") if at else "–"


def _design(telling: Telling) -> Section:
    found, method = telling.found, telling.found.method
    flow = found.flow
    design = _(
        "A randomised controlled experiment between participants with two conditions,"
        " %(treatment)s and %(control)s, by protocol %(protocol)s (sha256 %(digest)s)."
        " People enrolled from %(first)s to %(last)s; the study opened on %(opened)s and closed on"
        " %(closed)s. The sample was planned as %(planned)d per condition: %(enrolled)d people"
        " enrolled, %(assigned)d were assigned, and the ratings of %(analysed)d are analysed."
    ) % {
        **telling.versus,
        "protocol": method.protocol,
        "digest": method.protocol_digest,
        "first": _day(method.first_at),
        "last": _day(method.last_at),
        "opened": _day(method.opened_at),
        "closed": _day(method.closed_at),
        "planned": method.allocation.per_condition,
        "enrolled": flow.enrolled,
        "assigned": flow.assigned,
        "analysed": sum(arm.rated for arm in flow.arms),
    }
    languages = ", ".join(f"{name} ({n})" for name, n in sorted(method.languages.items()))
    return Section(
        key="design",
        title=_("Design and sample"),
        sentences=_said(
            design,
            _("Languages in which participants took part: %s.") % languages if languages else "",
            _pilots(method.pilots),
            _recruitment(method.came_by),
            _criteria_of_entry(telling),
            _ethics(telling),
            _stopping(telling),
        ),
        tables=(_conditions(telling),),
    )


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


def _stopping(telling: Telling) -> str:
    rule = telling.protocol.stopping
    text = telling.text(rule.text) if rule else ""
    if rule and rule.until:
        text += f" ({rule.until.isoformat()})"
    return (
        _("Stopping rule: %s") % text if text else _("No stopping rule beyond the number planned.")
    )


def _conditions(telling: Telling) -> Table:
    names = {
        "chat": _("chat with an agent"),
        "ask_data": _("questions about the data by button"),
        "ask_test": _("questions about a test by button"),
        "proactive": _("an agent that speaks by itself"),
        "upload": _("own pictures"),
    }
    features = {
        c: telling.protocol.condition(c).features.model_dump() for c in telling.found.conditions
    }
    return Table(
        _("What each condition had beyond the plain tool"),
        ("", *telling.found.conditions),
        [
            (
                Cell(names[one]),
                *(
                    Cell(_("yes") if features[c].get(one) else _("no"))
                    for c in telling.found.conditions
                ),
            )
            for one in FEATURES
        ],
    )


def _randomisation(telling: Telling) -> Section:
    drawn = telling.found.method.allocation
    return Section(
        key="randomisation",
        title=_("Randomisation and concealment"),
        sentences=_said(_sequence(drawn), _seed(drawn), _concealment()),
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
        ),
        tables=(
            Table(
                _("Steps in order, minutes allowed and minutes taken"),
                (_("Step"), _("Conditions"), _("allowed"), _("median"), "n"),
                rows,
            ),
        ),
    )


def _materials(telling: Telling) -> Section:
    method = telling.found.method
    pools = ", ".join(
        f"{telling.text(s.title)}: {s.pool}" + (f" ({s.images})" if s.images else "")
        for s in telling.protocol.steps
        if s.pool
    )
    failed = ", ".join(f"{name}: {n}" for name, n in method.outcomes.items())
    return Section(
        key="materials",
        title=_("Apparatus: pictures, classifier, language model"),
        sentences=_said(
            _("Picture pools: %s.") % pools if pools else "",
            *_agents(telling.protocol),
            _("What became of the calls: %s.") % failed if failed else "",
        ),
        tables=tuple(_what_was_used(telling)),
    )


def _agents(protocol: ProtocolFile) -> Iterator[str]:
    """A sentence for each setting, with the conditions that had it: where they differ, that is the
    treatment."""
    alike: dict[str, list[str]] = {}
    for condition in protocol.conditions:
        if condition.features.chat:
            speaks = condition.features.proactive
            said = _setting(protocol.agents_of(condition.key), speaks_by_itself=speaks)
            alike.setdefault(said, []).append(condition.key)
    for said, conditions in alike.items():
        yield _("Agents in condition %(conditions)s: %(setting)s.") % {
            "conditions": ", ".join(conditions),
            "setting": said,
        }
    differing = ", ".join(_other_differences(protocol))
    if differing:
        yield _("Other settings that differed: %s.") % differing
    if alike:
        yield _("Every request and answer is stored with prompt version, digest and parameters.")


def _other_differences(protocol: ProtocolFile) -> Iterator[str]:
    """“prompts.proactive: 1 (timer) / 2 (boundary)” for what the sentences of `_setting` leave
    out."""
    told = {
        condition.key: _flat(protocol.agents_of(condition.key))
        for condition in protocol.conditions
        if condition.features.chat
    }
    for name in dict.fromkeys(name for settings in told.values() for name in settings):
        values = [f"{settings.get(name, '–')} ({key})" for key, settings in told.items()]
        if len({settings.get(name) for settings in told.values()}) > 1:
            yield f"{name}: {' / '.join(values)}"


def _flat(agents: AgentSettings) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in agents.model_dump(mode="json", exclude=SAID, exclude_none=True).items():
        inner = value if isinstance(value, dict) else {"": value}
        found |= {f"{name}.{part}".rstrip("."): str(one) for part, one in inner.items()}
    return found


def _setting(agents: AgentSettings, *, speaks_by_itself: bool) -> str:
    models = dict.fromkeys(agents.of(agent).model for agent in AGENTS)
    said = _(
        "provider %(provider)s, model %(model)s, temperature %(temperature)s, at most %(tokens)s"
        " tokens per answer, preset %(preset)s"
    ) % {
        "provider": agents.provider,
        "model": ", ".join(models),
        "temperature": _("of the vendor") if agents.temperature is None else agents.temperature,
        "tokens": agents.max_tokens,
        "preset": agents.preset,
    }
    if not speaks_by_itself:
        return said
    if agents.proactive_trigger == "timer":
        when = _("the proactive agent could speak every %(seconds)s seconds")
        return f"{said}; " + when % {"seconds": short(agents.proactive_interval_seconds)}
    when = _(
        "the proactive agent could speak after a training, a test or a new category, at least"
        " %(seconds)s seconds apart"
    )
    return f"{said}; " + when % {"seconds": short(agents.proactive_gap_seconds)}


def _what_was_used(telling: Telling) -> Iterator[Table]:
    method = telling.found.method
    if method.models:
        yield Table(
            _("Language models as they were asked"),
            (_("Provider"), _("Model"), _("Parameters"), _("calls")),
            [
                (
                    Cell(one.provider),
                    Cell(one.model or "–"),
                    Cell(one.parameters or "–"),
                    number(str(one.calls), behind("calls", provider=one.provider, model=one.model)),
                )
                for one in method.models
            ],
        )
    if method.prompts:
        yield Table(
            _("Prompts"),
            (_("Prompt"), _("version"), _("language"), "sha256", _("calls")),
            [
                (
                    Cell(one.name),
                    number(str(one.version)),
                    Cell(one.language),
                    Cell(one.digest),
                    number(str(one.calls), behind("calls")),
                )
                for one in method.prompts
            ],
        )
    if not method.backbones:
        return
    yield Table(
        _("Classifiers: a linear support vector machine on the features of a backbone"),
        (_("Backbone"), "sha256", _("trained weights"), _("trainings")),
        [
            (
                Cell(one.name),
                Cell(one.digest),
                Cell(_("yes") if one.trained else _("no")),
                number(str(one.runs)),
            )
            for one in method.backbones
        ],
    )


def _raters(telling: Telling) -> Section:
    found = telling.found
    rated_by = found.rated_by
    trained = sum(one.trained_at is not None for one in rated_by)
    finished = sum(one.finished_at is not None for one in rated_by)
    practice = sum(one.practice for one in rated_by)
    told = _(
        "%(raters)d experts rated %(submissions)d submissions on %(criteria)d criteria from 1 to 5"
        " (full crossing: %(scores)d of %(expected)d scores are there). Each saw the submissions in"
        " a random order of their own, drawn from a stored seed. %(trained)d finished the training"
        " with anchored guidelines (%(practice)d practice submissions from outside the study in"
        " all); %(finished)d finished, after which no score of theirs could change."
    ) % {
        "raters": len(rated_by),
        "submissions": found.submissions,
        "criteria": len(found.analyses),
        "scores": found.scores,
        "expected": found.expected,
        "trained": trained,
        "practice": practice,
        "finished": finished,
    }
    unfinished = (
        _("Scores of raters who had not finished count as they stand.")
        if finished < len(rated_by)
        else ""
    )
    return Section(
        key="rating",
        title=_("Rating"),
        sentences=_said(
            told,
            _(
                "Raters were blind: they saw the requirement, the category names and the pictures"
                " under an opaque number, and neither condition nor participant, other raters'"
                " scores nor times. No model touched what they saw. Every change of a score is kept"
                " with its old value."
            ),
            unfinished,
            _repeats(telling),
        ),
        tables=tuple(_backgrounds(telling)),
    )


def _repeats(telling: Telling) -> str:
    repeats = telling.protocol.rating.repeats
    if not repeats:
        return _("No submission was shown twice, so raters' agreement with themselves is unknown.")
    told = _("%(n)d submissions were shown to each rater a second time, late in the order.")
    return told % {"n": repeats}


def _backgrounds(telling: Telling) -> Iterator[Table]:
    keys = sorted({key for one in telling.found.rated_by for key in one.background})
    if not keys:
        return
    yield Table(
        _("Background of the raters"),
        (_("Rater"), *keys),
        [
            (Cell(one.code), *(Cell(str(one.background.get(key, "–"))) for key in keys))
            for one in telling.found.rated_by
        ],
    )


def _analysis(telling: Telling) -> Section:
    method = telling.found.method
    libraries = ", ".join(f"{name} {number}" for name, number in method.libraries.items())
    unlocked = _("The results were unlocked on %(at)s by %(by)s.") % {
        "at": _day(method.unlocked_at),
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
        ),
    )


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
    rules = [f"{one.rule} ({telling.text(one.text)})" for one in (plan.exclusions if plan else ())]
    if rules:
        told += " " + _("Rules for exclusion stated in the protocol: %s.") % "; ".join(rules)
    return told
