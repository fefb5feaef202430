from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StudyConfig(AppConfig):
    name = "study"
    verbose_name = _("Studies")

    def ready(self) -> None:
        from duetml.workspace.services import pools
        from study.services.keeping import keep

        if keep not in pools.keepers:
            pools.keepers.append(keep)
