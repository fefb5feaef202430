"""The one lock of a study's results: page, command, admin and export ask here."""

from study.models import Study


def is_unlocked(study: Study) -> bool:
    """Whether conditions and scores may be seen together."""
    return study.unlocked_at is not None
