"""The pages of a study, in the order of use, for whoever may see them."""

from django.contrib.auth.models import AnonymousUser, User

from study.models import Study
from study.rules.access import Act
from study.services import access


def acts(user: User | AnonymousUser, study: Study) -> dict[str, bool]:
    """Act → whether this person may: what study/tabs.html shows."""
    return {act.value: access.may(user, study, act) for act in Act}
