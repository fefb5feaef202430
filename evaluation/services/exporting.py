from datetime import datetime

from django.db import transaction

from duetml.live import log
from study.models import Study


@transaction.atomic
def exported(study: Study, by: str, what: str, now: datetime) -> None:
    """Note in the study's record who took data out."""
    payload = {"by": by, "what": what}
    log.record(log.study_stream(study.slug), "study.exported", payload, at=now)
