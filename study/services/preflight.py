"""What stands in the way of opening a study, in sentences that say what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from duetml.features import AgentSettings
from duetml.vision.weights import BackboneError
from duetml.workspace.queries import backbone_info, has_vendor, pool_sizes
from duetml.workspace.services.pricing import prices
from study.rules import caps
from study.rules.protocol import ProtocolFile

# What a researcher may decide to accept.
OVERRIDES = ("untrained", "weights", "key", "images", "half_treatment")


@dataclass(frozen=True)
class Finding:
    """One problem; `code` is the override that accepts it, where `may_override`."""

    code: str
    text: str

    @property
    def may_override(self) -> bool:
        return self.code in OVERRIDES


def preflight(protocol: ProtocolFile) -> list[Finding]:
    """Every problem of running this protocol on this machine now; empty when it may be opened."""
    return [
        *lacking_pools(protocol),
        *_backbone(protocol),
        *_vendor(protocol),
        *_images(protocol),
        *_half_treatment(protocol),
        *_prices(protocol),
    ]


def blocking(findings: Sequence[Finding], overrides: Sequence[str]) -> list[Finding]:
    return [one for one in findings if not (one.may_override and one.code in overrides)]


def lacking_pools(protocol: ProtocolFile) -> list[Finding]:
    """The pools that are not there, or hold fewer pictures than a step draws."""
    wanted: dict[str, int] = {}
    for step in protocol.steps:
        if step.pool:
            wanted[step.pool] = max(wanted.get(step.pool, 1), step.images or 1)
    sizes = pool_sizes(sorted(wanted))
    text = _(
        "Pool “%(pool)s” holds %(there)d pictures, %(wanted)d are needed: import some with"
        " manage.py import_images."
    )
    return [
        Finding("pool", text % {"pool": pool, "there": sizes[pool], "wanted": number})
        for pool, number in sorted(wanted.items())
        if sizes[pool] < number
    ]


def _backbone(protocol: ProtocolFile) -> list[Finding]:
    try:
        info = backbone_info()
    except BackboneError as problem:
        return [Finding("backbone", str(problem))]
    if not info.trained:
        text = _(
            "No trained image model is installed, so the classifier learns next to nothing:"
            " run manage.py fetch_backbone, or name a file in DUETML_BACKBONE."
        )
        return [Finding("untrained", text)]
    if not info.digest.startswith(protocol.model.weights):
        text = _(
            "The installed image model is %(there)s, the protocol asks for %(wanted)s: install that"
            " one, or derive a protocol."
        )
        return [
            Finding("weights", text % {"there": info.digest[:8], "wanted": protocol.model.weights})
        ]
    return []


def _vendor(protocol: ProtocolFile) -> list[Finding]:
    if not _of_a_vendor(protocol) or has_vendor():
        return []
    text = _(
        "No key for the model vendor: set OPENAI_API_KEY (or OPENAI_BASE_URL for a server of your"
        " own), or derive a protocol with the offline advisor."
    )
    return [Finding("key", text)]


def _images(protocol: ProtocolFile) -> list[Finding]:
    wanted = any(agents.images_total for agents in _of_a_vendor(protocol))
    if not wanted or protocol.image_consent() is not None:
        return []
    text = _(
        "No box of the consent lets pictures be sent to the model vendor, so the agents would see"
        " none: give one of its items “grants: images”."
    )
    return [Finding("images", text)]


def _half_treatment(protocol: ProtocolFile) -> list[Finding]:
    """Whoever does not let words and pictures go to the vendor would get the agents' half."""
    boxes = [
        item.key
        for step in protocol.steps
        for item in step.items
        if item.grants == "vendor" and not item.required
    ]
    text = _(
        "Item “%(item)s” may be left empty, so that some would take part without the model vendor"
        " and get half of the treatment: make it required, and a condition of taking part in all"
        " groups alike."
    )
    return [Finding("half_treatment", text % {"item": key}) for key in boxes]


def _prices(protocol: ProtocolFile) -> list[Finding]:
    if not caps.is_in_money(protocol.agents.budget):
        return []
    text = _(
        "The budget has a cap in dollars, but no price is known for %(model)s, so the cap could not"
        " be held: give the cap in tokens, or name the price in a file of your own (DUETML_PRICES)."
    )
    missing = caps.without_price(_of_a_vendor(protocol), prices())
    return [Finding("price", text % {"model": model}) for model in missing]


def _of_a_vendor(protocol: ProtocolFile) -> list[AgentSettings]:
    return [agents for agents in protocol.all_agents() if agents.provider == "openai"]
