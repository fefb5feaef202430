from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationConfig(AppConfig):
    name = "evaluation"
    verbose_name = _("Rating and results")

    def ready(self) -> None:
        from evaluation.services.foresight import forecast
        from study.services.preflight_registry import forecasts

        if forecast not in forecasts:
            forecasts.append(forecast)
