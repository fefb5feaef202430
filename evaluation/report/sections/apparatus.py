"""What participants worked with, as part of the methods: pictures, classifier, language model."""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from duetml.features import AGENTS, AgentSettings
from duetml.vision.weights import FEATURES, SIDE
from evaluation.report import words
from evaluation.report.document import Cell, Section, Sentence, Table, behind, number
from evaluation.report.facts.apparatus import Classifier
from evaluation.report.numbers import short
from evaluation.report.telling import Telling
from study.rules.protocol import ProtocolFile

# Of the agents' settings, what has a sentence.
SAID = {"provider", "model", "temperature", "max_tokens", "preset"} | {
    f"proactive_{one}" for one in ("trigger", "interval_seconds", "gap_seconds")
}


def section(telling: Telling) -> Section:
    used = telling.found.method.apparatus
    became = ", ".join(
        f"{words.named(words.OUTCOMES, one)}: {n}" for one, n in used.outcomes.items()
    )
    told = (
        *_pictures(telling),
        *_classifier(telling.protocol, used.classifiers),
        *agents(telling.protocol),
        _("What became of the calls: %s.") % became if became else "",
    )
    return Section(
        key="materials",
        title=_("Apparatus: pictures, classifier, language model"),
        sentences=[Sentence(text) for text in told if text],
        tables=(*_pools(telling), *_what_was_used(telling)),
    )


def _pictures(telling: Telling) -> Iterator[str]:
    tasks = [step for step in telling.protocol.steps if step.pool]
    if any(step.images for step in tasks):
        yield _(
            "Each participant got pictures of their own, drawn at random from the pool and in"
            " random order, by a seed derived from the study's; where no number is named, all of"
            " the pool's, in random order."
        )
    elif tasks:
        yield _("Each participant got all pictures of the pool, in random order.")
    may_add = [c.key for c in telling.protocol.conditions if c.features.upload]
    if may_add:
        yield _("Participants could add pictures of their own in: %s.") % ", ".join(may_add)
    yield _(
        "Every picture is stored as a JPEG of at most 1,024 pixels on its longest side, in sRGB and"
        " without metadata."
    )


def _classifier(protocol: ProtocolFile, used: Sequence[Classifier]) -> Iterator[str]:
    asked = protocol.model
    yield _(
        "The classifier is a frozen MobileNetV2 (Sandler et al., 2018; width 1.0) with a linear"
        " support vector machine on it. Each whole picture, not cropped, is brought to %(side)d ×"
        " %(side)d pixels (bilinear) and scaled as the weights expect; the network's last layer,"
        " averaged over the picture, gives %(features)s numbers, which are scaled to length 1."
        " Pictures are not augmented and the network is not trained further."
    ) % {"side": SIDE, "features": f"{FEATURES:,}"}
    yield _(
        "Training fits the machine alone, on all pictures of the categories as they stand:"
        " scikit-learn's %(machine)s (squared hinge loss, L2 penalty, one category against the"
        " others, at most 10,000 iterations), by the protocol with C = %(c)s and seed %(seed)s."
        " A category without a picture, or fewer than two categories, cannot be trained."
    ) % {"machine": words.coded("LinearSVC"), "c": short(asked.c), "seed": asked.seed}
    yield _(
        "Confidences are the softmax of the decisions divided by a temperature (Guo et al., 2017),"
        " the one of least cross-entropy, with targets softened after Platt (1999), on what"
        " machines decided of pictures they had not seen: cross-validation in %(folds)d folds, or,"
        " up to 1,000 pictures, in as many as the smallest category has pictures, 10 at the most;"
        " every category is dealt out evenly. Where a category has fewer than %(folds)d pictures"
        " the temperature is 0.1 and the confidences are not calibrated."
    ) % {"folds": asked.folds}
    runs = sum(one.runs for one in used)
    if runs:
        calibrated = sum(one.calibrated for one in used)
        yield _("Trainings on record: %(runs)d, of which %(calibrated)d were calibrated.") % {
            "runs": runs,
            "calibrated": calibrated,
        }
    else:
        yield _("No training is on record.")


def agents(protocol: ProtocolFile) -> Iterator[str]:
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
            yield f"{words.coded(name)}: {' / '.join(values)}"


