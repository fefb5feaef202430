"""The pictures an open study counts on: its pools do not lose them while people may still come."""

from django.utils.translation import gettext as _

from duetml.workspace.models import Pool
from duetml.workspace.services.refusal import Refused
from study.models import Study


def keep(pool: Pool, left: int) -> None:
    """Raises Refused where an open study needs more than `left` pictures of the pool, or all."""
    for study in Study.objects.filter(state=Study.State.OPEN).select_related("protocol"):
        steps = [step for step in study.protocol.read().steps if step.pool == pool.name]
        if any(step.images is None or step.images > left for step in steps):
            text = _("The open study “%(study)s” needs the pictures of this pool.")
            raise Refused("in_use", text % {"study": study.slug})
