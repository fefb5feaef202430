"""The one lock of a study's results: page, figures, report, command, admin and export ask here."""

from django.utils.translation import gettext as _

from duetml.workspace.services.refusal import Refused
from study.models import Study


def is_unlocked(study: Study) -> bool:
    """Whether conditions and scores may be seen together."""
    return study.unlocked_at is not None


def must_be_unlocked(study: Study) -> None:
    """Raises Refused while the results are locked."""
    if not is_unlocked(study):
        said = _("The results of %s are locked: unlock them on the study's page first.")
        raise Refused("locked", said % study.slug)