def _flat(agents: AgentSettings) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in agents.model_dump(mode="json", exclude=SAID, exclude_none=True).items():
        inner = value if isinstance(value, dict) else {"": value}
        found |= {f"{name}.{part}".rstrip("."): str(one) for part, one in inner.items()}
    return found


def _setting(agents: AgentSettings, *, speaks_by_itself: bool) -> str:
    is_model = agents.provider != "offline"
    said = _model(agents) if is_model else words.named(words.PROVIDERS, agents.provider)
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


def _model(agents: AgentSettings) -> str:
    models = dict.fromkeys(agents.of(agent).model for agent in AGENTS)
    return _(
        "%(provider)s; model %(model)s, temperature %(temperature)s, at most %(tokens)s tokens per"
        " answer, at most %(seconds)s seconds to wait for; %(preset)s; pictures of the"
        " participant's categories are sent where the consent allows it, at most %(each)d of a"
        " category and %(all)d in all, their longest side %(side)d pixels; where the vendor does"
        " not answer, %(fallback)s"
    ) % {
        "provider": words.named(words.PROVIDERS, agents.provider),
        "model": ", ".join(map(words.coded, models)),
        "temperature": _("of the vendor") if agents.temperature is None else agents.temperature,
        "tokens": agents.max_tokens,
        "seconds": short(agents.timeout_seconds),
        "preset": words.named(words.PRESETS, agents.preset),
        "each": agents.images_per_category,
        "all": agents.images_total,
        "side": agents.image_longest_side,
        "fallback": _("the offline advisor does, labelled so")
        if agents.stand_in
        else _("the participant is told so"),
    }


def _pools(telling: Telling) -> Iterator[Table]:
    pools = {one.name: one for one in telling.found.method.apparatus.pools}
    tasks = [step for step in telling.protocol.steps if step.pool]
    if not tasks:
        return
    rows = []
    for step in tasks:
        name = step.pool or ""
        pool = pools.get(name)
        drawn = str(step.images) if step.images else _("all")
        rows.append(
            (
                Cell(telling.text(step.title)),
                Cell(words.coded(name)),
                number(drawn),
                number(str(pool.pictures) if pool else "–"),
                Cell(pool.licence.strip() if pool and pool.licence.strip() else "–"),
            )
        )
    head = (_("Step"), _("Pool"), _("drawn"), _("pictures in it"), _("Source and licence"))
    yield Table(_("Picture pools, as they are now"), head, rows)


def _what_was_used(telling: Telling) -> Iterator[Table]:
    used = telling.found.method.apparatus
    if used.classifiers:
        yield _classifiers(used.classifiers)
    if used.models:
        yield Table(
            _("Language models as they were asked"),
            (_("Provider"), _("Model"), _("Parameters"), _("calls")),
            [
                (
                    Cell(words.named(words.PROVIDERS, one.provider)),
                    Cell(words.coded(one.model) if one.model else "–"),
                    Cell(words.coded(one.parameters) if one.parameters else "–"),
                    number(str(one.calls), behind("calls", provider=one.provider, model=one.model)),
                )
                for one in used.models
            ],
        )
    if used.prompts:
        yield Table(
            _("Prompts"),
            (_("Prompt"), _("version"), _("language"), "sha256", _("calls")),
            [
                (
                    Cell(words.coded(one.name)),
                    number(str(one.version)),
                    Cell(words.language(one.language) if one.language else "–"),
                    Cell(words.coded(one.digest)),
                    number(str(one.calls), behind("calls")),
                )
                for one in used.prompts
            ],
        )


def _classifiers(used: Sequence[Classifier]) -> Table:
    return Table(
        _("Classifiers, as the trainings recorded them"),
        (
            _("Backbone"),
            _("sha256 of the weights"),
            _("trained weights"),
            _("Settings"),
            _("Computed with"),
            _("trainings"),
            _("calibrated"),
        ),
        [
            (
                Cell(words.coded(one.backbone)),
                Cell(words.coded(one.digest or "–")),
                Cell(_("yes") if one.trained else _("no")),
                Cell(words.coded(_listed(one.settings.items())) if one.settings else "–"),
                Cell(words.coded(_listed(one.versions.items())) if one.versions else "–"),
                number(str(one.runs)),
                number(str(one.calibrated)),
            )
            for one in used
        ],
    )


def _listed(pairs: Iterable[tuple[str, object]]) -> str:
    return ", ".join(f"{name} {value}" for name, value in pairs)
