"""The study the robots live in: derived from a real one, with its own hash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from duetml.workspace.queries import has_vendor
from evaluation.services import invitations
from study.models import Study
from study.rules.derivation import derive
from study.rules.protocol import ProtocolFile, read_protocol
from study.services import studies
from study.services.preflight import OVERRIDES


class UnusableError(Exception):
    """The simulation cannot be planned as asked; the text says why."""


@dataclass(frozen=True)
class Plan:
    study: Study
    protocol: ProtocolFile
    invitations: Sequence[str]

    @property
    def eligible(self) -> Mapping[str, Sequence[str]]:
        """By item, the values that admit a person or that a check of attention asks for: the
        robots' instruction sheet."""
        items = [item for step in self.protocol.steps for item in step.items]
        checks = {one.key: [str(one.attention.expect)] for one in items if one.attention}
        return checks | {item.key: item.admits for item in items if item.admits}

    @property
    def has_chat(self) -> bool | None:
        """True where every condition has the agents; None where it depends."""
        talks = all(condition.features.chat for condition in self.protocol.conditions)
        return True if talks else None


def prepare(
    slug: str, participants: int, raters: int, seed: int, scale: float, now: datetime
) -> Plan:
    """Create and open `<slug>-sim-<n>` and invite its raters.

    Without a model vendor the agents are the offline advisor, which the derived protocol says.
    Raises UnusableError, ProtocolError and study's Refused.
    """
    origin = Study.objects.select_related("protocol").get(slug=slug)
    protocol = origin.protocol.read()
    groups = len(protocol.conditions)
    if participants % groups:
        raise UnusableError(
            f"{participants} participants cannot be split evenly over {groups} conditions:"
            f" take a multiple of {groups}."
        )
    wants_vendor = any(agents.provider == "openai" for agents in protocol.all_agents())
    source = derive(
        origin.protocol.source,
        minutes_scale=scale,
        per_condition=participants // groups,
        agents={"provider": "offline"} if wants_vendor and not has_vendor() else None,
    )
    name = _free_name(slug)
    studies.create(name, source, simulated=True, now=now, seed=seed)
    study = studies.open_study(name, now, OVERRIDES)
    links = [invitations.invite(study, f"robot {number + 1}", now) for number in range(raters)]
    return Plan(study, read_protocol(source), links)


def _free_name(slug: str) -> str:
    taken = set(
        Study.objects.filter(slug__startswith=f"{slug}-sim-").values_list("slug", flat=True)
    )
    return next(name for n in range(1, 10_000) if (name := f"{slug}-sim-{n}") not in taken)
