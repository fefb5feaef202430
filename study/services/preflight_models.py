"""Whether the language models that a protocol names have answered here: asking one costs money and
waits, so the records are read instead."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from duetml.workspace.queries import last_answers
from study.rules import caps
from study.rules.protocol import ProtocolFile
from study.services.preflight_state import Check, judged

RECENT = timedelta(days=30)


def checks(protocol: ProtocolFile, now: datetime) -> Iterator[Check]:
    """A line for each model of any condition."""
    asked = [agents for agents in protocol.all_agents() if agents.provider == "openai"]
    models = caps.models_of(asked)
    answered = last_answers(models, since=now - RECENT)
    well = _("Model %(model)s answered here on %(day)s.")
    lacking = _(
        "Model %(model)s has not answered here by exactly this name in the last %(days)d days:"
        " write to the assistant in a preview, and run manage.py check_llm where no answer comes."
        " Where a vendor answers under another name, give that one: a name that moves pins nothing."
    )
    for model in models:
        at = answered.get(model)
        told = {"model": model, "days": RECENT.days, "day": at.date().isoformat() if at else ""}
        yield Check("model", judged(at is not None), (well if at else lacking) % told)
