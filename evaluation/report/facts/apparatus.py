"""What participants worked with: picture pools, classifiers, language models and their prompts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from duetml.workspace.models import AgentCall, Pool, TrainingRun
from study.rules.protocol import ProtocolFile


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """As it is now. `licence`: the note that staff wrote, "" for none."""

    name: str
    pictures: int
    licence: str


@dataclass(frozen=True, slots=True)
class Model:
    """One language model as it was asked: `calls`, of which `people` participants made them."""

    provider: str
    model: str
    parameters: str
    calls: int


@dataclass(frozen=True, slots=True)
class Prompt:
    name: str
    version: int
    language: str
    digest: str
    calls: int


@dataclass(frozen=True, slots=True)
class Classifier:
    """What fitted so many `runs`, `calibrated` of them with a temperature of their own. `settings`
    of the support vector machine and `versions` of libraries, as the runs have them."""

    backbone: str
    digest: str
    trained: bool
    settings: Mapping[str, Any]
    versions: Mapping[str, str]
    runs: int
    calibrated: int


@dataclass(frozen=True, slots=True)
class Apparatus:
    """`outcomes`: what became of the calls, and how many."""

    pools: tuple[PoolFacts, ...]
    classifiers: tuple[Classifier, ...]
    models: tuple[Model, ...]
    prompts: tuple[Prompt, ...]
    outcomes: Mapping[str, int]


def apparatus(protocol: ProtocolFile, assigned: Sequence[Any]) -> Apparatus:
    """`assigned`: keys of the participants whose work counts."""
    calls = AgentCall.objects.filter(workspace__steprun__participant__in=assigned)
    fields = ("provider", "model", "parameters", "prompts", "outcome")
    listed = list(calls.values_list(*fields).iterator())
    return Apparatus(
        pools=_pools(protocol),
        classifiers=_classifiers(assigned),
        models=_models(listed),
        prompts=_prompts(listed),
        outcomes=dict(sorted(Counter(one[4] for one in listed if one[4]).items())),
    )


def _pools(protocol: ProtocolFile) -> tuple[PoolFacts, ...]:
    rows = Pool.objects.filter(name__in=protocol.pools()).annotate(n=Count("entries"))
    return tuple(PoolFacts(row.name, row.n, row.licence) for row in rows.order_by("name"))


def _models(calls: Sequence[tuple[Any, ...]]) -> tuple[Model, ...]:
    counted = Counter(
        (provider, model, ", ".join(f"{k} {v}" for k, v in sorted((parameters or {}).items())))
        for provider, model, parameters, _prompts, _outcome in calls
    )
    return tuple(Model(*key, calls=n) for key, n in sorted(counted.items()))


def _prompts(calls: Sequence[tuple[Any, ...]]) -> tuple[Prompt, ...]:
    counted = Counter(
        (one["name"], one["version"], one.get("language", ""), one.get("digest", "")[:12])
        for _provider, _model, _parameters, prompts, _outcome in calls
        for one in prompts or ()
    )
    return tuple(Prompt(*key, calls=n) for key, n in sorted(counted.items()))


def _classifiers(assigned: Sequence[Any]) -> tuple[Classifier, ...]:
    runs = TrainingRun.objects.filter(workspace__steprun__participant__in=assigned, state="done")
    counted: Counter[tuple[Any, ...]] = Counter()
    calibrated: Counter[tuple[Any, ...]] = Counter()
    for report in runs.order_by("pk").values_list("report", flat=True).iterator():
        told = report or {}
        key = (
            str(told.get("backbone") or "?"),
            str(told.get("digest") or ""),
            bool(told.get("trained")),
            tuple(sorted((told.get("svm") or {}).items())),
            tuple(sorted((told.get("versions") or {}).items())),
        )
        counted[key] += 1
        calibrated[key] += bool(told.get("calibrated"))
    return tuple(
        Classifier(name, digest, trained, dict(svm), dict(versions), n, calibrated[key])
        for key, n in sorted(counted.items(), key=str)
        for name, digest, trained, svm, versions in (key,)
    )
