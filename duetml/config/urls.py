from django.contrib import admin
from django.urls import include, path, re_path

from duetml.config import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    re_path(
        "^i18n/js/(?P<room>workspace|rating)/$",
        views.JavaScriptWords.as_view(),
        name="javascript-catalog",
    ),
    path("workspace/", include("duetml.workspace.urls")),
    path("study/", include("study.urls")),
    path("rating/", include("evaluation.urls")),
    path("admin/", admin.site.urls),
]
