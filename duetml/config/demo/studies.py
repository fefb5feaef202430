"""The demo's two studies: the paper's, and the same in about two minutes."""

from datetime import datetime
from typing import Any

from django.conf import settings

from duetml.config.environment import ROOT
from duetml.workspace.queries import backbone_info, has_vendor
from study.models import Study
from study.rules.derivation import derive
from study.rules.protocol import ProtocolFile, read_protocol
from study.services import studies
from study.services.preflight import OVERRIDES

SOURCE = ROOT / "study" / "protocols" / "duetml.yaml"
FULL, SHORT = "duetml", "duetml-short"
SHORT_MINUTES = 2.0  # all tasks together, at most
SHORT_INTERVAL_SECONDS = 15  # scaled like the rest, the proactive agent would never stop talking


def ensure(now: datetime) -> list[Study]:
    """Both studies, open; one that exists stays as it is."""
    source = for_this_machine(SOURCE.read_text())
    scale = SHORT_MINUTES / task_minutes(read_protocol(source))
    slower = {"proactive_interval_seconds": SHORT_INTERVAL_SECONDS}
    short = derive(source, minutes_scale=scale, agents=slower)
    return [_ensure(FULL, source, now), _ensure(SHORT, short, now)]


def exist() -> bool:
    return Study.objects.filter(slug=FULL).exists()


def for_this_machine(source: str) -> str:
    """The protocol with what this machine has: its vendor (or none), its backbone (or none)."""
    protocol = read_protocol(source)
    agents: dict[str, Any] = {}
    if not has_vendor():
        agents["provider"] = "offline"
    elif settings.OPENAI_MODEL and protocol.agents.model != settings.OPENAI_MODEL:
        agents["model"] = settings.OPENAI_MODEL
    info = backbone_info()
    model: dict[str, Any] = {}
    if not info.trained:
        model["weights"] = "untrained"
    elif not info.digest.startswith(protocol.model.weights):
        model["weights"] = info.digest
    return derive(source, agents=agents, model=model) if agents or model else source


def task_minutes(protocol: ProtocolFile) -> float:
    """How long all tasks of a protocol may last together."""
    return sum(step.minutes.maximum for step in protocol.steps if step.minutes)


def _ensure(slug: str, source: str, now: datetime) -> Study:
    if not Study.objects.filter(slug=slug).exists():
        studies.create(slug, source, now=now)
    if Study.objects.get(slug=slug).state == Study.State.DRAFT:
        studies.open_study(slug, now, OVERRIDES)
    return Study.objects.get(slug=slug)
