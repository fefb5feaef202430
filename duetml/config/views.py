from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.i18n import JavaScriptCatalog

ROOMS_WITH_WORDS = {"workspace": "duetml.workspace", "rating": "evaluation"}


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def home(request: HttpRequest) -> HttpResponse:
    """Everybody's way in: staff to their studies, raters to their queue, others to the door."""
    if not request.user.is_authenticated:
        return render(request, "home.html")
    return redirect("study:home" if request.user.is_staff else "evaluation:queue")


class Login(LoginView):
    template_name = "login.html"


class Logout(LogoutView):
    pass


@method_decorator(cache_control(private=True, max_age=3600), name="dispatch")
class JavaScriptWords(JavaScriptCatalog):
    """One room's words, in the language the page names (it may be another than the browser's)."""

    def get(self, request: HttpRequest, room: str, *args: Any, **kwargs: Any) -> HttpResponse:
        named = request.GET.get("language", "")
        with translation.override(named if named in dict(settings.LANGUAGES) else get_language()):
            return super().get(request, *args, packages=ROOMS_WITH_WORDS[room], **kwargs)
