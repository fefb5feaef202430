from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from duetml.config import failing, views, watching
from duetml.config.second_factor import gate
from duetml.config.second_factor import views as second_factor
from duetml.workspace.urls import of_pools, of_studio

handler500 = failing.failed
urlpatterns = [
    path("", views.home, name="home"),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}shell/icon.svg")),
    path("healthz", watching.healthz, name="healthz"),
    path("readyz", watching.readyz, name="readyz"),
    path("metrics", watching.metrics_text, name="metrics"),
    path("login/", views.Login.as_view(), name="login"),
    path("login/second/", second_factor.second, name=gate.SECOND),
    path("login/second/enrol/", second_factor.enrol, name=gate.ENROL),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    re_path(
        "^i18n/js/(?P<room>workspace|rating)/$",
        views.JavaScriptWords.as_view(),
        name="javascript-catalog",
    ),
    path("workspace/", include("duetml.workspace.urls")),
    path("pools/", include(of_pools)),
    path("studio/", include(of_studio)),
    path("study/", include("study.urls")),
    path("rating/", include("evaluation.urls")),
    path("admin/", admin.site.urls),
]
