"""What a reader must know before any number."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluation.report import words
from study.models import Study
from study.rules.protocol import ProtocolFile


def remarks(study: Study, protocol: ProtocolFile, robots: int, untrained_runs: int) -> list[str]:
    said = []
    if study.simulated:
        said.append(_("This is a simulated study: the numbers say nothing about people."))
    if robots:
        said.append(
            ngettext("%(n)d participant is a robot.", "%(n)d participants are robots.", robots)
            % {"n": robots}
        )
    if protocol.derived:
        changes = "; ".join(map(words.coded, protocol.derived.changes))
        said.append(
            _("The protocol was derived from another one (%(origin)s) by: %(changes)s.")
            % {"origin": protocol.derived.origin[:12], "changes": changes}
        )
    if protocol.model.weights == "untrained" or untrained_runs:
        said.append(
            _("Classifiers were built on an untrained backbone, which knows nothing of pictures.")
        )
    providers = {agents.provider for agents in protocol.all_agents()}
    if providers == {"offline"}:
        said.append(_("The assistant was the offline advisor, not a language model."))
    if study.overrides:
        overridden = "; ".join(words.named(words.WARNINGS, str(one)) for one in study.overrides)
        said.append(_("Opened in spite of the pre-flight's warnings: %s.") % overridden)
    return said
